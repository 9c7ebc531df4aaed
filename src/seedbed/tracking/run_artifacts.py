"""The artifacts of one run, local or remote."""

import json
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from seedbed.errors import InputError
from seedbed.tracking.remote_artifacts import artifact_errors, artifact_repository

Json = Any  # a value read from JSON


class RunArtifacts:
    """Writes and reads artifacts of one run, at ``address``, of the store at ``tracking_uri``.

    Through MLflow's artifact repository, whose local version writes each file completely or not at all. Every failure
    is an InputError.
    """

    def __init__(self, address: str, tracking_uri: str) -> None:
        self._address = address
        with artifact_errors(address):
            self._repository = artifact_repository(address, tracking_uri)

    def copy(self, path: Path, folder: str = "") -> None:
        """Copy a file or a folder into an artifact folder; by default the top."""
        with artifact_errors(self._address):
            if path.is_dir():
                self._repository.log_artifacts(str(path), str(PurePosixPath(folder, path.name)))
            else:
                self._repository.log_artifact(str(path), folder or None)

    def write(self, name: str, content: bytes) -> None:
        """Write or replace the artifact ``name``, such as ``draws.json`` or ``pictures/box.png``."""
        path = PurePosixPath(name)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, path.name)
            file.write_bytes(content)
            self.copy(file, "" if len(path.parts) == 1 else str(path.parent))

    def write_json(self, name: str, value: object) -> None:
        """Write ``value`` as JSON."""
        self.write(name, json.dumps(value, indent=1, ensure_ascii=False).encode())

    def read(self, name: str) -> bytes | None:
        """Return the content of an artifact, or None where there is none of that name."""
        parent = str(PurePosixPath(name).parent)
        with artifact_errors(self._address), tempfile.TemporaryDirectory() as folder:
            files = self._repository.list_artifacts(None if parent == "." else parent)
            if name not in {file.path for file in files}:
                return None
            return Path(self._repository.download_artifacts(name, folder)).read_bytes()

    def read_json(self, name: str, default: Json = None) -> Json:
        """Return the value of a JSON artifact; ``default`` where there is none."""
        content = self.read(name)
        return default if content is None else json.loads(content)


def read_file(path: Path) -> bytes | None:
    """Return the content of a local artifact, or None where it does not exist. InputError where it cannot be read."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"tracking store: artifact {path}: cannot be read: {error.strerror or error}") from error
