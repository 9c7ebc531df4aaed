"""The artifacts of one run, local or remote."""

import json
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from seedbed.errors import InputError
from seedbed.files import replace_file
from seedbed.readable import exists, parse_json, read_bytes
from seedbed.tracking.artifact_location import local_path
from seedbed.tracking.mlflow_import import import_mlflow
from seedbed.tracking.remote_artifacts import artifact_errors, artifact_repository
from seedbed.tracking.retrying import repeated

Json = Any  # a value read from JSON


class RunArtifacts:
    """Writes and reads artifacts of one run, at ``address``, of the store at ``tracking_uri``.

    Those on this machine directly, each file whole or not at all; elsewhere through MLflow's artifact repository, which
    is asked again for ``patience`` seconds where it does not answer. Every failure is an InputError.
    """

    def __init__(self, address: str, tracking_uri: str, patience: float = 0.0) -> None:
        self._address, self._patience = address, patience
        self._folder = local_path(address)
        if self._folder is None:
            with artifact_errors(address):
                self._repository = artifact_repository(address, tracking_uri)

    def copy(self, path: Path, folder: str = "") -> None:
        """Copy a file or a folder into an artifact folder; by default the top."""
        with artifact_errors(self._address):
            if self._folder is not None:
                for file in [one for one in sorted(path.rglob("*")) if one.is_file()] if path.is_dir() else [path]:
                    replace_file(self._folder / folder / file.relative_to(path.parent), file.read_bytes())
            else:
                repeated(lambda: self._copy(path, folder), self._patience)

    def _copy(self, path: Path, folder: str) -> None:
        if path.is_dir():
            self._repository.log_artifacts(str(path), str(PurePosixPath(folder, path.name)))
        else:
            self._repository.log_artifact(str(path), folder or None)

    def write(self, name: str, content: bytes) -> None:
        """Write or replace the artifact ``name``, such as ``draws.json`` or ``pictures/box.png``."""
        if self._folder is not None:
            with artifact_errors(self._address):
                replace_file(self._folder / name, content)
            return
        path = PurePosixPath(name)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, path.name)
            file.write_bytes(content)
            self.copy(file, "" if len(path.parts) == 1 else str(path.parent))

    def write_json(self, name: str, value: object) -> None:
        """Write ``value`` as JSON."""
        self.write(name, json_bytes(value))

    def read(self, name: str) -> bytes | None:
        """Return the content of an artifact, or None where there is none of that name."""
        if self._folder is not None:
            return read_file(self._folder / name)
        with artifact_errors(self._address), tempfile.TemporaryDirectory() as folder:
            return repeated(lambda: self._read(name, folder), self._patience)

    def _read(self, name: str, folder: str) -> bytes | None:
        parent = str(PurePosixPath(name).parent)
        files = self._repository.list_artifacts(None if parent == "." else parent)
        if name not in {file.path for file in files}:
            return None
        return Path(self._repository.download_artifacts(name, folder)).read_bytes()

    def read_json(self, name: str, default: Json = None) -> Json:
        """Return the value of a JSON artifact; ``default`` where there is none."""
        content = self.read(name)
        return default if content is None else parse_json(content, f"{self._address}/{name}")

    def delete(self) -> None:
        """Delete all of them, which are not on this machine, where the location lets one."""
        with artifact_errors(self._address):
            self._repository.delete_artifacts()


def run_address(location: str, run: str) -> str:
    """Return the address of the artifacts of a run of the experiment at this location, as MLflow forms it."""
    if local_path(location) is not None:
        return f"{location.removesuffix('/')}/{run}/artifacts"
    import_mlflow()
    from mlflow.utils.uri import append_to_uri_path

    return str(append_to_uri_path(location, run, "artifacts"))


def json_bytes(value: object) -> bytes:
    """Return the content of a JSON artifact."""
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def read_file(path: Path) -> bytes | None:
    """Return the content of a local artifact, or None where it does not exist. InputError where it cannot be read."""
    try:
        return read_bytes(path)
    except InputError as error:
        if not exists(path):
            return None
        raise InputError(f"tracking store: artifact {error}") from error
