"""Leases: a group of cells is claimed in the store before it trains, so that no other process trains it too.

Every worker gives a sign of life (a beat) every few seconds from a thread. The leases of one that does not, or whose
process on this host has ended, expire, and others take them over.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Protocol

from seedbed.errors import InputError
from seedbed.tracking.holders import WORKER, Holder, is_gone, this_worker
from seedbed.tracking.lease_databases import Lost, OtherDatabase, SqliteFile
from seedbed.tracking.lease_runs import LeaseRuns
from seedbed.tracking.lease_table import LeaseTable
from seedbed.tracking.store import Store

LEASE_S, BEAT_S = 60.0, 10.0
"""A worker without a beat for the first time is dead; it beats each of the second. Seconds."""
_KINDS = ("cell", "search", "comparison")
_WAIT_S = (0.05, 1.0)
_SAY_AFTER_S = 2.0
_LEAVE_S = 8.0
"""How long the end waits for a store that does not answer: a process that is to end does so within ten seconds."""


class Keeper(Protocol):
    """Where leases are kept, as `seedbed.tracking.lease_table.LeaseTable` does."""

    def join(self, holder: Holder) -> None:
        """Add a worker."""

    def beat(self, holder: Holder) -> bool:
        """Give a sign of life; False if the worker was not known any more, and is again."""

    def leave(self, holder: Holder) -> list[Holder]:
        """Remove a worker and release what it holds; return the living others on its study."""

    def claim(self, holder: Holder, cells: Sequence[str]) -> set[str]:
        """Claim these cells, all or none; return those that another worker may have held. Raises Lost."""

    def release(self, holder: Holder, cells: Sequence[str]) -> None:
        """Release these cells of a worker."""

    def state(self) -> tuple[list[Holder], dict[str, Holder]]:
        """Return the living workers, and the holder of each cell that one of them holds."""

    def age(self) -> float:
        """Return for how long every living worker would have been known, seconds: less where all was deleted."""


def keeper_of(store: Store, lease_s: float = LEASE_S) -> Keeper:
    """Return where the leases of a store are kept."""
    tracking = store.tracking
    if tracking.database is not None:
        return LeaseTable(SqliteFile(tracking.database), lease_s)
    if tracking.address.startswith(("http", "databricks")):
        return LeaseRuns(tracking, store.experiment_id, lease_s)
    return LeaseTable(OtherDatabase(tracking), lease_s)


class Living(Protocol):
    """Tells who lives: a `Keeper`, or the `Leases` of a worker."""

    def state(self) -> tuple[list[Holder], dict[str, Holder]]:
        """See `Keeper.state`."""

    def age(self) -> float:
        """See `Keeper.age`."""


def close_orphans(store: Store, leases: Living, lease_s: float = LEASE_S) -> int:
    """Close the cells, searches and comparisons of dead workers as interrupted; return how many there were.

    Runs without the tag ``WORKER`` are of an older version, and left alone: nobody knows whether their process lives.
    """
    running = [run for run in store.running() if run.tags.get("seedbed.kind") in _KINDS and WORKER in run.tags]
    if not running:
        return 0
    living = leases.state()[0]  # after the runs: a worker is known before its first run
    known, studies = {one.worker for one in living}, {one.study for one in living if one.study}
    surely = leases.age() > lease_s
    orphans = [
        run
        for run in running
        if (worker := run.tags[WORKER]) not in known
        and run.tags.get("seedbed.study") not in studies
        and (surely or is_gone(worker))
    ]
    for run in orphans:
        store.finish(run.id, "interrupted")
    return len(orphans)


def open_leases(store: Store, name: str = "", lease_s: float = LEASE_S, beat_s: float = BEAT_S) -> "Leases":
    """Return the leases of a new worker in this process, which beats until they are closed.

    ``name``: of the worker, by default that of the environment variable ``SEEDBED_WORKER``. Raises InputError where the
    store fails.
    """
    return Leases(keeper_of(store, lease_s), this_worker(name), lease_s, beat_s)


class Leases:
    """The leases of one worker, as a context manager. A beat that fails, as the store is away, is left out.

    ``worker``: who this is. ``before``: of the cells that were claimed, those that another worker may have trained
    since these leases were opened. ``missed``: whether a beat has failed, so that the store was away for some time.
    """

    def __init__(self, keeper: Keeper, worker: Holder, lease_s: float = LEASE_S, beat_s: float = BEAT_S) -> None:
        self.worker, self.before, self.missed = worker, set[str](), False
        self._keeper, self._lease_s, self._beat_s = keeper, lease_s, beat_s
        self._held, self._lost, self._unreleased = set[str](), set[str](), set[str]()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        keeper.join(worker)
        self._beaten = time.monotonic()
        self._thread = threading.Thread(target=self._beats, name="beats of leases", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Leases":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> list[Holder]:
        """Release everything and end the beats; return the living others on the study. May be called again."""
        if self._ended.is_set():
            return []
        self._ended.set()
        others: list[Holder] = []

        def leave() -> None:
            with self._lock, suppress(Exception):  # of a store that is away: the leases expire
                others.extend(self._keeper.leave(self.worker))

        leaving = threading.Thread(target=leave, name="end of leases", daemon=True)
        leaving.start()
        leaving.join(_LEAVE_S)
        return list(others) if self.worker.study else []

    def state(self) -> tuple[list[Holder], dict[str, Holder]]:
        """Return the living workers, and the holder of each cell that one of them holds."""
        with self._lock:
            return self._keeper.state()

    def age(self) -> float:
        """Return for how long every living worker would have been known, seconds."""
        with self._lock:
            return self._keeper.age()

    def join_study(self, study: str) -> None:
        """Say that this worker works on the study of this digest. InputError if one of another version does too."""
        for other in self.state()[0]:
            if other.study == study:
                self._refuse_version(other)
        with self._lock:
            self.worker = replace(self.worker, study=study)
            self._keeper.beat(self.worker)

    def claim(self, cells: Sequence[str]) -> bool:
        """Claim these cells, all or none: whether this worker holds them now.

        InputError if another version of seedbed holds one.
        """
        try:
            with self._lock:
                before = self._keeper.claim(self.worker, cells)
                self._held.update(cells)
                self._lost.difference_update(cells)
                self._unreleased.difference_update(cells)
        except Lost as lost:
            if lost.holder:
                self._refuse_version(lost.holder)
            return False
        self.before |= before
        return True

    def release(self, cells: Sequence[str]) -> None:
        """Release these cells; where the store fails, again at the next beats."""
        with self._lock:
            self._held.difference_update(cells)
            try:
                self._keeper.release(self.worker, cells)
            except InputError:
                self._unreleased.update(cells)

    def keeps(self, cells: Sequence[str]) -> bool:
        """Return whether this worker still holds these cells; those that it never claimed, as the store was away, now.

        Those of a worker that could not beat for long, as its machine slept, may have been taken over.
        """
        if self._lost.intersection(cells):
            return False
        is_sure = self._held.issuperset(cells) and time.monotonic() - self._beaten < self._lease_s
        return is_sure or self.claim(cells)

    def holders(self, cells: Iterable[str]) -> dict[str, Holder]:
        """Return the living holder of each of these cells that another worker holds."""
        held = self.state()[1]
        return {cell: held[cell] for cell in cells if cell in held and held[cell].worker != self.worker.worker}

    def others(self) -> list[Holder]:
        """Return the other living workers on the same study."""
        living = self.state()[0] if self.worker.study else []
        return [one for one in living if one.study == self.worker.study and one.worker != self.worker.worker]

    @contextmanager
    def exclusive(self, key: str, doing: str, log: Callable[[str], None]) -> Iterator[None]:
        """Wait until no other worker holds this key, and hold it.

        ``doing``: what is done meanwhile, for the line that ``log`` takes if that takes long.
        """
        started, wait, said = time.monotonic(), _WAIT_S[0], False
        while not self.claim([key]):
            if not said and time.monotonic() - started > _SAY_AFTER_S:
                said = True
                log(f"waiting for {', '.join(map(str, self.holders([key]).values()))}: {doing}")
            time.sleep(wait)
            wait = min(1.5 * wait, _WAIT_S[1])
        try:
            yield
        finally:
            self.release([key])

    def _refuse_version(self, other: Holder) -> None:
        if other.version != self.worker.version:
            raise InputError(
                f"{other} works on the same cells with seedbed {other.version}, and this is seedbed "
                f"{self.worker.version}: use one version for a study, or wait until that process has ended"
            )

    def _beats(self) -> None:
        while not self._ended.wait(self._beat_s):
            with self._lock:
                try:
                    if not self._ended.is_set():
                        self._beat()
                except Exception:  # a store that is away is no reason to stop training
                    self.missed = True

    def _beat(self) -> None:
        if not self._keeper.beat(self.worker):  # the table was deleted, or this worker held to be dead
            self.before |= self._held
            for cell in sorted(self._held):
                try:
                    self._keeper.claim(self.worker, [cell])
                except Lost:
                    self._lost.add(cell)
        self._beaten = time.monotonic()
        if self._unreleased:
            self._keeper.release(self.worker, sorted(self._unreleased))
            self._unreleased.clear()
