"""The artifacts of the runs of a store, local or remote."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.readable import parse_json
from seedbed.tracking.artifact_location import ArtifactLocation, local_path
from seedbed.tracking.failures import store_errors
from seedbed.tracking.run_artifacts import Json, RunArtifacts
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import SqliteReader

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun


class ArtifactStore:
    """The part of a `Store` that writes and reads artifacts, by the id of their run.

    ``location``: where the files of its runs are, if that is known without asking a server.
    """

    def __init__(
        self,
        tracking: Tracking,
        client: "MlflowClient",
        experiment_id: str,
        location: ArtifactLocation | None,
        reader: SqliteReader | None,
    ) -> None:
        self.tracking, self.experiment_id, self.location = tracking, experiment_id, location
        self._client, self._reader = client, reader

    def log_files(self, run_id: str, files: Mapping[str, Sequence[Path]]) -> None:
        """Copy files or folders into artifact folders of a run; the folder ``""`` is the top."""
        with store_errors(self.tracking):
            artifacts = self._artifacts_of(run_id)
            for folder, paths in files.items():
                for path in paths:
                    artifacts.copy(path, folder)

    def log_json(self, run_id: str, name: str, value: object) -> None:
        """Write or replace the JSON artifact ``name``, such as ``draws.json``."""
        with store_errors(self.tracking):
            self._artifacts_of(run_id).write_json(name, value)

    def log_bytes(self, run_id: str, name: str, content: bytes) -> None:
        """Write or replace the artifact ``name``."""
        with store_errors(self.tracking):
            self._artifacts_of(run_id).write(name, content)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted, such as one that was written in part."""
        with store_errors(self.tracking):
            self._client.delete_run(run_id)

    def read_json(self, run_id: str, name: str, default: Json = None) -> Json:
        """Return the value of a JSON artifact; ``default`` where the run has none. InputError for an unknown run.

        Also for one that is no JSON.
        """
        content = self.read_bytes(run_id, name)
        return default if content is None else parse_json(content, f"{name} of run {run_id}")

    def read_bytes(self, run_id: str, name: str) -> bytes | None:
        """Return the content of an artifact, or None where the run has none. InputError for an unknown run."""
        with store_errors(self.tracking):
            return self._artifacts_of(run_id).read(name)

    def run_of_model(self, model: str) -> str | None:
        """Return the run of a logged model by its id, ``m-...``; None where there is none, or no such model."""
        found = self._reader.run_of_model(model) if self._reader else None
        if found is not None:
            return found
        from mlflow.exceptions import MlflowException

        with store_errors(self.tracking):
            try:
                return self._client.get_logged_model(model).source_run_id
            except MlflowException as error:
                if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "ENDPOINT_NOT_FOUND"):
                    raise
                return None

    def missing_files(self, run_id: str) -> str:
        """Return a message where the local folder of a run's files does not exist; else an empty text."""
        recorded = self._reader.run_address(run_id) if self._reader else None
        folder = local_path(self._address(*recorded)) if recorded else None
        if folder is None or folder.is_dir():
            return ""
        return (self.location.problem if self.location else "") or f"its files are not in {folder}"

    def artifact_address(self) -> str:
        """Return the address at which the runs of this experiment keep their files."""
        with store_errors(self.tracking):
            return str(self._client.get_experiment(self.experiment_id).artifact_location)

    def relocated_runs(self) -> frozenset[str]:
        """Return the runs whose recorded address is not below that of the experiment."""
        addresses = (self._reader.run_addresses() if self._reader else None) or {}
        root = f"{self.location.address}/" if self.location else ""
        return frozenset(run for run, address in addresses.items() if not (address or "").startswith(root))

    def _artifacts_of(self, run_id: str) -> RunArtifacts:
        """Return the artifacts of a run. Raises what the client raises for one that does not exist."""
        recorded = self._reader.run_address(run_id) if self._reader else None
        if recorded is None:
            return self._artifacts(self._client.get_run(run_id))
        return RunArtifacts(self._address(*recorded), self.tracking.address, self.tracking.patience)

    def _artifacts(self, run: "MlflowRun") -> RunArtifacts:
        address = self._address(run.info.artifact_uri, run.info.experiment_id)
        return RunArtifacts(address, self.tracking.address, self.tracking.patience)

    def _address(self, recorded: str, experiment_id: str) -> str:
        if self.location is None:
            return recorded
        return self.location.run_address(recorded, experiment_id == self.experiment_id)
