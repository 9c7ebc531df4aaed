"""Windows over long sentences: each token is kept of one window, and no entity is cut that need not be."""

import numpy as np
import pytest

from seedbed.training.windows import MARGIN, consecutive, overlapping


@pytest.mark.parametrize("most", [1, 2, 8, 17, 64])
def test_each_token_is_kept_of_one_window_that_has_a_margin_around_it(most):
    for tokens in range(most + 1, 4 * most + 3):
        windows = list(overlapping(tokens, most))
        kept = [n for window in windows for n in range(window.kept, window.kept_end)]
        assert kept == list(range(tokens))
        assert all(window.end - window.first == most for window in windows)
        for window in windows:
            assert window.kept - window.first >= most // MARGIN or window.first == 0
            assert window.end - window.kept_end >= most // MARGIN or window.end == tokens


def test_a_sentence_of_a_window_is_one():
    assert list(overlapping(8, 8)) == [(0, 8, 0, 8)]
    assert list(consecutive(["O"] * 8, 8)) == [(0, 8)]


def test_training_windows_partition_a_sentence_and_cut_no_entity():
    rng = np.random.default_rng(0)
    for most in (5, 8, 30):
        for _ in range(50):
            tags = []
            while len(tags) < 100:
                tags += ["B-x", *["I-x"] * rng.integers(0, most // 2 - 1)] if rng.random() < 0.4 else ["O"]
            windows = list(consecutive(tags, most))
            assert [n for first, end in windows for n in range(first, end)] == list(range(len(tags)))
            assert max(end - first for first, end in windows) <= most
            assert not any(tags[first].startswith("I-") for first, _ in windows)


def test_windows_are_about_equal_where_nothing_is_in_their_way():
    assert [end - first for first, end in consecutive(["O"] * 21, 10)] == [7, 7, 7]


def test_an_entity_longer_than_a_window_is_cut():
    tags = ["B-x", *["I-x"] * 19]
    assert list(consecutive(tags, 10)) == [(0, 10), (10, 20)]
