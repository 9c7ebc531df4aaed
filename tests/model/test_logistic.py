"""Logistic regression against scikit-learn on the same arrays."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from seedbed.model.fitted import Sample, Scaler
from seedbed.model.logistic import Axes
from seedbed.model.logistic_lanes import _curves, _spread
from seedbed.model.probe import Probe

C = (0.001, 0.1, 10.0)


def quiet(done, total, loss):
    pass


def sample(seed, n, width, classes, separable=False):
    """Random vectors of unequal variance, and classes that depend on them."""
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, width)) * np.geomspace(1, 0.01, width) + rng.normal(size=width)).astype(np.float32)
    scores = (x - x.mean(0)) @ rng.normal(size=(width, classes))
    y = (scores + (0 if separable else scores.std()) * rng.gumbel(size=scores.shape)).argmax(1)
    y[:classes] = np.arange(classes)
    return Sample(x, y.astype(np.int64))


def reference(train, x, c, standardize=True):
    scaler = StandardScaler(with_std=standardize).fit(train.x.astype(np.float64))
    model = LogisticRegression(C=c, tol=1e-12, max_iter=100_000, solver="newton-cg")
    model.fit(scaler.transform(train.x.astype(np.float64)), train.y)
    return model.predict_proba(scaler.transform(x.astype(np.float64)))


def probabilities(train, x, classes, **settings):
    (path,) = Probe(c=list(C), **settings).fit([train], classes, quiet)
    return path.probabilities(x)


@pytest.mark.parametrize(
    ("n", "width", "classes", "separable"),
    [(60, 8, 2, False), (60, 8, 4, False), (40, 90, 2, False), (40, 90, 3, True), (80, 5, 2, True), (30, 30, 5, False)],
)
def test_probabilities_are_those_of_scikit_learn(n, width, classes, separable):
    train, x = sample(n + width, n, width, classes, separable), sample(1, 50, width, classes).x
    result = probabilities(train, x, classes)
    assert result.shape == (len(C), 50, classes)
    for values, c in zip(result, C, strict=True):
        np.testing.assert_allclose(values, reference(train, x, c), atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_also_without_standardization(seed):
    train, x = sample(seed, 50, 6, 3), sample(seed + 9, 20, 6, 3).x
    for values, c in zip(probabilities(train, x, 3, standardize=False), C, strict=True):
        np.testing.assert_allclose(values, reference(train, x, c, standardize=False), atol=1e-4)


def test_a_class_that_training_lacks_has_probability_zero_and_the_others_those_of_a_fit_without_it():
    train, x = sample(3, 50, 6, 3), sample(4, 20, 6, 3).x
    without = Sample(train.x, np.where(train.y == 1, 3, train.y))
    result = probabilities(without, x, 5)
    assert (result[..., [1, 4]] == 0).all()
    np.testing.assert_allclose(result[1][:, [0, 2, 3]], reference(without, x, C[1]), atol=1e-4)


def test_with_one_class_in_training_it_has_probability_one():
    train = Sample(np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32), np.full(9, 2))
    assert (probabilities(train, train.x, 3) == [0, 0, 1]).all()


@pytest.mark.parametrize("separable", [False, True])
def test_a_step_of_newton_changes_nothing_more(separable):
    """At C=1000 scikit-learn itself is a poor reference: the optimum is where the exact Newton step is zero."""
    train = sample(5, 60, 8, 2, separable)
    (path,) = Probe(c=[1e-3, 1e3]).fit([train], 2, quiet)
    scaler = Scaler.of(train.x)
    z = np.concatenate([scaler.transform(train.x), np.ones((60, 1))], axis=1)
    for kernel, bias, values, c in zip(
        path.kernels, path.biases, path.probabilities(train.x), path.values, strict=True
    ):
        weights = np.append(kernel[:, 1] * scaler.scale, bias[1] + scaler.mean @ kernel[:, 1])
        p, penalty = values[:, 1], np.append(np.ones(8), 0.0)
        gradient = c * z.T @ (p - train.y) + penalty * weights
        hessian = c * (z.T * (p * (1 - p))) @ z + np.diag(penalty)
        assert np.linalg.norm(np.linalg.solve(hessian, gradient)) < 1e-4 * np.linalg.norm(weights)


def test_a_replicate_has_the_same_weights_alone_and_in_a_group():
    samples = [sample(0, 40, 12, 3), sample(1, 40, 12, 3), sample(2, 35, 12, 3), sample(3, 40, 12, 2)]
    group = Probe().fit(samples, 3, quiet)
    for own, path in zip(samples, group, strict=True):
        (alone,) = Probe().fit([own], 3, quiet)
        np.testing.assert_allclose(alone.probabilities(own.x), path.probabilities(own.x), atol=1e-6)


@pytest.mark.parametrize(("n", "width", "classes"), [(60, 8, 2), (40, 90, 2), (40, 90, 3)])
def test_many_values_of_c_are_those_of_scikit_learn_and_of_each_alone(n, width, classes):
    train, x = sample(3, n, width, classes), sample(1, 50, width, classes).x
    values = sorted((10 ** np.random.default_rng(0).uniform(-5, 3, 40)).tolist())
    (path,) = Probe(c=values).fit([train], classes, quiet)
    assert list(path.values) == values
    result = path.probabilities(x)
    for place in range(0, 40, 7):
        (alone,) = Probe(c=[values[place]]).fit([train], classes, quiet)
        np.testing.assert_allclose(result[place], alone.probabilities(x)[0], atol=1e-4)
        np.testing.assert_allclose(result[place], reference(train, x, values[place]), atol=1e-4)


def test_replicates_with_many_values_of_their_own_are_the_same_alone_and_in_a_group():
    rng, trains = np.random.default_rng(0), [sample(seed, 50, 12, 2) for seed in range(3)]
    trains = [dataclasses.replace(own, values=sorted((10 ** rng.uniform(-4, 2, 20)).tolist())) for own in trains]
    counts = []
    together = Probe().fit(trains, 2, lambda done, total, loss: counts.append((done, total)))
    assert counts[-1] == (60, 60)
    assert counts == sorted(counts)
    for train, path in zip(trains, together, strict=True):
        (alone,) = Probe().fit([train], 2, quiet)
        np.testing.assert_allclose(alone.kernels, path.kernels, rtol=1e-9, atol=1e-12)


def test_the_curves_from_which_many_values_start_go_through_cubics():
    rng = np.random.default_rng(0)
    x, at = np.sort(rng.normal(size=(2, 9)), axis=1), rng.uniform(-2, 2, (2, 5))
    of_cubics = [np.stack([places**3 - places, 2 * places**2 + 1], axis=-1) for places in (x, at)]
    np.testing.assert_allclose(_curves(x, of_cubics[0], at), of_cubics[1], atol=1e-10)


def test_points_are_spread_from_the_ends_to_the_middle_of_the_widest_gap():
    points = np.sort(np.random.default_rng(0).uniform(size=(3, 20)), axis=1)
    for own, order in zip(points, _spread(points), strict=True):
        assert sorted(order) == list(range(20))
        assert order[:2].tolist() == [0, 19]
        for place in range(2, 20):
            distances = np.abs(own[:, None] - own[order[:place]]).min(axis=1)
            assert distances[order[place]] == distances.max()


def test_values_of_c_that_only_rounding_tells_apart_have_the_same_fit():
    train, c = sample(3, 60, 8, 2), 1000.0
    close = [c * (1 + n * 2.3e-16) for n in range(3)]
    assert len({*close}) > len({*np.log(close)})
    (path,) = Probe(c=[*np.geomspace(1e-4, 10, 20).tolist(), *{*close}]).fit([train], 2, quiet)
    np.testing.assert_allclose(path.probabilities(train.x)[-2], path.probabilities(train.x)[-1], atol=1e-6)


@pytest.mark.parametrize(
    ("n", "width", "classes", "separable"), [(80, 8, 4, False), (60, 6, 2, True), (40, 90, 3, True)]
)
def test_many_values_need_few_steps_each(n, width, classes, separable):
    """More start closer: the mean of the steps falls, also where L-BFGS has no whole Hessians at first."""
    train, steps = sample(3, n, width, classes, separable), []
    for number in (20, 100):
        (path,) = Probe(c=np.geomspace(1e-5, 1e3, number).tolist()).fit([train], classes, quiet)
        steps.append(np.mean([own["probe/iterations"] for own in path.extra]))
        for place in (0, number // 2, number - 1):
            expected = probabilities_alone(train, path.values[place], classes)
            np.testing.assert_allclose(path.probabilities(train.x)[place], expected, atol=1e-4)
    assert steps[1] < 0.75 * steps[0]


def probabilities_alone(train, c, classes):
    (path,) = Probe(c=[c]).fit([train], classes, quiet)
    return path.probabilities(train.x)[0]


def test_progress_counts_every_fit_up_to_all():
    seen = []
    Probe(c=[0.1, 1.0]).fit([sample(0, 30, 5, 2), sample(1, 40, 5, 2)], 2, lambda *state: seen.append(state))
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][:2] == (4, 4)
    assert all(np.isfinite(loss) for *_, loss in seen)


@pytest.mark.parametrize("shape", [(5, 20), (20, 5)])
def test_axes_keep_products_and_are_orthogonal(shape):
    x = np.random.default_rng(2).normal(size=shape)
    x -= x.mean(0)
    axes = Axes.of(x)
    assert axes.z.shape[1] == min(shape[0] - 1, shape[1])
    np.testing.assert_allclose(axes.z @ axes.z.T, x @ x.T, atol=1e-9)
    np.testing.assert_allclose(axes.z.T @ axes.z, np.diag(axes.squares), atol=1e-9)


def test_constant_features_are_scaled_as_by_scikit_learn():
    x = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    x[:, 1] = 0.1
    own, other = Scaler.of(x), StandardScaler().fit(x.astype(np.float64))
    np.testing.assert_allclose(own.scale, other.scale_)
    np.testing.assert_allclose(own.transform(x), other.transform(x.astype(np.float64)), atol=1e-9)
    features = np.concatenate([x, np.full((30, 1), 7.0, np.float32)], axis=1)
    train = Sample(features, (x[:, 0] > 0).astype(np.int64))
    np.testing.assert_allclose(probabilities(train, features, 2)[1], reference(train, features, C[1]), atol=1e-4)
