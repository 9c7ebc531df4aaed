"""The linear probe: regularized logistic regression on frozen vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from seedbed.errors import InputError
from seedbed.model.fitted import SELECT, LinearPath, Sample, Scaler, Watch, check_choice, check_pooling
from seedbed.model.logistic import Problem, Solution, fit_paths

LABEL_NUMBERS = 30_000_000
"""Most numbers in the vectors of the labels that are fitted at once, each of which has a copy: bounds memory."""
C = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Probe:
    """Multinomial logistic regression on pooled vectors, or for tagging on the vector of each token.

    Vectors are standardized by mean and deviation of the replicate's training vectors. Of the values ``c`` the
    one with the least log loss on validation is taken (``select: score``: the highest score, then the least loss; the
    smallest of equals). Probabilities are those of scikit-learn's ``LogisticRegression`` on the same arrays. A class
    without a training example has probability 0.

    Of sets of labels each label has a regression of its own, as in scikit-learn's ``OneVsRestClassifier``, all with one
    value of C; a label that no training example has, or that all have, has probability 0 or 1.
    """

    pooling: str = "mean"
    c: list[float] = field(default_factory=lambda: list(C))
    standardize: bool = True
    select: str = "loss"
    tolerance: float = 1e-6
    max_iterations: int = 2000

    tags: ClassVar[bool] = True
    fits_labels: ClassVar[bool] = True
    parameter: ClassVar[str] = "probe/c"
    training_fields: ClassVar[tuple[str, ...]] = ("score_at_end",)
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("c",)

    def __post_init__(self) -> None:
        check_pooling(self.pooling)
        check_choice("select", self.select, SELECT)
        if not self.c or min(self.c) <= 0 or len(set(self.c)) < len(self.c):
            raise InputError(f"encoder.c={list(self.c)}: give different values above 0, such as [0.01, 1, 100]")
        if not 0 < self.tolerance < 1:
            raise InputError(f"encoder.tolerance={self.tolerance}: must be above 0 and below 1")
        if self.max_iterations < 1:
            raise InputError(f"encoder.max_iterations={self.max_iterations}: must be at least 1")

    def candidates(self) -> Sequence[float]:
        """Return the values of C, from strong to weak regularization."""
        return sorted(self.c)

    def fit(self, samples: Sequence[Sample], classes: int, watch: Watch) -> list[LinearPath]:
        """Return the path of each replicate; with one class in training, that class has probability 1."""
        if any(sample.multilabel for sample in samples):
            return self._fit_labels(samples, watch)
        scalers = [Scaler.of(sample.x, self.standardize) for sample in samples]
        seen = [np.unique(sample.y) for sample in samples]
        problems = {
            n: Problem(scaler.transform(sample.x), np.searchsorted(labels, sample.y), len(labels))
            for n, (sample, scaler, labels) in enumerate(zip(samples, scalers, seen, strict=True))
            if len(labels) > 1
        }
        values = [sample.values or self.candidates() for sample in samples]
        own = [values[n] for n in problems]
        solved = fit_paths(list(problems.values()), own, self.tolerance, self.max_iterations, watch)
        solutions: Mapping[int, Solution] = dict(zip(problems, solved, strict=True))
        return [
            self._path(solutions.get(n), values[n], scalers[n], seen[n], sample.x.shape[1], classes)
            for n, sample in enumerate(samples)
        ]

    def _fit_labels(self, samples: Sequence[Sample], watch: Watch) -> list[LinearPath]:
        """Return the path of each replicate, whose labels are fitted one by one, as many at once as fit in memory."""
        values = [sample.values or self.candidates() for sample in samples]
        total, done, paths = sum(map(len, values)), 0, []
        for sample, own in zip(samples, values, strict=True):
            scaler, size = Scaler.of(sample.x, self.standardize), sample.x.shape[1]
            x = scaler.transform(sample.x)
            frequency = sample.y.mean(axis=0)
            kernels = np.zeros((len(own), size, len(frequency)))
            biases = np.tile(np.where(frequency > 0.5, np.inf, -np.inf), (len(own), 1))
            iterations = np.zeros(len(own), np.int64)
            varied = np.flatnonzero((frequency > 0) & (frequency < 1))
            most = max(1, LABEL_NUMBERS // x.size)
            for first in range(0, len(varied), most):
                labels = varied[first : first + most]

                def counted(fits: int, _: int, loss: float, before: int = done, first: int = first * len(own)) -> None:
                    watch(before + (first + fits) // len(varied), total, loss)  # noqa: B023  (called before the next)

                problems = [Problem(x, sample.y[:, label], 2) for label in labels]
                solved = fit_paths(problems, [own] * len(labels), self.tolerance, self.max_iterations, counted)
                for label, solution in zip(labels, solved, strict=True):
                    weights = solution.weights[:, 0] / scaler.scale
                    kernels[:, :, label] = weights
                    biases[:, label] = solution.intercepts[:, 0] - weights @ scaler.mean
                    iterations += solution.iterations
            done += len(own)
            measures = [{"probe/iterations": float(count)} for count in iterations]
            paths.append(LinearPath(own, kernels, biases, len(varied) * (size + 1), measures, sigmoid=True))
        return paths

    def _path(
        self, solution: Solution | None, values: Sequence[float], scaler: Scaler, seen: np.ndarray, width: int,
        classes: int,
    ) -> LinearPath:  # fmt: skip
        """Return the functions of vectors as they are, before standardization."""
        kernels = np.zeros((len(values), width, classes))
        biases = np.full((len(values), classes), -np.inf)
        biases[:, seen] = 0.0
        if solution is None:
            return LinearPath(values, kernels, biases, 0, [{}] * len(values))
        weights = solution.weights / scaler.scale
        labels = seen if solution.weights.shape[1] > 1 else seen[1:]
        kernels[:, :, labels] = weights.swapaxes(1, 2)
        biases[:, labels] = solution.intercepts - weights @ scaler.mean
        measures = [{"probe/iterations": float(count)} for count in solution.iterations]
        return LinearPath(values, kernels, biases, len(labels) * (width + 1), measures)
