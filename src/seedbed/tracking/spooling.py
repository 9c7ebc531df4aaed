"""Write trained cells into a store that may stay away: meanwhile into the spool, and from there into the store once."""

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from seedbed.cells import Cell, Outcome
from seedbed.errors import InputError, StoreUnavailableError
from seedbed.tracking.mlflow_env import single_attempt
from seedbed.tracking.retrying import at_once, stopping
from seedbed.tracking.settings import Tracking
from seedbed.tracking.spool import (
    SpoolFile,
    delivered,
    finish_file,
    locked,
    note_delivered,
    read_records,
    spool_files,
)
from seedbed.tracking.spool_records import TrainedGroup, from_bytes, to_bytes
from seedbed.tracking.store import Store

WRITE = "seedbed.write"
"""Tag of the runs of a group with a text that no other has."""
EVERY_S = 10.0
"""How often a study with a spool asks whether its store answers again, and how often a delivery says how far it is."""

Log = Callable[[str], None]


@dataclass
class Delivery:
    """What was delivered: the ids of new runs, and the number of cells that were in the store already.

    ``busy``: the number of files that other processes write or deliver; ``damaged``: bytes of records that cannot be
    read; ``lines``: what is said of these, and of records that were cut.
    """

    runs: list[str] = field(default_factory=list)
    known: int = 0
    damaged: int = 0
    busy: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What was delivered, in a line; empty where there was nothing."""
        parts = [f"{_cells(len(self.runs))} delivered"] if self.runs else []
        parts += [f"{_cells(self.known)} in it already"] if self.known else []
        parts += [f"{self.busy} file{'s' * (self.busy != 1)} in use by other processes"] if self.busy else []
        return ", ".join(parts)


class SpoolingWriter:
    """Writes cells as `Store.write_group` does. Those that the store does not take go into the spool, in order.

    ``log`` takes a line when that begins and ends. ``anew``: cells are written even where the store has them.
    """

    def __init__(self, store: Store, log: Log, anew: bool = False) -> None:
        self._store, self._log, self._anew = store, log, anew
        self._file = SpoolFile(store.tracking)
        self._waiting: list[TrainedGroup] = []
        self._asked = 0.0
        self._reason: Exception | None = None

    @property
    def n_waiting(self) -> int:
        """The number of cells in the spool."""
        return sum(len(group.cells) for group in self._waiting)

    def write_group(
        self, cells: Sequence[Cell], outcomes: Sequence[Outcome], parent: str | None, tags: Mapping[str, str]
    ) -> list[str]:
        """Write cells that trained together, and return the ids of the runs that were written; of spooled ones later.

        Where the store refuses them they are spooled, and InputError is raised. Also where the spool cannot be written.
        """
        group = TrainedGroup(uuid4().hex, tuple(cells), tuple(outcomes), parent, tags, self._anew)
        try:
            runs = self._deliver_now() if self._waiting else []
            return runs + _write(self._store, group)
        except StoreUnavailableError as error:
            self._keep(group, error)
            return []
        except InputError as error:
            self._keep(group, error)
            raise InputError(self.advice(error)) from error

    def finish(self) -> list[str]:
        """Deliver the spool, waiting for the store as long as its patience lasts; return the ids of the runs.

        StoreUnavailableError where it stays away: the line says what is in the spool, and what to type.
        """
        try:
            return self.deliver()
        except InputError as error:
            raise type(error)(self.advice(error)) from error
        finally:
            self.close()

    def deliver(self) -> list[str]:
        """Deliver the spool as `finish` does, in the middle of a run: what is written later may be spooled again."""
        return self._deliver() if self._waiting else []

    def close(self) -> None:
        """Unlock the spool; other processes may deliver it."""
        self._file.close()

    def advice(self, error: Exception) -> str:
        """Return the message of an error of the store, with what is in the spool and what to type; at once as it is."""
        if not self._waiting:
            return str(error)
        return (
            f"{error}; trained meanwhile and kept in {self._file.folder}: {_cells(self.n_waiting)}; there is no report "
            f"yet: when the store takes them, type `{sync_command(self._store)}`, then the same command again"
        )

    def _deliver_now(self) -> list[str]:
        """Deliver the spool if the store answers at once; it is not asked too often."""
        if time.monotonic() - self._asked < EVERY_S and not stopping.is_set():
            raise StoreUnavailableError("not asked")
        try:
            with single_attempt(), at_once():
                return self._deliver()
        finally:
            self._asked = time.monotonic()

    def _deliver(self) -> list[str]:
        """Deliver all that is waiting, in order."""
        runs, n = [], self.n_waiting
        while self._waiting:
            group = self._waiting[0]
            runs += _write(self._store, group, again=True)
            if self._file.path is not None:
                note_delivered(self._file.path, group.token)
            self._waiting.pop(0)
        if self._file.path is not None:
            finish_file(self._file.path, damaged=False)
        self._file.close()
        self._log(f"tracking store {self._store.tracking.shown_address}: answers again; {_cells(n)} delivered")
        return runs

    def _keep(self, group: TrainedGroup, error: InputError) -> None:
        """Put a group into the spool; cells that were interrupted have nothing to be kept."""
        done = [number for number, outcome in enumerate(group.outcomes) if outcome.status != "interrupted"]
        if not done:
            return
        kept = TrainedGroup(
            group.token, [group.cells[n] for n in done], [group.outcomes[n] for n in done], group.parent, group.tags,
            group.anew,
        )  # fmt: skip
        passing = isinstance(error, StoreUnavailableError)
        if not self._waiting:
            self._reason, self._asked = error, time.monotonic()
            if passing:
                self._log(f"{error}; training goes on, and results are kept in {self._file.folder} until it answers")
        try:
            self._file.append(to_bytes(kept))
        except OSError as failed:
            reason = failed.strerror or failed
            raise StoreUnavailableError(
                f"{self._reason}; and the spool {self._file.folder} cannot be written: {reason}: the last "
                f"{_cells(len(done))} are lost, those before are kept; SEEDBED_STATE=FOLDER names another folder"
            ) from failed
        self._waiting.append(kept)


def deliver_spool(store: Store, log: Log) -> Delivery:
    """Deliver what other processes have left in the spool of this store, each record once.

    Raises InputError where the store fails; what is delivered until then is noted. ``log`` takes lines about how far it
    is, and about records that were cut or are damaged.
    """
    found = Delivery()
    for path in spool_files(store.tracking):
        with locked(path) as mine:
            if mine:
                _deliver_file(store, path, found, log)
            elif path.exists():
                found.busy += 1
    for line in found.lines:
        log(line)
    return found


def deliver_first(store: Store, log: Log) -> None:
    """Deliver what is in the spool of a store before anything is asked of it, and say so."""
    if spool_files(store.tracking) and (summary := deliver_spool(store, log).summary):
        log(f"spool of {store.tracking.shown_address}: {summary}")


def sync_command(store: Store) -> str:
    """Return the command that delivers the spool of a store, without secrets."""
    tracking, default = store.tracking, Tracking()
    words = [f"tracking.uri={tracking.shown_address}"] if tracking.uri else []
    words += [f"tracking.experiment={tracking.experiment}"] if tracking.experiment != default.experiment else []
    return shlex.join(["seedbed", "sync", *words])


def _deliver_file(store: Store, path: Path, found: Delivery, log: Log) -> None:
    records, done, said = read_records(path), delivered(path), time.monotonic()
    for number, record in enumerate(records.whole):
        if time.monotonic() - said > EVERY_S:
            log(f"spool: {number} of {len(records.whole)} groups are delivered")
            said = time.monotonic()
        try:
            group = from_bytes(record)
        except (ValueError, KeyError, TypeError) as error:
            records.damaged += len(record)
            found.lines.append(f"{path}: a record cannot be read: {error}")
            continue
        if group.token not in done:
            runs = _write(store, group, again=True)
            found.runs += runs
            found.known += len(group.cells) - len(runs)
            note_delivered(path, group.token)
    if records.cut:
        found.lines.append(f"{path}: {records.cut:,} bytes of a record that was cut by a kill are left out")
    if records.damaged:
        found.lines.append(f"{path}: {records.damaged:,} bytes are damaged and left out; they stay in *.damaged")
    found.damaged += records.damaged
    finish_file(path, damaged=bool(records.damaged))


def _write(store: Store, group: TrainedGroup, again: bool = False) -> list[str]:
    """Write a group and return the ids of its new runs.

    ``again``: it may have been written before, in whole or in part. What is finished stays, the rest is deleted and
    written; cells that others have finished meanwhile are left out, unless they were trained anew.
    """
    todo = list(range(len(group.cells)))
    if again:
        runs = store.find_runs({WRITE: group.token})
        own = {run.tags.get("seedbed.cell") for run in runs if run.status in ("FINISHED", "FAILED")}
        for run in runs:
            if run.status not in ("FINISHED", "FAILED"):
                store.delete_run(run.id)
        others = {} if group.anew else store.finished([cell.cell for cell in group.cells])
        todo = [n for n in todo if group.cells[n].cell not in own and group.cells[n].cell not in others]
    tags = dict(group.tags) | {WRITE: group.token}
    with ExitStack() as closing:
        if stopping.is_set():
            closing.enter_context(at_once())
        return store.write_group([group.cells[n] for n in todo], [group.outcomes[n] for n in todo], group.parent, tags)


def _cells(number: int) -> str:
    return f"{number} cell{'s' * (number != 1)}"
