import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.token_offsets import Token, piece, tokens_with_offsets
from seedbed.data.tokenization import TYPEWRITTEN, tokenize

SIGNS = "ab'. \t\n<br />don't’…“é\u0301e\u0308\u0323가각\u1100\u1161\u11a8क़\u0958👩🏽‍🚒💩\u200b\u200d\u05f4\u0327o̧\x85"
TEXTS = st.one_of(st.text(st.sampled_from(SIGNS), max_size=40), st.text(max_size=40))


@pytest.mark.parametrize("tokenizer", ["spaces", "reviews"])
@given(text=TEXTS)
def test_tokens_are_those_of_the_tokenizer_and_do_not_overlap(tokenizer, text):
    tokens = tokens_with_offsets(text, tokenizer)
    assert [token.text for token in tokens] == tokenize(text, tokenizer)
    edges = [edge for token in tokens for edge in (token.start, token.end)]
    assert edges == sorted(edges)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


@given(text=st.text(st.sampled_from("ab. e\u0301\u0308’…💩"), max_size=30))
def test_a_token_is_its_part_of_the_text_in_nfc_with_straight_quotes(text):
    for token in tokens_with_offsets(text, "reviews"):
        assert unicodedata.normalize("NFC", text[token.start : token.end]).translate(TYPEWRITTEN) == token.text
        assert piece(text[token.start : token.end], "reviews") == token.text


def test_offsets_point_into_the_text_as_it_was():
    text = "Cafe\u0301 <br/>“it’s”…"
    assert tokens_with_offsets(text, "reviews") == [
        Token("Café", 0, 5), Token('"', 11, 12), Token("it", 12, 14), Token("'s", 14, 16), Token('"', 16, 17),
        Token("...", 17, 18),
    ]  # fmt: skip


def test_words_of_scripts_without_spaces_have_offsets():
    pytest.importorskip("icu4py")
    text = "💩ภาษาไทย ok"
    tokens = tokens_with_offsets(text, "icu")
    assert [text[token.start : token.end] for token in tokens] == tokenize(text, "icu")
