"""Variance components of each arm, and of each difference, in a table with crossed seeds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.comparisons import pairs_of_arms, too_many
from seedbed.report.analysis.crossed_seeds import has_seeds
from seedbed.report.analysis.results import Results
from seedbed.report.statistics.grids import complete_grid
from seedbed.report.statistics.variance import Component, split_variance

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class VarianceComponents:
    """The variance of an arm at a size, or of its difference from ``baseline``, by ``SOURCES``.

    ``left_out``: cells outside the largest complete grid of draws and initializations.
    """

    n_train: int
    arm: str
    baseline: str | None
    draws: int
    initializations: int
    left_out: int
    components: tuple[Component, ...]


def estimate_variance_components(results: Results, metric: str) -> list[VarianceComponents]:
    """Return the components of each arm and size with two complete draws of two initializations or more.

    Then those of the difference of each compared pair of arms, on their common draws.
    """
    if results.crossed is None:
        return []
    index = [name for name in ("data_seed", "draw") if name in results.table.columns]
    grids = {}
    for n_train, arm, cells in results.groups:
        scored = cells[cells[metric].notna() & has_seeds(cells)]
        if len(scored):
            grids[n_train, arm] = scored.pivot_table(index=index, columns="init_seed", values=metric, aggfunc="mean")
    components = [_split(*key, None, grid) for key, grid in grids.items()]
    with_first = results.with_first or too_many(results.arms, results.sizes)
    for n_train in results.sizes:
        for first, second in pairs_of_arms(results.arms, with_first):
            if (n_train, first) in grids and (n_train, second) in grids:
                grid = grids[n_train, second] - grids[n_train, first]
                components.append(_split(n_train, second, first, grid))
    return [split for split in components if split is not None]


def _split(n_train: int, arm: str, baseline: str | None, grid: "DataFrame") -> VarianceComponents | None:
    scores = grid.to_numpy()[np.ix_(*complete_grid(grid))]
    n_draws, n_initializations = scores.shape
    if min(scores.shape) < 2:
        return None
    left_out = int(grid.notna().to_numpy().sum()) - scores.size
    return VarianceComponents(n_train, arm, baseline, n_draws, n_initializations, left_out, split_variance(scores))
