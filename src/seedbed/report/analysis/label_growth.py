"""How the score of each arm, and of the floor, grows with more labels, and what it would be with numbers not tried."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from seedbed.cells import EXAMPLES
from seedbed.errors import InputError
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.floor import floor_name
from seedbed.report.analysis.lacking_types import LackingType, lacking_types
from seedbed.report.analysis.scores import Scale, metric_scale
from seedbed.report.statistics.growth import FARTHEST, FEWEST_REPLICATES, FEWEST_SIZES, SLACK, Growth
from seedbed.report.statistics.sign_flips import LEVEL
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
    ci_low: float
    ci_high: float
    ci_level: float = 1 - LEVEL


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

    ``sign``: -1 where lower scores are better, else 1; the scores of ``growth`` are those of the table times it.
    ``left_out``: replicates that lack a size.
    """

    label: str
    index: int | None
    growth: Growth
    sign: float
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
        low, high = np.sort([self.sign * forecast.low, self.sign * forecast.high], axis=0)
        rows = zip(sizes, self.sign * forecast.mean, low, high, strict=True)
        return [Expected(size, *map(float, numbers)) for size, *numbers in rows]

    def expected(self, size: int) -> Expected:
        """Return the forecast of one size."""
        return self.at([size])[0]

    @cached_property
    def measured(self) -> dict[int, float]:
        """The mean score at each size tried."""
        means = self.sign * self.growth.scores.mean(axis=0)
        return {size: float(mean) for size, mean in zip(self.sizes, means, strict=True)}

    def reach(self, score: float) -> Reach:
        """Return the sizes at which the score is reached."""
        return Reach(*self.growth.reach(self.sign * score))

    def is_noisy(self, size: int) -> bool:
        """Return whether the interval at a size is too wide to say anything."""
        expected = self.expected(size)
        return expected.ci_high - expected.ci_low > self.widest

    def more_replicates(self, size: int) -> int | None:
        """Return how many more replicates would make the interval narrow enough; None where they would not."""
        return self.growth.more_replicates(size, self.widest)


@dataclass(frozen=True)
class LabelGrowth:
    """The growth of all arms, and of the best floor if there is one, in the primary metric.

    ``asked``: the number of labels that the answer is about, ``target`` the score, if they were given. ``refused``: by
    name, why an arm has no forecast. ``training``: by size and type, the mean number of training examples.
    """

    analysis: Analysis
    arms: tuple[ArmGrowth, ...]
    asked: int | None = None
    target: float | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    training: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    floor: ArmGrowth | None = None

    @property
    def scale(self) -> Scale:
        """The scale of the score."""
        return self.analysis.scale

    @property
    def unit(self) -> str:
        """What its numbers count: labels, of which each example needs one, or mentions of each type."""
        return "labels" if self.analysis.size_unit is EXAMPLES else self.analysis.size_unit.many

    @property
    def largest(self) -> int:
        """The largest size tried."""
        return max(arm.largest for arm in self.with_floor(self.arms))

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
        """The arms by their forecast of the size of the answer, the best first."""
        return tuple(sorted(self.arms, key=lambda arm: -arm.sign * arm.expected(self.size).mean))

    def with_floor(self, arms: Sequence[ArmGrowth]) -> tuple[ArmGrowth, ...]:
        """Return these arms, and last the floor, if there is one."""
        return (*arms, self.floor) if self.floor else tuple(arms)

    @property
    def best(self) -> ArmGrowth:
        """The arm with the best forecast."""
        return self.ranked[0]

    @cached_property
    def lacking(self) -> tuple[LackingType, ...]:
        """The types or classes of the best arm at the largest size, the lowest F1 first."""
        arm, sizes = self.analysis.arms[self.best.index or 0], self.best.sizes
        return lacking_types(self.analysis, arm, sizes, self.training.get(self.best.largest, {}))

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
    if asked is not None:
        check_asked(asked)
    _refuse(analysis)
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
    return LabelGrowth(analysis, tuple(arms), asked, target, refused, training or {}, floor)


_HOW = (
    f": a learning curve needs {FEWEST_SIZES} sizes and {FEWEST_REPLICATES} replicates: sizes=[25,50,100] replicates=10"
)


def check_asked(asked: int) -> None:
    """Raise InputError for a number of labels that cannot be asked for."""
    if not 0 < asked <= LARGEST:
        raise InputError(f"for={asked}: give a number of labels from 1 to {LARGEST:,}")


def _refuse(analysis: Analysis) -> None:
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
    scale, sign = analysis.scale, analysis.scale.gain(1.0)
    values = sign * whole.to_numpy(dtype=float)
    means = values.mean(axis=0)
    if scale.unit:
        most = 100 / scale.factor
        ceiling, slack, widest = most if scale.higher_is_better else 0.0, SLACK * most, WIDEST * most
    else:
        grown = float(np.ptp(means)) or float(np.ptp(values)) or 1.0
        ceiling, slack, widest = math.inf if scale.higher_is_better else 0.0, SLACK * grown, grown
    ceiling = max(ceiling, float(values.max()))  # a loss below zero has no bound that is known
    sizes = tuple(int(size) for size in whole.columns)
    bottom = min(0.0, float(values.min())) if scale.unit and scale.higher_is_better else -math.inf
    growth = Growth(sizes, values, ceiling, slack, bottom)
    return ArmGrowth(label, index, growth, sign, widest, len(grid) - len(whole))


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
