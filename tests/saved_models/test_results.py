"""How replicates are combined."""

import numpy as np
import pytest

from seedbed.errors import InputError
from seedbed.saved_models.results import (
    Predicted,
    chosen,
    chosen_labels,
    combined,
    combined_labels,
    require_finite,
)

ROWS = np.array([[[0.6, 0.4, 0.0]], [[0.0, 0.45, 0.55]], [[0.1, 0.6, 0.3]], [[0.51, 0.49, 0.0]]], np.float32)


def test_the_mean_is_that_of_the_probabilities():
    mean = combined(ROWS, "mean", (0, 1, 2, 3))
    np.testing.assert_allclose(mean, ROWS.mean(axis=0))
    assert chosen(ROWS, mean, "mean").tolist() == [1]


def test_votes_are_shares_and_a_tie_goes_to_the_more_probable():
    votes = combined(ROWS, "vote", (0, 1, 2, 3))
    np.testing.assert_allclose(votes, [[0.5, 0.25, 0.25]])
    assert chosen(ROWS, votes, "vote").tolist() == [0]
    tie = combined(ROWS[1:], "vote", (0, 1, 2))
    np.testing.assert_allclose(tie, [[1 / 3] * 3], atol=1e-6)
    assert chosen(ROWS[1:], tie, "vote").tolist() == [1]


def test_one_replicate_is_chosen_by_its_number():
    np.testing.assert_array_equal(combined(ROWS, "7", (3, 5, 7, 9)), ROWS[2])
    for wrong in ("2", "-1", "most", "", "²"):
        with pytest.raises(InputError, match="3, 5, 7, 9"):
            combined(ROWS, wrong, (3, 5, 7, 9))


def test_entities_are_read_from_the_tags():
    predicted = Predicted("", tokens=("Ann", "of", "York", "x"), tags=("B-PER", "I-PER", "I-LOC", "O"))
    assert predicted.entities == [("PER", 0, 2), ("LOC", 2, 3)]


def test_probabilities_that_are_no_numbers_are_refused_by_text_and_replicate():
    rows = np.full((3, 5, 2), 0.5, np.float32)
    require_finite(rows, (4, 5, 6), [2, 2, 1], [1, 3, 4])
    rows[1, 2] = np.nan
    with pytest.raises(
        InputError, match=r"^text 3: replicate 5 has no probabilities for it, .* another replicate, by=N"
    ):
        require_finite(rows, (4, 5, 6), [2, 2, 1], [1, 3, 4])
    rows[:, 1] = np.nan
    with pytest.raises(InputError, match=r"^text 1: replicate 4, 5, 6 has no probabilities .* leave the text out$"):
        require_finite(rows, (4, 5, 6), [2, 2, 1], [1, 3, 4])


def test_replicates_vote_on_each_label_and_half_of_the_votes_is_decided_by_the_mean():
    rows = np.array([[[0.9, 0.1, 0.8, 0.6]], [[0.8, 0.2, 0.4, 0.3]]], np.float32)
    shares = combined_labels(rows, "vote", (0, 1))
    assert shares.tolist() == [[1.0, 0.0, 0.5, 0.5]]
    assert chosen_labels(rows, shares, "vote").tolist() == [[True, False, True, False]]
    mean = combined_labels(rows, "mean", (0, 1))
    np.testing.assert_allclose(mean, [[0.85, 0.15, 0.6, 0.45]], atol=1e-6)
    assert chosen_labels(rows, mean, "mean").tolist() == [[True, False, True, False]]
    assert combined_labels(rows, "1", (0, 1)).tolist() == rows[1].tolist()


def test_a_probability_of_one_half_is_not_enough():
    half = np.full((1, 1, 1), 0.5, np.float32)
    for by in ("mean", "0"):
        assert not chosen_labels(half, combined_labels(half, by, (0,)), by).any()
