"""Texts become the tokens that their data set would make of them."""

import pytest

from seedbed.data.dataset import Dataset
from seedbed.data.readers import JsonLines
from seedbed.errors import InputError
from seedbed.saved_models.text import TextPreparation

TEXTS = ["It wasn't bad, was it?", "  @ann   http://x.org  GOOD ", "don’t<br />go", "ünï — so"]


@pytest.mark.parametrize(
    "settings",
    [
        {"tokenizer": "reviews"},
        {"tokenizer": "reviews", "lowercase": True},
        {"tokenizer": "spaces", "normalise": "twitter", "lowercase": True},
        {"tokenizer": "reviews", "max_tokens": 3},
        {"tokenizer": "reviews", "max_tokens": 3, "keep_tokens": "last"},
    ],
)
def test_a_text_has_the_tokens_that_it_has_in_its_data_set(settings, tmp_path, monkeypatch):
    import json

    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "texts.jsonl"
    rows = [json.dumps({"text": text, "label": "ab"[n % 2]}) for n, text in enumerate(TEXTS)]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    dataset = Dataset(reader=JsonLines(), files={"train": str(file)}, **settings)
    preparation = TextPreparation.of(dataset)
    assert [preparation.tokens(text) for text in TEXTS] == [x.tokens for x in dataset.load().splits["train"]]


def test_tokens_are_taken_as_they_are():
    assert TextPreparation("reviews").tokens(["don't", "", "A.B."]) == ("don't", "A.B.")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", []])
def test_a_text_without_words_has_no_tokens(text):
    assert TextPreparation("reviews").tokens(text) == ()


def test_half_a_surrogate_pair_is_replaced():
    assert TextPreparation().tokens("a \ud83d b") == ("a", "\ufffd", "b")


def test_a_text_that_is_too_long_is_refused_unless_it_is_cut():
    long = "a " * 100_001
    with pytest.raises(InputError, match="split it"):
        TextPreparation().tokens(long)
    assert len(TextPreparation(max_tokens=5).tokens(long)) == 5
