"""The expected score of the best of n trials, in closed form: functions over arrays of floats, higher is better."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def unbiased_shares(trials: int) -> NDArray[np.float64]:
    """Return [n - 1, i]: the probability that the i-th smallest of the trials is the best of n of them.

    Over all subsets of n different trials: C(i, n - 1) / C(trials, n) (Tang et al. 2020, "Showing your work doesn't
    always work", eq. 8; i counts from 0). Each row sums to 1.
    """
    ranks = np.arange(trials + 1, dtype=float)
    below = np.ones(trials + 1)
    rows = []
    for n in range(trials):
        # The share of subsets of n + 1 trials within the first `rank`: C(rank, n + 1) / C(trials, n + 1).
        below = below * np.maximum(ranks - n, 0.0) / (trials - n)
        rows.append(np.diff(below))
    return np.array(rows).reshape(trials, trials)


def plug_in_shares(trials: int) -> NDArray[np.float64]:
    """Return the same for n draws with replacement: (i / trials)^n - ((i - 1) / trials)^n (Dodge et al. 2019, eq. 7).

    The expected best is biased downward, as the same trial may be drawn twice.
    """
    ranks = np.arange(trials + 1, dtype=float) / max(trials, 1)
    draws = np.arange(1, trials + 1)[:, None]
    return np.diff(ranks[None, :] ** draws, axis=1)


def expected_best(
    shares: Callable[[int], NDArray[np.float64]], values: ArrayLike, first: int | None = None
) -> NDArray[np.float64]:
    """Return the expected value [n - 1] of the best of n trials, such as its score, or its test score.

    ``values``: of the trials, from the worst to the best. ``first``: the position of the trial that every search begins
    with, such as the default: the best of n is then that of it and of n - 1 of the others. Those that are worse than it
    are never taken, so that they count as it does. With None all trials are drawn.
    """
    values = np.asarray(values, dtype=float)
    if first is None:
        return np.asarray(shares(len(values)) @ values)
    others = np.concatenate([np.full(first, values[first]), values[first + 1 :]])
    return np.concatenate([values[[first]], shares(len(others)) @ others])
