"""Dropout masks: the rate of each member is a threshold on shared uniform numbers."""

import numpy as np
import pytest

from seedbed.embeddings.lookup import SharedRows
from seedbed.model.dropout import WORDS, Mask, draw_masks, draw_word_masks, mask_names
from seedbed.model.encoders import BiLSTM
from seedbed.model.network import Network
from seedbed.model.tasks import Tagging
from seedbed.model.weights import generator, initialize


def stream(seed=0):
    return generator(seed, "dropout")


def test_members_with_one_generator_get_the_same_numbers_at_their_own_thresholds():
    shared = stream()
    members = [{"input": Mask(40, rate)} for rate in (0.2, 0.7, 0.2)]
    low, high, same = draw_masks(members, 6, [shared] * 3)["input"]
    np.testing.assert_array_equal(low, same)
    assert (high > 0).sum() < (low > 0).sum()
    assert not ((high > 0) & (low == 0)).any()
    assert set(np.unique(low)) == {0.0, np.float32(1.25)}


@pytest.mark.parametrize("rate", [0.2, 0.7])
def test_a_member_of_a_group_gets_the_masks_that_it_gets_alone(rate):
    members = [{"input": Mask(5, 0.4), "output": Mask(3, 0.1)}, {"input": Mask(5, rate), "output": Mask(3, 0.5)}]
    group = draw_masks(members, 4, [stream(1), stream(2)])
    alone = draw_masks(members[1], 4, [stream(2)])
    for name, masks in alone.items():
        np.testing.assert_array_equal(group[name][1], masks[0])


def test_a_member_without_a_rate_gets_ones_and_draws_nothing():
    members = [{"input": Mask(5, 0.0), "output": Mask(3, 0.5)}, {"input": Mask(5, 0.5), "output": Mask(3, 0.5)}]
    assert mask_names(members) == ("input", "output")
    group = draw_masks(members, 4, [stream(1), stream(2)])
    assert (group["input"][0] == 1).all()
    np.testing.assert_array_equal(group["output"][0], draw_masks(members[0], 4, [stream(1)])["output"][0])


def test_named_masks_are_returned_though_no_member_has_a_rate():
    drawn = draw_masks([{"input": Mask(5, 0.0)}], 4, [stream()], ["input"])
    assert (drawn["input"] == 1).all()


def test_words_are_dropped_the_same_whatever_the_padding_and_the_other_members():
    lengths = np.array([[3, 5, 0], [2, 4, 1]], np.int32)
    group = draw_word_masks([0.5, 0.3], lengths, 9, [stream(1), stream(2)])
    alone = draw_word_masks([0.3], lengths[1:], 4, [stream(2)])
    assert group.shape == (2, 9, 3, 1)
    np.testing.assert_array_equal(group[1:, :4], alone)
    uniform = stream(2).random(7, dtype=np.float32)
    expected = [uniform[:2] >= 0.3, uniform[2:6] >= 0.3, uniform[6:] >= 0.3]
    for column, own in enumerate(expected):
        np.testing.assert_array_equal(alone[0, : len(own), column, 0], own)
        assert (alone[0, len(own) :, column] == 1).all()


def test_members_with_one_generator_drop_words_at_their_own_thresholds_and_those_without_a_rate_none():
    shared, lengths = stream(), np.full((4, 80), 30, np.int32)
    low, high, none, absent = draw_word_masks([0.2, 0.6, 0.0, 0.5], lengths, 30, [shared, shared, shared, None])
    assert not ((high > 0) & (low == 0)).any()
    assert [float((mask == 0).mean()) for mask in (low, high)] == pytest.approx([0.2, 0.6], abs=0.03)
    assert none.all()
    assert absent.all()


def test_a_dropped_word_is_a_word_without_a_vector():
    rng = np.random.default_rng(0)
    network = Network(SharedRows(), 4, BiLSTM(units=3), Tagging(), 2)
    weights = initialize(network.weights(), [0, 1])
    ids, dropped = rng.integers(1, 9, (2, 5, 3)).astype(np.int32), rng.random((2, 5, 3)) < 0.4
    table = np.concatenate([np.zeros((1, 4)), rng.normal(size=(8, 4))]).astype(np.float32)

    def logits(ids, masks):
        batch = {
            "inputs": {"ids": ids}, "packed": {}, "lengths": np.full((2, 3), 5, np.int32), "masks": masks,
            "steps": np.arange(5, dtype=np.int32), "members": {},
        }  # fmt: skip
        return np.asarray(network.logits(weights, {"table": table}, batch))

    masked = logits(ids, {WORDS: (~dropped).astype(np.float32)[..., None]})
    np.testing.assert_allclose(masked, logits(np.where(dropped, 0, ids), {}), atol=1e-6)
    assert np.abs(masked - logits(ids, {})).max() > 0.01
