"""Cells of a store by condition."""

import pytest

from seedbed.errors import InputError
from seedbed.tracking.query import matching, stored_cells
from seedbed.tracking.records import cell_params, cell_tags
from seedbed.tracking.runs import Run


@pytest.fixture
def run(make_cell, make_outcome):
    """A run as it is read, newest first by the caller's order."""

    def made(name, status="FINISHED", ended=1_700_000_000_000, tags=None, metrics=None, **fields):
        cell = make_cell(name, **fields)
        own = cell_tags(cell, make_outcome()) | {"seedbed.kind": "cell", "seedbed.device": "cpu"} | (tags or {})
        return Run(name, status, ended, own, metrics or {"test/accuracy": 0.5}, cell_params(cell))

    return made


def names(cells):
    return [cell.row["run"] for cell in cells]


def test_settings_scores_tags_and_identity_may_be_asked_for(run):
    gpu = {"seedbed.device": "gpu", "seedbed.name": "second", "seedbed.versions": "python 3.12.1 keras 3.15"}
    stored = stored_cells([run("a", n_train=200, tags=gpu, metrics={"test/accuracy": 0.75}), run("b")])
    for where in (
        "n_train = 200", "device='gpu'", "study='second'", "versions like '%3.12%'", "test/accuracy > 0.5",
    ):  # fmt: skip
        assert names(matching(stored, where)) == ["a"]
    assert names(matching(stored, "encoder.filters = 8 and dataset = 'mr' and ended < '2030-01-01'")) == ["a", "b"]
    assert names(matching(stored, "study is null")) == ["b"]


def test_unfinished_cells_fit_too_and_say_so(run):
    stored = stored_cells([run("a", "FAILED"), run("b", "RUNNING"), run("c")])
    assert names(matching(stored, "n_train=50")) == ["a", "b", "c"]
    assert names(matching(stored, "status='failed'")) == ["a"]


def test_runs_of_other_tools_and_damaged_cells_are_counted_and_no_cells(run):
    damaged = [run("a", tags={"seedbed.n_train": "x"}), run("b", tags={"seedbed.replicate": str(2**64)})]
    others = [Run("c", "FINISHED", 1, {}), Run("d", "FINISHED", 1, {"mlflow.runName": "theirs"})]
    ours = [Run("e", "FINISHED", 1, {"seedbed.kind": "comparison"})]
    stored = stored_cells([*damaged, *others, *ours, run("f")])
    assert (len(stored.cells), stored.foreign, stored.broken) == (1, 2, 2)


def test_nothing_that_fits_is_one_line_with_what_there_is(run):
    stored = stored_cells([run("a"), run("b", dataset="trec")])
    with pytest.raises(InputError, match=r"where=dataset='imdb': matches none of 2 cells; dataset is mr, trec$"):
        matching(stored, "dataset='imdb'")
    with pytest.raises(InputError, match="the store has no cells"):
        matching(stored_cells([]), "n_train=5")
