"""Processes that share a study whose store is away for a while: each cell is in it once, and few are trained twice."""

import sqlite3
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from seedbed.cells import Cell, Outcome
from seedbed.comparison.sharing import Sharing, keys_of
from seedbed.errors import StoreUnavailableError
from seedbed.tracking.holders import this_worker
from seedbed.tracking.leases import Leases, keeper_of
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

DONE = Outcome("finished", {"test/f1": 0.5})


class Network:
    """The way of one process to where leases are kept, which can be cut."""

    def __init__(self, keeper):
        self.keeper, self.is_cut = keeper, False

    def __getattr__(self, name):
        if self.is_cut:
            raise StoreUnavailableError("cut")
        return getattr(self.keeper, name)


class Process:
    """A process that shares the groups of a study; ``trained``: the keys of the groups that it trained."""

    def __init__(self, store, beat_s=100.0):
        self.store, self.network = store, Network(keeper_of(store))
        self.leases = Leases(self.network, this_worker(), beat_s=beat_s)
        self.sharing = Sharing(self.leases, self.settled, lambda line: None, poll_s=0.01)
        self.elsewhere = []

    def settled(self, keys):
        return dict.fromkeys(self.store.finished(keys), "finished")

    def groups(self, groups):
        return self.sharing.groups(groups, lambda: None, self.elsewhere.extend)

    def write(self, cells):
        with self.sharing.writing(
            cells, [Outcome("finished", {"test/f1": 0.5})] * len(cells), self.elsewhere.extend
        ) as kept:
            self.deliver([planned for planned, _ in kept])

    def deliver(self, cells):
        self.store.write_group([planned.cell for planned in cells], [DONE] * len(cells), None, {})


@pytest.fixture
def start(tmp_path):
    store = open_store(Tracking(f"sqlite:///{tmp_path}/mlflow.db"))
    with ExitStack() as stack:
        stack.enter_context(closing(Process(store)))
        with sqlite3.connect(tmp_path / "mlflow.db") as database:  # of a new table, every claimed cell is looked up
            database.execute("UPDATE seedbed_workers SET since = since - 1000 WHERE worker = ''")
        yield lambda **given: stack.enter_context(closing(Process(store, **given)))


def closing(process):
    from contextlib import contextmanager

    @contextmanager
    def closed():
        try:
            yield process
        finally:
            process.network.is_cut = False
            process.leases.close()

    return closed()


def group(*names):
    return tuple(
        SimpleNamespace(
            cell=Cell(
                arm="a", dataset="d", embedding="random", encoder="cnn", task="classification", n_train=5, replicate=n,
                data_seed=n, init_seed=n, draw="d", cell=name,
            )
        )
        for n, name in enumerate(names)
    )  # fmt: skip


def n_runs(process):
    return sorted(run.tags["seedbed.cell"] for run in process.store.find_runs({"seedbed.kind": "cell"}))


def test_what_was_trained_without_a_lease_is_claimed_before_it_is_written_and_not_trained_again(start):
    one, other = start(), start()
    first, second = group("a", "b"), group("c")
    others = other.groups([second, first])
    assert next(others) == second  # trains it during the outage, and notices nothing
    one.network.is_cut = True
    assert next(one.groups([first])) == first
    one.network.is_cut = False
    one.write(first)
    other.write(second)
    assert list(others) == []
    assert keys_of(other.elsewhere) == ["a", "b"]
    assert n_runs(one) == ["a", "b", "c"]


def test_what_another_process_holds_is_left_to_it_by_one_that_trained_it_without_a_lease(start):
    one, other = start(), start()
    cells = group("a")
    assert next(other.groups([cells])) == cells
    one.network.is_cut = True
    assert next(one.groups([cells])) == cells
    one.network.is_cut = False
    one.write(cells)
    assert n_runs(one) == []
    other.write(cells)
    assert n_runs(one) == ["a"]


def test_what_was_delivered_meanwhile_without_a_lease_is_not_written_again(start):
    one, other = start(), start()
    cells = group("a", "b")
    assert next(other.groups([cells])) == cells
    one.deliver(cells[:1])  # from the spool of a process that could not reach the store
    other.write(cells)
    assert n_runs(one) == ["a", "b"]


@pytest.mark.parametrize("way", ["asked", "beat"])
def test_a_process_that_noticed_an_outage_looks_up_what_it_claims(way, start):
    import time

    one, other = start(), start(beat_s=0.02 if way == "beat" else 100.0)
    first, second = group("a"), group("b")
    other.network.is_cut = True
    if way == "asked":
        assert next(other.groups([second])) == second
    until = time.monotonic() + 20
    while way == "beat" and not other.leases.missed and time.monotonic() < until:
        time.sleep(0.01)
    other.network.is_cut = False
    one.deliver(first)
    assert list(other.groups([first])) == []
    assert keys_of(other.elsewhere) == ["a"]
