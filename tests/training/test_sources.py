"""Which draws the members of a group read, and in which slots they are."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seedbed.training.sources import Sources


def rows(numbers, stopped=()):
    return [SimpleNamespace(source=number, stopped=n in stopped) for n, number in enumerate(numbers)]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_every_member_is_found_in_the_slots_of_its_draw(numbers):
    sources = Sources.of(rows(numbers), shared=True)
    arrays = sources.arrays
    assert [sources.held[n] for n in arrays["source"]] == numbers
    assert arrays["slots"].reshape(-1)[arrays["slot"]].tolist() == list(range(len(numbers)))
    assert arrays["slots"].shape == (len(set(numbers)), max(np.bincount(numbers)))
    assert (arrays["slot"] // arrays["slots"].shape[1] == arrays["source"]).all()
    assert sources.of_members(sources.held) == numbers


def test_a_draw_is_read_by_a_member_that_still_trains():
    group = rows([3, 1, 3, 1], stopped={0, 3})
    sources = Sources.of(group, shared=True)
    assert sources.held == (1, 3)
    assert sources.readers(group) == [group[1], group[2]]


def test_members_with_a_draw_each_have_no_arrays():
    group = rows([2, 0])
    sources = Sources.of(group, shared=False)
    assert sources.held == (2, 0)
    assert sources.arrays == {}
    assert sources.readers(group) == group


def test_kept_draws_are_found_among_those_held_before():
    before = Sources.of(rows([0, 2, 5]), shared=True)
    assert Sources.of(rows([5, 0]), shared=True).kept(before) == [0, 2]
