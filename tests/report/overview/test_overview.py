"""Several data sets with the same arms: a report each, and an overview with ranks."""

import io
import re
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from seedbed.errors import InputError
from seedbed.report.analysis.across_datasets import DatasetAnalyses
from seedbed.report.analysis.analysis import Analysis, analyse
from seedbed.report.analysis.datasets import by_dataset, datasets_apart, folder_names
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import read_table
from seedbed.report.overview.page import render_overview
from seedbed.report.overview.sections import overview_sections, overview_warnings, rank_answers
from seedbed.report.pages.write import write_report
from seedbed.report.report import print_any, report_of, write_any
from seedbed.report.statistics.ranks import rank_test, ranks_of

NAMES = ("imdb", "sst2", "trec", "subj", "gmb")
NASTY = "<script>alert('x')</script>/../\"&"


@pytest.fixture
def several(cells):
    """A table of data sets with the same arms, each arm better than the one before it on all of them."""

    def made(names=NAMES, arms=("random", "glove", "elmo"), sizes=(50,), replicates=4):
        parts = []
        for place, name in enumerate(names):
            table_ = cells(arms, sizes, replicates).assign(dataset=name)
            table_["test/accuracy"] += place / 50
            table_["draw"] = name + table_["draw"]
            parts.append(table_)
        return pd.concat(parts, ignore_index=True)

    return made


def texts(table):
    return [[entry.text for entry in row] for row in table.rows]


def test_each_data_set_has_its_own_analysis(several):
    result = report_of(several())
    assert isinstance(result, DatasetAnalyses)
    assert list(result.studies) == ["imdb", "sst2", "trec", "subj", "gmb"]
    table_ = several()[several()["dataset"] == "trec"].reset_index(drop=True)
    pd.testing.assert_frame_equal(result.studies["trec"].comparisons, analyse(table_).comparisons)


def test_arms_on_different_data_are_not_compared(several):
    table = several(("imdb", "sst2"))
    table["arm"] = table["arm"] + " on " + table["dataset"]
    result = report_of(table)
    assert {name: analysis.arms for name, analysis in result.studies.items()} == {
        name: tuple(f"{arm} on {name}" for arm in ("random", "glove", "elmo")) for name in ("imdb", "sst2")
    }
    assert overview_warnings(result)[0].startswith(
        "Arms on different data sets are not compared; arms with a single data set: random on imdb, "
    )


def test_a_table_of_one_data_set_is_one_analysis(cells):
    for one in (cells(), cells().drop(columns="dataset"), cells().assign(data="a"), cells().assign(data=None)):
        assert datasets_apart(one) == ()
        assert isinstance(report_of(one), Analysis)


def test_different_data_under_one_name_are_separated(cells):
    table = cells(("easy", "noise", "other"))
    table["data"] = table["arm"].map({"easy": "d1", "noise": "d2", "other": "d2"})
    assert datasets_apart(table) == ("imdb (easy)", "imdb (noise, other)")
    result = report_of(table)
    assert [analysis.arms for analysis in result.studies.values()] == [("easy",), ("noise", "other")]
    assert len(result.studies["imdb (easy)"].comparisons) == 0
    again = pd.concat([cells().assign(data="d1"), cells().assign(data="d2")], ignore_index=True)
    assert datasets_apart(again) == ("imdb (1)", "imdb (2)")


def test_one_data_set_under_two_names_is_one_analysis(cells):
    table = cells().assign(data="d1")
    table.loc[table["arm"] == "glove", "dataset"] = "imdb_lower"
    assert datasets_apart(table) == ()
    both = pd.concat([table, cells(("glove",)).assign(data="d1")], ignore_index=True)
    assert datasets_apart(both) == ("imdb", "imdb_lower")


def test_cells_whose_data_are_not_known_belong_to_the_only_data_of_that_name(cells):
    table = cells().assign(data="d1")
    table.loc[table["arm"] == "random", "data"] = ""
    assert datasets_apart(table) == ()


def test_one_report_of_several_data_sets_is_refused(several):
    with pytest.raises(
        InputError, match=r"5 data sets \(imdb, sst2, trec, subj and 1 more\), which have a report each"
    ):
        analyse(several())


def test_the_same_cell_of_one_data_set_twice_is_refused(several):
    table = several()
    with pytest.raises(InputError, match="n_train 50, replicate 0, dataset imdb appears twice"):
        report_of(pd.concat([table, table.head(1)]))


def test_ranks_are_those_of_the_means(several):
    table = several(sizes=(50, 200))
    result = report_of(table)
    for ranking, size in zip(result.rankings, (50, 200), strict=True):
        means = table[table["n_train"] == size].pivot_table(
            index="dataset", columns="arm", values="test/accuracy", sort=False
        )
        assert ranking.averages == pytest.approx(tuple(ranks_of(means).mean(axis=0)))
        assert ranking.test == rank_test(means)
        assert ranking.p_holm == pytest.approx(2 * ranking.test.p_value)


def test_ranks_have_a_sentence(several):
    (clear, text), = rank_answers(report_of(several()))  # fmt: skip
    assert clear
    assert text == (
        "50 examples, five data sets: the arms differ in rank (Friedman's chi-square 10.0, p = 0.0067; Iman and "
        "Davenport's F infinite, p < 0.0001); elmo has the best average rank, 1.0, and is different from random (3.0), "
        "not from glove (2.0) (critical difference 1.48, Nemenyi)."
    )


def test_a_loss_is_ranked_the_other_way(several):
    up, down = (report_of(several(), metric=name).rankings[0] for name in ("accuracy", "log_loss"))
    table = several().assign(**{"test/error": 1 - several()["test/accuracy"]})
    assert report_of(table, metric="error").rankings[0].averages == up.averages
    assert down.arms == up.arms


def test_the_table_marks_the_best_arm_of_each_data_set(several):
    result = report_of(several())
    scores = overview_sections(result)[0].tables[0]
    assert scores.header == ("data set", "random", "glove", "elmo")
    for name, *means in texts(scores):
        table_ = several()[several()["dataset"] == name].groupby("arm", sort=False)["test/accuracy"]
        expected = [f"{100 * mean:.1f} ({100 * sd:.1f})" for mean, sd in zip(table_.mean(), table_.std(), strict=True)]
        best = int(np.argmax(table_.mean()))
        assert means == [text + " *" * (place == best) for place, text in enumerate(expected)]


def test_two_data_sets_have_tables_without_ranks(several):
    result = report_of(several(("imdb", "sst2")))
    assert result.rankings == ()
    assert overview_warnings(result)[0].startswith("No ranks: they need at least three data sets")
    assert [section.title for section in overview_sections(result)] == ["Scores"]


def test_few_data_sets_have_a_warning(several):
    (said,) = overview_warnings(report_of(several(("imdb", "sst2", "trec"))))
    assert said == "50 examples: with three data sets a test of ranks is weak, and p cannot go below 0.0498."
    assert overview_warnings(report_of(several())) == []


def test_data_sets_and_arms_without_scores_are_not_ranked(several):
    table = several()
    table = table[(table["dataset"] != "trec") | (table["arm"] != "elmo")]
    result = report_of(table)
    assert result.rankings[0].datasets == ("imdb", "sst2", "subj", "gmb")
    assert any("some of their scores are missing: trec" in said for said in overview_warnings(result))
    assert texts(overview_sections(result)[0].tables[0])[2][3] == "–"


def test_data_sets_with_different_sizes_are_ranked_together(several):
    table = several()
    table["n_train"] = table["dataset"].map({"imdb": 10, "sst2": 20, "trec": 30, "subj": 40, "gmb": 50})
    result = report_of(table)
    assert [ranking.label for ranking in result.rankings] == ["each data set's own size"]
    assert texts(overview_sections(result)[0].tables[0])[0][0] == "imdb, 10 examples"


def test_data_sets_of_two_tasks_have_their_own_score(several, cells):
    table = several(("imdb", "sst2"), ("a", "b"))
    tags = cells(("a", "b"), (50,), 4, "tagging", ("PER",)).assign(dataset="gmb")
    result = report_of(pd.concat([table, tags], ignore_index=True))
    assert [analysis.metric for analysis in result.studies.values()] == ["test/accuracy", "test/accuracy", "test/f1"]
    assert "test/f1" not in result.studies["imdb"].table.columns
    assert [row[0] for row in texts(overview_sections(result)[0].tables[0])] == [
        "imdb, accuracy", "sst2, accuracy", "gmb, F1",
    ]  # fmt: skip
    with pytest.raises(InputError, match="data set gmb: metric=macro_f1: the table has no such score"):
        report_of(pd.concat([table, tags], ignore_index=True), metric="macro_f1")


def test_a_baseline_applies_to_the_data_sets_that_have_it(several):
    table = several()
    result = report_of(table[(table["dataset"] != "trec") | (table["arm"] != "elmo")], baseline="elmo")
    assert result.arms[0] == result.studies["imdb"].arms[0] == "elmo"
    assert result.studies["trec"].arms == ("random", "glove")
    with pytest.raises(InputError, match=r"baseline=emlo: the table has no such arm; did you mean elmo\?"):
        report_of(table, baseline="emlo")


def test_each_is_applied_to_every_analysis(several):
    seen = []
    report_of(several(), each=lambda analysis: seen.append(analysis) or analysis)
    assert len(seen) == 5
    report_of(several(("imdb",)), each=lambda analysis: seen.append(analysis) or analysis)
    assert len(seen) == 6


@pytest.mark.slow
def test_all_files_are_written_and_every_link_has_a_target(several, tmp_path):
    names = ("imdb", NASTY, "a b", "A b", "..", "con.txt")
    table = several(names, sizes=(50, 200))
    floor = table[["dataset", "n_train", "replicate", "draw"]].drop_duplicates().assign(floor="tfidf", version=1)
    floor["test/accuracy"] = 0.3
    page = write_any(report_of(table, inputs=ReportInputs(floor=floor)), tmp_path / "out", title="All")
    assert page == tmp_path / "out" / "report" / "index.html"
    links = [unquote(link) for link in re.findall(r'<a href="([^"]+)"', page.read_text(encoding="utf-8"))]
    assert len(set(links)) == 6
    for link in links:
        assert (page.parent / link).resolve().is_relative_to(page.parent)
        assert (page.parent / link).is_file()
        assert (page.parent / link).parent.parent.joinpath("floor.csv").is_file()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "results.csv", "comparisons.csv", "ranks.csv", "floor.csv", "report",
    }  # fmt: skip
    again = read_table(tmp_path / "out" / "results.csv")
    pd.testing.assert_frame_equal(again, table, check_exact=True, check_dtype=False)
    comparisons = pd.read_csv(tmp_path / "out" / "comparisons.csv")
    assert list(comparisons["dataset"].unique()) == list(names)
    ranks = pd.read_csv(tmp_path / "out" / "ranks.csv")
    assert list(ranks["arm"]) == ["random", "glove", "elmo"] * 2
    assert {path.name for path in (tmp_path / "out" / "report").glob("*.*")} == {
        "index.html", "report.md", "ranks.png", "ranks.svg",
    }  # fmt: skip


def test_names_from_data_are_text(several, tmp_path):
    arms = ("<b>x</b>", "`*_y|", NASTY)
    result = report_of(several((NASTY, "b", "c"), arms))
    page = render_overview(result, None, title=NASTY)
    assert page.count("<script>") == 1
    assert "<b>x" not in page
    text = write_any(result, tmp_path, title=NASTY).with_name("report.md").read_text(encoding="utf-8")
    assert "<script" not in text
    out = io.StringIO()
    print_any(result, Console(file=out, width=200))
    assert "<b>x</b>" in out.getvalue()


def test_folder_names_are_safe_and_unique():
    names = ["imdb", "..", "", "a/b", "a_b", "IMDB", "x" * 300, "\ud800", "é"]
    folders = folder_names(names)
    assert len({folder.lower() for folder in folders.values()}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}", folder) for folder in folders.values())
    assert folder_names(["imdb", "a_b"]) == {"imdb": "imdb", "a_b": "a_b"}


def test_a_data_set_has_no_score_columns_of_another(several):
    table = several(("imdb", "sst2"))
    table.loc[table["dataset"] == "imdb", "test/f1/PER"] = 0.5
    assert "test/f1/PER" in by_dataset(table)["imdb"].columns
    assert "test/f1/PER" not in by_dataset(table)["sst2"].columns


@pytest.mark.slow
def test_a_page_of_one_data_set_replaces_an_overview(several, cells, tmp_path):
    write_any(report_of(several()), tmp_path, title="x")
    write_report(analyse(cells()), tmp_path, title="x")
    assert not (tmp_path / "report" / "ranks.png").exists()


def test_an_overview_without_finished_cells_is_written(several, tmp_path):
    table = several().assign(status="failed").drop(columns=["test/accuracy", "test/macro_f1", "test/log_loss"])
    page = write_any(report_of(table), tmp_path, title="x")
    assert "No ranks" in Path(page).read_text(encoding="utf-8")


def test_a_narrow_terminal_shows_every_arm(several):
    arms = tuple(f"a_rather_long_name_{n}" for n in range(5))
    out = io.StringIO()
    print_any(report_of(several(arms=arms)), Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert sum(line.split()[:2] == ["imdb", arms[4]] for line in lines) == 1
    assert max(map(len, lines)) <= 80


def test_the_answers_of_each_data_set_are_printed(several):
    out = io.StringIO()
    print_any(report_of(several()), Console(file=out, width=200))
    assert all(f"\n{name}: " in out.getvalue() for name in NAMES)


@pytest.mark.slow
def test_the_report_of_a_data_set_links_to_the_overview(several, tmp_path):
    page = write_any(report_of(several()), tmp_path, title="x")
    table_ = tmp_path / "report" / "imdb" / "report" / "index.html"
    assert '<a href="../../index.html">All data sets</a>' in table_.read_text(encoding="utf-8")
    assert (table_.parent / "../../index.html").resolve() == Path(page).resolve()
