"""Regularized logistic regression: a path of C values, for several replicates at once.

The objective is that of scikit-learn's ``LogisticRegression``: C times the sum of the log losses plus half the squared
norm of the weights, without the intercept. Two classes have one weight vector, more have one each.

The penalty does not change under rotation. So the examples are rotated to the principal axes of their replicate, at
most as many as examples, and L-BFGS (Nocedal & Wright 2006, algorithm 7.4) starts from a Hessian that is nearly
diagonal there, or for few axes from that of each class by itself. All values of C and all replicates of one shape are
lanes of one array, which stop one by one. A lane never depends on the others.

Three or more classes with more examples than axes, as for tagging, are solved one replicate after the other by
`seedbed.model.logistic_newton`.

NumPy in float64, on every backend: weights at C=1000 need more than seven digits, which JAX does not have by default;
the arrays are small, and the results are the same on TensorFlow and JAX, CPU and GPU.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.model.logistic_newton import solve_path

Floats = NDArray[np.float64]
Watch = Callable[[int, int, float], None]
"""Called with the numbers of fits that are done and of all, and the mean loss of an example."""

MEMORY = 10
"""Pairs of steps and gradients from which curvature is estimated."""
BLOCK_RANK = 160
"""Most axes for which L-BFGS starts from the whole Hessian of a class: for two classes that is Newton's method."""
TALL = 1.5
"""Examples for each axis from which three or more classes are solved by `seedbed.model.logistic_newton`."""
REFRESH = frozenset(10 * 2**n for n in range(20))
"""Steps in which that start is computed anew, besides the first ones."""
SMALL = 2_000_000
"""Numbers of a product up to which one thread is faster than several."""
RANK = 1e-12
"""Relative variance below which a principal axis is numerical noise."""


@dataclass(frozen=True)
class Problem:
    """Centered vectors of one replicate, float64 ``[n, D]``, and a class number from 0 for each; ``classes`` are at
    least two, each with an example."""

    x: Floats
    y: NDArray[np.int64]
    classes: int


@dataclass(frozen=True)
class Solution:
    """Weights ``[C values, classes or 1, D]``, intercepts ``[C values, classes or 1]`` and iterations of each fit."""

    weights: Floats
    intercepts: Floats
    iterations: NDArray[np.int64]


@dataclass(frozen=True)
class Axes:
    """Examples on their principal axes: ``z = x @ basis`` ``[n, rank]``, and the squared norms of its columns."""

    z: Floats
    squares: Floats
    basis: Floats

    @classmethod
    def of(cls, x: Floats) -> "Axes":
        """Rotate centered examples ``[n, D]``; nothing is lost but axes without variance."""
        wide = x.shape[0] <= x.shape[1]
        squares, vectors = np.linalg.eigh(x @ x.T if wide else x.T @ x)
        kept = squares > max(squares[-1], 0.0) * RANK
        squares, vectors = squares[kept], vectors[:, kept]
        if wide:
            norms = np.sqrt(squares)
            return cls(vectors * norms, squares, x.T @ (vectors / norms))
        return cls(x @ vectors, squares, vectors)


def fit_paths(
    problems: Sequence[Problem], c: Sequence[float], tolerance: float, max_iterations: int, watch: Watch
) -> list[Solution]:
    """Return the solutions of each problem for all values of C, in order.

    ``tolerance``: a fit is done when a step would change its weights by less than this part of their norm.
    """
    solutions: dict[int, Solution] = {}
    limits = _one_thread(max((p.x.size for p in problems), default=0))
    with limits:
        axes = [Axes.of(problem.x) for problem in problems]
        batches: dict[tuple[int, ...], list[int]] = {}
        for n, (problem, rotated) in enumerate(zip(problems, axes, strict=True)):
            batches.setdefault((*rotated.z.shape, problem.classes), []).append(n)
        for numbers in batches.values():
            before = len(solutions) * len(c)

            def counted(done: int, loss: float, before: int = before) -> None:
                watch(before + done, len(problems) * len(c), loss)

            own = [problems[n] for n in numbers], [axes[n] for n in numbers]
            weights, iterations = _solve(*own, c, tolerance, max_iterations, counted)
            for n, lanes, counts in zip(numbers, weights, iterations, strict=True):
                solutions[n] = Solution(lanes[..., :-1] @ axes[n].basis.T, lanes[..., -1], counts)
    return [solutions[n] for n in range(len(problems))]


def _solve(
    problems: Sequence[Problem], axes: Sequence[Axes], c: Sequence[float], tolerance: float, max_iterations: int,
    watch: Callable[[int, float], None],
) -> tuple[Floats, NDArray[np.int64]]:  # fmt: skip
    """Return weights ``[R, C values, classes or 1, rank + 1]`` and iterations of problems of one shape."""
    examples, rank = axes[0].z.shape
    if problems[0].classes == 2 or examples < TALL * rank:
        return _Batch(problems, axes, c).solve(tolerance, max_iterations, watch)
    paths = []
    for problem, rotated in zip(problems, axes, strict=True):

        def counted(done: int, loss: float, before: int = len(paths) * len(c)) -> None:
            watch(before + done, loss)

        paths.append(
            solve_path(_with_intercept(rotated.z), problem.y, problem.classes, c, tolerance, max_iterations, counted)
        )
    return np.stack([weights for weights, _ in paths]), np.stack([iterations for _, iterations in paths])


class _Batch:
    """Problems of one shape. Arrays are ``[R, C values, classes or 1, ...]``; the last weight is the intercept."""

    def __init__(self, problems: Sequence[Problem], axes: Sequence[Axes], c: Sequence[float]):
        n = len(problems[0].x)
        self.z = np.stack([_with_intercept(own.z) for own in axes])
        self.squares = np.stack([np.append(own.squares, n) for own in axes])[:, None, None]
        labels = range(problems[0].classes) if problems[0].classes > 2 else [1]
        self.gold = np.stack([[p.y == label for label in labels] for p in problems]).astype(np.float64)[:, None]
        penalized = np.append(np.ones(self.z.shape[2] - 1), 0.0)
        self.penalty = penalized / np.asarray(c, np.float64)[:, None, None]

    def solve(
        self, tolerance: float, max_iterations: int, watch: Callable[[int, float], None]
    ) -> tuple[Floats, NDArray[np.int64]]:
        """Return the weights ``[R, C values, classes or 1, rank + 1]`` and the iterations of each lane."""
        shape = len(self.z), len(self.penalty)
        weights = np.zeros((*shape, self.gold.shape[2], self.z.shape[2]))
        weights[..., -1] = _first_intercepts(self.gold)
        solved, iterations = weights.copy(), np.zeros(shape, np.int64)
        columns, penalty = np.arange(len(self.penalty)), self.penalty
        done = np.zeros(shape, bool)
        logits = _product(weights, self.z.swapaxes(1, 2))
        probabilities = _probabilities(logits)
        gradient = self._gradient(probabilities, weights, penalty)
        pairs: list[tuple[Floats, Floats, Floats]] = []
        for iteration in range(max_iterations):
            if iteration < 5 or iteration in REFRESH:
                inverse = self._inverse(probabilities, penalty)
            direction = -_newton_like(gradient, inverse, pairs)
            if iteration > MEMORY // 3:
                done = done | (_dot(direction, direction) <= tolerance**2 * _dot(weights, weights))
            finished = done.all(axis=0)
            if finished.any():
                solved[:, columns[finished]] = weights[:, finished]
                rest = ~finished
                columns, penalty = columns[rest], penalty[rest]
                watch(len(self.z) * int(len(self.penalty) - len(columns)), self._loss(probabilities))
                if not len(columns):
                    break
                weights, logits, gradient, direction, done, inverse = (
                    array[:, rest] for array in (weights, logits, gradient, direction, done, inverse)
                )
                pairs = [(s[:, rest], g[:, rest], r[:, rest]) for s, g, r in pairs]
            iterations[:, columns] += ~done
            step, logits, probabilities = self._step(weights, logits, gradient, direction, penalty, done)
            weights = weights + step
            change = self._gradient(probabilities, weights, penalty) - gradient
            gradient = gradient + change
            curvature = _dot(step, change)
            pairs.append((step, change, np.where(curvature > 0, 1 / np.where(curvature > 0, curvature, 1), 0.0)))
            del pairs[:-MEMORY]
        else:
            solved[:, columns] = weights  # of fits that are not done
        return solved, iterations

    def _gradient(self, probabilities: Floats, weights: Floats, penalty: Floats) -> Floats:
        return _product(probabilities - self.gold, self.z) + penalty * weights

    def _loss(self, probabilities: Floats) -> float:
        """The mean log loss of an example, for progress."""
        two = self.gold.shape[2] == 1
        of_gold = np.where(self.gold > 0, probabilities, 1 - probabilities if two else 1.0)
        return float(-np.log(np.maximum(of_gold, 1e-15)).sum(axis=2).mean())

    def _inverse(self, probabilities: Floats, penalty: Floats) -> Floats:
        """The inverse Hessian of each class by itself: ``[R, C values, classes or 1, rank + 1, rank + 1]``.

        For many axes, or as many as examples, only its diagonal as if all examples had the mean curvature, with a last
        axis of 1.
        """
        curvature = probabilities * (1 - probabilities)
        rank = self.z.shape[2]
        if rank > BLOCK_RANK or curvature.shape[-1] <= rank:
            mean = curvature.mean(axis=-1)[..., None]
            diagonal: Floats = np.maximum(self.squares * mean + penalty, 1e-12)[..., None]
            return 1 / diagonal
        hessians = np.empty((*curvature.shape[:-1], rank, rank))
        for index in np.ndindex(curvature.shape[:-1]):
            z = self.z[index[0]]
            hessians[index] = (z.T * curvature[index]) @ z
        axes = np.arange(rank)
        hessians[..., axes, axes] += penalty + 1e-9 * hessians[..., axes, axes].mean(axis=-1)[..., None] + 1e-12
        inverse: Floats = np.linalg.inv(hessians)
        return inverse

    def _step(
        self, weights: Floats, logits: Floats, gradient: Floats, direction: Floats, penalty: Floats,
        done: NDArray[np.bool_],
    ) -> tuple[Floats, Floats, Floats]:  # fmt: skip
        """Return a step along the direction, and the logits and probabilities after it.

        It is full, or shortened until the loss does not rise steeply there. Along a line logits change linearly, so a
        trial costs no product. Slopes, not losses, are compared: these are too close to each other near the end.
        """
        slope = _dot(gradient, direction)
        change = _product(direction, self.z.swapaxes(1, 2))
        linear, quadratic = _dot(penalty * weights, direction), _dot(penalty * direction, direction)
        size = np.where(done, 0.0, 1.0)
        for _ in range(30):
            after = logits + _lanes(size) * change
            probabilities = _probabilities(after)
            slope_after = _dot(probabilities - self.gold, change) + linear + size * quadratic
            long = ~done & (slope_after > 0.5 * np.abs(slope))
            if not long.any():
                break
            secant = -slope / np.where(long, slope_after - slope, 1.0)
            size = np.where(long, size * np.clip(secant, 0.1, 0.7), size)
        return _lanes(size) * direction, after, probabilities


def _with_intercept(z: Floats) -> Floats:
    return np.concatenate([z, np.ones((len(z), 1))], axis=1)


def _newton_like(gradient: Floats, inverse: Floats, pairs: Sequence[tuple[Floats, Floats, Floats]]) -> Floats:
    """The inverse Hessian times the gradient, by the two loops of L-BFGS from a known part of it."""
    result, factors = gradient.copy(), []
    for step, change, reciprocal in reversed(pairs):
        factors.append(reciprocal * _dot(step, result))
        result -= _lanes(factors[-1]) * change
    result = inverse[..., 0] * result if inverse.shape[-1] == 1 else np.matmul(inverse, result[..., None])[..., 0]
    for step, change, reciprocal in pairs:
        result += _lanes(factors.pop() - reciprocal * _dot(change, result)) * step
    return result


def _first_intercepts(gold: Floats) -> Floats:
    """The intercepts of a model without weights: from the frequencies of the classes."""
    frequency = gold.mean(axis=-1)
    if gold.shape[2] == 1:
        odds: Floats = np.log(frequency / (1 - frequency))
        return odds
    logs: Floats = np.log(frequency)
    logs -= logs.mean(axis=-1, keepdims=True)
    return logs


def _probabilities(logits: Floats) -> Floats:
    """Logistic function of one logit; softmax of several: ``[R, C values, classes, n]``."""
    if logits.shape[2] == 1:
        logistic: Floats = 0.5 * (1.0 + np.tanh(0.5 * logits))
        return logistic
    powers: Floats = np.exp(logits - logits.max(axis=2, keepdims=True))
    powers /= powers.sum(axis=2, keepdims=True)
    return powers


def _product(lanes: Floats, matrices: Floats) -> Floats:
    """Each lane of a replicate times its matrix: ``[R, ..., a]`` and ``[R, a, b]`` to ``[R, ..., b]``."""
    flat: Floats = np.matmul(lanes.reshape(len(lanes), -1, lanes.shape[-1]), matrices)
    return flat.reshape(*lanes.shape[:-1], matrices.shape[-1])


def _dot(a: Floats, b: Floats) -> Floats:
    """The inner product of each lane: ``[R, C values]``."""
    flat = (*a.shape[:2], 1, -1)
    products: Floats = np.matmul(a.reshape(flat), b.reshape(flat).swapaxes(2, 3))[..., 0, 0]
    return products


def _lanes(values: Floats) -> Floats:
    return values[..., None, None]


def _one_thread(numbers: int) -> AbstractContextManager[object]:
    """Small products wait for threads longer than they compute."""
    if numbers > SMALL:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits
