"""The files of a run, wherever MLflow keeps them."""

import json
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any


class RunFiles:
    """Write and read artifacts of one ``run`` of the store at ``address``.

    It goes through MLflow's own repository of the place; that of a local folder writes each file whole or not at all.
    """

    def __init__(self, run: Any, address: str) -> None:
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        self._repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=address)

    def copy(self, path: Path, folder: str = "") -> None:
        """Copy a file or a whole folder into an artifact folder, the top if none."""
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
        if name not in {file.path for file in self._repository.list_artifacts(None if parent == "." else parent)}:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return Path(self._repository.download_artifacts(name, folder)).read_bytes()

    def read_json(self, name: str, default: Any = None) -> Any:
        """The value of a JSON artifact; ``default`` where there is none."""
        content = self.read(name)
        return default if content is None else json.loads(content)
