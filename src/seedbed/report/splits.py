"""The parts of the variance of each arm, and of each difference, in a table with crossed seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.comparisons import pairs_of_arms, too_many
from seedbed.report.crossing import Crossing, seeded
from seedbed.report.statistics.grids import whole_part
from seedbed.report.statistics.variance import Component, split_variance
from seedbed.report.summaries import finished_groups

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Split:
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


def splits_of(
    table: "DataFrame", metric: str, arms: Sequence[str], crossing: Crossing | None, with_first: bool = False
) -> list[Split]:
    """The split of each arm at each size of a checked table that has two whole draws of two initialisations.

    Then that of the difference of each pair of arms that is compared, on the draws that both have.
    """
    if crossing is None:
        return []
    index = [name for name in ("data_seed", "draw") if name in table.columns]
    grids = {}
    for n_train, arm, cells in finished_groups(table, arms):
        scored = cells[cells[metric].notna() & seeded(cells)]
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


def _split(n_train: int, arm: str, baseline: str | None, grid: "DataFrame") -> Split | None:
    whole = grid.to_numpy()[np.ix_(*whole_part(grid))]
    if min(whole.shape) < 2:
        return None
    left_out = int(grid.notna().to_numpy().sum()) - whole.size
    return Split(n_train, arm, baseline, *whole.shape, left_out, split_variance(whole))
