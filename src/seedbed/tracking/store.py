"""The store: a comparison is a parent run, a cell a child run, written whole or not counted."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from seedbed.results import IDENTITY_COLUMNS, Cell, Outcome, Status
from seedbed.tracking import records
from seedbed.tracking.database import folder_lock
from seedbed.tracking.kept import EPOCHS, PREDICTIONS
from seedbed.tracking.local import LocalRuns
from seedbed.tracking.opening import answering
from seedbed.tracking.places import Place
from seedbed.tracking.runs import Run
from seedbed.tracking.runs_files import RunsFiles
from seedbed.tracking.search import Search
from seedbed.tracking.settings import Tracking
from seedbed.tracking.storable import summary_name
from seedbed.tracking.ui import ui_command

if TYPE_CHECKING:
    import pandas as pd

_LONGEST_NOTE = 5_000
_CELLS_FILE = "cells.json"
_COMPARISON = {"seedbed.kind": "comparison"}


class Store(RunsFiles):
    """What ``open_store`` gives: write cells, read them back. Every method raises InputError where the store fails.

    ``client`` is an ``MlflowClient`` of ``tracking.address``; runs go into ``experiment_id``. ``place``: where the
    files of its runs lie, if that is known without a server.
    """

    def __init__(self, tracking: Tracking, client: Any, experiment_id: str, place: Place | None = None) -> None:
        local = None if tracking.database is None else LocalRuns(tracking.database, experiment_id)
        super().__init__(tracking, client, experiment_id, place, local)
        self._search = Search(client, experiment_id, self._local)

    # Comparisons

    def start_comparison(self, name: str, study: str, tags: Mapping[str, str], cells: Sequence[str] = ()) -> str:
        """The id of the parent run of the study with this digest: the one there is, running again, or a new one.

        ``cells``: fingerprints that the comparison is made of, also those computed before under other parents; they
        are added to those it had.
        """
        database = self.tracking.database
        opened = {"seedbed.opened": datetime.now(UTC).isoformat(), "seedbed.name": name}
        with answering(self.tracking):
            with folder_lock(database.parent) if database else nullcontext():  # two starts at once share one parent
                found = self._search.runs(_COMPARISON | {"seedbed.study": study}, limit=1)
                run = found[0] if found else self.create_run(name, _COMPARISON | {"seedbed.study": study})
            run_id = run.info.run_id
            with self.failed_unless_done(run_id):
                if found:
                    self._client.update_run(run_id, "RUNNING")
                self.log_batch(run_id, tags=dict(tags) | opened)
                if cells:
                    files = self._files(run)
                    had = files.read_json(_CELLS_FILE, [])
                    files.write_json(_CELLS_FILE, list(dict.fromkeys([*had, *cells])))
        return run_id

    def last_comparison(self) -> str | None:
        """The run id of the comparison that was started last, or None."""
        with answering(self.tracking):
            found = self._search.heads(_COMPARISON)
        return max(found, key=lambda run: run.tags.get("seedbed.opened", "")).id if found else None

    def describe(self, run_id: str, note: str, metrics: Mapping[str, float]) -> None:
        """Give a comparison a note, which MLflow's UI shows first (Markdown), and summary metrics of its own."""
        from mlflow.entities import Metric

        now = time.time_ns() // 1_000_000
        kept = [Metric(summary_name(name), float(value), now, 0) for name, value in metrics.items()]
        with answering(self.tracking):
            self.log_batch(run_id, kept, tags={"mlflow.note.content": note[:_LONGEST_NOTE]})

    def comparisons(self, name: str) -> list[str]:
        """The parent runs of all comparisons of this name."""
        with answering(self.tracking):
            return [run.id for run in self._search.heads(_COMPARISON | {"seedbed.name": name})]

    def name_of(self, run_id: str) -> str:
        """The name that a comparison was started with."""
        with answering(self.tracking):
            found = self._local.name_of(run_id) if self._local else None
            return self._client.get_run(run_id).info.run_name if found is None else found

    def comparison_cells(self, run_id: str) -> list[str]:
        """The fingerprints of all cells of a comparison, wherever they were computed."""
        return self.read_json(run_id, _CELLS_FILE, [])

    def finish(self, run_id: str, status: Status) -> None:
        """Close a comparison as finished, failed or interrupted."""
        with answering(self.tracking):
            self._client.set_terminated(run_id, records.TO_MLFLOW[status])

    @contextmanager
    def failed_unless_done(self, run_id: str, otherwise: Status = "failed") -> Iterator[None]:
        """Whatever is raised here, Ctrl-C too, closes the run: none is left that seems to be running."""
        try:
            yield
        except BaseException:
            with suppress(Exception):
                self._client.set_terminated(run_id, records.TO_MLFLOW[otherwise])
            raise

    # Cells

    def write(self, cell: Cell, outcome: Outcome, parent: str | None, tags: Mapping[str, str]) -> str:
        """Write one cell and return its run id. The status comes last: a cell half written is never finished."""
        end = time.time_ns() // 1_000_000
        start = end - round(1000 * outcome.seconds)
        all_tags = dict(tags) | records.cell_tags(cell, outcome) | {"seedbed.kind": "cell"}
        if parent:
            all_tags["mlflow.parentRunId"] = parent
        with answering(self.tracking):
            run = self.create_run(records.run_name(cell), all_tags, start)
            with self.failed_unless_done(run.info.run_id, "interrupted"):
                self._log_outcome(run, cell, outcome, start, end)
                self._client.set_terminated(run.info.run_id, records.TO_MLFLOW[outcome.status], end)
        return run.info.run_id

    def finished(self, fingerprints: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The row of each of these cells that the store holds as finished, by fingerprint, in the order given."""
        with answering(self.tracking):
            return self._search.cells(fingerprints, {})

    def held(self, fingerprints: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The row of each of these cells by fingerprint: its latest finished run, or else its latest."""
        with answering(self.tracking):
            return self._search.cells(fingerprints, {}, unfinished=True)

    def identities(self, tags: Mapping[str, str]) -> list[dict[str, Any]]:
        """What says which cell it is, of each cell with these tags, finished or not, newest first."""
        with answering(self.tracking):
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
        """Cells as a table: ``results.CELL_COLUMNS`` and then the final metrics; a cell once, its latest finished run.

        Of some ``fingerprints``, of the ``comparison`` with this run id, or of all comparisons named ``study``;
        otherwise every cell. ``tags`` narrows by exact values. ``unfinished`` adds what failed or was interrupted.
        """
        if comparison is not None:
            fingerprints = self.comparison_cells(comparison)
        if study is not None:
            fingerprints = [cell for run in self.comparisons(study) for cell in self.comparison_cells(run)]
        with answering(self.tracking):
            rows = self._search.cells(fingerprints, tags or {}, unfinished)
        return records.table_of_rows(rows.values())

    def everything(self) -> list[Run]:
        """Every run of the experiment, newest first, whoever wrote it: to be narrowed by `seedbed.tracking.query`."""
        with answering(self.tracking):
            return self._search.everything()

    def ui_command(self) -> str:
        """What opens the MLflow UI of this store."""
        return ui_command(self.tracking)

    # MLflow

    def create_run(self, name: str, tags: Mapping[str, str], start: int | None = None) -> Any:
        """A run of any kind; ``start`` in milliseconds. Like ``log_batch``, to be called within ``answering``."""
        return self._client.create_run(self.experiment_id, start_time=start, run_name=name, tags=dict(tags))

    def again(self, run_id: str, unended: bool = False) -> Any | None:
        """The run of this id, of any kind, running again; None where this experiment has none, or it was deleted.

        ``unended``: only one that still counts as running, as a process that was killed leaves it.
        """
        from mlflow.exceptions import MlflowException

        with answering(self.tracking):
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

    def steps(self, run_id: str, metric: str) -> set[int]:
        """The steps at which a run has a metric, by its stored name."""
        with answering(self.tracking):
            return {one.step for one in self._client.get_metric_history(run_id, metric)}

    def _log_outcome(self, run: Any, cell: Cell, outcome: Outcome, start: int, end: int) -> None:
        from mlflow.entities import Metric, Param

        epochs = max(map(len, outcome.history.values()), default=1)
        metrics = [
            Metric(key, value, start + (end - start) * step // epochs if step else end, step)
            for key, value, step in records.cell_metrics(outcome)
        ]
        params = [Param(key, value) for key, value in records.cell_params(cell).items()]
        self.log_batch(run.info.run_id, metrics, params)
        if outcome.history:
            self._files(run).write_json(EPOCHS, outcome.history)
        if self.tracking.predictions and outcome.predictions:
            self._files(run).write(PREDICTIONS, records.prediction_lines(outcome.predictions))
        for name, arrays in outcome.recorded.items():
            self._files(run).write(f"{name}.npz", records.arrays_file(arrays))
        if self.tracking.save_model and outcome.weights:
            self._files(run).write("model/weights.npz", records.arrays_file(outcome.weights))

    def log_batch(
        self, run_id: str, metrics: Sequence = (), params: Sequence = (), tags: Mapping | None = None
    ) -> None:
        """One batch; MLflow's client splits what is over its limits."""
        from mlflow.entities import RunTag

        self._client.log_batch(
            run_id, metrics, params, [RunTag(key, str(value)) for key, value in (tags or {}).items()]
        )
