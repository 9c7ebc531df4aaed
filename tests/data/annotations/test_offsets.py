import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.data.annotations.document import Span
from seedbed.data.annotations.offsets import Offsets, check_text, checked, to_utf16


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.data())
def test_offsets_of_every_unit_are_code_points(text, data):
    at = data.draw(st.integers(0, len(text)))
    assert Offsets(text, "codepoints")(at) == at
    assert Offsets(text, "utf16")(len(text[:at].encode("utf-16-le")) // 2) == at
    assert Offsets(text, "utf16")(to_utf16(text, at)) == at


def test_grapheme_clusters_are_counted_as_the_eye_does():
    text = "👩🏽‍🚒e\u0301x"
    assert [Offsets(text, "graphemes")(n) for n in range(4)] == [0, 4, 6, 7]


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((1, 3), "is beyond the text of 2 characters"),
        ((1, 1), "is empty"),
        ((2, 1), "ends before it begins"),
        ((-1, 2), "beyond"),
    ],
)
def test_spans_that_are_no_part_of_the_text_are_refused(span, message):
    assert message in refusal(checked, "ab", Span(*span, "X"), "f:1")
    assert checked("ab", Span(0, 2, "X"), "f:1") == Span(0, 2, "X")


def test_an_offset_within_an_astral_character_is_refused_with_the_numbers_of_the_file():
    to = Offsets("a💩b", "utf16")
    assert "the span 2 to 4 of 'X' begins or ends inside a character" in refusal(
        checked, "a💩b", Span(to(2), to(4), "X"), "f:1", (2, 4)
    )


def test_a_span_on_another_normalisation_form_is_told_from_one_of_another_text():
    text = unicodedata.normalize("NFD", "un café noir")
    check_text(text, Span(3, 8, "X"), "cafe\u0301", "f:1")
    assert "on another normalisation form of the text (NFC)" in refusal(
        check_text, text, Span(3, 8, "X"), "caf\u00e9", "f:1"
    )
    assert "counts characters of the text in NFC" in refusal(check_text, text, Span(8, 12, "X"), "noir", "f:1")
    assert "the offsets are of another text" in refusal(check_text, text, Span(0, 2, "X"), "la", "f:1")
