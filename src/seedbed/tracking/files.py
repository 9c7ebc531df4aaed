"""The files of a run, wherever MLflow keeps them."""

import json
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from seedbed.errors import InputError
from seedbed.tracking.clients import failing, repository


class RunFiles:
    """Write and read artifacts of one run, at ``address``, of the store at ``tracking_uri``.

    It goes through MLflow's own repository of the place; that of a local folder writes each file whole or not at all.
    Whatever goes wrong there is an InputError.
    """

    def __init__(self, address: str, tracking_uri: str) -> None:
        self._address = address
        with failing(address):
            self._repository = repository(address, tracking_uri)

    def copy(self, path: Path, folder: str = "") -> None:
        """Copy a file or a whole folder into an artifact folder, the top if none."""
        with failing(self._address):
            if path.is_dir():
                self._repository.log_artifacts(str(path), str(PurePosixPath(folder, path.name)))
            else:
                self._repository.log_artifact(str(path), folder or None)

    def write(self, name: str, content: bytes) -> None:
        """Write the artifact ``name``, such as ``draws.json`` or ``pictures/box.png``, replacing it as a whole."""
        path = PurePosixPath(name)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, path.name)
            file.write_bytes(content)
            self.copy(file, "" if len(path.parts) == 1 else str(path.parent))

    def write_json(self, name: str, value: Any) -> None:
        """Write ``value`` as JSON."""
        self.write(name, json.dumps(value, indent=1, ensure_ascii=False).encode())

    def read(self, name: str) -> bytes | None:
        """The content of an artifact, or None where there is none of that name."""
        parent = str(PurePosixPath(name).parent)
        with failing(self._address), tempfile.TemporaryDirectory() as folder:
            there = self._repository.list_artifacts(None if parent == "." else parent)
            if name not in {file.path for file in there}:
                return None
            return Path(self._repository.download_artifacts(name, folder)).read_bytes()

    def read_json(self, name: str, default: Any = None) -> Any:
        """The value of a JSON artifact; ``default`` where there is none."""
        content = self.read(name)
        return default if content is None else json.loads(content)


def read_file(path: Path) -> bytes | None:
    """The content of an artifact that lies on this machine, None where there is none; else InputError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"tracking store: artifact {path}: cannot be read: {error.strerror or error}") from error
