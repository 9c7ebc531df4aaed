"""Curves that say how a score grows with the number of training examples, fitted to each replicate, and their mean.

A curve is y = a + b g(n), with b >= 0, so that no curve falls, and a at most the ceiling of the score. Families:

- ``power``: a - b n^-c, c from 0.03 to 3 (pow3 of Viering and Loog 2022, "The Shape of Learning Curves: a Review";
  Hestness et al. 2017, "Deep Learning Scaling is Predictable, Empirically")
- ``root``: the same with c = 1/2, the rate of many estimators
- ``logarithm``: a + b ln n, up to the ceiling (log2 of Mohr et al. 2022, "LCDB 1.0")
- ``exponential``: a - b exp(-n / t) (exp3 there)
- ``accelerating``: a + b n^(1/2), up to the ceiling, for scores that are still near zero and gain more at each doubling
- ``last``: the score stays as it is at the largest size (last1 there)
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL

Floats = NDArray[np.float64]

FAMILIES = ("power", "root", "logarithm", "exponential", "accelerating", "last")
SIMPLER = {"power": "root", "exponential": "last"}
"""What stands for a family of three parameters where only two sizes are left to fit."""
FEWEST_SIZES, FEWEST_REPLICATES = 3, 6
"""Of a forecast; below six replicates no interval of this package is of 95 %."""
FARTHEST = 10
"""How many times the largest size a forecast goes without a remark."""
SLACK = 0.005
"""Share of the range of scores by which a family may miss the held-back size without losing weight."""
MOST_MORE = 1_000
"""More replicates than these are not asked for."""
_POWERS = np.geomspace(0.03, 3.0, 48)
_STEPS = 25
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Fit:
    """A family fitted to each of R replicates: ``a``, ``b`` and ``shape`` [R] (the exponent c, or t in examples)."""

    family: str
    a: Floats
    b: Floats
    shape: Floats
    ceiling: float

    def at(self, sizes: ArrayLike) -> Floats:
        """Return the score of each replicate at these sizes [R, sizes]."""
        curves = self.a[:, None] + self.b[:, None] * _basis(self.family, np.asarray(sizes, dtype=float), self.shape)
        return np.minimum(curves, self.ceiling)


def fit_family(family: str, sizes: ArrayLike, scores: ArrayLike, ceiling: float = math.inf) -> Fit:
    """Fit a family to scores [replicates, sizes] by least squares within its bounds, each replicate alone.

    a and b have a closed form for a given shape (separable least squares, Golub and Pereyra 1973), so only the shape is
    searched: on a grid, then by golden section. `scipy.optimize.least_squares` finds the same from enough starts, and
    takes some hundred times longer.
    """
    n, y = np.asarray(sizes, dtype=float), np.asarray(scores, dtype=float)
    if family == "last":
        return Fit(family, y[:, -1], np.zeros(len(y)), np.ones(len(y)), ceiling)
    if family in ("root", "logarithm", "accelerating"):
        shape = np.full(len(y), 0.5)
        bound = ceiling if family == "root" else math.inf
        return Fit(family, *_line(_basis(family, n, shape), y, bound)[:2], shape, ceiling)
    grid = np.log(_POWERS if family == "power" else np.geomspace(n[0] / 2, n[-1] * 5, 48))

    def errors(logs: Floats) -> Floats:
        return _line(_basis(family, n, np.exp(logs)), y, ceiling)[2]

    best = np.argmin([errors(np.full(len(y), one)) for one in grid], axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    for _ in range(_STEPS):
        width = _GOLDEN * (high - low)
        left, right = high - width, low + width
        keep_low = errors(left) <= errors(right)
        low, high = np.where(keep_low, low, left), np.where(keep_low, right, high)
    shape = np.exp((low + high) / 2)
    return Fit(family, *_line(_basis(family, n, shape), y, ceiling)[:2], shape, ceiling)


def _basis(family: str, sizes: Floats, shape: Floats) -> Floats:
    """Return g [replicates, sizes], which grows with the size."""
    if family == "logarithm":
        return np.broadcast_to(np.log(sizes), (len(shape), len(sizes)))
    if family == "exponential":
        return -np.exp(-sizes / shape[:, None])
    if family == "accelerating":
        return np.sqrt(np.broadcast_to(sizes, (len(shape), len(sizes))))
    return -(sizes ** -shape[:, None])


def _line(g: Floats, y: Floats, ceiling: float) -> tuple[Floats, Floats, Floats]:
    """Return a, b and the sum of squares of y = a + b g for each row, with b >= 0 and a <= ceiling."""
    mean_g, mean_y = g.mean(axis=1), y.mean(axis=1)
    centred = g - mean_g[:, None]
    b = np.maximum((centred * y).sum(axis=1) / np.maximum((centred**2).sum(axis=1), 1e-300), 0.0)
    a = mean_y - b * mean_g
    if math.isfinite(ceiling):
        over = a > ceiling
        at_ceiling = np.maximum((g * (y - ceiling)).sum(axis=1) / np.maximum((g**2).sum(axis=1), 1e-300), 0.0)
        a, b = np.where(over, ceiling, a), np.where(over, at_ceiling, b)
    return a, b, ((y - a[:, None] - b[:, None] * g) ** 2).sum(axis=1)


@dataclass(frozen=True)
class Forecast:
    """The mean score at some sizes with its 95 % interval; all arrays are [sizes]."""

    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Growth:
    """The growth of a score, higher is better, over ``sizes`` (ascending) in ``scores`` [replicates, sizes].

    ``ceiling``, ``bottom``: the highest and the lowest possible score; ``slack``: `SLACK` in the unit of the scores.
    ValueError with fewer than `FEWEST_SIZES` sizes or `FEWEST_REPLICATES` replicates.
    """

    sizes: tuple[int, ...]
    scores: Floats
    ceiling: float = math.inf
    slack: float = SLACK
    bottom: float = -math.inf

    def __post_init__(self) -> None:
        replicates, sizes = self.scores.shape
        if sizes < FEWEST_SIZES or replicates < FEWEST_REPLICATES or sizes != len(self.sizes):
            raise ValueError(f"a forecast needs {FEWEST_SIZES} sizes and {FEWEST_REPLICATES} replicates")

    @cached_property
    def fits(self) -> tuple[Fit, ...]:
        """Each family fitted to all sizes."""
        return tuple(fit_family(family, self.sizes, self.scores, self.ceiling) for family in FAMILIES)

    @cached_property
    def held_back(self) -> Floats:
        """Forecast minus score at the largest size [families, replicates], by fits to the smaller sizes."""
        sizes, few = self.sizes[:-1], len(self.sizes) - 1 < FEWEST_SIZES
        fits = (
            fit_family(SIMPLER.get(family, family) if few else family, sizes, self.scores[:, :-1], self.ceiling)
            for family in FAMILIES
        )
        return np.stack([fit.at(self.sizes[-1:])[:, 0] - self.scores[:, -1] for fit in fits])

    @cached_property
    def errors(self) -> Floats:
        """The mean error of each family at the held-back size [families]."""
        means: Floats = self.held_back.mean(axis=1)
        return means

    @cached_property
    def weights(self) -> Floats:
        """The weight of each family [families]: the likelihood of its mean error, known to its standard error."""
        logs = -0.5 * self.errors**2 / (self._error_variances + self.slack**2)
        weights: Floats = np.exp(logs - logs.max())
        weights /= weights.sum()
        return weights

    @cached_property
    def _error_variances(self) -> Floats:
        variances: Floats = self.held_back.var(axis=1, ddof=1) / len(self.scores)
        return variances

    def at(self, sizes: ArrayLike, replicates: int | None = None) -> Forecast:
        """Return the forecast at these sizes: the mean of the families by weight.

        Its variance is the sum of three: of the mean over replicates, of the families about their mean, and the squared
        error at the held-back size times the distance. That error is the larger of the error of the mean forecast, and
        the mean over families of what is beyond noise. The distance is the logarithm of the factor by which a size is
        beyond the largest, in units of that between the two largest. The first is estimated from R replicates, and
        counts with Student's quantile, the others with the normal one. ``replicates``: the same with another number.
        """
        from scipy.stats import norm, t

        n, number = np.asarray(sizes, dtype=float), len(self.scores)
        curves = np.stack([fit.at(n) for fit in self.fits])  # families, replicates, sizes
        means, weights = curves.mean(axis=1), self.weights[:, None]
        mean = (weights * means).sum(axis=0)
        fewer = 1.0 if replicates is None else number / replicates
        spread = fewer * (weights * curves.var(axis=1, ddof=1)).sum(axis=0) / number
        families = (weights * (means - mean) ** 2).sum(axis=0)
        noise = self._error_variances
        biases = float((self.weights * np.maximum(self.errors**2 - noise, 0)).sum())
        common = float((self.weights * self.errors).sum()) ** 2 - (1 - fewer) * float((self.weights * noise).sum())
        steps = np.maximum(np.log(n / self.sizes[-1]), 0) / math.log(self.sizes[-1] / self.sizes[-2])
        distance = max(biases, common, 0.0) * steps
        student, normal = t.ppf(1 - LEVEL / 2, (replicates or number) - 1), norm.ppf(1 - LEVEL / 2)
        half = np.sqrt(student**2 * spread + normal**2 * (families + distance))
        low, high = np.clip([mean - half, mean + half], self.bottom, self.ceiling)
        return Forecast(mean, low, high)

    def reach(self, target: float) -> tuple[float, float, float]:
        """Return (size, low, high) at which the forecast, its upper and its lower end reach ``target``.

        Sizes go from the smallest to `FARTHEST` times the largest; -inf where the smallest does, inf where none.
        """
        grid = np.unique(np.round(np.geomspace(self.sizes[0], self.sizes[-1] * FARTHEST, 2_000)))
        forecast = self.at(grid)
        size, low, high = (_first(grid, ends >= target) for ends in (forecast.mean, forecast.high, forecast.low))
        return size, min(low, size), max(high, size)

    def more_replicates(self, size: int, width: float) -> int | None:
        """Return how many more replicates make the interval at ``size`` no wider; None where `MOST_MORE` do not."""
        number = len(self.scores)
        for more in sorted({round(value) for value in np.geomspace(1, MOST_MORE, 120)}):
            forecast = self.at([size], number + more)
            if forecast.high[0] - forecast.low[0] <= width:
                return int(more)
        return None


def _first(grid: Floats, reached: NDArray[np.bool_]) -> float:
    if not reached.any():
        return math.inf
    first = int(np.argmax(reached))
    return -math.inf if first == 0 else float(grid[first])
