"""Logistic regression of all values of C and all replicates of one shape at once, by L-BFGS.

L-BFGS (Nocedal & Wright 2006, algorithm 7.4) starts from a Hessian that is nearly diagonal on principal axes, or for
few axes from that of each class by itself. All fits are lanes of one array, which stop one by one. A lane never depends
on the others.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Watch = Callable[[int, float], None]
"""Called with the number of fits that are done, and the mean loss of an example."""

MEMORY = 10
"""Pairs of steps and gradients from which curvature is estimated."""
BLOCK_RANK = 160
"""Most axes for which L-BFGS starts from the whole Hessian of a class: for two classes that is Newton's method."""
FIRST = frozenset(range(5))
REFRESH = frozenset(10 * 2**n for n in range(20))
"""Steps in which that start is computed anew, and the first ones, in which it also is."""
DENSE = 16
"""From so many values of C on, fits start from those of other values."""
LATE = 20
"""The step from which these use whole Hessians: one for each value costs more than the steps that most fits take."""
LEVELS = (5, 9, 17, 33)
"""So many values are fitted before the others, at first the ends and those farthest from all before."""


def solve_lanes(
    z: Floats, squares: Floats, y: NDArray[np.int64], classes: int, c: Sequence[Sequence[float]], tolerance: float,
    max_iterations: int, watch: Watch,
) -> tuple[Floats, NDArray[np.int64]]:  # fmt: skip
    """Return the weights and iterations of `Lanes`, for ascending values of C, as many for each replicate.

    Of many values, those of each level start from cubic curves over the logarithm of C through the fits before. The
    curves are of the weights times a Hessian of constant curvature: without it they bend where C is small.
    """
    values = np.asarray(c, np.float64)
    logs, number = np.log(values), values.shape[1]
    if number < DENSE or not np.diff(logs).all():
        return Lanes(z, squares, y, classes, values).solve(tolerance, max_iterations, watch)
    spread, rows, fitted = _spread(logs), np.arange(len(z))[:, None], 0
    weights = np.zeros((*values.shape, classes if classes > 2 else 1, z.shape[2]))
    iterations = np.zeros(values.shape, np.int64)
    for end in (*(level for level in LEVELS if level < number), number):
        known, new = np.sort(spread[:, :fitted]), np.sort(spread[:, fitted:end])
        lanes, start = Lanes(z, squares, y, classes, values[rows, new]), None
        if fitted:
            curvature = (classes - 1) / classes**2
            scaled = weights[rows, known] * (curvature * lanes.squares + _penalty(z, values[rows, known]))
            curves = _curves(logs[rows, known], scaled, logs[rows, new])
            start = curves / (curvature * lanes.squares + lanes.penalty)

        def counted(done: int, loss: float, before: int = len(z) * fitted) -> None:
            watch(before + done, loss)

        weights[rows, new], iterations[rows, new] = lanes.solve(
            tolerance, max_iterations, counted, start, whole_from=LATE
        )
        fitted = end
    return weights, iterations


def _spread(x: Floats) -> NDArray[np.intp]:
    """Return the order of ascending points ``[R, n]``: the ends, then each time the one farthest from all before."""
    rows, order = np.arange(len(x)), np.zeros(x.shape, np.intp)
    order[:, 1] = x.shape[1] - 1
    distances = np.minimum(x - x[:, :1], x[:, -1:] - x)
    for place in range(2, x.shape[1]):
        order[:, place] = distances.argmax(axis=1)
        np.minimum(distances, np.abs(x - x[rows, order[:, place], None]), out=distances)
    return order


def _penalty(z: Floats, c: Floats) -> Floats:
    """The curvature of the penalty, none of the intercept: ``[R, C values, 1, rank + 1]``."""
    return np.append(np.ones(z.shape[2] - 1), 0.0) / c[..., None, None]


def _curves(x: Floats, y: Floats, at: Floats) -> Floats:
    """Return values ``[R, n, ...]`` at ``at [R, n]`` of the cubics through the four nearest of the points ``x``, ``y``.

    ``x [R, nodes]`` ascends, ``y [R, nodes, ...]``; the cubics are Lagrange's.
    """
    curves = []
    for own, values, places in zip(x, y, at, strict=True):
        first = np.clip(np.searchsorted(own, places) - 2, 0, len(own) - 4)
        four = first[:, None] + np.arange(4)
        distances = own[four][:, :, None] - own[four][:, None] + np.eye(4)
        ahead = np.where(np.eye(4, dtype=bool), 1.0, (places[:, None] - own[four])[:, None])
        shares = np.prod(ahead / distances, axis=2)
        curves.append(np.einsum("nj,nj...->n...", shares, values[four]))
    return np.stack(curves)


class Lanes:
    """Problems of one shape: examples ``z [R, n, rank + 1]`` on principal axes, with an intercept last, the ``squares
    [R, rank + 1]`` of these columns, class numbers ``y [R, n]``, and the values ``c [R, C values]``.

    Other arrays are ``[R, C values, classes or 1, ...]``; the last weight is the intercept.
    """

    def __init__(self, z: Floats, squares: Floats, y: NDArray[np.int64], classes: int, c: Floats):
        self.z, self.squares = z, squares[:, None, None]
        labels = np.arange(classes) if classes > 2 else np.array([1])
        self.gold = (y[:, None] == labels[:, None]).astype(np.float64)[:, None]
        self.penalty = _penalty(z, c)

    def solve(
        self, tolerance: float, max_iterations: int, watch: Watch, start: Floats | None = None, whole_from: int = 0
    ) -> tuple[Floats, NDArray[np.int64]]:
        """Return the weights ``[R, C values, classes or 1, rank + 1]`` and the iterations of each lane.

        ``start``: weights near the result. ``whole_from``: the step from which L-BFGS may start from whole Hessians.
        """
        shape = self.penalty.shape[:2]
        weights = np.zeros((*shape, self.gold.shape[2], self.z.shape[2])) if start is None else start
        if start is None:
            weights[..., -1] = _first_intercepts(self.gold)
        refresh, least = (REFRESH | FIRST, len(FIRST) - 1) if start is None else (REFRESH | {0}, 1)
        solved, iterations = weights.copy(), np.zeros(shape, np.int64)
        columns, penalty = np.arange(shape[1]), self.penalty
        done = np.zeros(shape, bool)
        logits = _product(weights, self.z.swapaxes(1, 2))
        probabilities = _probabilities(logits)
        gradient = self._gradient(probabilities, weights, penalty)
        pairs: list[tuple[Floats, Floats, Floats]] = []
        for iteration in range(max_iterations):
            if iteration in refresh:
                inverse = self._inverse(probabilities, penalty, iteration >= whole_from)
            direction = -_newton_like(gradient, inverse, pairs)
            if iteration >= least:
                done = done | (_dot(direction, direction) <= tolerance**2 * _dot(weights, weights))
            finished = done.all(axis=0)
            if finished.any():
                solved[:, columns[finished]] = weights[:, finished]
                rest = ~finished
                columns, penalty = columns[rest], penalty[:, rest]
                watch(len(self.z) * int(shape[1] - len(columns)), self._loss(probabilities))
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

    def _inverse(self, probabilities: Floats, penalty: Floats, whole: bool) -> Floats:
        """The inverse Hessian of each class by itself: ``[R, C values, classes or 1, rank + 1, rank + 1]``.

        Where it is not to be ``whole``, for many axes, or as many as examples, only its diagonal as if all examples had
        the mean curvature, with a last axis of 1.
        """
        curvature = probabilities * (1 - probabilities)
        rank = self.z.shape[2]
        if not whole or rank > BLOCK_RANK or curvature.shape[-1] <= rank:
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
