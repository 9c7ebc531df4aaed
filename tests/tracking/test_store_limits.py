"""What the store could not hold is refused before anything is trained."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.errors import InputError
from seedbed.tracking.names import LONGEST_NAME, stored_name
from seedbed.tracking.store_limits import refuse_arm, refuse_classes, refuse_texts, summary_name


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"note": "a\0b"}, r"note: 'a\\x00b': has a NUL character"),
        ({"dataset": {"labels": {"x": "\ud83d"}}}, r"dataset.labels.x: .*: U\+D83D is a lone surrogate"),
        ({"arms": ["fine", "not \udcff"]}, r"arms: .*: U\+DCFF is a lone surrogate"),
        ({"a\ud800": 1}, r"a key: .*: U\+D800 is a lone surrogate"),
    ],
)
def test_texts_that_are_none_are_named_with_their_key(settings, said):
    with pytest.raises(InputError, match=said):
        refuse_texts(settings)


def test_any_other_text_is_taken():
    assert refuse_texts({"note": "café 😀 \n", "sizes": [1, 2], "deep": {"list": [{"x": None}]}}) is None


def test_an_arm_whose_name_would_be_cut_is_refused():
    refuse_arm("a" * 6_000)
    with pytest.raises(InputError, match="its name has 6,001 characters, 6,000 at most"):
        refuse_arm("a" * 6_001)


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000"])
def test_an_arm_whose_name_is_blank_is_refused(name):
    with pytest.raises(InputError, match="its name is empty; give it one") as refused:
        refuse_arm(name)
    assert "\n" not in str(refused.value)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_a_class_is_refused_exactly_where_a_name_of_its_scores_would_be_too_long(name):
    longest = stored_name(f"epoch/validation/precision/{name}")
    try:
        refuse_classes([name], "mine", ("validation",), ("test",))
    except InputError:
        assert len(longest) > LONGEST_NAME
    else:
        assert len(longest) <= LONGEST_NAME


def test_a_summary_of_a_long_name_is_cut_and_different_from_its_neighbour():
    long = "test/accuracy " + "x" * 400
    assert len(summary_name(long)) == LONGEST_NAME
    assert summary_name(long) != summary_name(long + "y")
    assert summary_name("test/accuracy glove n=50") == stored_name("test/accuracy glove n=50")
