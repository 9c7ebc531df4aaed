"""Logistic regression with more examples than axes, and many axes: Newton's method along the path of C.

Tagging is of this kind: thousands of tokens, hundreds of axes and up to dozens of classes, of which one, ``O``, has
most tokens. Each value of C starts from the weights of the one before, on the line through the last two. Newton's
equations are solved by preconditioned conjugate gradients (Nocedal & Wright 2006, algorithms 5.3 and 7.1), no more
exactly than the step deserves.

The most frequent class has no weights here; those of the others are differences from it. Where rare classes are
confused with that class, and seldom with each other, the Hessian of the losses is nearly block-diagonal in these. The
penalty of the differences couples the classes by a matrix of one block's rank, which the preconditioner inverts too.

Weights, gradients and Hessians are float64; only the preconditioner, which changes the number of steps and not the
result, is float32.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Solve = Callable[[Floats], Floats]

LOOSE = 0.25
"""Part of the gradient that may remain in the solution of Newton's equations far from the optimum."""
CURVED = 0.999
"""Part of all curvature that the examples of a Hessian have: at large C most tokens have nearly none."""
CURVED_BLOCK = 0.99
"""The same for the blocks of the preconditioner."""
FIRST_BLOCKS, NEW_BLOCKS = 8, 12
"""Blocks cost as much as many products: they are computed, once for a value of C, when it has taken more products than
this part of the axes, at first without blocks and then with those of another value."""
LONGEST = 2.0
"""Most of the last change of the weights by which the next value of C starts ahead."""


@dataclass(frozen=True)
class Loss:
    """Log losses of examples ``z [n, axes]``, whose last axis is the intercept, by weights ``[classes - 1, axes]``.

    ``gold [classes - 1, n]``: 1 at the class of an example. ``penalty [axes]``: 1 / C, and 0 for the intercept.
    ``coupling``: the part of the sum of the weights that the penalty of each lacks: 1 / classes, and 0 for two classes,
    which have one weight vector.
    """

    z: Floats
    gold: Floats
    penalty: Floats
    coupling: float

    def regularized(self, weights: Floats) -> Floats:
        """Return the gradient of the penalty."""
        gradient: Floats = self.penalty * (weights - self.coupling * weights.sum(axis=0))
        return gradient

    def gradient(self, probabilities: Floats, weights: Floats) -> Floats:
        """Return the gradient of losses and penalty."""
        gradient: Floats = (probabilities - self.gold) @ self.z + self.regularized(weights)
        return gradient

    def mean(self, probabilities: Floats) -> float:
        """Return the mean log loss of an example, for progress."""
        of_gold = np.where(self.gold > 0, probabilities, 0.0).sum(axis=0)
        reference = ~self.gold.any(axis=0)
        of_gold[reference] = 1 - probabilities[:, reference].sum(axis=0)
        return float(-np.log(np.maximum(of_gold, 1e-15)).mean())

    def hessian(self, probabilities: Floats) -> Solve:
        """Return the product of the Hessian and a vector, without examples that have next to no curvature."""
        curved = _most((probabilities * (1 - probabilities)).sum(axis=0), CURVED)
        z = self.z
        if 2 * len(curved) < len(z):
            z, probabilities = z[curved], probabilities[:, curved]

        def product(weights: Floats) -> Floats:
            logits = weights @ z.T
            logits *= probabilities
            logits -= probabilities * logits.sum(axis=0)
            result: Floats = logits @ z + self.regularized(weights)
            return result

        return product


@dataclass(frozen=True)
class Blocks:
    """The inverse of the Hessian of each class by itself with the penalty of all.

    ``inverses``: those of the Hessians, ``[classes - 1, axes, axes]``. ``correction [axes, axes]``: that of the
    coupling of the penalty (Woodbury's identity).
    """

    inverses: NDArray[np.floating]
    correction: NDArray[np.floating]

    @classmethod
    def of(cls, loss: Loss, probabilities: Floats, exact: bool) -> "Blocks":
        """Compute the blocks in float32 from the examples that have most of the curvature of a class.

        ``exact``: in float64 from all.
        """
        from scipy import linalg
        from threadpoolctl import threadpool_limits

        axes = loss.z.shape[1]
        curvature = probabilities * (1 - probabilities)
        scales = 1 / np.sqrt(curvature @ np.square(loss.z) + loss.penalty + 1e-12)
        dtype, part, ridge = (np.float64, 1.0, 1e-12) if exact else (np.float32, CURVED_BLOCK, 1e-5)
        z = loss.z.astype(dtype)
        blocks = np.empty((len(scales), axes, axes), dtype)
        for block, weights, scale in zip(blocks, curvature, scales, strict=True):
            curved = _most(weights, part)
            rows = z[curved] * np.sqrt(weights[curved, None]).astype(dtype) * scale.astype(dtype)
            np.matmul(rows.T, rows, out=block)
        diagonal = np.arange(axes)
        blocks[:, diagonal, diagonal] = 1 + ridge  # scaled so; a little more keeps them positive
        with threadpool_limits(1, "blas"), catch_warnings():
            # SciPy has a BLAS of its own, perhaps loaded after the limits of fit_paths.
            simplefilter("ignore", linalg.LinAlgWarning)
            inverses = linalg.inv(blocks, assume_a="pos", overwrite_a=True, check_finite=False)
        inverses *= (scales[:, :, None] * scales[:, None]).astype(dtype)
        root = np.sqrt(loss.penalty)
        rest = np.eye(axes) - loss.coupling * root[:, None] * inverses.sum(axis=0, dtype=np.float64) * root
        correction = loss.coupling * root[:, None] * np.linalg.inv(rest) * root
        return cls(inverses, correction.astype(dtype))

    def solve(self, gradient: Floats) -> Floats:
        """Return nearly the inverse Hessian times a gradient."""
        apart = np.matmul(self.inverses, gradient.astype(self.inverses.dtype)[..., None])[..., 0]
        coupled = self.correction @ apart.sum(axis=0)
        result: Floats = (apart + np.matmul(self.inverses, coupled)).astype(np.float64)
        return result


def solve_path(
    z: Floats, y: NDArray[np.int64], classes: int, c: Sequence[float], tolerance: float, max_iterations: int,
    watch: Callable[[int, float], None],
) -> tuple[Floats, NDArray[np.int64]]:  # fmt: skip
    """Return weights ``[C values, classes or 1, axes]`` and the products with a Hessian of each fit.

    ``z [n, axes]``: examples, with an intercept last; ``y``: class numbers, each at least once; ``c``: ascending.
    ``watch`` is called with the number of fits that are done, and the mean loss of an example.
    """
    counts = np.bincount(y, minlength=classes)
    reference = int(counts.argmax()) if classes > 2 else 0
    others = [label for label in range(classes) if label != reference]
    gold = (y == np.array(others)[:, None]).astype(np.float64)
    weights = np.zeros((len(others), z.shape[1]))
    weights[:, -1] = np.log(counts[others] / counts[reference])
    solved: list[Floats] = []
    iterations: list[int] = []
    blocks: Blocks | None = None
    for number, value in enumerate(c):
        penalty = np.append(np.ones(z.shape[1] - 1), 0.0) / value
        loss = Loss(z, gold, penalty, 1 / classes if classes > 2 else 0.0)
        if number > 1:
            ahead = np.log(value / c[number - 1]) / np.log(c[number - 1] / c[number - 2])
            weights = weights + min(ahead, LONGEST) * (solved[-1] - solved[-2])
        weights, products, blocks, mean = _minimum(loss, weights, blocks, tolerance, max_iterations)
        solved.append(weights)
        iterations.append(products)
        watch(number + 1, mean)
    if classes == 2:
        return np.stack(solved), np.array(iterations)
    result = np.zeros((len(c), classes, z.shape[1]))
    result[:, others] = solved
    return result - result.mean(axis=1, keepdims=True), np.array(iterations)


def _minimum(
    loss: Loss, weights: Floats, blocks: Blocks | None, tolerance: float, most: int
) -> tuple[Floats, int, Blocks | None, float]:
    """Return the weights, the products that they took, the last blocks and the mean loss."""
    logits = weights @ loss.z.T
    probabilities = _probabilities(logits)
    gradient = loss.gradient(probabilities, weights)
    squares = np.square(loss.z)
    products, renewals, used, axes = 0, 0, 0, len(loss.penalty)
    limit = max(axes // 2, 50)
    first: float | None = None
    while products < most:
        if used == limit or (not renewals and products > axes // (NEW_BLOCKS if blocks else FIRST_BLOCKS)):
            renewals += 1
            blocks = Blocks.of(loss, probabilities, exact=renewals > 1)
        solve = blocks.solve if blocks else _diagonal(loss, probabilities, squares)
        before = _norm(gradient, solve)
        first = first or before
        enough = tolerance * float(np.linalg.norm(weights))
        direction, used = _direction(
            loss.hessian(probabilities), gradient, solve, min(LOOSE, np.sqrt(before / first)) if first else 0.0, enough,
            min(limit, most - products),
        )  # fmt: skip
        step, logits, probabilities = _step(loss, weights, logits, gradient, direction)
        weights, products = weights + step, products + max(used, 1)
        gradient = loss.gradient(probabilities, weights)
        # What remains is to the step as the gradient after it is to that before.
        if np.linalg.norm(step) * _norm(gradient, solve) <= enough * before:
            break
    return weights, products, blocks, loss.mean(probabilities)


def _direction(
    hessian: Solve, gradient: Floats, solve: Solve, part: float, enough: float, most: int
) -> tuple[Floats, int]:
    """Return Newton's direction by conjugate gradients, and the products that it took.

    They end when the norm of the residual is this part of that of the gradient, or the error of the direction is
    about a third of ``enough``.
    """
    direction, residual = np.zeros_like(gradient), -gradient
    conjugate = solve(residual)
    norm = start = float(np.vdot(residual, conjugate))
    used = 0
    while norm > 0 and used < most:
        product = hessian(conjugate)
        used += 1
        size = norm / float(np.vdot(conjugate, product))
        direction += size * conjugate
        residual -= size * product
        solution = solve(residual)
        previous, norm = norm, float(np.vdot(residual, solution))
        if norm <= start * max(part**2, 0.1 * enough**2 / max(float(np.vdot(direction, direction)), 1e-300)):
            break
        conjugate = solution + norm / previous * conjugate
    return direction, used


def _step(
    loss: Loss, weights: Floats, logits: Floats, gradient: Floats, direction: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return a step along the direction, and the logits and probabilities after it.

    It is full, or shortened until the loss does not rise steeply there; slopes are compared, as in
    `seedbed.model.logistic_lanes`.
    """
    slope = float(np.vdot(gradient, direction))
    change = direction @ loss.z.T
    curved = loss.regularized(direction)
    linear, quadratic = float(np.vdot(weights, curved)), float(np.vdot(direction, curved))
    size = 1.0
    for _ in range(30):
        after = logits + size * change
        probabilities = _probabilities(after)
        slope_after = float(np.vdot(probabilities - loss.gold, change)) + linear + size * quadratic
        if slope_after <= 0.5 * abs(slope):
            break
        size *= min(max(-slope / (slope_after - slope), 0.1), 0.7)
    return size * direction, after, probabilities


def _diagonal(loss: Loss, probabilities: Floats, squares: Floats) -> Solve:
    diagonal = (probabilities * (1 - probabilities)) @ squares + (1 - loss.coupling) * loss.penalty + 1e-12

    def solve(gradient: Floats) -> Floats:
        return gradient / diagonal

    return solve


def _norm(gradient: Floats, solve: Solve) -> float:
    return math.sqrt(max(float(np.vdot(gradient, solve(gradient))), 0.0))


def _most(weights: Floats, part: float) -> NDArray[np.intp]:
    """The fewest indices whose weights have this part of the sum."""
    order = np.argsort(-weights)
    sums = np.cumsum(weights[order])
    return order[: np.searchsorted(sums, part * sums[-1]) + 1]


def _probabilities(logits: Floats) -> Floats:
    """Softmax of these logits and of 0, whose probabilities are left out: ``[classes - 1, n]``."""
    top = np.maximum(logits.max(axis=0), 0.0)
    powers: Floats = np.exp(logits - top)
    powers /= powers.sum(axis=0) + np.exp(-top)
    return powers
