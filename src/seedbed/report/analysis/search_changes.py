"""How much searching again changes the tuned score of a replicate, in studies with several searches of each."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.results import Results
from seedbed.report.analysis.tuned_cells import settings_of_cells
from seedbed.report.statistics.paired import PairedDifference, compare_pairs

if TYPE_CHECKING:
    from pandas import DataFrame

FIRST = "tuned"


@dataclass(frozen=True)
class SearchChange:
    """The tuned scores of search number ``search`` minus those of the first one, paired by replicate.

    ``sd``: the sample standard deviation of these differences, NaN with one; ``changed``: how many are not zero.
    """

    n_train: int
    arm: str
    search: int
    paired: PairedDifference
    sd: float
    changed: int


def search_changes(cells: "DataFrame", results: Results, metric: str) -> tuple[SearchChange, ...]:
    """Return the changes of each arm at each size, by search; ``cells``: all rows of a checked table."""
    settings = settings_of_cells(cells)
    tuned = cells.assign(setting=settings)[settings.str.startswith(FIRST) & (cells["status"] == "finished")]
    changes = []
    for (n_train, arm), part in tuned.groupby(["n_train", "arm"], sort=False):
        index = [name for name in ("replicate", "draw") if name in part.columns]
        scores = part.pivot_table(index=index, columns="setting", values=metric, aggfunc="mean", observed=True)
        for setting in sorted(set(scores.columns) - {FIRST}, key=_number):
            if FIRST not in scores.columns or arm not in results.arms:
                continue
            both = scores[[FIRST, setting]].dropna()
            first, again = (both[name].to_numpy(float) for name in (FIRST, setting))
            differences = again - first
            sd = float(np.std(differences, ddof=1)) if len(differences) > 1 else math.nan
            paired = compare_pairs(again, first, results.scale.higher_is_better)
            changed = int((np.abs(differences) > 1e-12).sum())
            changes.append(SearchChange(int(n_train), str(arm), _number(setting), paired, sd, changed))
    order: Mapping[str, int] = {arm: place for place, arm in enumerate(results.arms)}
    return tuple(sorted(changes, key=lambda change: (change.n_train, order[change.arm], change.search)))


def _number(setting: str) -> int:
    """Return the number of a search: 2 of ``tuned 2``."""
    return int(setting.rpartition(" ")[2])
