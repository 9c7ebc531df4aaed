"""Balanced training draws of data sets whose test texts are not."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from seedbed.lint.class_shares import class_shares_differ

from .conftest import make_drawn


def looked(train, test, strategy="stratified", tagging=False):
    """What the rule says of training and test examples of these classes, one letter each."""
    splits = {
        split: [(f"{split}{n}", (label,) if tagging else label) for n, label in enumerate(labels)]
        for split, labels in (("train", train), ("test", test))
    }
    arm = SimpleNamespace(sampling=SimpleNamespace(strategy=strategy))
    return list(class_shares_differ(replace(make_drawn(splits, tagging=tagging), arms=(arm,))))


@pytest.mark.parametrize("strategy", ["stratified", "per_class"])
def test_shares_that_differ_are_named_the_largest_difference_first(strategy):
    (text,) = looked("aabbcc", "aaaaaaaabc", strategy)
    assert text.startswith(
        "mine: training draws are balanced, the test texts are not (a 33 % and 80 %, b 33 % and 10 %"
    )
    assert text.endswith("sampling.strategy=random draws the shares as they are")


@pytest.mark.parametrize(
    ("train", "test", "strategy"),
    [
        ("ab", "aabb", "stratified"),
        ("ab", "a" * 11 + "b" * 9, "stratified"),
        ("aabb", "aaab", "random"),
        ("aabb", "aaab", "all"),
        ("ab", "", "stratified"),
    ],
)
def test_similar_shares_or_other_strategies_are_no_finding(train, test, strategy):
    assert looked(train, test, strategy) == []


def test_tags_have_no_shares():
    assert looked("OOO", "OOO", tagging=True) == []
