"""Where labels are lacking: the score of each class or entity type, how fast it grows, and its training examples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.crossed_seeds import mean_of_draws
from seedbed.report.analysis.scores import type_columns
from seedbed.report.statistics.sign_flips import sign_flip_interval


@dataclass(frozen=True)
class LackingType:
    """A class or entity type: its F1 at the largest size, and the gain of F1 per doubling of the examples.

    The gain is measured between the two largest sizes, with the interval of `sign_flip_interval`. ``training``: the
    mean number of training examples, of entities for tagging, NaN where unknown. Scores are in the unit of the table.
    """

    name: str
    f1: float
    gain: float
    ci_low: float
    ci_high: float
    training: float
    ci_level: float


def lacking_types(
    analysis: Analysis, arm: str, sizes: Sequence[int], training: Mapping[str, float]
) -> tuple[LackingType, ...]:
    """Return the types of an arm, the lowest F1 first; empty where the table has no F1 by type.

    ``training``: the mean number of training examples of each at the largest size.
    """
    cells = {size: cells for size, name, cells in analysis.groups if name == arm and size in sizes[-2:]}
    found = []
    for name, column in type_columns(analysis.table).items():
        by_draw = {
            size: mean_of_draws(rows.set_index("replicate"), column, analysis.crossed) for size, rows in cells.items()
        }
        before, after = by_draw[sizes[-2]], by_draw[sizes[-1]]
        if not len(after):
            continue
        gains = (after - before).dropna().to_numpy(dtype=float) / math.log2(sizes[-1] / sizes[-2])
        low, high, level = sign_flip_interval(gains)
        gain = float(gains.mean()) if gains.size else math.nan
        found.append(LackingType(name, float(after.mean()), gain, low, high, training.get(name, math.nan), level))
    return tuple(sorted(found, key=lambda one: (one.f1, one.name)))
