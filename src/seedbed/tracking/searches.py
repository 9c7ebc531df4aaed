"""Runs of searches: the trials of one replicate of an arm, kept while it is searched so that it can go on later."""

import time
from collections.abc import Iterable, Mapping

from seedbed.cells import Cell, Status
from seedbed.tracking import records
from seedbed.tracking.holders import WORKER
from seedbed.tracking.names import stored_name
from seedbed.tracking.store import Store

_KIND = {"seedbed.kind": "search"}
_KEY, _OPENED = "seedbed.search", "seedbed.opened"


class Searches:
    """The runs of searches in a store, by fingerprint. Every method raises InputError where the store fails."""

    def __init__(self, store: Store, file: str) -> None:
        """``file``: the name of the artifact with the trials."""
        self.store, self.file = store, file

    def known(self, fingerprints: Iterable[str]) -> dict[str, tuple[str, bytes]]:
        """Return the id and the content of the file of the latest run of each of these searches that has trials."""
        wanted, runs = set(fingerprints), dict[str, list[tuple[str, str]]]()
        for run in self.store.find_runs(_KIND):
            key, opened = run.tags.get(_KEY, ""), run.tags.get(_OPENED, "")
            if key in wanted and opened:
                runs.setdefault(key, []).append((opened, run.id))
        latest = {key: self._latest_with_trials(opened) for key, opened in runs.items()}
        return {key: found for key, found in latest.items() if found is not None}

    def _latest_with_trials(self, runs: Iterable[tuple[str, str]]) -> tuple[str, bytes] | None:
        """Return id and content of the file of the latest run that has one. ``runs``: when opened, and the id, of each.

        One that was killed before its first trial has none.
        """
        for _, run in sorted(runs, reverse=True):
            if content := self.store.read_bytes(run, self.file):
                return run, content
        return None

    def start(self, fingerprint: str, cell: Cell, parent: str | None, tags: Mapping[str, str]) -> str:
        """Return the id of the run of a new search."""
        own = {f"seedbed.{name}": str(getattr(cell, name)) for name in ("arm", "dataset", "n_train", "replicate")}
        opened = {_KEY: fingerprint, _OPENED: f"{time.time_ns():020d}"}
        parents = {"mlflow.parentRunId": parent} if parent else {}
        return self.store.open_run(f"{records.run_name(cell)} search", dict(tags) | own | opened | parents | _KIND)

    def resume(self, run: str, tags: Mapping[str, str]) -> None:
        """Mark the run of a search as running again, of the worker in these tags."""
        # First the worker: whoever looks for those of dead ones finds this one.
        self.store.log(run, (), {name: tags[name] for name in (WORKER,) if name in tags})
        self.store.resume_run(run)

    def keep(self, run: str, trials: bytes, metric: str, scores: Mapping[int, float]) -> None:
        """Write the file of all trials of a search, and the scores of new ones as values of a metric by number."""
        now = time.time_ns() // 1_000_000
        self.store.log_bytes(run, self.file, trials)
        self.store.log(run, [(stored_name(metric), score, now, n) for n, score in scores.items()])

    def finish(self, run: str, status: Status) -> None:
        """Close the run of a search."""
        self.store.finish(run, status)
