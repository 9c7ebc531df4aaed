"""The expected score of the best of n trials, in closed form: functions over arrays of floats, higher is better."""

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
    shares: NDArray[np.float64], scores: ArrayLike, others: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the expected score [n - 1] of the best of n trials, or with ``others`` their other score.

    ``others``: for instance test scores of the trials, of which the best on validation is taken; trials with equal
    scores are equally likely to be taken. ``scores``: without NaN.
    """
    scores = np.asarray(scores, dtype=float)
    order = np.argsort(scores, kind="stable")
    taken = scores[order]
    if others is not None:
        values = np.asarray(others, dtype=float)[order]
        _, group = np.unique(taken, return_inverse=True)
        taken = (np.bincount(group, weights=values) / np.bincount(group))[group]
    expected: NDArray[np.float64] = shares @ taken
    return expected
