"""Running a study: only what is missing is trained, and what is finished is kept whatever happens."""

from dataclasses import dataclass, field

import pytest

from seedbed.cells import CELL_COLUMNS, Outcome
from seedbed.comparison.group import checkpoint_file
from seedbed.comparison.record import identity, study_table
from seedbed.comparison.run import missing, run_missing


@dataclass
class Told:
    """A listener that stops at some group, as Ctrl-C would."""

    stop_at: int = -1
    stop_in: str = "group"
    seen: list = field(default_factory=list)
    stored: list = field(default_factory=list)
    in_store: object = None

    def group(self, cells):
        self.seen.append(cells)
        self.stop("group")

    def embedded(self, embedded):
        self.stop("embedded")

    def epoch(self, epoch):
        self.stop("epoch")

    def group_done(self, outcomes):
        self.stop("group_done")

    def group_stored(self):
        self.stored.append(self.in_store() if self.in_store else None)

    def stop(self, where):
        if len(self.seen) - 1 == self.stop_at and where == self.stop_in:
            raise KeyboardInterrupt


def go(plan, shelf, listener=None):
    return run_missing(plan, missing(plan, shelf.finished()), shelf, None, {}, listener or Told())


@pytest.mark.slow
def test_everything_is_trained_once(planned, shelf, trained):
    plan = planned()
    progress = go(plan, shelf)
    assert trained == [(arm, size, [0, 1, 2]) for arm in ("cnn", "pool") for size in (6, 12)]
    assert (progress.n_finished, progress.trained) == (0, {"finished": 12})
    assert go(plan, shelf).n_finished == 12
    assert len(trained) == 4


def test_a_group_is_said_to_be_stored_when_it_is(planned, shelf, trained):
    told = Told(in_store=lambda: shelf.count("finished"))
    go(planned(), shelf, told)
    assert told.stored == [3, 6, 9, 12]
    interrupted = Told(stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        go(planned("seed=1"), shelf, interrupted)
    assert len(interrupted.stored) == 2


def test_a_group_whose_writing_fails_is_not_said_to_be_stored(planned, shelf, trained):
    original, calls = shelf.write_group, []

    def write_group(*words):
        calls.append(words)
        if len(calls) == 2:
            raise OSError("no space left")
        return original(*words)

    shelf.write_group = write_group
    told = Told()
    with pytest.raises(OSError, match="no space left"):
        go(planned(), shelf, told)
    assert len(told.stored) == 1


def test_only_what_is_missing_is_trained(planned, shelf, trained):
    go(planned("only=[1]"), shelf)
    assert [replicates for *_, replicates in trained] == [[1]] * 4
    trained.clear()
    go(planned(), shelf)
    assert [replicates for *_, replicates in trained] == [[0, 2]] * 4
    trained.clear()
    go(planned("replicates=4", "sizes=[6,12,18]"), shelf)
    assert trained == [("cnn", 6, [3]), ("cnn", 12, [3]), ("cnn", 18, [0, 1, 2, 3]),
                       ("pool", 6, [3]), ("pool", 12, [3]), ("pool", 18, [0, 1, 2, 3])]  # fmt: skip


def test_arms_with_equal_settings_are_trained_once(planned, shelf, trained):
    plan = planned("arms={one: [], same: [encoder.filters=4]}")
    go(plan, shelf)
    assert {arm for arm, *_ in trained} == {"one"}
    table = study_table(
        [identity(one) for one in plan.requested],
        {cell: {"status": "finished", "test/accuracy": 0.5} for cell in shelf.outcomes},
    )
    assert list(table["arm"].unique()) == ["one", "same"]
    assert (table["status"] == "finished").all()


@pytest.mark.parametrize(("where", "finished"), [("group", 6), ("epoch", 6), ("group_done", 9)])
def test_ctrl_c_keeps_what_is_finished_and_marks_the_rest(planned, shelf, trained, where, finished):
    plan = planned()
    with pytest.raises(KeyboardInterrupt):
        go(plan, shelf, Told(stop_at=2, stop_in=where))
    assert (shelf.count("finished"), shelf.count("interrupted")) == (finished, 12 - finished)
    assert len(missing(plan, shelf.finished())) == 12 - finished
    trained.clear()
    go(plan, shelf)
    assert sum(len(replicates) for *_, replicates in trained) == 12 - finished
    assert not missing(plan, shelf.finished())


def test_a_failed_cell_is_kept_as_failed_and_tried_again(planned, shelf, monkeypatch):
    def train_cells(cells, watch, ids=None, embedded=None, checkpoint=None):
        return [Outcome("failed", error="the loss was nan") if p.cell.replicate == 1 else Outcome("finished")
                for p in cells]  # fmt: skip

    monkeypatch.setattr("seedbed.comparison.group.train_cells", train_cells)
    progress = go(planned(), shelf)
    assert progress.trained == {"finished": 8, "failed": 4}
    assert {p.cell.replicate for p in missing(planned(), shelf.finished())} == {1}


def test_a_training_that_ended_in_the_middle_goes_on_from_its_checkpoint(planned, shelf, monkeypatch, caplog):
    words = ["arms={cnn: []}", "sizes=[12]", "training.epochs=5", "training.patience=null"]
    plan = planned(*words, "training.checkpoint_minutes=1e-9")
    assert [p.cell.cell for p in plan.planned] == [p.cell.cell for p in planned(*words).planned]
    outcomes = []
    monkeypatch.setattr(shelf, "write_group", lambda cells, own, *_: outcomes.append(own) or [])
    numbers = []

    def train(stopped_in=None):
        told = Told()

        def epoch(epoch):
            numbers.append(epoch.number)
            if epoch.number == stopped_in:
                raise KeyboardInterrupt

        told.epoch = epoch
        run_missing(plan, plan.planned, shelf, None, {}, told)

    train()
    file = checkpoint_file(plan.planned)
    assert not file.exists()
    with pytest.raises(KeyboardInterrupt):
        train(stopped_in=3)
    assert file.exists()
    train()
    assert not file.exists()
    assert numbers == [1, 2, 3, 4, 5, 1, 2, 3, 3, 4, 5]
    whole, interrupted, resumed = outcomes
    assert [one.status for one in interrupted] == ["interrupted"] * 3
    assert [(one.metrics, one.history) for one in whole] == [(one.metrics, one.history) for one in resumed]
    assert "training goes on after epoch 2, from a checkpoint" in caplog.text


def test_what_the_store_raises_ends_the_run(planned, shelf, trained):
    def write_group(*_):
        raise OSError("no space left")

    shelf.write_group = write_group
    with pytest.raises(OSError, match="no space left"):
        go(planned(), shelf)
    assert len(trained) == 2


def test_the_table_has_a_row_a_cell_asked_for_and_says_what_is_missing(planned):
    plan = planned("only=[0,2]")
    first = plan.requested[0].cell.cell
    held = {first: {"status": "finished", "seconds": 1.5, "test/accuracy": 0.75, "test/f1/pos": 0.5, "train/loss": 1.0}}
    table = study_table([identity(one) for one in plan.requested], held)
    assert len(table) == 8
    assert tuple(table.columns[: len(CELL_COLUMNS)]) == CELL_COLUMNS
    assert list(table.columns[len(CELL_COLUMNS) :]) == ["test/accuracy", "test/f1/pos", "train/loss"]
    assert list(table["status"]) == ["finished"] + ["missing"] * 7
    assert list(table["draw"]) == [p.cell.draw for p in plan.requested]
