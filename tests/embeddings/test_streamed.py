"""Features that come from stored layers, batch by batch."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from seedbed.embeddings.layers import Layout
from seedbed.embeddings.mix import mix_of
from seedbed.embeddings.streamed import Streamed

LAYOUT = Layout((2, 4))


class Kept:
    """Stored layers that are lists in memory."""

    def __init__(self, lengths):
        rng = np.random.default_rng(1)
        self.layout = LAYOUT
        self.rows_of = [rng.normal(size=(length, LAYOUT.total)).astype(np.float16) for length in lengths]
        self.filled = SimpleNamespace(sentences=4, hits=3, counts=Counter(damaged=1, not_stored=0))

    def rows(self, n):
        return self.rows_of[n]


@pytest.fixture
def kept():
    return Kept([3, 1, 2])


def streamed(kept, mix):
    mixed = mix_of(mix, LAYOUT, layer_norm=False, l2=0.0)
    return Streamed(kept, {10: 0, 11: 1, 15: 2}, mixed, [{"embedding/cut_words": 2}, {}])


def test_a_batch_has_each_replicates_sentences_and_zeros_elsewhere(kept):
    features = streamed(kept, "layer1")
    batch = features.inputs([0, 1], [[15, 10], [11]], (4, 2))["layers"]
    assert batch.shape == (2, 4, 2, 4)
    assert batch.dtype == np.float32
    np.testing.assert_array_equal(batch[0, :2, 0], kept.rows_of[2][:, 2:].astype(np.float32))
    np.testing.assert_array_equal(batch[0, :3, 1], kept.rows_of[0][:, 2:].astype(np.float32))
    np.testing.assert_array_equal(batch[1, :1, 0], kept.rows_of[1][:, 2:].astype(np.float32))
    assert not batch[0, 2:, 0].any()
    assert not batch[0, 3:, 1].any()
    assert not batch[1, 1:].any()
    assert not batch[1, :, 1].any()


def test_a_learned_mix_gets_all_layers(kept):
    features = streamed(kept, "learned")
    batch = features.inputs([1], [[10]], (3, 1))["layers"]
    assert batch.dtype == np.float32
    np.testing.assert_array_equal(batch[0, :, 0], kept.rows_of[0].astype(np.float32))
    assert {name: array.shape for name, array in features.arrays.trained.items()} == {
        "mix/weights": (2, 2), "mix/scale": (2, 1),
    }  # fmt: skip
    assert features.width == 4


def test_the_hit_rate_and_what_was_counted_are_reported(kept):
    both = {"embedding/cache_hit_rate": 0.75, "embedding/damaged": 1}
    assert streamed(kept, "average").reports == [both | {"embedding/cut_words": 2}, both]
