"""Runs that are no cells: one for each training of a language model, which grows while it trains."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seedbed.results import Status
from seedbed.tracking.names import stored_name
from seedbed.tracking.opening import answering
from seedbed.tracking.params import stored_params

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

_KIND = {"seedbed.kind": "pretraining"}
_ENDED, _ERROR = "seedbed.ended", "seedbed.error"

STATUS: Mapping[str, Status] = {
    "done": "finished", "time limit": "finished", "interrupted": "interrupted", "failed": "failed",
}  # fmt: skip
"""How a session may end, the tag ``seedbed.ended``, and the status that its run then has."""


class Point(NamedTuple):
    """A value of a metric at a step; ``when`` in milliseconds. The same point written twice is there once."""

    name: str
    value: float
    step: int
    when: int


def points(values: Mapping[str, float], step: int) -> list[Point]:
    """These values, now."""
    now = time.time_ns() // 1_000_000
    return [Point(name, float(value), step, now) for name, value in values.items()]


class PretrainingRun:
    """The run of one training, of all its sessions. Every method raises InputError where the store fails."""

    def __init__(self, store: "Store", run_id: str, metrics: Iterable[str] = ()) -> None:
        """``metrics``: the stored names of those that it has from sessions before."""
        self.store, self.id = store, run_id
        self._there = {name: store.steps(run_id, name) for name in metrics}

    @classmethod
    def begun(
        cls, store: "Store", name: str, params: Mapping[str, object], tags: Mapping[str, str]
    ) -> "PretrainingRun":
        """A new one."""
        from mlflow.entities import Param

        named = [Param(key, value) for key, value in stored_params(params).items()]
        with answering(store.tracking):
            run_id = store.create_run(name, dict(tags) | _KIND).info.run_id
            with store.failed_unless_done(run_id):
                store.log_batch(run_id, params=named)
        return cls(store, run_id)

    @classmethod
    def again(
        cls, store: "Store", run_id: str, tags: Mapping[str, str], unended: bool = False
    ) -> "PretrainingRun | None":
        """That of sessions before, see `Store.again`; what it has at a step is not logged again."""
        run = store.again(run_id, unended)
        if run is None:
            return None
        of_last = {tag: "" for tag in (_ENDED, _ERROR) if run.data.tags.get(tag)}
        with answering(store.tracking):
            store.log_batch(run_id, tags=dict(tags) | of_last)
        return cls(store, run_id, run.data.metrics)

    def log(self, points: Sequence[Point]) -> None:
        """Write points; those whose step has the metric from a session before are left out."""
        from mlflow.entities import Metric

        named = [point._replace(name=stored_name(point.name)) for point in points]
        new = [Metric(name, value, when, step) for name, value, step, when in named
               if step not in self._there.get(name, ())]  # fmt: skip
        if new:
            with answering(self.store.tracking):
                self.store.log_batch(self.id, new)

    def end(self, ended: str, files: Sequence[Path] = (), note: str = "", error: str = "") -> None:
        """A session is over, as one of ``STATUS``: its files to the top, a note in Markdown, and the status last."""
        try:
            with answering(self.store.tracking):
                self.store.log_batch(self.id, tags={_ENDED: ended} | ({_ERROR: error[:5000]} if error else {}))
            if note:
                self.store.describe(self.id, note, {})
            self.store.log_files(self.id, {"": files})
        finally:
            self.store.finish(self.id, STATUS[ended])
