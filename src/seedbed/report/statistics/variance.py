"""Where the spread of an arm comes from, where seeds are crossed: the draw, the initialisation, or neither alone.

Two-way crossed random effects without replication: score = mean + draw + initialisation + remainder. The remainder is
what a draw and an initialisation do together, and noise that no seed fixes.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL, RESAMPLES, SEED

SOURCES = ("draw", "initialisation", "remainder")


@dataclass(frozen=True)
class Component:
    """A part of the variance: its standard deviation with its interval, and its share of the whole with that.

    ``negative``: the estimate of the variance was below zero and is set to zero.
    """

    sd: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    negative: bool = False


def split_variance(scores: ArrayLike) -> tuple[Component, ...]:
    """Components by SOURCES of ``scores`` [draws, initialisations], all finite; ValueError below two of either.

    The estimates equate mean squares with their expectations (ANOVA; Searle, Casella and McCulloch 1992, section 4.4):
    MSE, (MSA - MSE) / m, (MSB - MSE) / k. The 95 % intervals are generalised ones (Weerahandi 1993, 1995): each sum of
    squares is divided by seeded chi-square numbers with its degrees of freedom, which gives 9,999 sets of components.
    They assume normal effects; docs/statistics.md has how often they cover.
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 2 or min(scores.shape) < 2:
        raise ValueError(f"at least two draws of two initialisations, not {scores.shape}")
    freedom = _freedom(scores.shape)
    squares = _squares(scores)
    means = np.array([total / number for total, number in zip(squares, freedom, strict=True)])
    found = _components(means, scores.shape)
    kept = np.maximum(found, 0.0)
    simulated_means = np.stack([total / chi for total, chi in zip(squares, _chi_squares(freedom), strict=True)])
    simulated = np.maximum(_components(simulated_means, scores.shape), 0)
    shares = _shares(kept)
    ends = [np.quantile(values, [LEVEL / 2, 1 - LEVEL / 2], axis=1) for values in (simulated, _shares(simulated))]
    return tuple(
        Component(
            sd=math.sqrt(kept[n]),
            low=math.sqrt(ends[0][0, n]),
            high=math.sqrt(ends[0][1, n]),
            share=float(shares[n]),
            share_low=float(ends[1][0, n]),
            share_high=float(ends[1][1, n]),
            negative=bool(found[n] < 0),
        )
        for n in range(len(SOURCES))
    )


def _freedom(shape: tuple[int, ...]) -> tuple[int, int, int]:
    draws, starts = shape
    return draws - 1, starts - 1, (draws - 1) * (starts - 1)


def _squares(scores: NDArray[np.float64]) -> tuple[float, float, float]:
    """The sums of squares of draws, initialisations and the remainder; what is within rounding of zero is zero."""
    draws, starts = scores.shape
    rest = scores - scores.mean()
    rows, columns = rest.mean(axis=1), rest.mean(axis=0)
    remainder = rest - rows[:, None] - columns
    squares = starts * np.sum(rows**2), draws * np.sum(columns**2), np.sum(remainder**2)
    least = 1e-24 * scores.size * np.abs(scores).max() ** 2
    total_by_draw, total_by_start, total_rest = (float(total) if total > least else 0.0 for total in squares)
    return total_by_draw, total_by_start, total_rest


def _components(mean_squares: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """[sources, ...]: components from mean squares [sources, ...]."""
    draws, starts = shape
    by_draw, by_start, rest = mean_squares
    return np.stack([(by_draw - rest) / starts, (by_start - rest) / draws, rest])


def _shares(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the whole; NaN where there is no variance at all."""
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = components / components.sum(axis=0)
    return shares


@lru_cache(maxsize=16)
def _chi_squares(freedom: tuple[int, int, int]) -> tuple[NDArray[np.float64], ...]:
    return tuple(np.random.default_rng([SEED, n]).chisquare(number, RESAMPLES) for n, number in enumerate(freedom))
