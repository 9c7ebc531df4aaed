"""Lists and mappings of the command line, taken apart at their commas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.config.hydra_grammar import bracket_depth, is_within, quote, split_at_commas, unquote


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
    assert is_within(f"[{','.join(parts)}]", "[")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n")), min_size=1, max_size=4))
def test_what_is_in_quotes_is_one_part_and_comes_out_of_them_as_it_was(texts):
    parts = list(split_at_commas(", ".join(map(quote, texts))))
    assert [unquote(part) for part in parts] == texts


@pytest.mark.parametrize("text", ["", "a", "[a", "a]", "[a],[b]", "[a]]", "[a}", "{a: [}"])
def test_what_is_no_single_list_or_mapping(text):
    assert not is_within(text, "[")
    assert not is_within(text, "{")


def test_depth():
    assert bracket_depth("a=[[x],[{y: '[[[['}]]") == 3
    assert bracket_depth("[" * 100_000) == 100_000
