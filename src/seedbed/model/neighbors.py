"""Classifiers by distance: the nearest neighbors, and the nearest mean of a class (prototype)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError
from seedbed.model.fitted import SELECT, LinearPath, Sample, Scaler, Watch, check_choice, check_pooling

METRICS = ("cosine", "euclidean")
BLOCK = 4_000_000
"""Most distances at once: bounds memory."""


@dataclass(frozen=True)
class KNN:
    """The classes of the ``k`` nearest training vectors, by cosine or Euclidean distance.

    A probability is the part of the neighbors with that class, as in scikit-learn's ``KNeighborsClassifier``. Of
    equally near vectors those of the earlier training examples count, of equally probable classes the first. Of several
    ``k`` the one with the least log loss on validation is taken (``select: score``: the highest score, then the least
    loss); those above the number of training examples are left out. Of sets of labels a probability is the part of the
    neighbors with that label.
    """

    pooling: str = "mean"
    k: list[int] = field(default_factory=lambda: [1, 3, 5, 9, 15, 25])
    metric: str = "cosine"
    standardize: bool = False
    select: str = "loss"

    tags: ClassVar[bool] = True
    fits_labels: ClassVar[bool] = True
    parameter: ClassVar[str] = "knn/k"
    training_fields: ClassVar[tuple[str, ...]] = ("score_at_end",)
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("k",)

    def __post_init__(self) -> None:
        check_pooling(self.pooling)
        check_choice("metric", self.metric, METRICS)
        check_choice("select", self.select, SELECT)
        if not self.k or min(self.k) < 1 or len(set(self.k)) < len(self.k):
            raise InputError(f"encoder.k={list(self.k)}: give different numbers of at least 1, such as [1, 5, 15]")

    def candidates(self) -> Sequence[float]:
        """Return the values of k, smallest first."""
        return sorted(self.k)

    def fit(self, samples: Sequence[Sample], classes: int, watch: Watch) -> list["Neighbors"]:
        """Return the training vectors of each replicate. Raises InputError where all ``k`` are too large."""
        return [self._neighbors(sample, classes) for sample in samples]

    def restored(self, arrays: Mapping[str, NDArray[np.generic]], classes: int) -> "Neighbors":
        """Return the neighbors that have returned these arrays."""
        scaled = "knn/scale" in arrays
        scaler = Scaler(as_double(arrays["knn/mean"]), as_double(arrays["knn/scale"])) if scaled else None
        x, y = as_double(arrays["knn/vectors"]), arrays["knn/classes"].astype(np.int64)
        return Neighbors([int(k) for k in arrays["knn/k"].tolist()], x, y, classes, self.metric, scaler)

    def _neighbors(self, sample: Sample, classes: int) -> "Neighbors":
        values = [int(k) for k in sample.values or sorted(self.k) if k <= len(sample.y)]
        if not values:
            raise InputError(
                f"encoder.k={list(self.k)}: a replicate has only {len(sample.y)} training vectors; "
                f"use encoder.k=[1] or a larger size"
            )
        scaler = Scaler.of(sample.x) if self.standardize else None
        return Neighbors(values, prepared(sample.x, scaler, self.metric), sample.y, classes, self.metric, scaler)


@dataclass(frozen=True)
class Neighbors:
    """Training vectors float64 ``[n, D]`` as distances are measured, and their classes.

    ``y``: as that of `seedbed.model.fitted.Sample`.
    """

    values: Sequence[int]
    x: NDArray[np.float64]
    y: NDArray[np.int64]
    classes: int
    metric: str
    scaler: Scaler | None

    @property
    def size(self) -> int:
        """No weights are fitted."""
        return 0

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the part of each class among the neighbors: ``[values, n, classes]``."""
        rows = max(1, BLOCK // len(self.y))
        parts = [self._parts(x[start : start + rows]) for start in range(0, len(x), rows)]
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(self.values), 0, self.classes))

    def _parts(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        distances = squared_distances(prepared(x, self.scaler, self.metric), self.x)
        nearest = _smallest(distances, max(self.values))
        has = self.y[nearest] if self.y.ndim == 2 else self.y[nearest][:, :, None] == np.arange(self.classes)
        votes = has.cumsum(axis=1)
        return np.stack([votes[:, k - 1] / k for k in self.values])

    def chosen(self, index: int) -> "Neighbors":
        """Return the neighbors with one k."""
        return Neighbors(self.values[index : index + 1], self.x, self.y, self.classes, self.metric, self.scaler)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the training vectors, scaled for the distance, their classes, and k."""
        arrays: dict[str, NDArray[np.generic]] = {
            "knn/vectors": self.x, "knn/classes": self.y, "knn/k": np.array(self.values),
        }  # fmt: skip
        if self.scaler is not None:
            arrays |= {"knn/mean": self.scaler.mean, "knn/scale": self.scaler.scale}
        return arrays

    def measures(self) -> Mapping[str, float]:
        """Return nothing more."""
        return {}


@dataclass(frozen=True)
class Prototype:
    """The class with the nearest mean of training vectors, as scikit-learn's ``NearestCentroid`` predicts.

    Probabilities are the softmax of negative squared Euclidean distances (Snell et al. 2017); of sets of labels, for
    each label of the distances to the means of the examples with it and without it.
    """

    pooling: str = "mean"
    standardize: bool = False

    tags: ClassVar[bool] = True
    fits_labels: ClassVar[bool] = True
    select: ClassVar[str] = "loss"
    parameter: ClassVar[str] = ""
    training_fields: ClassVar[tuple[str, ...]] = ("score_at_end",)

    def __post_init__(self) -> None:
        check_pooling(self.pooling)

    def candidates(self) -> Sequence[float]:
        """Return one value: nothing is chosen."""
        return [0.0]

    def fit(self, samples: Sequence[Sample], classes: int, watch: Watch) -> list[LinearPath]:
        """Return the means of each replicate, as linear functions: ``2 x.mean - mean.mean``."""
        return [self._label_means(sample) if sample.multilabel else self._means(sample, classes) for sample in samples]

    def _means(self, sample: Sample, classes: int) -> LinearPath:
        scaler = Scaler.of(sample.x, self.standardize)
        x = scaler.transform(sample.x)
        kernel, bias = np.zeros((x.shape[1], classes)), np.full(classes, -np.inf)
        for label in np.unique(sample.y):
            mean = x[sample.y == label].mean(axis=0)
            kernel[:, label] = 2 * mean / scaler.scale
            bias[label] = -(mean @ mean) - scaler.mean @ kernel[:, label]
        size = len(np.unique(sample.y)) * x.shape[1]
        return LinearPath(self.candidates(), kernel[None], bias[None], size)

    def _label_means(self, sample: Sample) -> LinearPath:
        """A label that no training example has, or that all have, has probability 0 or 1."""
        scaler = Scaler.of(sample.x, self.standardize)
        x, frequency = scaler.transform(sample.x), sample.y.mean(axis=0)
        kernel, bias = np.zeros((x.shape[1], len(frequency))), np.where(frequency > 0.5, np.inf, -np.inf)
        varied = np.flatnonzero((frequency > 0) & (frequency < 1))
        for label in varied:
            without, having = (x[sample.y[:, label] == value].mean(axis=0) for value in (0, 1))
            kernel[:, label] = 2 * (having - without) / scaler.scale
            bias[label] = without @ without - having @ having - scaler.mean @ kernel[:, label]
        size = 2 * len(varied) * x.shape[1]
        return LinearPath(self.candidates(), kernel[None], bias[None], size, sigmoid=True)


def as_double(array: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return an array in float64."""
    return array.astype(np.float64)


def prepared(x: NDArray[np.float32], scaler: Scaler | None, metric: str) -> NDArray[np.float64]:
    """Return vectors whose squared Euclidean distances order neighbors as the metric does."""
    double = x.astype(np.float64) if scaler is None else scaler.transform(x)
    if metric == "euclidean":
        return double
    norms = np.linalg.norm(double, axis=1, keepdims=True)
    return double / np.where(norms > 0, norms, 1.0)


def squared_distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared Euclidean distances of the rows of a and b: ``[n, m]``; rounding may make them negative."""
    squares: NDArray[np.float64] = (a * a).sum(axis=1)[:, None] - 2 * (a @ b.T) + (b * b).sum(axis=1)
    return squares


def _smallest(distances: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Return the columns of the k smallest numbers of each row, in order; of equals up to rounding the first."""
    scale = np.abs(distances).max(axis=1, keepdims=True)
    rounded = np.round(distances / np.where(scale > 0, scale, 1.0), 10)
    order: NDArray[np.int64] = rounded.argsort(axis=1, kind="stable")[:, :k]
    return order
