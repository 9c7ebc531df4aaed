"""The floor in a report."""

import numpy as np
import pandas as pd
import pytest

from seedbed.cells import FLOOR_COLUMNS
from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.floor import concat_floors, read_floor
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import table_bytes
from seedbed.report.pages.html import render_page
from seedbed.report.pages.markdown import render_markdown
from seedbed.report.pages.write import write_report
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.report import report_of
from seedbed.report.sections.contents import contents
from seedbed.report.sections.floor import floor_answers, floor_means, floor_tables
from seedbed.report.statistics.paired import compare_pairs


def floor_of(table, rise, floor="tfidf", **more):
    """A table of one floor on the draws of ``table``, above the first arm's scores by ``rise``."""
    first = table[table["arm"] == table["arm"].iloc[0]]
    rows = first[["dataset", "n_train", "replicate", "draw"]].assign(
        floor=floor, corpus="c", version=1, data="", **more
    )
    return rows.assign(**{"test/accuracy": first["test/accuracy"] + rise})[[*FLOOR_COLUMNS, "test/accuracy"]]


@pytest.fixture
def table(cells):
    """Two arms, some five points apart, at one size."""
    return cells(sizes=(200,), replicates=8)


def test_arms_are_paired_with_the_floor_by_draw(table):
    floor = floor_of(table, 0.02).sample(frac=1, random_state=1)
    analysis = analyse(table, inputs=ReportInputs(floor=floor))
    for one in analysis.floor.against:
        scores = table[table["arm"] == one.arm]["test/accuracy"].to_numpy()
        first = table[table["arm"] == "random"]["test/accuracy"].to_numpy()
        assert one.paired == compare_pairs(scores, first + 0.02)
    assert [(one.arm, one.beats) for one in analysis.floor.against] == [("random", False), ("glove", True)]


def test_an_arm_that_does_not_beat_the_floor_is_said_not_to(table):
    (said,) = floor_answers(analyse(table, inputs=ReportInputs(floor=floor_of(table, 0.02))))
    mean = 100 * (table[table["arm"] == "random"]["test/accuracy"].mean())
    assert said.text == (
        f"At 200 examples random does not beat the floor: TF-IDF with logistic regression reaches {mean + 2:.1f} % "
        f"accuracy, random {mean:.1f} % (−2.0, 95 % interval −2.0 to −2.0)."
    )
    assert not said.beaten


def test_no_arm_beats_a_high_floor_and_the_best_arm_is_named_first(table):
    (said,) = floor_answers(analyse(table, inputs=ReportInputs(floor=floor_of(table, 0.3))))
    assert said.text.startswith("At 200 examples no arm beats the floor: TF-IDF with logistic regression reaches ")
    assert said.text.index("glove") < said.text.index("random")


def test_a_low_floor_is_beaten_by_every_arm(table):
    (said,) = floor_answers(analyse(table, inputs=ReportInputs(floor=floor_of(table, -0.1))))
    assert said.beaten
    assert "every arm beats the floor" in said.text


def test_of_several_floors_the_best_counts(table):
    floor = concat_floors([floor_of(table, -0.3, "majority"), floor_of(table, -0.1), floor_of(table, -0.1)])
    assert len(floor) == 16
    analysis = analyse(table, inputs=ReportInputs(floor=floor))
    assert {one.series.floor for one in analysis.floor.against} == {"tfidf"}
    shown, arms = floor_tables(analysis)
    assert [row[2].text for row in shown.rows] == ["the majority class", "TF-IDF with logistic regression"]
    assert [row[2].text for row in arms.rows] == ["yes", "yes"]
    mean = floor[floor["floor"] == "tfidf"]["test/accuracy"].mean()
    assert floor_means(analysis) == {200: pytest.approx(100 * mean)}


def test_lower_is_better_where_it_is(table):
    floor = floor_of(table, 0).assign(**{"test/log_loss": 5.0})
    analysis = analyse(table, metric="log_loss", inputs=ReportInputs(floor=floor))
    assert [one.beats for one in analysis.floor.against] == [True, True]
    analysis = analyse(table, metric="log_loss", inputs=ReportInputs(floor=floor.assign(**{"test/log_loss": 0.01})))
    assert [one.beats for one in analysis.floor.against] == [False, False]


def test_draws_that_no_arm_has_are_left_out(table):
    other = floor_of(table, 0).assign(draw="another")
    assert analyse(table, inputs=ReportInputs(floor=other)).floor is None
    both = analyse(table, inputs=ReportInputs(floor=pd.concat([other, floor_of(table, 0.02)])))
    assert both.floor == analyse(table, inputs=ReportInputs(floor=floor_of(table, 0.02))).floor


def test_a_table_without_draws_is_paired_by_replicate(table):
    bare = table[["arm", "n_train", "replicate", "test/accuracy"]]
    assert [one.beats for one in analyse(bare, inputs=ReportInputs(floor=floor_of(table, 0.02))).floor.against] == [
        False,
        True,
    ]


def test_percentages_are_compared_with_percentages(table):
    percent = table.assign(**{name: 100 * table[name] for name in ("test/accuracy", "test/macro_f1")})
    one = analyse(percent, inputs=ReportInputs(floor=floor_of(table, 0.02))).floor.against[0]
    assert one.paired.mean_difference == pytest.approx(-2)


def test_one_draw_for_all_replicates_counts_once(table):
    table["draw"] = "one"
    floor = floor_of(table, 0).assign(**{"test/accuracy": 0.9})
    analysis = analyse(table, inputs=ReportInputs(floor=floor))
    assert [row[3].text for row in floor_tables(analysis)[0].rows] == ["1"]
    assert [one.paired.pairs for one in analysis.floor.against] == [8, 8]


def test_one_replicate_is_enough_only_to_be_below(cells):
    table = cells(sizes=(200,), replicates=1)
    assert [one.beats for one in analyse(table, inputs=ReportInputs(floor=floor_of(table, 0.01))).floor.against] == [
        False,
        None,
    ]
    assert "interval" not in floor_answers(analyse(table, inputs=ReportInputs(floor=floor_of(table, 0.3))))[0].text
    assert floor_answers(analyse(table, inputs=ReportInputs(floor=floor_of(table, -0.3)))) == []


def test_each_data_set_has_its_floor(table):
    other = table.assign(dataset="<b>", arm=table["arm"] + "2")
    other["draw"] = other["draw"] + "x"
    both = pd.concat([table, other], ignore_index=True)
    floor = concat_floors([floor_of(table, 0.3), floor_of(other, -0.3)])
    found = report_of(both, inputs=ReportInputs(floor=floor))
    assert [answer.text.split(":")[0] for one in found.studies.values() for answer in floor_answers(one)] == [
        "At 200 examples no arm beats the floor", "At 200 examples every arm beats the floor",
    ]  # fmt: skip


def test_a_floor_in_another_score_or_of_nothing_shows_nothing(table):
    for floor in (None, floor_of(table, 0).drop(columns="test/accuracy"), floor_of(table, np.nan)):
        analysis = analyse(table, inputs=ReportInputs(floor=floor))
        assert analysis.floor is None
        assert floor_answers(analysis) == floor_tables(analysis) == []
        assert "he floor" not in render_page(analysis, contents(analysis), [], title="x")


def test_page_markdown_and_pictures_show_it(table):
    analysis = analyse(table, inputs=ReportInputs(floor=floor_of(table, 0.02, "<i>own</i>")))
    page, text = (
        render_page(analysis, contents(analysis), [], title="x"),
        render_markdown(analysis, contents(analysis), [], title="x"),
    )
    assert "<i>own" not in page
    assert "The floor</h2>" in page
    assert "## The floor" in text
    assert "\N{NO-BREAK SPACE}% accuracy" in page
    for shown in (page, text):
        assert "random does not beat the floor" in shown
    sanitize = {picture.name: picture for picture in pictures_of(analyse(table))}
    for picture in pictures_of(analysis):
        with_floor = picture.name in ("dots", "box", "curve")
        assert (picture.svg != sanitize[picture.name].svg) == with_floor
        assert ("dashed, the best floor" in picture.title) == with_floor


def test_it_is_written_and_read_without_loss(table, tmp_path):
    floor = floor_of(table, 1 / 3).reset_index(drop=True)
    write_report(analyse(table, inputs=ReportInputs(floor=floor)), tmp_path, title="x")
    again = read_floor((tmp_path / "floor.csv").read_bytes(), "floor.csv")
    pd.testing.assert_frame_equal(again, floor, check_dtype=False, check_exact=True)
    assert (
        analyse(table, inputs=ReportInputs(floor=again)).floor == analyse(table, inputs=ReportInputs(floor=floor)).floor
    )


def test_names_that_look_like_nothing_stay_names(table):
    floor = floor_of(table, 0).assign(dataset="nan", draw="007")
    assert list(read_floor(table_bytes(floor), "x")[["dataset", "draw"]].iloc[0]) == ["nan", "007"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a table of floors"),
        (b"\xff\xfe\x00", "not a table of floors"),
        (b"n_train,floor\n1,a\n", "no column replicate"),
        (b"n_train,replicate,floor\n1.5,0,a\n", "column n_train: .*1.5"),
        (b"n_train,replicate,floor,test/f1\n1,0,a\n", "column test/f1"),
        (b'n_train,replicate,floor\n1,0,"a\n', "not a table of floors"),
        (b"n_train,replicate,floor,test/f1\n1,0,a,b\n", "column test/f1: .*b"),
    ],
)
def test_what_is_no_table_of_floors_is_refused(content, said):
    with pytest.raises(InputError, match=f"^there: .*{said}"):
        read_floor(content, "there")


def test_the_floor_of_other_data_on_equal_draws_is_left_out(table):
    """Two files of equal length have draws of equal ids: the data tell them apart."""
    mine, other = floor_of(table, 0.02).assign(data="d1"), floor_of(table, 0.3).assign(data="d2")
    analysis = analyse(table.assign(data="d1"), inputs=ReportInputs(floor=concat_floors([other, mine])))
    assert len(analysis.floor.series) == 1
    assert analysis.floor.series[0].mean == pytest.approx(mine["test/accuracy"].mean())
    unknown = analyse(table.assign(data="d1"), inputs=ReportInputs(floor=floor_of(table, 0.02)))
    assert len(unknown.floor.against) == 2
