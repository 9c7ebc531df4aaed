"""Convert a cell and its outcome to tags, params and metrics, and back to a row. Does not use MLflow."""

import io
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seedbed.cells import (
    CELL_COLUMNS,
    IDENTITY_COLUMNS,
    INTEGER_COLUMNS,
    MEASURES,
    Cell,
    Outcome,
    Prediction,
    Row,
    Status,
)
from seedbed.label_sets import to_json
from seedbed.saved_models.folder import FOLDER, MANIFEST
from seedbed.tracking.names import LONGEST_NAME, name_of_stored, stored_name
from seedbed.tracking.params import stored_params
from seedbed.tracking.runs import LoggedMetric, NewModel, NewRun

if TYPE_CHECKING:
    from numpy.typing import NDArray

HISTORY = "epoch/"
"""Prefix of the metrics of epochs, because a final ``validation/f1`` is not that of the last epoch."""

TO_MLFLOW: Mapping[Status, str] = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
FROM_MLFLOW = {status: name for name, status in TO_MLFLOW.items()}

_LARGEST = 2**63 - 1
_NO_MODEL_NAME = re.compile(r"[/:.%\"']")
"""Characters that MLflow refuses in the name of a logged model."""
_LONGEST_ERROR = 5_000


def run_name(cell: Cell) -> str:
    """Return the name of a cell's run."""
    end = f" n={cell.n_train} r={cell.replicate}"
    return cell.arm[: LONGEST_NAME - len(end)] + end


def cell_tags(cell: Cell, outcome: Outcome) -> dict[str, str]:
    """Return ``seedbed.FIELD`` for each field of the cell, and the error of a failed one."""
    tags = {f"seedbed.{name}": str(getattr(cell, name)) for name in IDENTITY_COLUMNS}
    return tags | ({"seedbed.error": outcome.error[:_LONGEST_ERROR]} if outcome.error else {})


def cell_params(cell: Cell) -> dict[str, str]:
    """Return the settings of the arm, and the fields to filter and group by."""
    identity = {name: str(getattr(cell, name)) for name in IDENTITY_COLUMNS if name not in {"draw", "cell", "data"}}
    return stored_params(dict(cell.settings) | identity)


def cell_metrics(outcome: Outcome) -> list[tuple[str, float, int]]:
    """Return (key, value, step) of the history, epochs counted from 1, and of the final metrics at step 0."""
    final = dict(outcome.metrics) | {name: getattr(outcome, name) for name in MEASURES}
    final = {name: value for name, value in final.items() if name not in MEASURES or not math.isnan(value)}
    history = [
        (stored_name(HISTORY + name), float(value), epoch)
        for name, values in outcome.history.items()
        for epoch, value in enumerate(values, 1)
    ]
    return history + [(stored_name(name), float(value), 0) for name, value in final.items()]


def new_run(cell: Cell, outcome: Outcome, parent: str | None, tags: Mapping[str, str], end: int) -> NewRun:
    """Return the run of a cell that is written at ``end``, milliseconds since 1970, with ``tags`` besides its own."""
    start = end - round(1000 * outcome.seconds)
    epochs = max(map(len, outcome.history.values()), default=1)
    parents = {"mlflow.parentRunId": parent} if parent else {}
    metrics: list[LoggedMetric] = [
        (key, value, start + (end - start) * step // epochs if step else end, step)
        for key, value, step in cell_metrics(outcome)
    ]
    all_tags = dict(tags) | cell_tags(cell, outcome) | {"seedbed.kind": "cell"} | parents
    model = _model(cell, metrics) if f"{FOLDER}/{MANIFEST}" in outcome.files else None
    return NewRun(
        run_name(cell), TO_MLFLOW[outcome.status], start, end, all_tags, cell_params(cell), metrics, model=model
    )


def _model(cell: Cell, metrics: Iterable[LoggedMetric]) -> NewModel:
    """Return the logged model of a cell, whose files are among the artifacts of its run."""
    final = [metric for metric in metrics if not metric[0].startswith(HISTORY) and not math.isnan(metric[1])]
    tags = {"seedbed.files": f"artifacts/{FOLDER} of the source run"}
    tags |= {f"seedbed.{name}": str(getattr(cell, name)) for name in ("arm", "dataset", "n_train", "replicate")}
    return NewModel(_NO_MODEL_NAME.sub("_", cell.arm)[:LONGEST_NAME], tags, final)


def prediction_lines(predictions: Iterable[Prediction]) -> bytes:
    """Return one JSON object per line: ``id``, ``gold``, ``predicted``, and ``probabilities`` where there are any."""
    lines = []
    for prediction in predictions:
        gold, predicted = map(to_json, prediction[1:3])
        line: dict[str, object] = {"id": prediction.id, "gold": gold, "predicted": predicted}
        if prediction.probabilities is not None:
            line["probabilities"] = [float(value) for value in prediction.probabilities]
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def arrays_file(arrays: "Mapping[str, NDArray[Any]]") -> bytes:
    """Return arrays of numbers and texts as a compressed ``.npz`` file that loads without pickle."""
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def row_of_run(tags: Mapping[str, str], metrics: Mapping[str, float], status: str, run: str = "") -> Row | None:
    """Return the columns of ``results.csv`` from a run of MLflow; None for a run that is not a complete cell.

    Also None for runs of other tools that use the same tags. An infinite metric, which a database stores as the largest
    float, is infinite again; a metric named like a column of a cell is left out.
    """
    row: Row = {name: tags.get(f"seedbed.{name}") for name in IDENTITY_COLUMNS}
    row |= {"data": row["data"] or "", "setting": row["setting"] or "default"}  # cells of older versions lack them
    if None in row.values():
        return None
    try:
        row |= {name: int(row[name]) for name in INTEGER_COLUMNS}
    except ValueError:
        return None
    if any(abs(row[name]) > _LARGEST for name in INTEGER_COLUMNS):
        return None
    row["status"] = FROM_MLFLOW.get(status, "interrupted")
    return row | {"run": run, "error": tags.get("seedbed.error", "")} | scores_of_run(metrics)


def scores_of_run(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the measures of a cell, NaN where there are none, and its final metrics."""
    values = {name_of_stored(key): _unclipped(value) for key, value in metrics.items()}
    final = {name: value for name, value in values.items() if not name.startswith(HISTORY) and name not in CELL_COLUMNS}
    return {name: values.get(name, math.nan) for name in MEASURES} | final


def _unclipped(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else value
