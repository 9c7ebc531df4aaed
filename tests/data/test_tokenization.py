"""RawExample text, tokenized text, and text of scripts without spaces."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.dataset import Dataset
from seedbed.data.readers import ClassFiles, Columns, JsonLines
from seedbed.data.tokenization import TOKENIZERS, identity, normalise, tokenize
from seedbed.errors import InputError
from seedbed.pretraining.corpus import Texts

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
        ('"CsvTable" (so)', '" CsvTable " ( so )'),
        ("it’s “fine” – café", 'it \'s " fine " – café'),
        ("o'clock rock'n'roll", "o'clock rock'n'roll"),
        ("snake_case", "snake _ case"),
    ],
)
def test_reviews_are_split_as_glove_splits_them(text, tokens):
    assert reviews(text) == tokens.split(" ")


@given(TEXTS)
def test_tokens_have_no_space_and_are_never_empty(text):
    for tokenizer in TOKENIZERS:
        for token in tokenize(text, tokenizer):
            assert token
            assert not re.search(r"[ \t\r\n]" if tokenizer == "spaces" else r"[\s\u200b]", token)


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


def test_tokenized_text_is_split_at_blanks_alone():
    assert tokenize(" don't  stop\there\x85 . ", "spaces") == ["don't", "stop", "here\x85", "."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("หนังเรื่องนี้แย่ 0", "หนัง เรื่อง นี้ แย่ 0"),
        ("这部电影非常好看,我很喜欢。", "这 部 电影 非常 好看 , 我 很喜欢 。"),
        ("この映画は面白いです。", "この 映画 は 面白い です 。"),
        ("ຮູບເງົານີ້ດີຫຼາຍ", "ຮູບເງົາ ນີ້ ດີ ຫຼາຍ"),
        ("ភាពយន្តនេះល្អណាស់", "ភាពយន្ត នេះ ល្អ ណាស់"),
        ("ဒီရုပ်ရှင်ကောင်းတယ်", "ဒီ ရုပ်ရှင် ကောင်း တယ်"),
        ("iPhone手机 3.5亿 𠮷野家", "iPhone 手机 3.5 亿 𠮷 野家"),
    ],
)
def test_icu_parts_what_has_no_spaces(text, words):
    pytest.importorskip("icu4py", reason="the extra icu is not installed")
    assert tokenize(text, "icu") == words.split(" ")


def test_icu_leaves_other_scripts_as_reviews_has_them():
    pytest.importorskip("icu4py", reason="the extra icu is not installed")
    text = "I don't think it's well-known, यह फिल्म, 영화는 col·legi 👨‍👩‍👧"
    assert tokenize(text, "icu") == reviews(text)


def test_icu_says_how_it_is_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for made, key in ((lambda: Dataset(tokenizer="icu", reader=ClassFiles()), "dataset.tokenizer"),
                      (lambda: Texts("a.txt", tokenizer="icu"), "tokenizer")):  # fmt: skip
        with pytest.raises(InputError, match=rf'^{key}=icu: .*: pip install "seedbed\[icu\]"$'):
            made()


def test_icu_has_nothing_to_do_where_tokens_are_given(monkeypatch):
    monkeypatch.setattr("seedbed.data.icu_segmentation.is_installed", lambda: True)
    for settings in ({"task": "tagging", "reader": Columns()}, {"reader": JsonLines(tokens="tokens")}):
        with pytest.raises(InputError, match=r"^dataset.tokenizer=icu: the tokens of this set are given"):
            Dataset(tokenizer="icu", **settings)


def test_words_of_another_dictionary_are_another_corpus(monkeypatch):
    monkeypatch.setattr("seedbed.data.icu_segmentation.version", lambda: "1.0")
    assert [identity(tokenizer) for tokenizer in TOKENIZERS] == ["spaces", "reviews", "icu 1.0"]


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
    assert normalise(token, "twitter_digits") == new


@pytest.mark.parametrize(
    ("token", "new"), [("1999", "0000"), ("B2B", "B0B"), ("٣.٥", "0.0"), ("m²", "m²"), ("@b4", "@b0")]
)
def test_digits_become_zeros(token, new):
    assert normalise(token, "digits") == new
    assert normalise(token, "twitter") == ("<USR>" if token == "@b4" else token)
