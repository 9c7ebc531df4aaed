"""The ranked table of arms and floors."""

import numpy as np
import pandas as pd

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.pages.html import render_page
from seedbed.report.pages.write import write_report
from seedbed.report.sections.contents import contents
from seedbed.report.sections.ranking import pair_table, ranked_table


def with_floor(table, rise, name="tfidf"):
    floor = table[table["arm"] == table["arm"].iloc[0]].assign(floor=name, corpus="c", version=1, data="")
    return floor.assign(**{"test/accuracy": floor["test/accuracy"] + rise})


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_rows_are_arms_and_floors_best_first_with_other_sizes(cells):
    table = cells(("c", "b", "a"), (50, 200), 8)
    shown = ranked_table(analyse(table, inputs=ReportInputs(floor=with_floor(table, 0.07))))
    assert shown.header == ("arm", "ties", "at 200", "95 % interval", "at 50", "beats floor")
    assert [row[0] for row in texts(shown)] == ["a", "floor: TF-IDF", "b", "c"]
    assert [row[1] for row in texts(shown)] == ["a", "", "b", "c"]
    means = 100 * table.groupby(["arm", "n_train"])["test/accuracy"].mean()
    assert [row[2] for row in texts(shown) if row[1]] == [f"{means[arm, 200]:.1f}" for arm in "abc"]
    assert [row[4] for row in texts(shown) if row[1]] == [f"{means[arm, 50]:.1f} {arm}" for arm in "abc"]
    assert [row[5] for row in texts(shown)][1:] == ["", "no", "no"]
    assert [row[0].muted for row in shown.rows] == [False, True, False, False]


def test_with_few_replicates_the_level_is_in_the_header(cells):
    shown = ranked_table(analyse(cells(sizes=(50,), replicates=4)))
    assert shown.header[3] == "87.5 % interval"
    assert [row[1] for row in texts(shown)] == ["–", "–"]
    assert "%" not in texts(shown)[0][3]


def test_many_sizes_have_no_columns(cells):
    assert ranked_table(analyse(cells(sizes=(10, 20, 30, 40, 50)))).header == ("arm", "ties", "at 50", "95 % interval")


def test_the_note_says_how_letters_are_read_and_what_was_not_tested(cells):
    table = cells(("a", "b", "c"), (50,), 8)
    note = ranked_table(analyse(table)).note
    assert "corrected for the three pairs of arms at this size (Holm), is above 0.05." in note
    other = table.assign(draw=np.where(table["arm"] == "a", "x" + table["draw"], table["draw"]))
    note = ranked_table(analyse(other)).note
    assert note.startswith("Arms that share a letter are tied: p of their paired test is above 0.05. Not tested, ")
    assert "Not tested, as they share fewer than two replicates on the same draw: b and a, c and a." in note
    assert (
        "The column ties is empty: no two arms share two pairs."
        in ranked_table(analyse(table[table["replicate"] == 0])).note
    )
    assert (
        "The column ties is empty: with five pairs no difference can be significant after Holm's correction."
        in ranked_table(analyse(table[table["replicate"] < 5])).note
    )


def test_the_pairs_behind_the_letters_are_a_folded_table(cells):
    analysis = analyse(cells(("a", "b", "c"), (50, 200), 8), "a")
    shown = pair_table(analysis)
    assert shown.folded
    assert [row[:2] for row in texts(shown)] == [["b", "a"], ["c", "a"], ["c", "b"]]
    assert [row[-1] for row in texts(shown)] == ["yes", "yes", "yes"]
    assert shown in contents(analysis)[0].tables


def test_names_in_the_table_and_the_headline_are_escaped(cells):
    table = cells(("<b>x</b>", "y"), (50,), 8)
    floor = with_floor(table, 0.3, "<i>own</i>")
    analysis = analyse(table, inputs=ReportInputs(floor=floor))
    page = render_page(analysis, contents(analysis), [], title="t")
    assert "<b>x" not in page
    assert "<i>own" not in page
    assert "floor: &lt;i&gt;own" in page


def test_it_is_written_in_the_unit_of_the_table(cells, tmp_path):
    table = cells(("a", "b"), (50, 200), 8)
    write_report(analyse(table, inputs=ReportInputs(floor=with_floor(table, 0.01))), tmp_path, title="t")
    written = pd.read_csv(tmp_path / "ranking.csv")
    assert list(written["kind"]) == ["arm", "arm", "floor"] * 2
    assert list(written["arm"]) == ["b", "a", "tfidf"] * 2
    means = table.groupby(["n_train", "arm"])["test/accuracy"].mean()
    for row in written[written["kind"] == "arm"].itertuples():
        assert np.isclose(row.mean, means[row.n_train, row.arm])
        assert row.ci_low < row.mean < row.ci_high
