"""Fits against scipy, known curves, and how often intervals hold on simulated studies with other curves."""

import math

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import norm, t

from seedbed.report.statistics.growth import FAMILIES, FEWEST_REPLICATES, Growth, fit_family

SIZES = np.array([13, 25, 50, 100, 200])
CURVES = {
    "power": lambda n, a, b, shape: a - b * n**-shape,
    "exponential": lambda n, a, b, shape: a - b * np.exp(-n / shape),
}


def noisy(rng, replicates=8):
    curve = CURVES["power"](SIZES, 0.9, 1.5, 0.5)
    return curve + rng.normal(0, 0.03, (replicates, len(SIZES)))


@pytest.mark.parametrize(("family", "shape"), [("power", 0.6), ("exponential", 45.0)])
def test_a_fit_recovers_the_curve_that_made_the_scores(family, shape):
    scores = CURVES[family](SIZES.astype(float), np.array([[0.8], [0.9]]), np.array([[0.7], [1.1]]), shape)
    fit = fit_family(family, SIZES, scores, 1.0)
    np.testing.assert_allclose(fit.a, [0.8, 0.9], atol=1e-5)
    np.testing.assert_allclose(fit.b, [0.7, 1.1], rtol=1e-4)
    np.testing.assert_allclose(fit.shape, shape, rtol=1e-4)
    expected = CURVES[family](1000.0, np.array([0.8, 0.9]), np.array([0.7, 1.1]), shape)
    np.testing.assert_allclose(fit.at([1000])[:, 0], expected, atol=1e-5)


@pytest.mark.parametrize("family", CURVES)
def test_no_start_of_scipy_finds_a_better_fit(family):
    scores = noisy(np.random.default_rng(3))
    fit = fit_family(family, SIZES, scores, 1.0)
    ours = ((fit.at(SIZES) - scores) ** 2).sum(axis=1)
    bounds = (0.03, 3.0) if family == "power" else (SIZES[0] / 2, 5 * SIZES[-1])
    for row, best in zip(scores, ours, strict=True):
        found = [
            2 * least_squares(
                lambda p, row=row: CURVES[family](SIZES.astype(float), *p) - row, (0.7, 1.0, start),
                bounds=([-np.inf, 0, bounds[0]], [1.0, np.inf, bounds[1]]), x_scale=(0.1, 0.1, start), xtol=1e-12,
                ftol=1e-12, max_nfev=4_000,
            ).cost
            for start in np.geomspace(bounds[0] * 1.01, bounds[1] * 0.99, 7)
        ]  # fmt: skip
        assert best == pytest.approx(min(found), rel=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_curve_falls_or_exceeds_the_ceiling(family):
    falling = np.array([[0.9, 0.8, 0.7, 0.6], [0.5, 0.7, 0.9, 0.99], [0.1, 0.1, 0.2, 0.9]])
    curves = fit_family(family, SIZES[:4], falling, 1.0).at(np.geomspace(13, 1e6, 60))
    assert (np.diff(curves, axis=1) >= -1e-9).all()
    assert curves.max() <= 1.0


def test_the_family_that_made_the_curve_gets_the_weight():
    rng = np.random.default_rng(0)
    for family, curve in (("logarithm", 0.2 + 0.1 * np.log(SIZES)), ("accelerating", 0.01 * np.sqrt(SIZES))):
        growth = Growth(tuple(SIZES), curve + rng.normal(0, 0.001, (10, 5)), 1.0, slack=0.0005)
        assert FAMILIES[np.argmax(growth.weights)] == family
    flat = Growth(tuple(SIZES), 0.5 + rng.normal(0, 0.001, (10, 5)), 1.0)
    forecast = flat.at([1000])
    assert forecast.low[0] < 0.5 < forecast.high[0]
    assert forecast.high[0] - forecast.low[0] < 0.02


def test_the_interval_grows_with_the_distance_and_shrinks_with_replicates():
    rng = np.random.default_rng(1)
    growths = [Growth(tuple(SIZES), noisy(rng, number), 1.0) for number in (6, 60)]
    few, many = (growth.at([200, 400, 1000, 2000]) for growth in growths)
    assert (np.diff(few.high - few.low) > 0).all()
    assert ((many.high - many.low) < (few.high - few.low)).all()
    # Nothing is added for the distance at the largest size: only the spread of replicates and that of families.
    curves = np.stack([fit.at([200])[:, 0] for fit in growths[0].fits])
    means, weights = curves.mean(axis=1), growths[0].weights
    spread = weights @ curves.var(axis=1, ddof=1) / 6
    families = weights @ (means - weights @ means) ** 2
    half = math.sqrt(t.ppf(0.975, 5) ** 2 * spread + norm.ppf(0.975) ** 2 * families)
    assert (few.high[0] - few.low[0]) / 2 == pytest.approx(half, rel=1e-9)


def test_a_target_is_reached_where_the_forecast_says_so():
    growth = Growth(tuple(SIZES), noisy(np.random.default_rng(2), 20), 1.0)
    size, low, high = growth.reach(0.83)
    assert low <= size <= high
    assert growth.at([size]).mean[0] >= 0.83 > growth.at([size - 5]).mean[0]
    assert growth.reach(0.1)[0] == -math.inf
    assert growth.reach(0.999)[0] == math.inf


def test_more_replicates_are_those_that_make_the_interval_narrow():
    growth = Growth(tuple(SIZES), noisy(np.random.default_rng(5), 6), 1.0)
    now = growth.at([400])
    wanted = 0.75 * (now.high[0] - now.low[0])
    more = growth.more_replicates(400, wanted)
    assert more is not None
    then = growth.at([400], 6 + more)
    assert then.high[0] - then.low[0] <= wanted
    assert growth.more_replicates(400, 1e-6) is None


@pytest.mark.parametrize(("sizes", "replicates"), [(2, 10), (5, FEWEST_REPLICATES - 1)])
def test_too_little_is_refused(sizes, replicates):
    with pytest.raises(ValueError, match="3 sizes and 6 replicates"):
        Growth(tuple(SIZES[:sizes]), np.zeros((replicates, sizes)))


def true_curve(rng):
    """A curve of a family that is fitted, or of one that is not (pow4 and Morgan-Mercer-Flodin)."""
    kind, top = rng.choice(["power", "pow4", "exponential", "mmf"]), rng.uniform(0.5, 0.98)
    rise = rng.uniform(0.1, top - 0.05) * rng.uniform(0.4, 1)
    c, d = rng.uniform(0.3, 1.2), rng.uniform(10, 120)
    if kind == "power":
        return lambda n: top - rise * (n / SIZES[0]) ** -c
    if kind == "pow4":
        return lambda n: top - rise * ((n + d) / (SIZES[0] + d)) ** -c
    if kind == "exponential":
        return lambda n: top - rise * np.exp(-(n - SIZES[0]) / d)
    return lambda n: top - rise + rise * (n**c - SIZES[0] ** c) / (d**c + n**c)


def simulated(rng, curve, replicates):
    """Scores of nested draws: errors of neighbouring sizes are correlated, and those of one test set are common."""
    errors = rng.normal(size=(replicates, len(SIZES)))
    for place in range(1, len(SIZES)):
        errors[:, place] = 0.5 * errors[:, place - 1] + math.sqrt(0.75) * errors[:, place]
    spread = rng.uniform(0.015, 0.05) * (SIZES / SIZES[0]) ** -0.3
    return np.clip(curve(SIZES) + errors * spread + rng.normal(0, 0.01, (replicates, 1)), 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("replicates", [6, 10])
def test_intervals_cover_the_true_score_of_most_of_200_simulated_studies(replicates):
    rng, held = np.random.default_rng(11), np.zeros(2)
    for _ in range(200):
        curve = true_curve(rng)
        forecast = Growth(tuple(SIZES), simulated(rng, curve, replicates), 1.0).at([400, 1000])
        truth = curve(np.array([400.0, 1000.0]))
        held += (forecast.low <= truth) & (truth <= forecast.high)
    assert ((held / 200 >= 0.88) & (held / 200 <= 0.99)).all(), held
