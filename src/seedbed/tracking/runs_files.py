"""The files of the runs of a store, wherever they lie."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seedbed.tracking.files import RunFiles, read_file
from seedbed.tracking.kept import KeptCells
from seedbed.tracking.local import LocalRuns
from seedbed.tracking.opening import answering
from seedbed.tracking.places import Place, local_path
from seedbed.tracking.settings import Tracking


class RunsFiles:
    """The part of a `Store` that writes and reads artifacts, by the id of their run."""

    def __init__(
        self, tracking: Tracking, client: Any, experiment_id: str, place: Place | None, local: LocalRuns | None
    ) -> None:
        self.tracking, self.experiment_id, self.place = tracking, experiment_id, place
        self._client, self._local = client, local

    def log_files(self, run_id: str, files: Mapping[str, Sequence[Path]]) -> None:
        """Copy files or folders into artifact folders of a run; the folder ``""`` is the top."""
        with answering(self.tracking):
            kept = self._files(self._client.get_run(run_id))
            for folder, paths in files.items():
                for path in paths:
                    kept.copy(path, folder)

    def log_json(self, run_id: str, name: str, value: Any) -> None:
        """Write ``value`` as the artifact ``name``, such as ``draws.json``, replacing it as a whole."""
        with answering(self.tracking):
            self._files(self._client.get_run(run_id)).write_json(name, value)

    def log_bytes(self, run_id: str, name: str, content: bytes) -> None:
        """Write ``content`` as the artifact ``name``, replacing it as a whole."""
        with answering(self.tracking):
            self._files(self._client.get_run(run_id)).write(name, content)

    def read_json(self, run_id: str, name: str, default: Any = None) -> Any:
        """The value of a JSON artifact; ``default`` where the run has none. InputError where there is no such run."""
        content = self.read_bytes(run_id, name)
        return default if content is None else json.loads(content)

    def read_bytes(self, run_id: str, name: str) -> bytes | None:
        """The content of an artifact, or None where the run has none of that name. InputError where there is no run."""
        with answering(self.tracking):
            found = self._local.address_of(run_id) if self._local else None
            if found is None:
                return self._files(self._client.get_run(run_id)).read(name)
            address = self._address(*found)
            folder = local_path(address)
            if folder is None:
                return RunFiles(address, self.tracking.address).read(name)
            return read_file(folder / name)

    def without_files(self, run_id: str) -> str:
        """A line on where the files of a run were expected, where there is no folder of them; else empty."""
        found = self._local.address_of(run_id) if self._local else None
        folder = local_path(self._address(*found)) if found else None
        if folder is None or folder.is_dir():
            return ""
        return (self.place.lost if self.place else "") or f"its files are not in {folder}"

    def kept(self) -> KeptCells:
        """What is kept of cells beside their scores, by their column ``run``."""
        return KeptCells(self)

    def artifact_location(self) -> str:
        """Where the store says that the runs of this experiment keep their files."""
        with answering(self.tracking):
            return self._client.get_experiment(self.experiment_id).artifact_location

    def elsewhere(self) -> frozenset[str]:
        """The runs whose files the database has at another place than the experiment's."""
        found = (self._local.addresses() if self._local else None) or {}
        root = f"{self.place.address}/" if self.place else ""
        return frozenset(run for run, address in found.items() if not (address or "").startswith(root))

    def _files(self, run: Any) -> RunFiles:
        return RunFiles(self._address(run.info.artifact_uri, run.info.experiment_id), self.tracking.address)

    def _address(self, recorded: str, experiment_id: str) -> str:
        return self.place.of_run(recorded, experiment_id == self.experiment_id) if self.place else recorded
