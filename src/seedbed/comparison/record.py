"""A study as its parent run remembers it: its cells under its own names, and what its report says beside the scores."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seedbed.comparison.plan import Plan, Planned
from seedbed.config.schema import ARM_GROUPS, Study
from seedbed.errors import InputError
from seedbed.results import CELL_COLUMNS, IDENTITY_COLUMNS, Finding, metric_order

FILE = "study.json"
"""The artifact of a parent run that holds the record."""


def record(study: Study, plan: Plan, context: Mapping[str, Any], findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """The record of a study, JSON-ready. ``context`` and ``findings`` are what its report shows besides the cells."""
    return {
        "cells": [identity(planned) for planned in plan.planned],
        "baseline": study.keys.baseline,
        "metric": study.keys.metric,
        "context": context,
        "findings": [asdict(one) for one in findings],
        "published": _published(study),
        "settings": settings_of(study),
    }


def settings_of(study: Study) -> dict[str, dict[str, str]]:
    """By arm, what was chosen in its groups, and their settings, with the names and places of what is read."""
    return {
        arm.name: {group: arm.choices[group] for group in ARM_GROUPS} | dict(arm.settings) | arm.places
        for arm in study.arms
    }


def findings_of(record: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What the linter found before training; nothing in the records of versions without it."""
    return tuple(Finding(**one) for one in record.get("findings", ()))


def _published(study: Study) -> dict[str, Any] | None:
    """The table of published scores as it was when the study ran, and what a verdict needs besides."""
    if study.published is None:
        return None
    protocol = study.keys.protocol or ""
    return {"table": asdict(study.published), "protocol": protocol, "departures": study.departures}


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

    Jobs that differ in ``seed`` number their replicates alike: then a replicate is numbered by its data seed, or where
    seeds are crossed, and a data seed has several initialisations, by the place of its pair of seeds. Cells that are
    still alike in data set, arm, size and replicate, but not in what they are, cannot be told apart: InputError.
    """
    unique = list({(cell["arm"], cell["cell"]): dict(cell) for cell in cells}.values())
    if repeated(unique):
        unique = numbered_by_seed(unique)
    if twice := repeated(unique):
        _, arm, n_train, replicate = twice
        raise InputError(
            f"{where}: arm {arm}, n_train {n_train}, replicate {replicate} was trained with different settings under "
            "this name; name one run with comparison=RUN_ID, or give the arms names of their own"
        )
    return unique


def numbered_by_seed(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The cells with replicates numbered by data seed, or where seeds are crossed by the place of their pair."""
    pairs = sorted({(cell["data_seed"], cell["init_seed"]) for cell in cells})
    crossed = len({data_seed for data_seed, _ in pairs}) < len(pairs)
    numbers = {pair: number if crossed else pair[0] for number, pair in enumerate(pairs)}
    return [dict(cell) | {"replicate": numbers[cell["data_seed"], cell["init_seed"]]} for cell in cells]


def repeated(cells: Sequence[Mapping[str, Any]]) -> tuple[Any, ...] | None:
    """The first (data set, arm, n_train, replicate) that two cells of the same data have, or None."""
    seen = set()
    for cell in cells:
        key = (cell["dataset"], cell["arm"], cell["n_train"], cell["replicate"], cell.get("data", ""))
        if key in seen:
            return key[:4]
        seen.add(key)
    return None
