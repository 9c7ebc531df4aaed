"""The parts of the variance of each arm, and of each difference, in a table with crossed seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.comparisons import pairs_of_arms, too_many
from seedbed.report.analysis.crossed_seeds import CrossedSeeds, has_seeds
from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.statistics.grids import whole_part
from seedbed.report.statistics.variance import Component, split_variance

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class VarianceComponents:
    """The variance of an arm at a size, or of its difference from ``baseline``, by ``SOURCES``.

    ``left_out`` cells had no partner in every row and column.
    """

    n_train: int
    arm: str
    baseline: str | None
    draws: int
    initialisations: int
    left_out: int
    components: tuple[Component, ...]


def estimate_variance_components(
    table: "DataFrame", metric: str, arms: Sequence[str], crossed: CrossedSeeds | None, with_first: bool = False
) -> list[VarianceComponents]:
    """The split of each arm at each size of a checked table that has two whole draws of two initialisations.

    Then that of the difference of each pair of arms that is compared, on the draws that both have.
    """
    if crossed is None:
        return []
    index = [name for name in ("data_seed", "draw") if name in table.columns]
    grids = {}
    for n_train, arm, cells in finished_groups(table, arms):
        scored = cells[cells[metric].notna() & has_seeds(cells)]
        if len(scored):
            grids[n_train, arm] = scored.pivot_table(index=index, columns="init_seed", values=metric, aggfunc="mean")
    found = [_split(*where, None, grid) for where, grid in grids.items()]
    sizes = sorted(set(table["n_train"]))
    for n_train in sizes:
        for first, second in pairs_of_arms(arms, with_first or too_many(arms, sizes)):
            if (n_train, first) in grids and (n_train, second) in grids:
                grid = grids[n_train, second] - grids[n_train, first]
                found.append(_split(int(n_train), second, first, grid))
    return [split for split in found if split is not None]


def _split(n_train: int, arm: str, baseline: str | None, grid: "DataFrame") -> VarianceComponents | None:
    whole = grid.to_numpy()[np.ix_(*whole_part(grid))]
    if min(whole.shape) < 2:
        return None
    left_out = int(grid.notna().to_numpy().sum()) - whole.size
    return VarianceComponents(n_train, arm, baseline, *whole.shape, left_out, split_variance(whole))
