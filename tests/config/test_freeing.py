"""Overrides that set arms and protocols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.config.compose import compose
from seedbed.config.freeing import freed, split_at_commas
from seedbed.errors import InputError

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12)


def arms(*overrides):
    from omegaconf import OmegaConf

    return OmegaConf.to_container(compose(list(overrides)).arms, resolve=False)


def test_an_arm_needs_no_quotes():
    assert arms("arms.a=[embedding=glove,encoder=cnn]") == {"a": ["embedding=glove", "encoder=cnn"]}


def test_brackets_within_an_arm_need_no_quotes_either():
    said = "arms.a=[encoder=cnn, encoder.widths=[3,4], 'task.hidden=5', dataset.held_out={test: 0.2, validation: 0.1}]"
    assert arms(said)["a"] == [
        "encoder=cnn", "encoder.widths=[3,4]", "task.hidden=5", "dataset.held_out={test: 0.2, validation: 0.1}",
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["", "+", "++"])
def test_signs_before_an_arm_make_no_difference(sign):
    assert arms(f"{sign}arms.a=[encoder=cnn]") == {"a": ["encoder=cnn"]}


def test_a_mapping_sets_several_arms():
    assert arms("arms={a: [], b: [encoder=cnn, 'encoder.widths=[3,4]']}") == {
        "a": [], "b": ["encoder=cnn", "encoder.widths=[3,4]"],
    }  # fmt: skip


def test_a_whole_mapping_takes_the_place_of_the_one_there_was():
    assert arms("experiment=quickstart", "arms={a: []}") == {"a": []}
    of_ours = ["random", "glove", "glove_pool", "elmo", "glove_elmo"]
    assert list(arms("experiment=quickstart", "arms.a=[]")) == [*of_ours, "a"]
    assert arms("arms={a: []}", "arms={b: []}", "arms.c=[]") == {"b": [], "c": []}


def test_an_empty_list_is_an_arm_without_overrides_of_its_own():
    assert arms("arms.a=[]") == {"a": []}


def test_other_overrides_are_left_alone():
    given = ["encoder.widths=[3,4]", "armss.x=[a=b]", "name=arms.a=[x]", "~arms.a", "embedding=glove"]
    assert freed(given) == given


def balanced(text):
    depth = []
    for char in text:
        if char in "[{":
            depth.append({"[": "]", "{": "}"}[char])
        elif char in "]}" and (not depth or depth.pop() != char):
            return False
    return not depth


@given(st.lists(st.text("ab=.1[]{}", max_size=6).filter(balanced), max_size=5))
def test_splitting_undoes_joining(parts):
    parts = [part for part in parts if part]
    assert list(split_at_commas(",".join(parts))) == parts


@given(st.lists(TEXTS, max_size=4))
def test_quoting_is_undone_by_hydra(values):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from seedbed.config.freeing import quoted

    parsed = OverridesParser.create().parse_override(f"key={quoted(values)}").value()
    assert [str(value) for value in parsed] == values


@given(st.dictionaries(NAMES, st.lists(TEXTS, max_size=2), max_size=3))
def test_quoting_of_mappings_is_undone_by_hydra(mapping):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from seedbed.config.freeing import quoted

    names = {
        name: values for name, values in mapping.items() if name.lower() not in {"null", "true", "false", "nan", "inf"}
    }
    parsed = OverridesParser.create().parse_override(f"key={quoted(names)}").value()
    assert {key: [str(value) for value in values] for key, values in parsed.items()} == names


@pytest.mark.parametrize("said", ["arms={a: [x", "arms={'a b': [encoder=cnn]}"])
def test_what_cannot_be_read_is_said_in_one_line(said):
    with pytest.raises(InputError, match=r"^command line: ") as refused:
        freed([said])
    assert "\n" not in str(refused.value)
