"""Probes against scikit-learn's loop: ten replicates, seven values of C, the same arrays, in pairs."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from seedbed.model.fitted import Sample
from seedbed.model.probe import Probe

SHAPES = ((200, 384, 2), (50, 384, 2), (200, 50, 2), (200, 384, 6))
TAGS = (3400, 384, 21)
"""Tokens of 200 sentences, of which most have one tag; one replicate, only beside scikit-learn's default."""
TOLERANCES = (1e-4, 1e-8)
"""Scikit-learn's default, and one at which its probabilities agree with those of the probe up to C=100."""


def samples(n: int, width: int, classes: int, replicates: int = 10) -> list[Sample]:
    """Replicates of vectors with unequal variances, and noisy linear classes; of tags the first is usual."""
    made = []
    for seed in range(replicates):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(n, width)) * np.geomspace(1, 0.05, width)
        x = x @ np.linalg.qr(rng.normal(size=(width, width)))[0]
        scores = x @ rng.normal(size=(width, classes))
        scores += scores.std() * rng.gumbel(size=scores.shape)
        if (n, width, classes) == TAGS:
            scores[:, 0] += 5 * scores.std()
        y = scores.argmax(1)
        y[:classes] = np.arange(classes)
        made.append(Sample(x.astype(np.float32), y))
    return made


def peer(replicates: Sequence[Sample], x: np.ndarray, tolerance: float) -> np.ndarray:
    """Probabilities ``[replicates, C values, examples, classes]`` of scikit-learn."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rows = []
    for sample in replicates:
        scaler = StandardScaler().fit(sample.x.astype(np.float64))
        train, other = scaler.transform(sample.x.astype(np.float64)), scaler.transform(x.astype(np.float64))
        models = [LogisticRegression(C=c, tol=tolerance, max_iter=20_000) for c in Probe().candidates()]
        rows.append([model.fit(train, sample.y).predict_proba(other) for model in models])
    return np.array(rows)


def own(replicates: Sequence[Sample], x: np.ndarray, classes: int) -> np.ndarray:
    """The same of the probe."""
    paths = Probe().fit(replicates, classes, lambda done, total, loss: None)
    return np.array([path.probabilities(x) for path in paths])


def timed(call: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Wall seconds and result."""
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def probes(rounds: int) -> None:
    """Print seconds, ratios of pairs, and the largest difference of a probability by C."""
    print("\nprobes: ten replicates x seven values of C (goal for 200 x 384: under 1 s, 10 times scikit-learn)")
    for shape in SHAPES:
        for tolerance in TOLERANCES:
            _beside(shape, 10, tolerance, rounds)
    print("probes for tagging: one replicate x seven values of C")
    _beside(TAGS, 1, TOLERANCES[0], 1)


def _beside(shape: tuple[int, int, int], count: int, tolerance: float, rounds: int) -> None:
    n, width, classes = shape
    replicates, x = samples(*shape, count), samples(100, width, classes, 1)[0].x
    own(replicates[:1], x, classes)
    pairs = []
    for _ in range(rounds):
        seconds, probabilities = timed(lambda: own(replicates, x, classes))
        other, expected = timed(lambda: peer(replicates, x, tolerance))
        pairs.append((seconds, other))
    differences = np.abs(probabilities - expected).max(axis=(0, 2, 3))
    print(f"  [{n}, {width}], {classes} classes, scikit-learn tol={tolerance:g}: "
          f"{', '.join(f'{a:.2f} against {b:.2f}' for a, b in pairs)} s, "
          f"ratio {', '.join(f'{b / a:.1f}' for a, b in pairs)}; "
          f"difference by C {' '.join(f'{d:.0e}' for d in differences)}")  # fmt: skip
