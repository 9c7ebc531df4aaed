"""Training histories of cells: means and bands, per epoch, over the replicates that still train."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.metric_names import SPLITS, MetricName
from seedbed.report.analysis.results import finished_groups

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_CELLS = 1_000
"""Histories that are read; of a larger study those of the first replicates."""
BAND = (10.0, 90.0)
"""Percentiles over replicates."""

Histories = dict[str, list[Mapping[str, Sequence[float]]]]
"""By arm: one history per replicate."""


@dataclass(frozen=True)
class EpochCurve:
    """One measure by epoch: mean, band and the number of replicates still training, ``[epochs]``.

    It ends where fewer than half of the replicates still train: the others are no fair sample of all.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    training: np.ndarray


def epoch_curve(values: Sequence[Sequence[float]]) -> EpochCurve | None:
    """Return the curve of lists of values, one per replicate, shorter after early stopping; None if all are empty.

    Values that are not finite are ignored; the curve ends before an epoch without any.
    """
    values = [replicate for replicate in values if len(replicate)]
    if not values:
        return None
    epochs = max(map(len, values))
    table = np.full((len(values), epochs), np.nan)
    for row, replicate in zip(table, values, strict=True):
        row[: len(replicate)] = replicate
    table[~np.isfinite(table)] = np.nan
    training = np.array([sum(len(replicate) > epoch for replicate in values) for epoch in range(epochs)])
    shown = (2 * training >= len(values)) & ~np.isnan(table).all(axis=0)
    end = epochs if shown.all() else int(np.argmin(shown))
    if not end:
        return None
    table = table[:, :end]
    low, high = np.nanpercentile(table, BAND, axis=0)
    return EpochCurve(np.nanmean(table, axis=0), low, high, training[:end])


def histories_of(analysis: "Analysis", n_train: int) -> Histories:
    """Return the histories of each arm's finished cells at a size that are stored and readable."""
    if "run" not in analysis.table.columns:
        return {}
    table = analysis.table[analysis.table["n_train"] == n_train]
    groups = {arm: cells for _, arm, cells in finished_groups(table, analysis.arms)}
    most_runs = MOST_CELLS // max(len(groups), 1)
    histories = {}
    for arm, cells in groups.items():
        runs = cells.sort_values("replicate")["run"].dropna().astype(str)[: max(most_runs, 1)]
        arm_histories = [history for run in runs if (history := analysis.histories.read(run))]
        if arm_histories:
            histories[arm] = arm_histories
    return histories


def histories_of_largest(analysis: "Analysis") -> tuple[int, Histories]:
    """Return the largest size with stored and readable histories, and these; 0 without any."""
    for size in sorted(analysis.sizes, reverse=True):
        if histories := histories_of(analysis, size):
            return size, histories
    return 0, {}


def measure_curve(histories: Sequence[Mapping[str, Sequence[float]]], name: str) -> EpochCurve | None:
    """Return the curve of one measure, such as ``validation/f1``; None if no replicate has it."""
    return epoch_curve([history[name] for history in histories if name in history])


def recorded(histories: Histories, score: str) -> list[str]:
    """Return ``SPLIT/score`` for the splits that a replicate recorded after each epoch."""
    names = {name for replicates in histories.values() for history in replicates[:1] for name in history}
    return [f"{split}/{score}" for split in reversed(SPLITS) if f"{split}/{score}" in names]


def types_recorded(histories: Histories) -> list[str]:
    """Return the types or classes with an F1 after each epoch."""
    names = {name for replicates in histories.values() for history in replicates for name in history}
    return sorted({own.label for name in names if (own := MetricName.of(name)).score == "f1" and own.label})
