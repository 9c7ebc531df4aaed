"""Pooling frozen vectors once, against pooling in each step."""

import numpy as np
import pytest
from keras import ops

from seedbed.embeddings.features import token_index
from seedbed.embeddings.lookup import replicate_lookup, shared_lookup
from seedbed.embeddings.random import Random
from seedbed.model.encoders import CNN, Pool
from seedbed.model.mlp_probe import MLPProbe
from seedbed.model.pooling import Pooling
from seedbed.testing.samples import sample_corpus, sample_draw
from seedbed.training.batches import EncodedExamples, GroupData, collate
from seedbed.training.pooled import PooledFeatures, TokenVectors, _Gather, pool_once

CORPUS = sample_corpus("classification")
ENCODED = EncodedExamples.from_corpus(CORPUS, list(CORPUS.by_id))
DRAWS = [sample_draw(seed, len(ENCODED.examples)) for seed in (0, 1)]


def shared(index):
    vectors = np.random.default_rng(3).normal(size=(len(index.words) - 1, 4)).astype(np.float32)
    return shared_lookup(index, index.words[1:], vectors, [{}, {}])


def own(index, trained=False):
    words = [index.numbers_in([p for split in draw.values() for p in split]) for draw in DRAWS]
    tables = [np.random.default_rng(n).normal(size=(1 + len(ids), 4)).astype(np.float32) for n, ids in enumerate(words)]
    return replicate_lookup(index, words, tables, trained, [{}, {}])


@pytest.mark.parametrize("made", [shared, own])
def test_a_pooled_vector_is_what_pooling_in_the_step_gives(made):
    features, encoder = made(token_index(ENCODED.examples)), Pool()
    pooled, after = pool_once(features, encoder, ENCODED.examples, DRAWS, "float32")
    positions = [draw["train"][:3] for draw in DRAWS]
    results = []
    for own_features, own_encoder, is_pooled in ((features, encoder, False), (pooled, after, True)):
        data = GroupData(ENCODED, own_features, DRAWS, [0, 1], pooled=is_pooled)
        batch = collate(data, [0, 1], positions, 4)
        within = batch["steps"][:, None] < batch["lengths"][:, None]
        mask = ops.convert_to_tensor(within[..., None].astype(np.float32))
        constants = {**own_features.arrays.frozen, **own_features.arrays.shared}
        x = own_features.embed({}, constants, batch["inputs"]) * mask
        results.append(ops.convert_to_numpy(own_encoder.encode({}, x, mask, {}, per_token=False)))
    assert results[1].shape == (2, 4, 8)
    np.testing.assert_allclose(results[1][:, :3], results[0][:, :3], atol=1e-6)
    assert pooled.width == encoder.width(4)
    assert pooled.size(1) == features.size(1)


@pytest.mark.parametrize("made", [shared, own])
def test_known_vectors_are_not_pooled_anew_where_they_depend_on_no_draw(made, monkeypatch):
    features = made(token_index(ENCODED.examples))
    known = PooledFeatures(features, Pooling("mean"), ENCODED.examples, [{**draw, "test": []} for draw in DRAWS])
    pooled, steps = [], _Gather.steps

    def counted(self, replicate, positions, lengths):
        pooled.extend(positions)
        return steps(self, replicate, positions, lengths)

    monkeypatch.setattr(_Gather, "steps", counted)
    whole = PooledFeatures(features, Pooling("mean"), ENCODED.examples, DRAWS, known)
    if made is shared:
        seen = {p for draw in DRAWS for split in ("train", "validation") for p in draw[split]}
        assert set(pooled) == {p for draw in DRAWS for p in draw["test"]} - seen
    alone = PooledFeatures(features, Pooling("mean"), ENCODED.examples, DRAWS)
    for replicate, draw in enumerate(DRAWS):
        for positions in draw.values():
            (_, vectors), (_, expected) = (next(own.blocks(replicate, positions)) for own in (whole, alone))
            np.testing.assert_allclose(vectors, expected, atol=1e-6)


def test_the_masks_of_dropout_are_the_same():
    features, encoder = shared(token_index(ENCODED.examples)), Pool(dropout=0.3)
    pooled, after = pool_once(features, encoder, ENCODED.examples, DRAWS, "float32")
    assert after.masks(pooled.width) == encoder.masks(features.width)
    assert after.weights(pooled.width) == encoder.weights(features.width) == {}


def test_trained_vectors_and_other_encoders_are_not_pooled_before_training():
    index = token_index(ENCODED.examples)
    assert pool_once(own(index, trained=True), Pool(), ENCODED.examples, DRAWS, "float32") is None
    assert pool_once(shared(index), CNN(), ENCODED.examples, DRAWS, "float32") is None
    assert pool_once(shared(index), Pool(), ENCODED.examples, DRAWS, "bfloat16") is None
    random = Random(dim=4).features(ENCODED.examples, DRAWS, [0, 1])
    assert pool_once(random, Pool(), ENCODED.examples, DRAWS, "float32") is not None


@pytest.mark.parametrize("pooling", ["mean", "max", "mean_max", "first"])
def test_each_pooling_is_that_of_the_tokens_of_a_text(pooling):
    features = shared(token_index(ENCODED.examples))
    rows = features.arrays.shared["table"]
    pooled = PooledFeatures(features, Pooling(pooling), ENCODED.examples, DRAWS)
    ((positions, vectors),) = pooled.blocks(1, DRAWS[1]["test"])
    for position, vector in zip(positions, vectors, strict=True):
        x = rows[features.rows[features.index.tokens[position]]]
        mean, largest = x.mean(axis=0), x.max(axis=0)
        expected = {"mean": mean, "max": largest, "mean_max": np.concatenate([mean, largest]), "first": x[0]}
        np.testing.assert_allclose(vector, expected[pooling], atol=1e-6)


@pytest.mark.parametrize("made", [shared, own])
def test_the_vectors_of_tokens_are_the_rows_of_the_table_in_order(made):
    features = made(token_index(ENCODED.examples))
    seen = []
    for positions, x in TokenVectors(features, ENCODED.examples).blocks(1, DRAWS[1]["train"]):
        seen += positions
        table = features.arrays.shared["table"] if made is shared else features.arrays.frozen["table"][1]
        rows = features.rows if made is shared else features.rows[1]
        np.testing.assert_array_equal(x, np.concatenate([table[rows[features.index.tokens[n]]] for n in positions]))
    assert sorted(seen) == sorted(DRAWS[1]["train"])


def test_an_mlp_probe_is_pooled_once_and_computes_the_same():
    features, encoder = shared(token_index(ENCODED.examples)), MLPProbe("mean_max", hidden=3)
    pooled, after = pool_once(features, encoder, ENCODED.examples, DRAWS, "float32")
    assert after.weights(pooled.width) == encoder.weights(features.width)
    assert (after.width(pooled.width), encoder.width(features.width)) == (3, 3)
