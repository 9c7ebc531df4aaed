"""Logistic regression with more examples than axes: against scikit-learn, and its parts by brute force."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from seedbed.model.fitted import Sample
from seedbed.model.logistic import Problem, fit_paths
from seedbed.model.logistic_newton import Blocks, Loss, solve_path
from seedbed.model.probe import Probe

C = (0.001, 0.1, 1.0, 10.0)


def tokens(seed, n, width, classes, usual=3.0):
    """Vectors of unequal variance; most have class 0, as most tokens have tag O, and the last class has one example."""
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, width)) * np.geomspace(1, 0.03, width) + rng.normal(size=width)).astype(np.float32)
    scores = (x - x.mean(0)) @ rng.normal(size=(width, classes))
    scores += 0.5 * scores.std() * rng.gumbel(size=scores.shape)
    scores[:, 0] += usual * scores.std()
    y = scores[:, :-1].argmax(1)
    y[:classes] = np.arange(classes)
    return Sample(x, y)


def loss(seed=0, classes=4, n=30, width=5, c=2.0):
    """A loss as of classes without the first, the probabilities of random weights, and these."""
    sample, rng = tokens(seed, n, width, classes), np.random.default_rng(seed)
    z = np.concatenate([sample.x.astype(np.float64), np.ones((n, 1))], axis=1)
    gold = (sample.y == np.arange(1, classes)[:, None]).astype(np.float64)
    weights = rng.normal(size=(classes - 1, width + 1))
    objective = Loss(z, gold, np.append(np.ones(width), 0.0) / c, 1 / classes if classes > 2 else 0.0)
    return objective, probabilities(weights, z), weights


def probabilities(weights, z):
    logits = np.concatenate([np.zeros((1, len(z))), weights @ z.T])
    return (np.exp(logits) / np.exp(logits).sum(0))[1:]


def hessian(objective, p):
    """The Hessian, column by column."""
    product, shape = objective.hessian(p), (len(objective.gold), objective.z.shape[1])
    return np.stack([product(column.reshape(shape)).ravel() for column in np.eye(shape[0] * shape[1])])


@pytest.mark.parametrize(("n", "width", "classes", "usual"), [(330, 180, 6, 3.0), (90, 12, 12, 3.0), (120, 30, 4, 0.0)])
def test_probabilities_are_those_of_scikit_learn(n, width, classes, usual):
    train, x = tokens(0, n, width, classes, usual), tokens(1, 40, width, classes).x
    assert (train.y == classes - 1).sum() == 1
    (path,) = Probe(c=list(C)).fit([train], classes, lambda *state: None)
    scaler = StandardScaler().fit(train.x.astype(np.float64))
    inside, outside = (scaler.transform(rows.astype(np.float64)) for rows in (train.x, x))
    for values, c in zip(path.probabilities(x), C, strict=True):
        model = LogisticRegression(C=c, tol=1e-12, max_iter=100_000, solver="newton-cg").fit(inside, train.y)
        np.testing.assert_allclose(values, model.predict_proba(outside), atol=1e-4)


@pytest.mark.parametrize("classes", [2, 5])
def test_the_gradient_is_zero_at_the_end(classes):
    sample = tokens(3, 200, 20, classes)
    z = np.concatenate([sample.x.astype(np.float64), np.ones((200, 1))], axis=1)
    weights, products = solve_path(z, sample.y, classes, C, 1e-8, 2000, lambda *state: None)
    assert (products > 0).all()
    gold = (sample.y == np.arange(classes)[:, None]).astype(np.float64)
    for fit, c in zip(weights, C, strict=True):
        both = np.concatenate([0 * fit, fit]) if classes == 2 else fit
        p = probabilities(both[1:] - both[0], z)
        residual = (np.concatenate([1 - p.sum(0, keepdims=True), p]) - gold)[-len(fit) :]
        gradient = residual @ z + np.append(np.ones(20), 0.0) / c * fit
        assert np.abs(gradient).max() < 1e-5 * np.abs(gold @ z).max()


def test_the_product_is_that_of_the_change_of_the_gradient():
    objective, p, weights = loss()
    direction = np.random.default_rng(1).normal(size=weights.shape)
    ends = [weights + step * direction for step in (-1e-5, 1e-5)]
    below, above = (objective.gradient(probabilities(end, objective.z), end) for end in ends)
    np.testing.assert_allclose(objective.hessian(p)(direction), (above - below) / 2e-5, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("exact", "tolerance"), [(False, 0.05), (True, 0.01)])
def test_the_preconditioner_is_the_inverse_where_the_classes_are_apart(exact, tolerance):
    """Each example is in doubt between the first class and one other: p of a third class is 0."""
    objective, p, weights = loss(classes=4, n=60)
    p = np.where(np.arange(60) % 3 == np.arange(3)[:, None], 1e-3 * p, 0.0)
    gradient = np.random.default_rng(2).normal(size=weights.shape)
    expected = np.linalg.solve(hessian(objective, p), gradient.ravel()).reshape(weights.shape)
    difference = Blocks.of(objective, p, exact).solve(gradient) - expected
    assert np.linalg.norm(difference) < tolerance * np.linalg.norm(expected)


def test_examples_without_curvature_are_left_out_of_the_hessian_only():
    objective, p, weights = loss(n=40)
    certain = np.arange(40) >= 10
    p[:, certain] = 1e-12
    kept = Loss(objective.z[~certain], objective.gold[:, ~certain], objective.penalty, objective.coupling)
    np.testing.assert_allclose(hessian(objective, p), hessian(kept, p[:, ~certain]), rtol=0.01, atol=0.01)
    changed = p.copy()
    changed[:, certain] = 0.5
    assert np.abs(objective.gradient(changed, weights) - objective.gradient(p, weights)).max() > 1


def problems(count):
    samples = [tokens(seed, 150, 40, 4) for seed in range(count)]
    return [Problem(s.x.astype(np.float64) - s.x.mean(0, dtype=np.float64), s.y, 4) for s in samples]


def test_a_replicate_has_the_same_weights_alone_and_in_a_group():
    group = fit_paths(problems(3), [C] * 3, 1e-6, 2000, lambda *state: None)
    for problem, solution in zip(problems(3), group, strict=True):
        (alone,) = fit_paths([problem], [C], 1e-6, 2000, lambda *state: None)
        np.testing.assert_array_equal(alone.weights, solution.weights)


def test_progress_counts_the_fits_of_all_replicates():
    seen = []
    fit_paths(problems(2), [C] * 2, 1e-6, 2000, lambda *state: seen.append(state))
    assert [state[:2] for state in seen] == [(n, 8) for n in range(1, 9)]
    assert all(0 < mean < np.log(4) for *_, mean in seen)


def test_the_number_of_products_is_limited():
    (solution,) = fit_paths(problems(1), [C], 1e-6, 4, lambda *state: None)
    assert solution.iterations.tolist() == [4] * 4
    assert np.isfinite(solution.weights).all()


def test_uneven_values_of_c_give_the_same_as_each_alone():
    """The path starts each value ahead of the last one, which must not carry it away."""
    values = (0.1, 0.1001, 500.0)
    (path,) = fit_paths(problems(1), [values], 1e-8, 5000, lambda *state: None)
    (alone,) = fit_paths(problems(1), [values[2:]], 1e-8, 5000, lambda *state: None)
    np.testing.assert_allclose(path.weights[2], alone.weights[0], atol=1e-5 * np.abs(alone.weights).max())
