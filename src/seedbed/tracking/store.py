"""The store: a comparison is a parent run, a cell a child run, which counts only when completely written."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from seedbed.cells import IDENTITY_COLUMNS, Cell, Outcome, Row, Status, cells_table
from seedbed.tracking import cell_list, records
from seedbed.tracking.artifact_location import ArtifactLocation
from seedbed.tracking.cell_artifacts import StoredArtifacts
from seedbed.tracking.client_runs import ClientRuns
from seedbed.tracking.data_inputs import LoggedDataset
from seedbed.tracking.database import folder_lock
from seedbed.tracking.failures import store_errors
from seedbed.tracking.group_writing import cell_files, write_at_once
from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.retrying import at_once
from seedbed.tracking.runs import LoggedMetric, NewRun, Run
from seedbed.tracking.search import Search
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import SqliteReader
from seedbed.tracking.sqlite_writer import SqliteWriter
from seedbed.tracking.staged_files import remove_abandoned
from seedbed.tracking.store_limits import summary_name
from seedbed.tracking.stored_states import StoredStates
from seedbed.tracking.ui import ui_command

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param
    from mlflow.entities import Run as MlflowRun

_LONGEST_NOTE = 5_000
_COMPARISON = {"seedbed.kind": "comparison"}


class Store(StoredStates):
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
        self._writer = None if tracking.database is None else SqliteWriter(tracking.database, experiment_id)
        is_known = self._writer and self._writer.artifact_location() is not None
        self._runs = self._writer if self._writer and is_known else ClientRuns(client, experiment_id)
        self._last_end = 0

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
                existing = self._search.newest(_COMPARISON | {"seedbed.study": study})
                run_id = existing or self._runs.open(name, _COMPARISON | {"seedbed.study": study})
            with self.closing_on_error(run_id):
                if existing:
                    self._runs.set_status(run_id, "RUNNING", None)
                self._runs.log(run_id, (), dict(tags) | opened)
                if cells:
                    artifacts = self._artifacts_of(run_id)
                    before = artifacts.read(cell_list.FILE)
                    artifacts.write_json(cell_list.FILE, cell_list.joined(before, run_id, cells))
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
        now = time.time_ns() // 1_000_000
        self.log(run_id, [(summary_name(name), float(value), now, 0) for name, value in metrics.items()], tags)

    def log(self, run_id: str, metrics: Sequence[LoggedMetric], tags: Mapping[str, str] | None = None) -> None:
        """Log metrics under their stored names, and perhaps tags, of a run of any kind."""
        with store_errors(self.tracking):
            self._runs.log(run_id, metrics, tags or {})

    def open_run(self, name: str, tags: Mapping[str, str]) -> str:
        """Create a run of any kind that goes on, and return its id."""
        with store_errors(self.tracking):
            return self._runs.open(name, tags)

    def log_datasets(self, run_id: str, datasets: Sequence[LoggedDataset]) -> None:
        """Log the data sets of a comparison; those that it has already stay as they are."""
        with store_errors(self.tracking):
            self._runs.log_datasets(run_id, datasets)

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
        return cell_list.parsed(self.read_bytes(run_id, cell_list.FILE), run_id)

    def finish(self, run_id: str, status: Status) -> None:
        """Close a comparison as finished, failed or interrupted."""
        with store_errors(self.tracking):
            self._runs.set_status(run_id, records.TO_MLFLOW[status], time.time_ns() // 1_000_000)

    @contextmanager
    def closing_on_error(self, run_id: str, otherwise: Status = "failed") -> Iterator[None]:
        """Close the run if anything is raised within, Ctrl-C too, so that it does not seem to be running."""
        try:
            yield
        except BaseException:
            with suppress(Exception), mlflow_environment(), at_once():
                self._runs.set_status(run_id, records.TO_MLFLOW[otherwise], time.time_ns() // 1_000_000)
            raise

    # Cells

    def write_group(
        self, cells: Sequence[Cell], outcomes: Sequence[Outcome], parent: str | None, tags: Mapping[str, str]
    ) -> list[str]:
        """Write cells that trained together, and return their run ids in order.

        In a sqlite store with the tables of MLflow 3.17 all of them or none; elsewhere one after the other, the status
        last: a partly written cell is never finished.
        """
        if not cells:
            return []
        ends = self._ends(len(cells))
        made = zip(cells, outcomes, ends, strict=True)
        runs = [records.new_run(cell, outcome, parent, tags, end) for cell, outcome, end in made]
        with store_errors(self.tracking):
            recorded = self._writer.artifact_location() if self._writer else None
            if self._writer is None or recorded is None:
                return [self._write_run(run, outcome) for run, outcome in zip(runs, outcomes, strict=True)]
            used = partial(self._address, experiment_id=self.experiment_id)
            write_at_once(self._writer, runs, outcomes, self.tracking, recorded, used)
        return [run.id for run in runs]

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

    def remove_abandoned(self) -> None:
        """Delete files of runs that killed processes did not come to commit; not where others are writing them."""
        folder = self.location.folder if self.location else None
        if self._writer is not None and folder is not None:
            remove_abandoned(folder, self._writer.database, self._writer.known)

    def _ends(self, n: int) -> range:
        """Return the ends of n cells that are written now, in milliseconds; none equals another of this process."""
        last = max(time.time_ns() // 1_000_000, self._last_end + n)
        self._last_end = last
        return range(last - n + 1, last + 1)

    def _write_run(self, run: NewRun, outcome: Outcome) -> str:
        """Write the run of one cell through MLflow's client."""
        from mlflow.entities import Metric, Param

        created = self.create_run(run.name, run.tags, run.start)
        run_id = str(created.info.run_id)
        with self.closing_on_error(run_id, "interrupted"):
            metrics = [Metric(*metric) for metric in run.metrics]
            self.log_batch(run_id, metrics, [Param(key, value) for key, value in run.params.items()])
            if run.model is not None:
                ClientRuns(self._client, self.experiment_id).log_model(run_id, run.model)
            for name, content in cell_files(outcome, self.tracking):
                self._artifacts(created).write(name, content)
            self._client.set_terminated(run_id, run.status, run.end)
        return run_id

    def log_batch(
        self, run_id: str, metrics: "Sequence[Metric]" = (), params: "Sequence[Param]" = (),
        tags: Mapping[str, object] | None = None,
    ) -> None:  # fmt: skip
        """Log one batch; MLflow's client splits it where it exceeds the limits."""
        from mlflow.entities import RunTag

        self._client.log_batch(
            run_id, metrics, params, [RunTag(key, str(value)) for key, value in (tags or {}).items()]
        )
