"""Which floors a study needs, and their table."""

import pytest

from seedbed.cells import FLOOR_COLUMNS
from seedbed.comparison.floor import compute, floor_table, known_floors, missing_floors
from seedbed.floor.floors import Floors
from seedbed.report.analysis.floor import read_floor
from seedbed.report.analysis.results_table import table_bytes


def test_each_draw_is_computed_once_for_all_arms(planned):
    cells = planned().requested
    missing = missing_floors(cells, {})
    assert len(missing) == 2 * 3 * 2  # sizes, replicates, floors; not arms
    done = []
    found = compute(missing, done.append)
    assert done == list(range(1, 13))
    table = floor_table(cells, found)
    assert len(table) == 12
    assert tuple(table.columns[: len(FLOOR_COLUMNS)]) == FLOOR_COLUMNS
    by_draw = {(p.cell.draw, p.cell.n_train): p for p in cells}
    for row in table.to_dict("records"):
        own = by_draw[row["draw"], row["n_train"]]
        assert row["test/accuracy"] == Floors(own.corpus).scores(own.draw, row["floor"])["test/accuracy"]
        assert (row["dataset"], row["replicate"], row["corpus"]) == ("csv", own.cell.replicate, own.corpus.digest)


def test_one_draw_of_all_replicates_is_computed_once_and_stands_in_each(planned):
    cells = planned("~sizes", "sampling=full", "sampling.strategy=all", "sampling.validation=all", "sampling.test=all",
                    "dataset.held_out={test: 0.2, validation: 0.2}").requested  # fmt: skip
    missing = missing_floors(cells, {})
    assert len(missing) == 2
    table = floor_table(cells, compute(missing))
    assert table.groupby("replicate").size().tolist() == [2, 2, 2]
    assert table.groupby("floor")["test/accuracy"].nunique().tolist() == [1, 1]


def test_what_a_table_holds_is_known_as_it_was_written(planned):
    cells = planned().requested
    found = compute(missing_floors(cells, {}))
    again = known_floors([read_floor(table_bytes(floor_table(cells, found)), "floor.csv")])
    assert again == found
    assert missing_floors(cells, again) == {}


@pytest.mark.parametrize("change", [{"version": 1}, {"corpus": "another"}, {"draw": "another"}])
def test_what_was_computed_of_something_else_is_not_known(planned, change):
    cells = planned("sizes=[6]", "replicates=1").requested
    table = floor_table(cells, compute(missing_floors(cells, {}))).assign(**change)
    assert len(missing_floors(cells, known_floors([table]))) == 2


def test_without_test_examples_there_is_nothing_to_compute(planned):
    assert missing_floors(planned("sampling.test=0").requested, {}) == {}
