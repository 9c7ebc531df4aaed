"""The store: a comparison is a parent run, a cell a child run, which counts only when completely written."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from seedbed.cells import IDENTITY_COLUMNS, Cell, Outcome, Row, Status, cells_table
from seedbed.tracking import records
from seedbed.tracking.artifact_location import ArtifactLocation
from seedbed.tracking.artifact_store import ArtifactStore
from seedbed.tracking.cell_artifacts import EPOCHS, PREDICTIONS, StoredArtifacts
from seedbed.tracking.database import folder_lock
from seedbed.tracking.failures import store_errors
from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.runs import Run
from seedbed.tracking.search import Search
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import SqliteReader
from seedbed.tracking.store_limits import summary_name
from seedbed.tracking.ui import ui_command

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param
    from mlflow.entities import Run as MlflowRun

_LONGEST_NOTE = 5_000
_CELLS_FILE = "cells.json"
_COMPARISON = {"seedbed.kind": "comparison"}


class Store(ArtifactStore):
    """Writes cells and reads them back. Every method raises InputError where the store fails.

    ``client``: an ``MlflowClient`` of ``tracking.address``; runs go into ``experiment_id``.
    """

    def __init__(
        self,
        tracking: Tracking,
        client: "MlflowClient",
        experiment_id: str,
        location: ArtifactLocation | None = None,
    ) -> None:
        reader = None if tracking.database is None else SqliteReader(tracking.database, experiment_id)
        super().__init__(tracking, client, experiment_id, location, reader)
        self._search = Search(client, experiment_id, reader)

    # Comparisons

    def start_comparison(self, name: str, study: str, tags: Mapping[str, str], cells: Sequence[str] = ()) -> str:
        """Return the id of the parent run of the study with this digest: the existing one, restarted, or a new one.

        ``cells``: fingerprints of the comparison, including those computed before under other parents; they are added
        to those it had.
        """
        database = self.tracking.database
        opened = {"seedbed.opened": datetime.now(UTC).isoformat(), "seedbed.name": name}
        with store_errors(self.tracking):
            with folder_lock(database.parent) if database else nullcontext():  # two starts at once share one parent
                existing = self._search.mlflow_runs(_COMPARISON | {"seedbed.study": study}, limit=1)
                run = existing[0] if existing else self.create_run(name, _COMPARISON | {"seedbed.study": study})
            run_id = str(run.info.run_id)
            with self.closing_on_error(run_id):
                if existing:
                    self._client.update_run(run_id, "RUNNING")
                self.log_batch(run_id, tags=dict(tags) | opened)
                if cells:
                    artifacts = self._artifacts(run)
                    before = artifacts.read_json(_CELLS_FILE, [])
                    artifacts.write_json(_CELLS_FILE, list(dict.fromkeys([*before, *cells])))
        return run_id

    def last_comparison(self) -> str | None:
        """Return the run id of the comparison that was started last, or None."""
        with store_errors(self.tracking):
            runs = self._search.find_runs(_COMPARISON)
        return max(runs, key=lambda run: run.tags.get("seedbed.opened", "")).id if runs else None

    def describe(self, run_id: str, note: str, metrics: Mapping[str, float]) -> None:
        """Log a note of a comparison (Markdown), which MLflow's UI shows first, and its summary metrics."""
        self.log_metrics(run_id, metrics, {"mlflow.note.content": note[:_LONGEST_NOTE]})

    def log_metrics(self, run_id: str, metrics: Mapping[str, float], tags: Mapping[str, str] | None = None) -> None:
        """Log metrics, and perhaps tags, of a comparison."""
        from mlflow.entities import Metric

        now = time.time_ns() // 1_000_000
        logged = [Metric(summary_name(name), float(value), now, 0) for name, value in metrics.items()]
        with store_errors(self.tracking):
            self.log_batch(run_id, logged, tags=tags)

    def comparisons(self, name: str) -> list[str]:
        """Return the parent runs of all comparisons of this name."""
        with store_errors(self.tracking):
            return [run.id for run in self._search.find_runs(_COMPARISON | {"seedbed.name": name})]

    def tagged_comparisons(self, tag: str) -> list[Run]:
        """Return the parent runs of all comparisons that have this tag, whatever its value."""
        with store_errors(self.tracking):
            return [run for run in self._search.find_runs(_COMPARISON) if tag in run.tags]

    def name_of(self, run_id: str) -> str:
        """Return the name that a comparison was started with."""
        with store_errors(self.tracking):
            name = self._reader.run_name(run_id) if self._reader else None
            return str(self._client.get_run(run_id).info.run_name) if name is None else name

    def comparison_cells(self, run_id: str) -> list[str]:
        """Return the fingerprints of all cells of a comparison, including those computed by others."""
        return list(self.read_json(run_id, _CELLS_FILE, []))

    def finish(self, run_id: str, status: Status) -> None:
        """Close a comparison as finished, failed or interrupted."""
        with store_errors(self.tracking):
            self._client.set_terminated(run_id, records.TO_MLFLOW[status])

    @contextmanager
    def closing_on_error(self, run_id: str, otherwise: Status = "failed") -> Iterator[None]:
        """Close the run if anything is raised within, Ctrl-C too, so that it does not seem to be running."""
        try:
            yield
        except BaseException:
            with suppress(Exception), mlflow_environment():
                self._client.set_terminated(run_id, records.TO_MLFLOW[otherwise])
            raise

    # Cells

    def write(self, cell: Cell, outcome: Outcome, parent: str | None, tags: Mapping[str, str]) -> str:
        """Write one cell and return its run id. The status comes last: a partly written cell is never finished."""
        end = time.time_ns() // 1_000_000
        start = end - round(1000 * outcome.seconds)
        all_tags = dict(tags) | records.cell_tags(cell, outcome) | {"seedbed.kind": "cell"}
        if parent:
            all_tags["mlflow.parentRunId"] = parent
        with store_errors(self.tracking):
            run = self.create_run(records.run_name(cell), all_tags, start)
            with self.closing_on_error(run.info.run_id, "interrupted"):
                self._log_outcome(run, cell, outcome, start, end)
                self._client.set_terminated(run.info.run_id, records.TO_MLFLOW[outcome.status], end)
        return str(run.info.run_id)

    def finished(self, fingerprints: Iterable[str]) -> dict[str, Row]:
        """Return the rows of those of these cells that are finished, by fingerprint, in the order given."""
        with store_errors(self.tracking):
            return self._search.cells(fingerprints, {})

    def latest(self, fingerprints: Iterable[str]) -> dict[str, Row]:
        """Return the rows of these cells by fingerprint: the latest finished run of each, else the latest run."""
        with store_errors(self.tracking):
            return self._search.cells(fingerprints, {}, unfinished=True)

    def identities(self, tags: Mapping[str, str]) -> list[Row]:
        """Return the identity columns of each cell with these tags, finished or not, newest first."""
        with store_errors(self.tracking):
            rows = self._search.identities(tags).values()
        return [{name: row[name] for name in IDENTITY_COLUMNS} for row in rows]

    def table(
        self,
        *,
        fingerprints: Iterable[str] | None = None,
        comparison: str | None = None,
        study: str | None = None,
        tags: Mapping[str, str] | None = None,
        unfinished: bool = False,
    ) -> "pd.DataFrame":
        """Return cells as a table of ``results.CELL_COLUMNS`` and the final metrics: the latest finished run of each.

        Of some ``fingerprints``, of the ``comparison`` with this run id, or of all comparisons named ``study``;
        otherwise every cell. ``tags`` filters by exact values. ``unfinished`` adds failed and interrupted cells.
        """
        if comparison is not None:
            fingerprints = self.comparison_cells(comparison)
        if study is not None:
            fingerprints = [cell for run in self.comparisons(study) for cell in self.comparison_cells(run)]
        with store_errors(self.tracking):
            rows = self._search.cells(fingerprints, tags or {}, unfinished)
        return cells_table(rows.values())

    def find_runs(self, tags: Mapping[str, str]) -> list[Run]:
        """Return all runs with exactly these tags, newest first; they may lack metrics."""
        with store_errors(self.tracking):
            return self._search.find_runs(tags)

    def all_runs(self) -> list[Run]:
        """Return every run of the experiment, newest first, whoever wrote it; see `seedbed.tracking.query`."""
        with store_errors(self.tracking):
            return self._search.all_runs()

    def ui_command(self) -> str:
        """Return the command that opens the MLflow UI of this store."""
        return ui_command(self.tracking)

    def cell_artifacts(self) -> StoredArtifacts:
        """Return the reader of the cells' artifacts, by their column ``run``."""
        return StoredArtifacts(self)

    # MLflow

    def create_run(self, name: str, tags: Mapping[str, str], start: int | None = None) -> "MlflowRun":
        """Create a run of any kind; ``start`` in milliseconds. Like ``log_batch``, called within ``store_errors``."""
        return self._client.create_run(self.experiment_id, start_time=start, run_name=name, tags=dict(tags))

    def resume_run(self, run_id: str, unended: bool = False) -> "MlflowRun | None":
        """Restart the run of this id, of any kind; None where this experiment has none, or it was deleted.

        ``unended``: only a run that is still marked as running, as a killed process leaves it.
        """
        from mlflow.exceptions import MlflowException

        with store_errors(self.tracking):
            try:
                run = self._client.get_run(run_id)
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
                return None
            if run.info.experiment_id != self.experiment_id or run.info.lifecycle_stage != "active":
                return None
            if unended and run.info.status != "RUNNING":
                return None
            self._client.update_run(run_id, "RUNNING")
        return run

    def steps(self, run_id: str, metric_name: str) -> set[int]:
        """Return the steps at which a run has a metric, by its stored name."""
        with store_errors(self.tracking):
            return {metric.step for metric in self._client.get_metric_history(run_id, metric_name)}

    def _log_outcome(self, run: "MlflowRun", cell: Cell, outcome: Outcome, start: int, end: int) -> None:
        from mlflow.entities import Metric, Param

        epochs = max(map(len, outcome.history.values()), default=1)
        metrics = [
            Metric(key, value, start + (end - start) * step // epochs if step else end, step)
            for key, value, step in records.cell_metrics(outcome)
        ]
        params = [Param(key, value) for key, value in records.cell_params(cell).items()]
        self.log_batch(run.info.run_id, metrics, params)
        if outcome.history:
            self._artifacts(run).write_json(EPOCHS, outcome.history)
        if self.tracking.predictions and outcome.predictions:
            self._artifacts(run).write(PREDICTIONS, records.prediction_lines(outcome.predictions))
        for name, arrays in outcome.recorded.items():
            self._artifacts(run).write(f"{name}.npz", records.arrays_file(arrays))
        for name, content in outcome.files.items():
            self._artifacts(run).write(name, content)
        if self.tracking.save_model and outcome.weights:
            self._artifacts(run).write("model/weights.npz", records.arrays_file(outcome.weights))

    def log_batch(
        self,
        run_id: str,
        metrics: "Sequence[Metric]" = (),
        params: "Sequence[Param]" = (),
        tags: Mapping[str, object] | None = None,
    ) -> None:
        """Log one batch; MLflow's client splits it where it exceeds the limits."""
        from mlflow.entities import RunTag

        self._client.log_batch(
            run_id, metrics, params, [RunTag(key, str(value)) for key, value in (tags or {}).items()]
        )
