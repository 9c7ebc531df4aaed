"""Neighbors and prototypes against scikit-learn on the same arrays."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import StandardScaler
from tests.refusals import refusal

from seedbed.model.fitted import Sample
from seedbed.model.neighbors import KNN, Prototype

RNG = np.random.default_rng(0)
TRAIN = Sample(RNG.normal(1.0, 2.0, (60, 5)).astype(np.float32), RNG.integers(0, 3, 60))
X = RNG.normal(1.0, 2.0, (40, 5)).astype(np.float32)


def quiet(done, total, loss):
    pass


def scaled(standardize):
    if not standardize:
        return TRAIN.x, X
    scaler = StandardScaler().fit(TRAIN.x)
    return scaler.transform(TRAIN.x), scaler.transform(X)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("standardize", [False, True])
def test_probabilities_are_those_of_scikit_learn(metric, standardize):
    (path,) = KNN(k=[7, 1, 4], metric=metric, standardize=standardize).fit([TRAIN], 3, quiet)
    train, x = scaled(standardize)
    assert list(path.values) == [1, 4, 7]
    for values, k in zip(path.probabilities(X), path.values, strict=True):
        other = KNeighborsClassifier(k, metric=metric, algorithm="brute").fit(train, TRAIN.y)
        np.testing.assert_allclose(values, other.predict_proba(x), atol=1e-12)


def test_of_equally_near_vectors_the_first_count():
    same = Sample(np.ones((6, 2), np.float32), np.array([2, 1, 0, 0, 0, 0]))
    (path,) = KNN(k=[1, 2, 5]).fit([same], 3, quiet)
    one, two, five = path.probabilities(np.ones((1, 2), np.float32))[:, 0]
    assert one.tolist() == [0, 0, 1]
    assert two.tolist() == [0, 0.5, 0.5]
    np.testing.assert_allclose(five, [0.6, 0.2, 0.2])


def test_more_neighbors_than_examples_are_left_out_and_refused_where_none_remain():
    few = Sample(TRAIN.x[:4], TRAIN.y[:4])
    assert list(KNN(k=[3, 9]).fit([few], 3, quiet)[0].values) == [3]
    assert "only 4 training vectors" in refusal(KNN(k=[9]).fit, [few], 3, quiet, match=r"encoder\.k=\[9\]")


@pytest.mark.parametrize("standardize", [False, True])
def test_prototypes_predict_what_nearest_centroid_does(standardize):
    (path,) = Prototype(standardize=standardize).fit([TRAIN], 4, quiet)
    train, x = scaled(standardize)
    (probabilities,) = path.probabilities(X)
    assert (probabilities.argmax(1) == NearestCentroid().fit(train, TRAIN.y).predict(x)).all()
    assert (probabilities[:, 3] == 0).all()
    means = np.stack([train[TRAIN.y == label].mean(0) for label in range(3)])
    powers = np.exp(-((x[:, None] - means) ** 2).sum(-1))
    np.testing.assert_allclose(probabilities[:, :3], powers / powers.sum(1, keepdims=True), atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "text"),
    [({"k": []}, r"encoder\.k=\[\]"), ({"k": [2, 2]}, r"encoder\.k"), ({"metric": "dot"}, "choose cosine, euclidean"),
     ({"pooling": "sum"}, "encoder.pooling=sum: choose auto, mean"), ({"select": "f1"}, "encoder.select=f1")],
)  # fmt: skip
def test_bad_settings_are_refused(settings, text):
    assert refusal(KNN, match=text, **settings)


def test_sets_of_labels_have_the_shares_of_scikit_learn():
    y = RNG.integers(0, 2, (60, 3))
    y[:, 2] = 0
    (path,) = KNN(k=[1, 4, 7], metric="euclidean").fit([Sample(TRAIN.x, y)], 3, quiet)
    for values, k in zip(path.probabilities(X), path.values, strict=True):
        other = KNeighborsClassifier(k, algorithm="brute").fit(TRAIN.x, y).predict_proba(X)
        np.testing.assert_allclose(values[:, :2], np.stack([of[:, 1] for of in other[:2]], axis=1), atol=1e-12)
        assert (values[:, 2] == 0).all()


@pytest.mark.parametrize("standardize", [False, True])
def test_a_prototype_of_each_label_predicts_what_nearest_centroid_does(standardize):
    y = RNG.integers(0, 2, (60, 4))
    y[:, 2:] = [0, 1]  # no example has it, and all have it
    (path,) = Prototype(standardize=standardize).fit([Sample(TRAIN.x, y)], 4, quiet)
    train, x = scaled(standardize)
    (probabilities,) = path.probabilities(X)
    for label in (0, 1):
        expected = NearestCentroid().fit(train, y[:, label]).predict(x)
        assert ((probabilities[:, label] > 0.5) == expected).all()
    assert (probabilities[:, 2:] == [0, 1]).all()
