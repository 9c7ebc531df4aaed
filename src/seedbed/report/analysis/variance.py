"""Variance components of each arm, and of each difference, in a table with crossed seeds."""

from collections.abc import Sequence
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

    ``left_out``: cells outside the largest complete grid of draws and initializations. ``searches``: of each of them.
    """

    n_train: int
    arm: str
    baseline: str | None
    draws: int
    initializations: int
    left_out: int
    components: tuple[Component, ...]
    searches: int = 1


Grids = list["DataFrame"]
"""Scores by draw and initialization, one table for each search."""


def estimate_variance_components(
    results: Results, metric: str, further: "DataFrame | None" = None
) -> list[VarianceComponents]:
    """Return the components of each arm and size with two complete draws of two initializations or more.

    Then those of the difference of each compared pair of arms, on their common draws. ``further``: the cells of further
    searches of the same draws and initializations, told apart by ``setting``.
    """
    if results.crossed is None:
        return []
    index = [name for name in ("data_seed", "draw") if name in results.table.columns]
    grids: dict[tuple[int, str], Grids] = {}
    for n_train, arm, cells in results.groups:
        of_searches = [cells]
        if further is not None and len(further):  # a table without any may have no column of settings
            again = further[(further["n_train"] == n_train) & (further["arm"] == arm)]
            of_searches += [own[own["status"] == "finished"] for _, own in again.groupby("setting")]
        for own in of_searches:
            scored = own[own[metric].notna() & has_seeds(own)]
            if len(scored):
                grid = scored.pivot_table(index=index, columns="init_seed", values=metric, aggfunc="mean")
                grids.setdefault((n_train, arm), []).append(grid)
    components = [_split(*key, None, grid) for key, grid in grids.items()]
    with_first = results.with_first or too_many(results.arms, results.sizes)
    for n_train in results.sizes:
        for first, second in pairs_of_arms(results.arms, with_first):
            if (n_train, first) in grids and (n_train, second) in grids:
                both = zip(grids[n_train, second], grids[n_train, first], strict=False)
                components.append(_split(n_train, second, first, [one - other for one, other in both]))
    return [split for split in components if split is not None]


def _split(n_train: int, arm: str, baseline: str | None, grids: Sequence["DataFrame"]) -> VarianceComponents | None:
    aligned = [grid.reindex_like(grids[0]) for grid in grids]
    whole = grids[0].where(np.logical_and.reduce([grid.notna() for grid in aligned]))
    rows_and_columns = np.ix_(*complete_grid(whole))
    scores = np.stack([grid.to_numpy()[rows_and_columns] for grid in aligned], axis=-1)
    n_draws, n_initializations, searches = scores.shape
    if min(n_draws, n_initializations) < 2:
        return None
    left_out = sum(int(grid.notna().to_numpy().sum()) for grid in grids) - scores.size
    components = split_variance(scores if searches > 1 else scores[..., 0])
    return VarianceComponents(n_train, arm, baseline, n_draws, n_initializations, left_out, components, searches)
