"""Vectors as points of a plane: principal components with reproducible signs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NEGLIGIBLE = 1e-10
"""Variance below this fraction of the mean square of the vectors is rounding."""


@dataclass(frozen=True)
class Plane:
    """``points``: float64 ``[n, 2]``; ``explained_variance``: the fraction of variance along each axis, or 0."""

    points: NDArray[np.float64]
    explained_variance: tuple[float, float]


def project(vectors: NDArray[np.floating], groups: Sequence[int]) -> Plane:
    """Project ``vectors [n, width]`` to their first two principal components.

    The sign of a component is arbitrary: later groups get higher values, or if that is undefined, the largest loading
    is positive. Similar layers of the same occurrences then have similar pictures.
    """
    from sklearn.decomposition import PCA

    exact = np.asarray(vectors, np.float64)
    centered = exact - exact.mean(axis=0)
    variance = np.square(centered).sum()
    if variance <= _NEGLIGIBLE * np.square(exact).sum():
        return Plane(np.zeros((len(exact), 2)), (0.0, 0.0))
    pca = PCA(n_components=min(2, *exact.shape), svd_solver="full").fit(exact)
    points, explained = np.zeros((len(exact), 2)), [0.0, 0.0]
    ranks = np.asarray(groups, np.float64) - np.mean(groups)
    for axis, loadings in enumerate(pca.components_):
        ratio = float(pca.explained_variance_ratio_[axis])
        if ratio > _NEGLIGIBLE:
            scores = centered @ loadings
            points[:, axis], explained[axis] = scores * _sign(scores, ranks, loadings), ratio
    return Plane(points, (explained[0], explained[1]))


def distinct_vectors(vectors: NDArray[np.floating]) -> int:
    """Return the number of vectors that differ by more than rounding."""
    scale = float(np.abs(vectors).max()) or 1.0
    return len(np.unique(np.round(np.asarray(vectors, np.float64) / scale, 5), axis=0))


def _sign(scores: NDArray[np.floating], ranks: NDArray[np.floating], loadings: NDArray[np.floating]) -> float:
    agreement = float(scores @ ranks)
    if abs(agreement) > 1e-6 * np.linalg.norm(scores) * np.linalg.norm(ranks):
        return float(np.sign(agreement))
    return float(np.sign(loadings[np.argmax(np.abs(loadings))]))
