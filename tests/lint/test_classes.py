"""Classes that a draw has no example of."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from seedbed.lint.classes import class_missing_in_draw as look

from .conftest import make_drawn

CLASSES = "pqrs"


@given(st.lists(st.lists(st.integers(0, 7), min_size=1, unique=True), min_size=1, max_size=5))
def test_a_draw_is_counted_for_every_class_that_it_lacks(chosen):
    texts = {"train": [(f"t{n}", CLASSES[n % 4]) for n in range(8)]}
    data = make_drawn(texts, [{"train": [f"train/{n}" for n in numbers]} for numbers in chosen])
    lacking = {kind: sum(kind not in {CLASSES[n % 4] for n in numbers} for numbers in chosen) for kind in CLASSES}
    short = sum(len({n % 4 for n in numbers}) < 4 for numbers in chosen)
    messages = list(look(data))
    assert len(messages) == bool(short)
    for text in messages:
        worst = max(lacking.values())
        assert any(f"{kind} ({worst})" in text if len(chosen) > 1 else kind in text for kind in CLASSES)
        assert (f"{short} of {len(chosen)} draws have train" in text) == (len(chosen) > 1)


def test_types_of_entities_are_counted_not_tags(drawn):
    texts = {"train": [("Ann here", ("B-per", "O")), ("New York", ("B-loc", "I-loc"))], "test": [("Bob", ("B-per",))]}
    (text,) = look(drawn(texts, tagging=True))
    assert text == "mine: the draw has test examples without some type of entity: loc"


def test_sizes_at_which_a_class_is_missing_are_named(drawn):
    texts = {"train": [("a", "x"), ("b", "y")]}
    draws = [{"train": ["train/0"]}, {"train": ["train/0", "train/1"]}]
    (text,) = look(drawn(texts, draws, sizes=[1, 2]))
    assert text == "mine: 1 of 2 draws have train examples (size 1) without some class: y (1)"


def test_a_draw_without_test_examples_lacks_nothing_there(drawn):
    texts = {"train": [("a", "x"), ("b", "y")], "test": [("c", "x")]}
    assert list(look(drawn(texts, [{"train": ["train/0", "train/1"]}]))) == []


def test_an_episode_lacks_no_type_that_is_not_its_own(drawn):
    texts = {"train": [("Ann", ("B-per",)), ("Rome", ("B-loc",))], "test": [("Bob", ("B-per",))]}
    data = drawn(texts, tagging=True)
    (draw,) = data.draws
    episode = dataclasses.replace(draw, types=("per",))
    assert list(look(dataclasses.replace(data, draws=(episode,)))) == []
    assert len(list(look(data))) == 1
