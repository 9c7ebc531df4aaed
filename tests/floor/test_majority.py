"""The majority class."""

import numpy as np
import pytest

from seedbed.floor.floors import Floors


def test_the_largest_class_of_training_is_said_of_all(floor_corpus, floor_draw):
    corpus = floor_corpus("classification", list("abbbaaaa"), [["x"]] * 8)
    draw = floor_draw(range(4), (), range(4, 8))
    np.testing.assert_allclose(Floors(corpus).probabilities(draw, "majority"), [[0.25, 0.75]] * 4)
    scores = Floors(corpus).scores(draw, "majority")
    assert scores["test/accuracy"] == 0
    assert scores["test/log_loss"] == pytest.approx(-np.log(0.25))


def test_of_equally_large_classes_the_first_is_said(floor_corpus, floor_draw):
    corpus = floor_corpus("classification", list("baab"), [["x"]] * 4)
    assert Floors(corpus).scores(floor_draw([0, 1], (), [2, 3]), "majority")["test/recall/a"] == 1


def test_of_tokens_none_is_of_an_entity(floor_corpus, floor_draw):
    corpus = floor_corpus("tagging", [("B-PER", "O", "O"), ("B-PER", "O", "O", "O")], [list("abc"), list("abcd")])
    scores = Floors(corpus).scores(floor_draw([0], (), [1]), "all_o")
    assert (scores["test/f1"], scores["test/accuracy"]) == (0, 0.75)
