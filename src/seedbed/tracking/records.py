"""A cell and its outcome as tags, params and metrics, and back as a row. Plain values: no MLflow here."""

import io
import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from seedbed.results import CELL_COLUMNS, IDENTITY_COLUMNS, MEASURES, Cell, Outcome, Prediction, metric_order
from seedbed.tracking.names import LONGEST_NAME, name_of_stored, stored_name
from seedbed.tracking.params import stored_params

if TYPE_CHECKING:
    import pandas as pd

HISTORY = "epoch/"
"""Per-epoch metrics go under this, because a final ``validation/f1`` is not the last epoch's."""

TO_MLFLOW = {"finished": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
FROM_MLFLOW = {theirs: ours for ours, theirs in TO_MLFLOW.items()}

_INTEGERS = tuple(field.name for field in fields(Cell) if field.type is int)
_LARGEST = 2**63 - 1
_LONGEST_ERROR = 5_000


def run_name(cell: Cell) -> str:
    """What people read in a list of runs."""
    end = f" n={cell.n_train} r={cell.replicate}"
    return cell.arm[: LONGEST_NAME - len(end)] + end


def cell_tags(cell: Cell, outcome: Outcome) -> dict[str, str]:
    """``seedbed.FIELD`` for each field of the cell, and the error of a failed one."""
    tags = {f"seedbed.{name}": str(getattr(cell, name)) for name in IDENTITY_COLUMNS}
    return tags | ({"seedbed.error": outcome.error[:_LONGEST_ERROR]} if outcome.error else {})


def cell_params(cell: Cell) -> dict[str, str]:
    """The settings of the arm, and the fields by which people filter and group."""
    named = {name: str(getattr(cell, name)) for name in IDENTITY_COLUMNS if name not in {"draw", "cell", "data"}}
    return stored_params(dict(cell.settings) | named)


def cell_metrics(outcome: Outcome) -> list[tuple[str, float, int]]:
    """(key, value, step) of the history, epochs counted from 1, and of the final metrics at step 0."""
    final = dict(outcome.metrics) | {name: getattr(outcome, name) for name in MEASURES}
    final = {name: value for name, value in final.items() if name not in MEASURES or not math.isnan(value)}
    history = [
        (stored_name(HISTORY + name), float(value), epoch)
        for name, values in outcome.history.items()
        for epoch, value in enumerate(values, 1)
    ]
    return history + [(stored_name(name), float(value), 0) for name, value in final.items()]


def prediction_lines(predictions: Iterable[Prediction]) -> bytes:
    """One JSON object a line: ``id``, ``gold``, ``predicted``, and ``probabilities`` where kept."""
    lines = []
    for one in predictions:
        line = {"id": one.id, "gold": one.gold, "predicted": one.predicted}
        if one.probabilities is not None:
            line["probabilities"] = [float(value) for value in one.probabilities]
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    return "".join(lines).encode()


def arrays_file(arrays: Mapping[str, Any]) -> bytes:
    """Arrays of numbers and texts as a compressed ``.npz`` file, which loads without unpickling anything."""
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def row_of_run(
    tags: Mapping[str, str], metrics: Mapping[str, float], status: str, run: str = ""
) -> dict[str, Any] | None:
    """The columns of ``results.csv`` from what MLflow holds of a run; None for a run that is no whole cell.

    So are runs of other tools that borrowed a tag, with numbers that are none. An infinite metric comes back infinite
    (a database holds the largest float in its place); one named like a column of a cell is left out.
    """
    row: dict[str, Any] = {name: tags.get(f"seedbed.{name}") for name in IDENTITY_COLUMNS}
    row["data"] = row["data"] or ""  # cells of older versions lack it
    if None in row.values():
        return None
    try:
        row |= {name: int(row[name]) for name in _INTEGERS}
    except ValueError:
        return None
    if any(abs(row[name]) > _LARGEST for name in _INTEGERS):
        return None
    row["status"] = FROM_MLFLOW.get(status, "interrupted")
    return row | {"run": run, "error": tags.get("seedbed.error", "")} | scores_of_run(metrics)


def scores_of_run(metrics: Mapping[str, float]) -> dict[str, float]:
    """The measures of a cell, NaN where there are none, and its final metrics."""
    values = {name_of_stored(key): _unclipped(value) for key, value in metrics.items()}
    final = {name: value for name, value in values.items() if not name.startswith(HISTORY) and name not in CELL_COLUMNS}
    return {name: values.get(name, math.nan) for name in MEASURES} | final


def table_of_rows(rows: Iterable[Mapping[str, Any]]) -> "pd.DataFrame":
    """A DataFrame of ``CELL_COLUMNS`` and then every metric; one that a cell lacks is NaN."""
    import pandas as pd

    rows = list(rows)
    metrics = sorted({name for row in rows for name in row if name not in CELL_COLUMNS}, key=metric_order)
    table = pd.DataFrame([dict(row) for row in rows], columns=[*CELL_COLUMNS, *metrics])
    numbers = dict.fromkeys(_INTEGERS, "int64") | dict.fromkeys([*MEASURES, *metrics], "float64")
    return table.astype(numbers)


def _unclipped(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else value
