"""Histories of cells, epoch by epoch: means and bands over the replicates that still train."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.cells import CellArtifacts
from seedbed.errors import InputError
from seedbed.report.analysis.results import finished_groups
from seedbed.report.analysis.scores import SPLITS

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_CELLS = 1_000
"""Histories that are read; of a larger study those of the first replicates."""
BAND = (10.0, 90.0)
"""Percentiles over replicates."""

Histories = dict[str, list[Mapping[str, Sequence[float]]]]
"""By arm: a history a replicate."""


@dataclass(frozen=True)
class EpochCurve:
    """One figure over the epochs, from the first: mean, band and how many replicates they are over, ``[epochs]``.

    It ends where fewer than half of the replicates still train: those left are no fair sample of all.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    training: np.ndarray


def course_of(values: Sequence[Sequence[float]]) -> EpochCurve | None:
    """From one list of values a replicate, shorter where it stopped early; None where there are none.

    A value that is not finite is left out; the course ends before an epoch without any.
    """
    values = [own for own in values if len(own)]
    if not values:
        return None
    epochs = max(map(len, values))
    table = np.full((len(values), epochs), np.nan)
    for row, own in zip(table, values, strict=True):
        row[: len(own)] = own
    table[~np.isfinite(table)] = np.nan
    training = np.array([sum(len(own) > epoch for own in values) for epoch in range(epochs)])
    shown = (2 * training >= len(values)) & ~np.isnan(table).all(axis=0)
    end = epochs if shown.all() else int(np.argmin(shown))
    if not end:
        return None
    table = table[:, :end]
    low, high = np.nanpercentile(table, BAND, axis=0)
    return EpochCurve(np.nanmean(table, axis=0), low, high, training[:end])


def histories_of(analysis: "Analysis", n_train: int) -> Histories:
    """Of each arm's finished cells at a size, as far as they were kept and can be read."""
    kept = analysis.inputs.artifacts
    if kept is None or "run" not in analysis.table.columns:
        return {}
    here = analysis.table[analysis.table["n_train"] == n_train]
    groups = {arm: cells for _, arm, cells in finished_groups(here, analysis.arms)}
    each = MOST_CELLS // max(len(groups), 1)
    found = {}
    for arm, cells in groups.items():
        runs = cells.sort_values("replicate")["run"].dropna().astype(str)[: max(each, 1)]
        read = [history for run in runs if run and (history := _read(kept, run))]
        if read:
            found[arm] = read
    return found


def course(histories: Sequence[Mapping[str, Sequence[float]]], name: str) -> EpochCurve | None:
    """Of one figure, such as ``validation/f1``; None where no replicate has it."""
    return course_of([history[name] for history in histories if name in history])


def recorded(histories: Histories, score: str) -> list[str]:
    """``train/f1`` and the like of those splits that some replicate has after each epoch."""
    names = {name for own in histories.values() for history in own[:1] for name in history}
    return [f"{split}/{score}" for split in ("train", "validation", "test") if f"{split}/{score}" in names]


def types_recorded(histories: Histories) -> list[str]:
    """Types or classes with an F1 after each epoch."""
    names = {name for own in histories.values() for history in own for name in history}
    found = {name.split("/", 2)[2] for name in names if name.split("/", 1)[0] in SPLITS and "/f1/" in name}
    return sorted(found)


def _read(kept: CellArtifacts, run: str) -> Mapping[str, Sequence[float]]:
    try:
        return kept.history(run)
    except InputError:  # damaged: the rest of the report does not hang on it
        return {}
