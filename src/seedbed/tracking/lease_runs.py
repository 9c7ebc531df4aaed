"""Leases on an MLflow server, over MLflow's API.

A param of a run never changes: logging another value is refused. That is a compare-and-set. All workers share one run,
found by an experiment whose name is unique. Of each cell the params ``lease/CELL/0``, ``lease/CELL/1`` and so on hold
the id of one worker after the other; the next one is free when ``ended/CELL/NUMBER`` is there. The tag ``worker/ID`` of
a worker changes with each beat: one that does not, by the clock of whoever looks, for the time of a lease is dead.
"""

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

from seedbed.tracking.failures import store_errors
from seedbed.tracking.holders import Holder, is_gone
from seedbed.tracking.lease_databases import Lost
from seedbed.tracking.settings import Tracking

if TYPE_CHECKING:
    from mlflow import MlflowClient

RUN = "seedbed.leases"
"""The tag of the experiment with the id of the run that workers share."""
_NOTE = "Names the run in which processes claim the cells that they train. Delete it when no process trains."
_AT_ONCE = 100
"""Params that MLflow takes in one batch."""
_ATTEMPTS = 5


class LeaseRuns:
    """The leases of the experiment ``experiment_id``. Every method raises InputError where the server fails."""

    def __init__(self, tracking: Tracking, experiment_id: str, lease_s: float) -> None:
        self._tracking, self._experiment_id, self._lease_s = tracking, experiment_id, lease_s
        self._run, self._is_first, self._since, self._begun = "", True, time.monotonic(), time.time()
        self._params: dict[str, str] = {}
        self._living: dict[str, Holder] = {}
        self._seen: dict[str, tuple[str, float]] = {}
        self._mine: dict[str, int] = {}
        self._made: MlflowClient | None = None

    @property
    def _client(self) -> "MlflowClient":
        from mlflow import MlflowClient

        self._made = self._made or MlflowClient(self._tracking.address)
        return self._made

    def join(self, holder: Holder) -> None:
        """Add a worker."""
        with store_errors(self._tracking):
            self._run = self._find()
            self._say(holder)
            self._read()

    def beat(self, holder: Holder) -> bool:
        """Give a sign of life; False if the worker was not known any more, and is again."""
        with store_errors(self._tracking):
            run, before = self._find(), self._run
            if run != before:  # the one that was used is deleted
                self._run, self._params, self._mine, self._since = run, {}, {}, time.monotonic()
            else:
                self._read()
            known = holder.worker in self._living
            self._say(holder)
            self._read()
            return known and run == before

    def leave(self, holder: Holder) -> list[Holder]:
        """Remove a worker and release what it holds; return the living others on its study."""
        with store_errors(self._tracking):
            self._end(list(self._mine))
            self._client.delete_tag(self._run, f"worker/{holder.worker}")
            self._read()
            return [one for one in self._living.values() if one.study == holder.study]

    def claim(self, holder: Holder, cells: Sequence[str]) -> set[str]:
        """Claim these cells, all or none; return those that another worker may have held. Raises Lost."""
        wanted = sorted(set(cells))
        with store_errors(self._tracking):
            for attempt in range(_ATTEMPTS):
                if attempt or self._mine.keys() & set(wanted):  # a lease of its own may have been ended by others
                    self._read()
                if holder_of_one := self._held_by_other(holder, wanted):
                    if not attempt:  # perhaps released since
                        continue
                    raise Lost(holder_of_one)
                numbers = {cell: self._free(holder, cell) for cell in wanted}
                if self._take(holder, numbers):
                    self._mine |= numbers
                    if self.age() < self._lease_s:  # a living worker may have held what is not known any more
                        return set(wanted)
                    last = {cell: self._params.get(f"lease/{cell}/{number - 1}") for cell, number in numbers.items()}
                    return {cell for cell, worker in last.items() if worker not in (None, holder.worker)}
        raise Lost

    def release(self, holder: Holder, cells: Sequence[str]) -> None:
        """Release these cells of a worker; those that it does not hold are left alone."""
        with store_errors(self._tracking):
            self._end([cell for cell in cells if cell in self._mine])

    def state(self) -> tuple[list[Holder], dict[str, Holder]]:
        """Return the living workers, and the holder of each cell that one of them holds. Makes nothing."""
        with store_errors(self._tracking):
            self._run = self._run or self._find(make=False)
            if not self._run:
                return [], {}
            self._read()
        held: dict[str, Holder] = {}
        for key, worker in self._params.items():
            kind, _, rest = key.partition("/")
            cell, _, number = rest.rpartition("/")
            if kind == "lease" and worker in self._living and f"ended/{cell}/{number}" not in self._params:
                held[cell] = self._living[worker]
        return list(self._living.values()), held

    def age(self) -> float:
        """Return for how long the run has surely been there, seconds: a living worker is in it after some time."""
        return math.inf if self._is_first else time.monotonic() - self._since

    def _last(self, cell: str) -> int:
        """Return the number of the last known lease of a cell, -1 for none."""
        number = self._mine.get(cell, 0)
        while f"lease/{cell}/{number}" in self._params:
            number += 1
        return number - 1

    def _held_by_other(self, holder: Holder, cells: Sequence[str]) -> Holder | None:
        for cell in cells:
            number = self._last(cell)
            worker = self._params.get(f"lease/{cell}/{number}", "")
            if f"ended/{cell}/{number}" not in self._params and worker in self._living and worker != holder.worker:
                return self._living[worker]
        return None

    def _free(self, holder: Holder, cell: str) -> int:
        """Return the number of the lease to claim; ends that of a dead worker."""
        number = self._last(cell)
        worker, ended = self._params.get(f"lease/{cell}/{number}"), f"ended/{cell}/{number}" in self._params
        if worker == holder.worker and not ended:
            return number
        if worker is not None and not ended:
            self._log({f"ended/{cell}/{number}": "dead"})
        return number + 1

    def _take(self, holder: Holder, numbers: dict[str, int]) -> bool:
        """Log these leases; False, and none is held, if another worker was faster with one."""
        taken: list[str] = []
        for part in _parts(list(numbers)):
            if not self._log({f"lease/{cell}/{numbers[cell]}": holder.worker for cell in part}):
                for ended in _parts([cell for cell in taken if cell not in self._mine]):
                    self._log({f"ended/{cell}/{numbers[cell]}": "released" for cell in ended})
                return False
            taken += part
        return True

    def _end(self, cells: Sequence[str]) -> None:
        for part in _parts(cells):
            self._log({f"ended/{cell}/{self._mine[cell]}": "released" for cell in part})
        for cell in cells:
            del self._mine[cell]

    def _log(self, params: dict[str, str]) -> bool:
        """Log params at once; False where one has another value already."""
        from mlflow.entities import Param
        from mlflow.exceptions import MlflowException

        try:
            self._client.log_batch(self._run, params=[Param(key, value) for key, value in params.items()])
        except MlflowException as error:
            if error.error_code not in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_ALREADY_EXISTS"):
                raise
            self._read()
            return all(self._params.get(key) == value for key, value in params.items())
        self._params |= params
        return True

    def _say(self, holder: Holder) -> None:
        said = asdict(replace(holder, since=self._begun, beat=time.time()))
        self._client.set_tag(self._run, f"worker/{holder.worker}", json.dumps(said))

    def _read(self) -> None:
        """Read all leases, and which workers live; the tags of those that do not are deleted."""
        data = self._client.get_run(self._run).data
        now = time.monotonic()
        living: dict[str, Holder] = {}
        for key, text in data.tags.items():
            if not key.startswith("worker/"):
                continue
            holder = _holder(text)
            if self._seen.get(holder.worker, ("", 0.0))[0] != text:
                self._seen[holder.worker] = text, now
            if now - self._seen[holder.worker][1] <= self._lease_s and not is_gone(holder.worker):
                living[holder.worker] = holder
                continue
            with suppress(Exception):
                self._client.delete_tag(self._run, key)
        self._params, self._living = dict(data.params), living

    def _find(self, make: bool = True) -> str:
        """Return the id of the run that all workers share, made where there is none; without ``make`` empty.

        A new run is made first, and then the experiment that names it: of several that do this at once, one succeeds,
        and the others use its run. Where one was deleted, the next number is used.
        """
        from mlflow.exceptions import MlflowException

        base = f"{self._tracking.experiment} leases"
        number = 1
        while True:
            name = base if number == 1 else f"{base} {number}"
            experiment = self._client.get_experiment_by_name(name)
            if experiment is None and not make:
                return ""
            if experiment is None:
                made = self._client.create_run(
                    self._experiment_id, run_name="leases", tags={"seedbed.kind": "leases"}
                ).info.run_id
                try:
                    self._client.create_experiment(name, tags={RUN: made, "mlflow.note.content": _NOTE})
                except MlflowException as error:
                    self._client.delete_run(made)
                    if error.error_code != "RESOURCE_ALREADY_EXISTS":
                        raise
                    continue
                self._client.set_terminated(made)
                return str(made)
            run = experiment.tags.get(RUN) if experiment.lifecycle_stage == "active" else None
            if run and self._is_active(run):
                return str(run)
            number += 1
            self._is_first = False

    def _is_active(self, run: str) -> bool:
        from mlflow.exceptions import MlflowException

        try:
            return bool(self._client.get_run(run).info.lifecycle_stage == "active")
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return False


def _parts(cells: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield as many at once as MLflow takes in one batch."""
    for start in range(0, len(cells), _AT_ONCE):
        yield cells[start : start + _AT_ONCE]


def _holder(text: str) -> Holder:
    """Return the worker of a tag; what another version of seedbed added is left out."""
    known = {field.name for field in fields(Holder)}
    return Holder(**{name: value for name, value in json.loads(text).items() if name in known})
