"""Regularized logistic regression: a path of C values, for several replicates at once.

The objective is that of scikit-learn's ``LogisticRegression``: C times the sum of the log losses plus half the squared
norm of the weights, without the intercept. Two classes have one weight vector, more have one each.

The penalty does not change under rotation. So the examples are rotated to the principal axes of their replicate, at
most as many as examples. Three or more classes with more examples than axes, as for tagging, are then solved one
replicate after the other by `seedbed.model.logistic_newton`, others together by `seedbed.model.logistic_lanes`. A
replicate never depends on the others.

NumPy in float64, on every backend: weights at C=1000 need more than seven digits, which JAX does not have by default;
the arrays are small, and the results are the same on TensorFlow and JAX, CPU and GPU.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.model.logistic_lanes import solve_lanes
from seedbed.model.logistic_newton import solve_path

Floats = NDArray[np.float64]
Watch = Callable[[int, int, float], None]
"""Called with the numbers of fits that are done and of all, and the mean loss of an example."""

TALL = 1.5
"""Examples for each axis from which three or more classes are solved by `seedbed.model.logistic_newton`."""
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
    problems: Sequence[Problem], c: Sequence[Sequence[float]], tolerance: float, max_iterations: int, watch: Watch
) -> list[Solution]:
    """Return the solutions of each problem for all its values of C, in order.

    ``tolerance``: a fit is done when a step would change its weights by less than this part of their norm.
    """
    solutions: dict[int, Solution] = {}
    limits = _one_thread(max((p.x.size for p in problems), default=0))
    with limits:
        by_array = {id(problem.x): problem.x for problem in problems}  # labels of one text share their vectors
        rotated_by_array = {key: Axes.of(x) for key, x in by_array.items()}
        axes = [rotated_by_array[id(problem.x)] for problem in problems]
        batches: dict[tuple[int, ...], list[int]] = {}
        for n, (problem, rotated) in enumerate(zip(problems, axes, strict=True)):
            batches.setdefault((*rotated.z.shape, problem.classes, len(c[n])), []).append(n)
        for numbers in batches.values():
            before = sum(len(c[n]) for n in solutions)

            def counted(done: int, loss: float, before: int = before) -> None:
                watch(before + done, sum(map(len, c)), loss)

            alike = [problems[n] for n in numbers], [axes[n] for n in numbers]
            weights, iterations = _solve(*alike, [c[n] for n in numbers], tolerance, max_iterations, counted)
            for n, lanes, counts in zip(numbers, weights, iterations, strict=True):
                solutions[n] = Solution(lanes[..., :-1] @ axes[n].basis.T, lanes[..., -1], counts)
    return [solutions[n] for n in range(len(problems))]


def _solve(
    problems: Sequence[Problem], axes: Sequence[Axes], c: Sequence[Sequence[float]], tolerance: float,
    max_iterations: int, watch: Callable[[int, float], None],
) -> tuple[Floats, NDArray[np.int64]]:  # fmt: skip
    """Return weights ``[R, C values, classes or 1, rank + 1]`` and iterations of problems of one shape."""
    examples, rank = axes[0].z.shape
    classes = problems[0].classes
    z = np.stack([np.concatenate([rotated.z, np.ones((examples, 1))], axis=1) for rotated in axes])
    if classes == 2 or examples < TALL * rank:
        squares = np.stack([np.append(rotated.squares, examples) for rotated in axes])
        y = np.stack([p.y for p in problems])
        return solve_lanes(z, squares, y, classes, c, tolerance, max_iterations, watch)
    paths: list[tuple[Floats, NDArray[np.int64]]] = []
    for x, problem, own in zip(z, problems, c, strict=True):

        def counted(done: int, loss: float, before: int = len(paths) * len(own)) -> None:
            watch(before + done, loss)

        paths.append(solve_path(x, problem.y, classes, own, tolerance, max_iterations, counted))
    return np.stack([weights for weights, _ in paths]), np.stack([iterations for _, iterations in paths])


def _one_thread(numbers: int) -> AbstractContextManager[object]:
    """Small products wait for threads longer than they compute."""
    if numbers > SMALL:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limits
