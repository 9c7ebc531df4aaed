import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.report.wording import (
    count,
    join_limited,
    level_text,
    mean_count_text,
    p_clause,
    p_text,
    plural,
    sanitize,
    share_text,
)


@pytest.mark.parametrize(
    ("p_value", "text"), [(0.00390625, "0.0039"), (0.0625, "0.0625"), (1.0, "1"), (0.00001, "< 0.0001")]
)
def test_p_has_four_decimals_at_most(p_value, text):
    assert p_text(p_value) == text


def test_p_in_a_sentence():
    assert (p_clause(0.5), p_clause(0.00001)) == ("p = 0.5", "p < 0.0001")
    assert p_text(float("nan")) == "–"


def test_levels_are_exact():
    assert [level_text(level) for level in (0.95, 0.9375, 0.5)] == ["95 %", "93.75 %", "50 %"]


def test_means_of_counts_have_a_decimal_unless_they_are_whole_or_large():
    assert [mean_count_text(mean) for mean in (18.5, 19.5, 18.0, 56 / 3, 0.2, 118.5, 1234.0, float("nan"))] == [
        "18.5", "19.5", "18", "18.7", "0.2", "118", "1,234", "–",
    ]  # fmt: skip


def test_one_has_no_plural():
    assert [plural(number, "epoch") for number in (0, 1, 2)] == ["epochs", "epoch", "epochs"]
    assert [share_text(*numbers, "arm") for numbers in ((2, 2), (1, 1), (1, 2))] == [
        "two arms", "one arm", "one of two arms",
    ]  # fmt: skip


def test_counts_are_words_up_to_twelve():
    assert [count(number, "pair") for number in (0, 1, 12, 1300)] == [
        "no pairs",
        "one pair",
        "twelve pairs",
        "1,300 pairs",
    ]
    assert join_limited(range(15)).endswith("11 and 3 more")


@given(st.text(max_size=300))
def test_a_sanitized_name_is_one_line_without_control_marks(text):
    result = sanitize(text, 50)
    assert 0 < len(result) <= 50
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in result)
