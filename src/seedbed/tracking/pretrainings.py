"""Runs of trainings of language models, to which metrics are added during training."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from seedbed.cells import Status
from seedbed.tracking.failures import store_errors
from seedbed.tracking.names import stored_name
from seedbed.tracking.params import stored_params
from seedbed.tracking.store import Store

_KIND = {"seedbed.kind": "pretraining"}
_ENDED, _ERROR = "seedbed.ended", "seedbed.error"

STATUS: Mapping[str, Status] = {
    "done": "finished", "time limit": "finished", "interrupted": "interrupted", "failed": "failed",
}  # fmt: skip
"""The values of the tag ``seedbed.ended``, how a session ended, and the status of the run."""


class Point(NamedTuple):
    """A value of a metric at a step; ``timestamp`` in milliseconds."""

    name: str
    value: float
    step: int
    timestamp: int


def points(values: Mapping[str, float], step: int) -> list[Point]:
    """Return these values with the present time."""
    now = time.time_ns() // 1_000_000
    return [Point(name, float(value), step, now) for name, value in values.items()]


class PretrainingRun:
    """The run of one training, with all its sessions. Every method raises InputError where the store fails."""

    def __init__(self, store: Store, run_id: str, metrics: Iterable[str] = ()) -> None:
        """``metrics``: the stored names of those logged by earlier sessions."""
        self.store, self.id = store, run_id
        self._logged_steps = {name: store.steps(run_id, name) for name in metrics}

    @classmethod
    def start(cls, store: Store, name: str, params: Mapping[str, object], tags: Mapping[str, str]) -> "PretrainingRun":
        """Return a new run."""
        from mlflow.entities import Param

        settings = [Param(key, value) for key, value in stored_params(params).items()]
        with store_errors(store.tracking):
            run_id = str(store.create_run(name, dict(tags) | _KIND).info.run_id)
            with store.closing_on_error(run_id):
                store.log_batch(run_id, params=settings)
        return cls(store, run_id)

    @classmethod
    def resume(
        cls, store: Store, run_id: str, tags: Mapping[str, str], unended: bool = False
    ) -> "PretrainingRun | None":
        """Return the run of earlier sessions, see `Store.resume_run`; the steps that it has are not logged again."""
        run = store.resume_run(run_id, unended)
        if run is None:
            return None
        cleared = {tag: "" for tag in (_ENDED, _ERROR) if run.data.tags.get(tag)}
        with store_errors(store.tracking):
            store.log_batch(run_id, tags=dict(tags) | cleared)
        return cls(store, run_id, run.data.metrics)

    def log(self, points: Sequence[Point]) -> None:
        """Log points, except those of steps that an earlier session has logged."""
        from mlflow.entities import Metric

        stored = [point._replace(name=stored_name(point.name)) for point in points]
        new = [Metric(name, value, timestamp, step) for name, value, step, timestamp in stored
               if step not in self._logged_steps.get(name, ())]  # fmt: skip
        if new:
            with store_errors(self.store.tracking):
                self.store.log_batch(self.id, new)

    def end(self, ended: str, files: Sequence[Path] = (), note: str = "", error: str = "") -> None:
        """End a session as one of ``STATUS``: log its files, a note in Markdown, and last the status."""
        try:
            with store_errors(self.store.tracking):
                self.store.log_batch(self.id, tags={_ENDED: ended} | ({_ERROR: error[:5000]} if error else {}))
            if note:
                self.store.describe(self.id, note, {})
            self.store.log_files(self.id, {"": files})
        finally:
            self.store.finish(self.id, STATUS[ended])
