"""Compact letter displays, against their definition on every relation of few alternatives."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.report.statistics.letters import letters


def ties(shown):
    return {pair for pair in combinations(range(len(shown)), 2) if set(shown[pair[0]]) & set(shown[pair[1]])}


def is_redundant(shown, index, letter):
    """Whether a letter of one alternative can go without a change of the ties."""
    without = [text.replace(letter, "") if number == index else text for number, text in enumerate(shown)]
    return bool(without[index]) and ties(without) == ties(shown)


def assert_display(number, separated):
    shown = letters(number, separated)
    assert ties(shown) == set(combinations(range(number), 2)) - set(separated)
    assert all(shown)
    assert not [(n, letter) for n, text in enumerate(shown) for letter in text if is_redundant(shown, n, letter)]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
def test_two_share_a_letter_exactly_if_not_separated_and_no_letter_is_redundant(number):
    pairs = list(combinations(range(number), 2))
    for chosen in product([False, True], repeat=len(pairs)):
        assert_display(number, [pair for pair, is_chosen in zip(pairs, chosen, strict=True) if is_chosen])


@settings(deadline=None, max_examples=60)
@given(st.integers(6, 12).flatmap(lambda n: st.tuples(
    st.just(n), st.lists(st.sampled_from(list(combinations(range(n), 2))), unique=True))))  # fmt: skip
def test_also_of_more_alternatives_in_any_order_of_pairs(relation):
    assert_display(*relation)


def test_the_example_of_multcompview():
    """R: multcompLetters(c("A-B" = FALSE, "A-C" = FALSE, "B-C" = TRUE)) gives ab, a, b."""
    assert letters(3, [(1, 2)]) == ["ab", "a", "b"]


def test_means_in_order_with_a_least_difference():
    means = [9, 8, 6.5, 5, 1]
    separated = [(i, j) for i, j in combinations(range(5), 2) if means[i] - means[j] >= 3]
    assert letters(5, separated) == ["a", "a", "ab", "b", "c"]


def test_matched_pairs_need_few_letters():
    """Twenty pairs, each separated only from its partner, have a million maximal sets of ties."""
    shown = letters(40, [(2 * n, 2 * n + 1) for n in range(20)])
    assert ties(shown) == set(combinations(range(40), 2)) - {(2 * n, 2 * n + 1) for n in range(20)}
