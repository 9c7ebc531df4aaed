"""The learned mixes of a report."""

import math

import numpy as np
import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.results_table import read_table, write_table
from seedbed.report.sections.learned_mixes import mix_columns, mix_tables


@pytest.fixture
def table(cells):
    """Two arms; the second learns a mix in the part ``elmo`` of a stack."""
    made = cells(arms=("muse", "muse_elmo"), sizes=(200,), replicates=3)
    for what, values in {"layer0": [0.2, 0.3, 0.4], "layer1": [0.8, 0.7, 0.6], "scale": [1.0, 1.1, 1.2]}.items():
        made[f"elmo/mix/{what}"] = [math.nan] * 3 + values
    return made


def test_shares_and_scale_are_shown_for_the_arms_that_learn_them(table):
    (shown,) = mix_tables(analyse(table))
    assert shown.title == ""
    assert shown.header == ("examples", "arm", "layer 0", "layer 1", "scale")
    (row,) = shown.rows
    deviation = np.std([0.2, 0.3, 0.4], ddof=1)
    assert [entry.text for entry in row] == [
        "200",
        "muse_elmo",
        f"0.300 ± {deviation:.3f}",
        "0.700 ± 0.100",
        "1.100 ± 0.100",
    ]


def test_a_table_that_was_written_and_read_shows_the_same(table, tmp_path):
    write_table(table, tmp_path / "results.csv")
    again = mix_tables(analyse(read_table(tmp_path / "results.csv")))
    assert again == mix_tables(analyse(table))


def test_tables_of_several_parts_are_told_apart_by_title(table):
    for what in ("layer0", "layer1", "scale"):
        table[f"mix/{what}"] = table[f"elmo/mix/{what}"]
    assert [shown.title for shown in mix_tables(analyse(table))] == ["elmo", "by itself"]


def test_a_study_without_a_mix_has_no_table(cells):
    assert mix_tables(analyse(cells())) == []


def test_only_columns_of_a_mix_are_taken_for_one():
    columns = ["mix/layer0", "mix/scale", "a/b/mix/layer12", "remix/layer0", "mix/layers", "test/mix"]
    assert mix_columns(columns) == {
        "": {"layer0": "mix/layer0", "scale": "mix/scale"}, "a/b": {"layer12": "a/b/mix/layer12"},
    }  # fmt: skip


def test_of_crossed_seeds_the_spread_is_over_draws(crossed):
    table = crossed(sizes=(50,))
    for what in ("layer0", "scale"):
        table[f"mix/{what}"] = np.random.default_rng(3).normal(1, 0.2, len(table))
    (shown,) = mix_tables(analyse(table))
    own = table[table["arm"] == "random"].groupby("data_seed")["mix/layer0"].mean()
    assert shown.rows[0][2].text == f"{own.mean():.3f} ± {own.std(ddof=1):.3f}"
    assert "over finished draws" in shown.note
