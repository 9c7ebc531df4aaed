"""What the store keeps of trained cells beside their scores: predictions, history, other files."""

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError, one_line
from seedbed.results import Prediction
from seedbed.tracking.files import RunFiles
from seedbed.tracking.opening import answering
from seedbed.tracking.prediction_lines import PredictionLines
from seedbed.tracking.settings import Tracking

PREDICTIONS, EPOCHS = "predictions.jsonl", "epochs.json"
"""Artifacts of a cell's run: a line a test example; the history, ``{name: [value an epoch]}``."""
UI_ADDRESS = "http://127.0.0.1:5000"
"""Where ``mlflow ui`` answers unless told otherwise."""


class KeptCells:
    """Reads artifacts of cells of a store; see `seedbed.results.Kept`. Files in a local folder are read directly."""

    def __init__(self, tracking: Tracking, client: Any, experiment_id: str, root: str | None = None) -> None:
        self._tracking, self._client, self._experiment_id = tracking, client, experiment_id
        self._root = None if root is None else local_path(root)
        self._asked = root is not None
        self._lines = PredictionLines()

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """What the cell said of its test examples, without probabilities; empty where none were kept.

        InputError where they are damaged.
        """
        return self._lines.predictions(self.read(run, PREDICTIONS) or b"", f"{PREDICTIONS} of run {run}")

    def probabilities(self, run: str, places: Sequence[int]) -> list[tuple[float, ...] | None]:
        """Those of the classes, of the cell's predictions at these places; None where none were kept.

        InputError where they are damaged.
        """
        return self._lines.probabilities(self.read(run, PREDICTIONS) or b"", places, f"{PREDICTIONS} of run {run}")

    def history(self, run: str) -> dict[str, tuple[float, ...]]:
        """One value an epoch for each name; empty where none was kept. InputError where it is damaged."""
        content = self.read(run, EPOCHS)
        if content is None:
            return {}
        try:
            return {name: tuple(map(_number, values)) for name, values in json.loads(content).items()}
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise InputError(f"{EPOCHS} of run {run}: not as it was written: {one_line(error)}") from error

    def read(self, run: str, name: str) -> bytes | None:
        """The content of an artifact, or None where the run has none of that name."""
        if not run:
            return None
        folder = self._folder(run)
        if folder is not None:
            with suppress(FileNotFoundError, NotADirectoryError), open(f"{folder}/{name}", "rb") as file:
                return file.read()
            return None
        with answering(self._tracking):
            return RunFiles(self._client.get_run(run), self._tracking.address).read(name)

    def address(self, run: str) -> str:
        """Where a browser shows the run: on the server, or on ``mlflow ui`` of this machine."""
        return f"{self._host}/#/experiments/{self._experiment_id}/runs/{run}" if run else ""

    @cached_property
    def _host(self) -> str:
        address = self._tracking.shown_address
        return address.rstrip("/") if address.startswith("http") else UI_ADDRESS

    def _folder(self, run: str) -> Path | None:
        """The folder of a run's artifacts where they lie on this machine.

        MLflow puts them at ``ROOT/RUN_ID/artifacts`` of the experiment's root: one question for all runs.
        """
        if not self._asked:
            with answering(self._tracking):
                self._root = local_path(self._client.get_experiment(self._experiment_id).artifact_location)
            self._asked = True
        return None if self._root is None else self._root / run / "artifacts"


def local_path(uri: str) -> Path | None:
    """The folder that an address of artifacts names, None where that is not on this machine."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if not parts.scheme else None


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)
