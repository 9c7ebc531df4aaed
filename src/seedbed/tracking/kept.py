"""What the store keeps of trained cells beside their scores: predictions, history, other files."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from seedbed.results import Prediction
from seedbed.tracking.files import RunFiles
from seedbed.tracking.opening import answering
from seedbed.tracking.settings import Tracking

PREDICTIONS, EPOCHS = "predictions.jsonl", "epochs.json"
"""Artifacts of a cell's run: a line a test example; the history, ``{name: [value an epoch]}``."""
UI_ADDRESS = "http://127.0.0.1:5000"
"""Where ``mlflow ui`` answers unless told otherwise."""


class KeptCells:
    """Reads artifacts of cells of a store; see `seedbed.results.Kept`. Files in a local folder are read directly."""

    def __init__(self, tracking: Tracking, client: Any, experiment_id: str) -> None:
        self._tracking, self._client, self._experiment_id = tracking, client, experiment_id
        self._root: Path | None = None
        self._asked = False

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """What the cell said of its test examples; empty where none were kept."""
        content = self.read(run, PREDICTIONS) or b""
        return tuple(_prediction(json.loads(line)) for line in content.splitlines() if line.strip())

    def history(self, run: str) -> dict[str, tuple[float, ...]]:
        """One value an epoch for each name; empty where none was kept."""
        content = self.read(run, EPOCHS)
        return {} if content is None else {name: tuple(values) for name, values in json.loads(content).items()}

    def read(self, run: str, name: str) -> bytes | None:
        """The content of an artifact, or None where the run has none of that name."""
        if not run:
            return None
        folder = self._folder(run)
        if folder is not None:
            file = folder / name
            return file.read_bytes() if file.is_file() else None
        with answering(self._tracking):
            return RunFiles(self._client.get_run(run), self._tracking.address).read(name)

    def address(self, run: str) -> str:
        """Where a browser shows the run: on the server, or on ``mlflow ui`` of this machine."""
        address = self._tracking.shown_address
        host = address.rstrip("/") if address.startswith("http") else UI_ADDRESS
        return f"{host}/#/experiments/{self._experiment_id}/runs/{run}" if run else ""

    def _folder(self, run: str) -> Path | None:
        """The folder of a run's artifacts where they lie on this machine.

        MLflow puts them at ``ROOT/RUN_ID/artifacts`` of the experiment's root: one question for all runs.
        """
        if not self._asked:
            with answering(self._tracking):
                self._root = _local(self._client.get_experiment(self._experiment_id).artifact_location)
            self._asked = True
        return None if self._root is None else self._root / run / "artifacts"


def _local(uri: str) -> Path | None:
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if not parts.scheme else None


def _prediction(line: dict[str, Any]) -> Prediction:
    def labels(value: Any) -> Any:
        return value if isinstance(value, str) else tuple(value)

    probabilities = line.get("probabilities")
    return Prediction(
        line["id"],
        labels(line["gold"]),
        labels(line["predicted"]),
        None if probabilities is None else tuple(probabilities),
    )
