"""Paths that are kept for later groups: which are read again, and which are not."""

import numpy as np
import pytest
from tests.training.test_fitted import ENCODED, outcomes

from seedbed.embeddings.random import Random
from seedbed.model.fitted import LinearPath
from seedbed.model.neighbors import KNN
from seedbed.model.probe import Probe
from seedbed.testing.samples import sample_draw
from seedbed.training import fit_cache as module
from seedbed.training.fit_cache import FitCache, cache_of
from seedbed.training.pooled import vectors_of

VALUES = [0.01, 0.1, 1.0]
TRIALS = [{**sample_draw(replicate), "test": []} for replicate in (0, 1)]


@pytest.fixture
def fitted(monkeypatch):
    """The values of C of each fit."""
    fits, fit = [], Probe.fit

    def counted(self, samples, classes, watch):
        fits.extend(sample.values for sample in samples)
        return fit(self, samples, classes, watch)

    monkeypatch.setattr(Probe, "fit", counted)
    return fits


@pytest.mark.parametrize("kind", ["classification", "tagging", "multilabel"])
def test_a_fit_that_is_in_a_path_gives_the_outcome_of_one_anew(kind, fitted):
    cache = FitCache()
    outcomes(Probe(c=VALUES), kind, draws=TRIALS, cache=cache)
    assert fitted == [VALUES] * 2
    again = outcomes(Probe(c=[0.1]), kind, cache=cache)
    assert fitted == [VALUES] * 2
    for own, other in zip(again, outcomes(Probe(c=[0.1]), kind), strict=True):
        assert own.metrics == pytest.approx(other.metrics, abs=1e-5)
        assert {"test/loss", "validation/loss", "probe/c"} <= own.metrics.keys()
        for name, array in other.weights.items():
            np.testing.assert_allclose(own.weights[name], array, atol=1e-4)


@pytest.mark.parametrize("change", ["values", "training examples", "seeds"])
def test_other_values_training_examples_and_seeds_are_fitted(change, fitted):
    cache, draws, replicates = FitCache(), [sample_draw(replicate) for replicate in (0, 1)], (0, 1)
    outcomes(Probe(c=VALUES), draws=TRIALS, cache=cache)
    if change == "training examples":
        draws = [{**draw, "train": [*draw["train"], *draw["validation"]]} for draw in draws]
    if change == "seeds":
        replicates = (5, 6)
    outcomes(Probe(c=[0.2] if change == "values" else [0.1]), "classification", replicates, None, draws, cache=cache)
    assert len(fitted) == 4


def test_paths_of_one_value_and_of_what_is_no_linear_function_are_not_kept(monkeypatch):
    cache = FitCache()
    outcomes(Probe(c=[0.1]), cache=cache)
    outcomes(KNN(k=[1, 3]), cache=cache)
    assert not cache.paths
    monkeypatch.setattr(module, "CACHE_BYTES", 2 * 8 * 12)
    for seed in (0, 1):
        cache.keep((seed, ()), LinearPath([1.0, 2.0], np.zeros((2, 6, 2)), np.zeros((2, 2)), 14))
    assert list(cache.paths) == [(0, ())]


def test_vectors_of_many_poolings_are_dropped_where_they_are_too_large(monkeypatch):
    encoded = ENCODED["classification"]
    features = Random(dim=6).features(encoded.examples, TRIALS, (0, 1))
    caches: dict[str, FitCache] = {}

    def pooled(name):
        own = cache_of(caches, name)
        own.vectors = own.vectors or vectors_of(features, Probe(pooling=name), encoded, TRIALS)
        return own

    size = pooled("mean").nbytes
    assert size > 0
    monkeypatch.setattr(module, "CACHE_BYTES", 2 * size)
    first = caches["mean"]
    pooled("max")
    assert pooled("mean") is first
    pooled("first")
    assert list(caches) == ["mean", "max", "first"]
    cache_of(caches, "max")
    assert len(caches) == 3
    cache_of(caches, "auto")
    assert list(caches) == ["auto"]


def test_the_paths_count_for_the_size_of_what_is_kept():
    cache, path = FitCache(), LinearPath([1.0, 2.0], np.zeros((2, 6, 2)), np.zeros((2, 2)), 14)
    cache.keep((0, ()), path)
    assert cache.nbytes == path.kernels.nbytes
