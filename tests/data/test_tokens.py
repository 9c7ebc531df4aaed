import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.tokens import normalise, tokenize

TEXTS = st.text(st.sampled_from("abnst'.,!-1 <>/\"\n") | st.characters(codec="utf-8"), max_size=60)


def reviews(text, lowercase=False):
    return tokenize(text, "reviews", lowercase)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I don't think it's good.", "I do n't think it 's good ."),
        ("They've said we'll; I'm in", "They 've said we 'll ; I 'm in"),
        ("can't WON'T", "ca n't WO N'T"),
        ("one<br /><br />two<BR>three", "one two three"),
        ("a well-known U.S. film--bad...", "a well-known U.S. film -- bad ..."),
        ("10/10, $1,000 in 3.5 days!!", "10/10 , $ 1,000 in 3.5 days ! !"),
        ('"Quoted" (so)', '" Quoted " ( so )'),
        ("it’s “fine” – café", 'it \'s " fine " – café'),
        ("o'clock rock'n'roll", "o'clock rock'n'roll"),
        ("snake_case", "snake _ case"),
    ],
)
def test_reviews_are_split_as_glove_splits_them(text, tokens):
    assert reviews(text) == tokens.split(" ")


@given(TEXTS)
def test_no_character_but_space_is_lost(text):
    if text.isascii():
        text = text.replace("<br", "").replace("<BR", "").replace("<bR", "").replace("<Br", "")
        assert "".join(reviews(text)) == re.sub(r"\s", "", text)


@given(TEXTS)
def test_tokens_have_no_space_and_are_never_empty(text):
    for tokenizer in ("reviews", "spaces"):
        for token in tokenize(text, tokenizer):
            assert token
            assert not re.search(r"[ \t\r\n]", token)


@given(TEXTS)
def test_tokens_written_out_again_are_the_same_tokens(text):
    tokens = reviews(text)
    if "<" in tokens:  # what is parted here could be a line break when it stands with spaces
        return
    assert reviews(" ".join(tokens)) == tokens


def test_lower_case_is_optional():
    assert reviews("Not BAD", lowercase=True) == ["not", "bad"]
    assert tokenize("Not BAD", "spaces", True) == ["not", "bad"]
    assert tokenize("Not BAD", "spaces") == ["Not", "BAD"]


def test_tokenised_text_is_split_at_blanks_alone():
    assert tokenize(" don't  stop\there\x85 . ", "spaces") == ["don't", "stop", "here\x85", "."]


@pytest.mark.parametrize(
    ("token", "new"),
    [
        ("@you", "<USR>"),
        ("@", "<USR>"),
        ("http://t.co/x", "<URL>"),
        ("https://a", "<URL>"),
        ("www.a", "www.a"),
        ("a@b", "a@b"),
    ],
)
def test_twitter_names_and_addresses_are_masked(token, new):
    assert normalise(token, "twitter") == new
    assert normalise(token, "none") == token
