"""Variance components of an arm with crossed seeds: draw, initialization, remainder, and search.

Two-way crossed random effects: score = mean + draw + initialization + remainder. The remainder is the interaction of
draw and initialization, and noise that no seed fixes. Where every draw and initialization was searched several times,
the search is a further effect within them.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL, RESAMPLES, SEED

SOURCES = ("draw", "initialization", "remainder", "search")


@dataclass(frozen=True)
class Component:
    """A variance component: standard deviation and share of the total, each with its interval.

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
    """Return the components of ``scores`` [draws, initializations], all finite, by SOURCES without the search.

    With ``[draws, initializations, searches]``, and two searches or more, also that of the search.

    The estimates equate mean squares with their expectations (ANOVA; Searle, Casella and McCulloch 1992, section 4.4):
    MSE, (MSA - MSE) / m, (MSB - MSE) / k; with s searches MSW, (MSE - MSW) / s, and the others divided by s. The 95 %
    intervals are generalized ones (Weerahandi 1993, 1995): each sum of squares is divided by seeded chi-square numbers
    with its degrees of freedom, 9,999 times. They assume normal effects; docs/statistics.md reports their coverage.
    Raises ValueError below two draws or two initializations.
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim not in (2, 3) or min(scores.shape) < 2:
        raise ValueError(f"at least two draws of two initializations, and two searches if any, not {scores.shape}")
    degrees, sums = _degrees_of_freedom(scores.shape), _sums_of_squares(scores)
    estimates = _components(sums / np.array(degrees), scores.shape)
    components = np.maximum(estimates, 0.0)
    simulated = np.maximum(_components(sums[:, None] / _chi_squares(degrees), scores.shape), 0.0)
    shares = _shares(components)
    sd_ends, share_ends = (
        np.quantile(values, [LEVEL / 2, 1 - LEVEL / 2], axis=1) for values in (simulated, _shares(simulated))
    )
    return tuple(
        Component(
            sd=math.sqrt(components[n]),
            low=math.sqrt(sd_ends[0, n]),
            high=math.sqrt(sd_ends[1, n]),
            share=float(shares[n]),
            share_low=float(share_ends[0, n]),
            share_high=float(share_ends[1, n]),
            negative=bool(estimates[n] < 0),
        )
        for n in range(len(components))
    )


def _degrees_of_freedom(shape: tuple[int, ...]) -> tuple[int, ...]:
    draws, initializations, *searches = shape
    within = tuple(draws * initializations * (number - 1) for number in searches)
    return draws - 1, initializations - 1, (draws - 1) * (initializations - 1), *within


def _sums_of_squares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of squares [sources]; those within rounding of zero are zero."""
    draws, initializations = scores.shape[:2]
    by_search = scores - scores.mean()
    searches = by_search.size // (draws * initializations)
    centered = by_search.reshape(draws, initializations, searches).mean(axis=2)
    rows, columns = centered.mean(axis=1), centered.mean(axis=0)
    remainder = centered - rows[:, None] - columns
    sums: NDArray[np.float64] = searches * np.array(
        [initializations * np.sum(rows**2), draws * np.sum(columns**2), np.sum(remainder**2)]
    )
    if scores.ndim == 3:
        sums = np.append(sums, np.sum((by_search - centered[..., None]) ** 2))
    sums[sums <= 1e-24 * scores.size * np.abs(scores).max() ** 2] = 0.0
    return sums


def _components(mean_squares: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return components [sources, ...] from mean squares [sources, ...]."""
    draws, initializations, searches = (*shape, 1)[:3]
    by_draw, by_initialization, remainder, *search = mean_squares
    within = search[0] if search else np.zeros_like(remainder)
    by_draw = (by_draw - remainder) / (initializations * searches)
    by_initialization = (by_initialization - remainder) / (draws * searches)
    components: NDArray[np.float64] = np.stack([by_draw, by_initialization, (remainder - within) / searches, *search])
    return components


def _shares(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares of the total; NaN where there is no variance."""
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = components / components.sum(axis=0)
    return shares


@lru_cache(maxsize=16)
def _chi_squares(degrees: tuple[int, ...]) -> NDArray[np.float64]:
    return np.array([np.random.default_rng([SEED, n]).chisquare(df, RESAMPLES) for n, df in enumerate(degrees)])
