"""The same text on two sides of a draw."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.lint.overlap import test_in_train as in_train
from seedbed.lint.overlap import test_in_validation as in_validation
from seedbed.lint.overlap import validation_in_train as validation

from .conftest import make_drawn

LOOKS = {("test", "train"): in_train, ("validation", "train"): validation, ("test", "validation"): in_validation}
TEXT = st.sampled_from(["a", "A", "a b", "A b", "b a", "c"])


def brute_force(data, of, within):
    """For each draw how many examples of one split have a twin in the other."""
    counts = []
    for draw in data.draws:
        ours, other_texts = (
            [[token.lower() for token in data.corpus.by_id[one].tokens] for one in getattr(draw, split)]
            for split in (of, within)
        )
        counts.append(sum(any(one == other for other in other_texts) for one in ours))
    return counts


@pytest.mark.parametrize("pair", LOOKS)
@given(st.data())
def test_every_shared_text_is_counted_draw_by_draw(pair, data):
    texts = {split: data.draw(st.lists(TEXT, min_size=1, max_size=6)) for split in ("train", "validation", "test")}
    ids = {split: [f"{split}/{n}" for n in range(len(items))] for split, items in texts.items()}
    subsets = st.fixed_dictionaries({split: st.lists(st.sampled_from(ids[split]), unique=True) for split in ids})
    draws = data.draw(st.lists(subsets, min_size=1, max_size=4))
    seen = make_drawn({split: [(text, "x") for text in items] for split, items in texts.items()}, draws)
    expected = [number for number in brute_force(seen, *pair) if number]
    findings = list(LOOKS[pair](seen))
    if not expected:
        assert findings == []
        return
    (text,) = findings
    low, high = min(expected), max(expected)
    assert f"{low if low == high else f'{low} to {high}'} of " in text
    if len(draws) > 1:
        assert f"in {len(expected)} of {len(draws)} draws" in text


def test_the_example_that_is_shown_is_a_pair_of_twins(drawn):
    seen = drawn({"train": [("x y", "a"), ("good Film", "a")], "test": [("other", "a"), ("Good film", "b")]})
    assert list(in_train(seen)) == ["mine: 1 of 2 test texts is also in train, such as test/1 (as train/1)"]


def test_a_text_in_two_splits_that_no_draw_takes_is_no_finding(drawn):
    texts = {"train": [("a", "x"), ("b", "x")], "test": [("a", "x"), ("c", "x")]}
    every = list(product([["train/1"]], [["test/0"], ["test/1"]]))
    draws = [{"train": train, "test": test} for train, test in every] + [{"train": ["train/0"], "test": ["test/1"]}]
    assert list(in_train(drawn(texts, draws))) == []
