"""Vectors as points of a plane: principal components with signs that do not change from run to run."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_NOTHING = 1e-10
"""Variance below this share of the vectors' mean square is rounding, and no direction."""


@dataclass(frozen=True)
class Plane:
    """``points``: float64 ``[n, 2]``; ``shares``: the share of all variance that each axis has, 0 if there is none."""

    points: np.ndarray
    shares: tuple[float, float]


def plane_of(vectors: np.ndarray, groups: Sequence[int]) -> Plane:
    """The two principal components of ``vectors [n, width]``.

    A component has no sign of its own: it is turned so that later groups lie higher on it, and where groups do not say,
    so that its largest loading is positive. Layers of the same occurrences then look alike where they are alike.
    """
    from sklearn.decomposition import PCA

    exact = np.asarray(vectors, np.float64)
    centred = exact - exact.mean(axis=0)
    variance = np.square(centred).sum()
    if variance <= _NOTHING * np.square(exact).sum():
        return Plane(np.zeros((len(exact), 2)), (0.0, 0.0))
    found = PCA(n_components=min(2, *exact.shape), svd_solver="full").fit(exact)
    points, shares = np.zeros((len(exact), 2)), [0.0, 0.0]
    ranks = np.asarray(groups, np.float64) - np.mean(groups)
    for axis, loadings in enumerate(found.components_):
        share = float(found.explained_variance_ratio_[axis])
        if share > _NOTHING:
            along = centred @ loadings
            points[:, axis], shares[axis] = along * _sign(along, ranks, loadings), share
    return Plane(points, (shares[0], shares[1]))


def distinct_vectors(vectors: np.ndarray) -> int:
    """How many of them differ by more than rounding."""
    scale = float(np.abs(vectors).max()) or 1.0
    return len(np.unique(np.round(np.asarray(vectors, np.float64) / scale, 5), axis=0))


def _sign(along: np.ndarray, ranks: np.ndarray, loadings: np.ndarray) -> float:
    agreement = float(along @ ranks)
    if abs(agreement) > 1e-6 * np.linalg.norm(along) * np.linalg.norm(ranks):
        return float(np.sign(agreement))
    return float(np.sign(loadings[np.argmax(np.abs(loadings))]))
