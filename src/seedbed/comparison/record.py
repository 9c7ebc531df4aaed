"""A study as its parent run remembers it: its cells under its own names, and what its report says beside the scores."""

from collections.abc import Mapping, Sequence
from typing import Any

from seedbed.comparison.plan import Plan, Planned
from seedbed.config.schema import Study
from seedbed.errors import InputError
from seedbed.results import CELL_COLUMNS, IDENTITY_COLUMNS, metric_order

FILE = "study.json"
"""The artifact of a parent run that holds the record."""


def record(study: Study, plan: Plan, context: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a study, JSON-ready. ``context`` is what its report shows besides the cells."""
    return {
        "cells": [identity(planned) for planned in plan.planned],
        "baseline": study.keys.baseline,
        "metric": study.keys.metric,
        "context": context,
    }


def identity(planned: Planned) -> dict[str, Any]:
    """The columns of ``results.csv`` that say which cell it is, under the names of this study."""
    return {column: getattr(planned.cell, column) for column in IDENTITY_COLUMNS}


def results_table(cells: Sequence[Mapping[str, Any]], rows: Mapping[str, Mapping[str, Any]]) -> Any:
    """A DataFrame with a row a cell, under the names in ``cells``; metrics as far as there are any.

    ``rows``: fingerprint to what the store holds of the cell; a cell without a row is ``missing``.
    """
    import pandas as pd

    frame = pd.DataFrame([{**rows.get(cell["cell"], {"status": "missing"}), **cell} for cell in cells])
    metrics = [column for column in frame.columns if column not in CELL_COLUMNS]
    return frame.reindex(columns=[*CELL_COLUMNS, *sorted(metrics, key=metric_order)])


def joined(cells: Sequence[Mapping[str, Any]], where: str) -> list[dict[str, Any]]:
    """The cells of several runs of one name as one study, each once.

    Jobs that differ in ``seed`` number their replicates alike: then a replicate is numbered by its data seed. Cells
    that are still alike in arm, size and replicate, but not in what they are, cannot be told apart: InputError.
    """
    unique = list({(cell["arm"], cell["cell"]): dict(cell) for cell in cells}.values())
    if _repeated(unique):
        unique = [cell | {"replicate": cell["data_seed"]} for cell in unique]
    if twice := _repeated(unique):
        arm, n_train, replicate = twice
        raise InputError(
            f"{where}: arm {arm}, n_train {n_train}, replicate {replicate} was trained with different settings under "
            "this name; name one run with comparison=RUN_ID, or give the arms names of their own"
        )
    return unique


def _repeated(cells: Sequence[Mapping[str, Any]]) -> tuple[Any, ...] | None:
    seen = set()
    for cell in cells:
        key = (cell["arm"], cell["n_train"], cell["replicate"])
        if key in seen:
            return key
        seen.add(key)
    return None
