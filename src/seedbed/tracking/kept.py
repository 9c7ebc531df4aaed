"""What the store keeps of trained cells beside their scores: predictions, history, other files."""

import json
import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError, one_line
from seedbed.results import Prediction
from seedbed.tracking.files import RunFiles
from seedbed.tracking.opening import answering
from seedbed.tracking.settings import Tracking

PREDICTIONS, EPOCHS = "predictions.jsonl", "epochs.json"
"""Artifacts of a cell's run: a line a test example; the history, ``{name: [value an epoch]}``."""
MOST_KNOWN = 100_000
"""Lines of predictions that are remembered."""
UI_ADDRESS = "http://127.0.0.1:5000"
"""Where ``mlflow ui`` answers unless told otherwise."""


class KeptCells:
    """Reads artifacts of cells of a store; see `seedbed.results.Kept`. Files in a local folder are read directly."""

    def __init__(self, tracking: Tracking, client: Any, experiment_id: str, root: str | None = None) -> None:
        self._tracking, self._client, self._experiment_id = tracking, client, experiment_id
        self._root = None if root is None else local_path(root)
        self._asked = root is not None
        self._known: dict[bytes, Prediction] = {}

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """What the cell said of its test examples; empty where none were kept. InputError where they are damaged."""
        lines = [line for line in (self.read(run, PREDICTIONS) or b"").split(b"\n") if line.strip()]
        new = [line for line in dict.fromkeys(lines) if line not in self._known]
        try:
            # All at once: the decoder takes longer to start than to read a line.
            read = dict(zip(new, map(_prediction, json.loads(b"[" + b",".join(new) + b"]")), strict=True))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(f"{PREDICTIONS} of run {run}: not as it was written: {one_line(error)}") from error
        found = tuple(read[line] if line in read else self._known[line] for line in lines)
        if len(self._known) < MOST_KNOWN:  # cells that agree have the same lines: those are read once
            self._known |= {line: one for line, one in read.items() if one.probabilities is None}
        return found

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
        address = self._tracking.shown_address
        host = address.rstrip("/") if address.startswith("http") else UI_ADDRESS
        return f"{host}/#/experiments/{self._experiment_id}/runs/{run}" if run else ""

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


def _prediction(line: dict[str, Any]) -> Prediction:
    def labels(value: Any) -> Any:
        return value if isinstance(value, str) else tuple(map(sys.intern, value))

    probabilities = line.get("probabilities")
    if probabilities is not None:
        math.fsum(probabilities)  # raises where one is no number
        probabilities = tuple(probabilities)
    return Prediction(sys.intern(line["id"]), labels(line["gold"]), labels(line["predicted"]), probabilities)
