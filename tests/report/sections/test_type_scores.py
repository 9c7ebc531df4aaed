import math

import numpy as np
import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.sections.type_scores import section_title, summarise_type_scores, type_tables


@pytest.fixture
def table(cells):
    """Two arms, two types; all scores by type, and no support for one of them."""
    tables = cells(("a", "b"), (50,), 3, "tagging", ("per", "<script>"))
    rng = np.random.default_rng(0)
    for name in ("per", "<script>"):
        for score in ("precision", "recall", "f1"):
            tables[f"test/{score}/{name}"] = rng.uniform(size=len(tables))
    tables["test/support/per"] = 7.0
    return tables


def test_means_and_deviations_are_those_of_numpy(table):
    result = summarise_type_scores(table, ("a", "b"))
    assert len(result) == 4
    for row in result.itertuples():
        own = table[table["arm"] == row.arm]
        for score in ("precision", "recall", "f1"):
            values = own[f"test/{score}/{row.type}"].to_numpy()
            assert getattr(row, score) == pytest.approx(values.mean())
            assert getattr(row, f"{score}_sd") == pytest.approx(values.std(ddof=1))
        assert row.support == 7.0 if row.type == "per" else math.isnan(row.support)


def test_the_table_of_f1_is_open_and_that_of_all_scores_folded(table):
    side, below = type_tables(analyse(table))
    assert side.header == ("type", "mentions", "a", "b")
    assert not side.folded
    assert [row[0].text for row in side.rows] == ["<script>", "per"]
    own = table[table["arm"] == "b"]["test/f1/per"]
    assert side.rows[1][3].text == f"{100 * own.mean():.1f} ± {100 * own.std():.1f}"
    assert below.folded
    assert below.header == ("type", "arm", "precision", "recall", "F1", "mentions")
    assert len(below.rows) == 4


def test_mean_counts_are_rounded_as_in_the_confusion(table):
    supports = table.assign(**{"test/support/per": [18.0, 19.0, 18.5] * 2})
    side, below = type_tables(analyse(supports))
    assert side.rows[1][1].text == below.rows[-1][-1].text == "18.5"


def test_a_table_with_f1_alone_has_dashes_for_the_rest(cells):
    side, below = type_tables(analyse(cells(("a",), (50,), 1, "tagging", ("per",))))
    assert side.header == ("type", "a")
    assert [entry.text for entry in below.rows[0]][2:4] == ["–", "–"]


@pytest.mark.parametrize(("score", "title", "header"), [
    ("test/macro_f1", "Scores by class", ("class", "examples", "a", "b")),
    ("test/micro_f1", "Scores by label", ("label", "examples", "a", "b")),
])  # fmt: skip
def test_classes_and_labels_are_called_so(table, score, title, header):
    analysis = analyse(table.rename(columns={"test/f1": score}))
    assert section_title(analysis) == title
    side, below = type_tables(analysis)
    assert side.header == header
    assert side.note.endswith(". Examples: mean number per test set.")
    assert below.header[0] == header[0]


def test_without_types_there_are_no_tables(cells):
    assert type_tables(analyse(cells())) == []


def test_crossed_seeds_are_averaged_by_draw(cells):
    table = cells(("a",), (50,), 6, "tagging", ("per",)).assign(data_seed=[0, 0, 1, 1, 2, 2], init_seed=[0, 1] * 3)
    table["draw"] = [f"d{seed}" for seed in table["data_seed"]]
    analysis = analyse(table)
    (row,) = summarise_type_scores(analysis.table, analysis.arms, analysis.crossed).itertuples()
    means = table.groupby("data_seed")["test/f1/per"].mean()
    assert row.f1_sd == pytest.approx(means.std(ddof=1))
