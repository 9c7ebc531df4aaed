"""Dropout masks: the rate of each member is a threshold on shared uniform numbers."""

import numpy as np
import pytest

from seedbed.model.dropout import Mask, draw_masks, mask_names
from seedbed.model.weights import generator


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
