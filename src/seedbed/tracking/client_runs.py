"""Open, change and close runs through MLflow's client, as `seedbed.tracking.sqlite_writer` does in a sqlite file."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.tracking.data_inputs import LoggedDataset, dataset_inputs
from seedbed.tracking.runs import LoggedMetric, NewModel

if TYPE_CHECKING:
    from mlflow import MlflowClient


EXTERNAL = "mlflow.model.isExternal"
"""MLflow's tag of a logged model without files of its own."""


class ClientRuns:
    """Writes runs of one experiment. Called within ``store_errors``."""

    def __init__(self, client: "MlflowClient", experiment_id: str) -> None:
        self._client = client
        self._experiment_id = experiment_id

    def open(self, name: str, tags: Mapping[str, str]) -> str:
        """Write a run that goes on, and return its id."""
        return str(self._client.create_run(self._experiment_id, run_name=name, tags=dict(tags)).info.run_id)

    def set_status(self, run: str, status: str, end: int | None) -> None:
        """Set MLflow's status of a run, and its end in milliseconds; None keeps that."""
        if end is None:
            self._client.update_run(run, status)
        else:
            self._client.set_terminated(run, status, end)

    def log(self, run: str, metrics: Sequence[LoggedMetric], tags: Mapping[str, str]) -> None:
        """Add metrics to a run, and add or replace tags."""
        from mlflow.entities import Metric, RunTag

        self._client.log_batch(
            run, [Metric(*metric) for metric in metrics], (), [RunTag(key, str(value)) for key, value in tags.items()]
        )

    def log_model(self, run: str, model: NewModel) -> None:
        """Add a logged model to a run as its output; nothing on a server before MLflow 3, which has none.

        It is marked as external: the server chooses where its files would be, and they are those of the run.
        """
        from mlflow.entities import LoggedModelOutput, LoggedModelStatus, Metric
        from mlflow.exceptions import MlflowException

        try:
            made = self._client.create_logged_model(
                self._experiment_id, name=model.name, source_run_id=run, tags={**model.tags, EXTERNAL: "true"}
            )
        except MlflowException as error:
            if error.error_code != "ENDPOINT_NOT_FOUND":
                raise
            return
        self._client.log_outputs(run, [LoggedModelOutput(made.model_id, step=0)])
        self._client.log_batch(run, [Metric(*metric, model_id=made.model_id) for metric in model.metrics])
        self._client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)

    def log_datasets(self, run: str, datasets: Sequence[LoggedDataset]) -> None:
        """Add data sets to a run; those that it has stay as they are."""
        self._client.log_inputs(run, dataset_inputs(datasets))
