"""How the score of each arm, and of the floor, grows with more labels, and what it would be with numbers not tried."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.floor import floor_name
from seedbed.report.analysis.lacking_types import LackingType, lacking_types
from seedbed.report.analysis.scores import Scale, metric_scale
from seedbed.report.statistics.growth import FARTHEST, FEWEST_REPLICATES, FEWEST_SIZES, SLACK, Growth
from seedbed.report.wording import join_limited, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

MULTIPLES = (2, 5)
"""Times the largest size that are forecast."""
WIDEST = 0.10
"""The widest interval that is still an answer: 10 points of a rate; of another score, of what it grew by so far."""
LARGEST = 10**9
"""The largest number of labels that can be asked for."""


@dataclass(frozen=True)
class Expected:
    """A score with its 95 % interval at a number of training examples, in the unit and direction of the table."""

    size: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Reach:
    """The number of training examples at which an arm reaches a score, with its interval.

    -inf: with the smallest size tried or fewer; inf: not with ``FARTHEST`` times the largest.
    """

    size: float
    low: float
    high: float


@dataclass(frozen=True)
class ArmGrowth:
    """The growth of an arm: its name as shown, its index among the arms (None for the floor), and its curves.

    ``left_out``: replicates that lack a size.
    """

    label: str
    index: int | None
    growth: Growth
    higher_is_better: bool
    widest: float
    left_out: int = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes that were tried."""
        return self.growth.sizes

    @property
    def largest(self) -> int:
        """The largest of them."""
        return self.growth.sizes[-1]

    def at(self, sizes: Sequence[int]) -> list[Expected]:
        """Return the forecast of each size."""
        forecast = self.growth.at(sizes)
        rows = zip(sizes, forecast.mean, forecast.low, forecast.high, strict=True)
        if self.higher_is_better:
            return [Expected(size, float(mean), float(low), float(high)) for size, mean, low, high in rows]
        return [Expected(size, float(-mean), float(-high), float(-low)) for size, mean, low, high in rows]

    @cached_property
    def measured(self) -> dict[int, float]:
        """The mean score at each size tried."""
        sign = 1.0 if self.higher_is_better else -1.0
        return {
            size: sign * float(mean) for size, mean in zip(self.sizes, self.growth.scores.mean(axis=0), strict=True)
        }

    def reach(self, score: float) -> Reach:
        """Return the sizes at which the score is reached."""
        return Reach(*self.growth.reach(score if self.higher_is_better else -score))

    def is_noisy(self, size: int) -> bool:
        """Return whether the interval at a size is too wide to say anything."""
        (expected,) = self.at([size])
        return expected.high - expected.low > self.widest

    def more_replicates(self, size: int) -> int | None:
        """Return how many more replicates would make the interval narrow enough; None where they would not."""
        return self.growth.more_replicates(size, self.widest)


@dataclass(frozen=True)
class LabelGrowth:
    """The growth of all arms and of the best floor, in the primary metric.

    ``asked``: the number of labels that the answer is about, ``target`` the score, if they were given. ``refused``: by
    name, why an arm has no forecast. ``lacking``: types or classes of the best arm at the largest size, worst first.
    """

    analysis: Analysis
    arms: tuple[ArmGrowth, ...]
    asked: int | None = None
    target: float | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    lacking: tuple[LackingType, ...] = ()

    @property
    def scale(self) -> Scale:
        """The scale of the score."""
        return self.analysis.scale

    @property
    def largest(self) -> int:
        """The largest size tried."""
        return max(arm.largest for arm in self.arms)

    @property
    def size(self) -> int:
        """The number of labels that the answer is about."""
        return self.asked or MULTIPLES[0] * self.largest

    @cached_property
    def forecast_sizes(self) -> tuple[int, ...]:
        """The sizes that are forecast, the one asked for among them."""
        return tuple(sorted({*(times * self.largest for times in MULTIPLES), *([self.asked] if self.asked else [])}))

    @cached_property
    def ranked(self) -> tuple[ArmGrowth, ...]:
        """The arms by their forecast of the size of the answer, the best first; the floor is last."""
        gain = self.scale.gain
        of_arms = [arm for arm in self.arms if arm.index is not None]
        floors = [arm for arm in self.arms if arm.index is None]
        return (*sorted(of_arms, key=lambda arm: -gain(arm.at([self.size])[0].mean)), *floors)

    @property
    def best(self) -> ArmGrowth:
        """The arm with the best forecast."""
        return self.ranked[0]

    @property
    def is_far(self) -> bool:
        """Return whether the answer is about more than ``FARTHEST`` times the largest size."""
        return self.size > FARTHEST * self.largest


def label_growth(
    analysis: Analysis, asked: int | None = None, target: float | None = None,
    training: Mapping[int, Mapping[str, float]] | None = None,
) -> LabelGrowth:  # fmt: skip
    """Return the growth of an analysis.

    ``target``: in the unit of the table; a rate may also be given in percent. ``training``: by size and type, the mean
    number of training examples. InputError below three sizes or six replicates, and for what cannot be asked.
    """
    _refuse(analysis, asked)
    arms, refused = list[ArmGrowth](), dict[str, str]()
    for index, arm in enumerate(analysis.arms):
        rows = analysis.finished[analysis.finished["arm"] == arm]
        made = _growth(analysis, rows, analysis.labels[arm], index)
        if isinstance(made, str):
            refused[analysis.labels[arm]] = made
        else:
            arms.append(made)
    if not arms:
        raise InputError(join_limited([f"{name} {why}" for name, why in refused.items()], 3) + _HOW)
    floor = _floor(analysis, arms[0].largest)
    scale = analysis.scale
    if target is not None:
        target = target / 100 if scale.unit and scale.factor == 100 and 1 < target <= 100 else target
        if scale.unit and not 0 < target <= 100 / scale.factor:
            raise InputError(f"target={target:g}: a score of this table is above 0 and at most {100 / scale.factor:g}")
    growth = LabelGrowth(analysis, (*arms, *([floor] if floor else [])), asked, target, refused)
    best = analysis.arms[growth.best.index or 0]
    lacking = lacking_types(analysis, best, growth.best.sizes, (training or {}).get(growth.best.largest, {}))
    return LabelGrowth(analysis, growth.arms, asked, target, refused, lacking)


_HOW = (
    f": a learning curve needs {FEWEST_SIZES} sizes and {FEWEST_REPLICATES} replicates: sizes=[25,50,100] replicates=10"
)


def _refuse(analysis: Analysis, asked: int | None) -> None:
    if asked is not None and not 0 < asked <= LARGEST:
        raise InputError(f"for={asked}: give a number of labels from 1 to {LARGEST:,}")
    if analysis.metric is None:
        raise InputError("no cell has finished with a score, so there is no curve")
    if analysis.sizes[0] < 1:
        raise InputError("the table has cells without a number of training examples (n_train): give sizes=[25,50,100]")


def _growth(analysis: Analysis, rows: "DataFrame", label: str, index: int | None) -> "ArmGrowth | str":
    """Return the growth of an arm from its finished cells, or why there is none."""
    assert analysis.metric is not None
    scores = rows[rows[analysis.metric].notna()]
    key = "data_seed" if analysis.crossed and index is not None else "replicate"
    grid = scores.pivot_table(index=key, columns="n_train", values=analysis.metric, aggfunc="mean")
    whole = grid.dropna()
    if len(grid.columns) < FEWEST_SIZES:
        return f"has {len(grid.columns)} of {FEWEST_SIZES} sizes"
    if len(whole) < FEWEST_REPLICATES:
        return f"has {len(whole)} of {FEWEST_REPLICATES} replicates with all sizes"
    scale, values = analysis.scale, whole.to_numpy(dtype=float)
    if not scale.higher_is_better:
        values = -values
    means = values.mean(axis=0)
    if scale.unit:
        most = 100 / scale.factor
        ceiling, slack, widest = most if scale.higher_is_better else 0.0, SLACK * most, WIDEST * most
    else:
        grown = float(np.ptp(means)) or float(np.ptp(values)) or 1.0
        ceiling, slack, widest = math.inf if scale.higher_is_better else 0.0, SLACK * grown, grown
    ceiling = max(ceiling, float(values.max()))  # a loss below zero has no bound that is known
    sizes = [int(size) for size in whole.columns]
    bottom = min(0.0, float(values.min())) if scale.unit and scale.higher_is_better else -math.inf
    growth = Growth.of(sizes, values, ceiling, slack, bottom)
    return ArmGrowth(label, index, growth, scale.higher_is_better, widest, len(grid) - len(whole))


def _floor(analysis: Analysis, largest: int) -> ArmGrowth | None:
    """Return the growth of the floor that is best at the largest size; None without one that has enough scores."""
    table, floor = analysis.inputs.floor, analysis.floor
    best = None if floor is None else floor.best(largest, analysis.scale)
    if table is None or best is None or analysis.metric is None:
        return None
    known = analysis.table[["n_train", "draw"]].drop_duplicates() if "draw" in table.columns else None
    rows = table[(table["floor"] == best.floor) & (table["dataset"].astype(str) == best.dataset)]
    rows = rows if known is None else rows.merge(known, on=["n_train", "draw"]).drop_duplicates(["n_train", "draw"])
    factor = metric_scale(table, analysis.metric).factor / analysis.scale.factor
    rows = rows.assign(**{analysis.metric: rows[analysis.metric] * factor})
    label = f"floor: {floor_name(sanitize(best.floor, 24), short=True)}"
    made = _growth(analysis, rows, label, None)
    return None if isinstance(made, str) else made
