"""Sets of labels, and how JSON tells them from classes and tags."""

import json

import pytest

from seedbed.label_sets import LabelSet, from_json, to_json


def test_a_set_has_no_order_and_no_repeats():
    assert LabelSet.of(["b", "a", "b"]) == LabelSet.of(["a", "b"]) == LabelSet(("a", "b"))
    assert str(LabelSet.of(["b", "a"])) == "a, b"
    assert str(LabelSet()) == "no label"


@pytest.mark.parametrize("target", ["a", ("O", "B-x"), LabelSet(("a", "b")), LabelSet(), LabelSet(("O",)), ("O",)])
def test_json_keeps_the_kind_of_a_target(target):
    assert from_json(json.loads(json.dumps(to_json(target)))) == target


@pytest.mark.parametrize("value", [None, 1, {"other": []}])
def test_other_values_are_no_targets(value):
    with pytest.raises((TypeError, KeyError)):
        from_json(value)
