"""An example that would take all memory in training is refused where it is read, unless it is cut."""

import pytest

from seedbed.data import length_limit
from seedbed.data.dataset import Dataset
from seedbed.data.length_limit import MOST_TOKENS
from seedbed.data.readers import Columns, JsonLines, LabelLines
from seedbed.errors import InputError


@pytest.fixture
def build_dataset(tmp_path):
    def dataset(text, reader, **settings):
        (tmp_path / "train.txt").write_text(text, encoding="utf-8")
        return Dataset("long", reader=reader, path=str(tmp_path), files={"train": "train.txt"}, **settings)

    return dataset


def test_a_text_of_too_many_tokens_names_its_line_and_the_setting(build_dataset):
    text = "0 a b\n1 " + "w " * (MOST_TOKENS + 1) + "\n"
    with pytest.raises(InputError, match=r"train.txt:2: a text of more than 100,000 tokens; cut it, with dataset.max"):
        build_dataset(text, LabelLines()).load()
    corpus = build_dataset(text, LabelLines(), max_tokens=1000).load()
    assert [len(example.tokens) for example in corpus] == [2, 1000]
    assert len(list(build_dataset("0 a b\n1 " + "w " * MOST_TOKENS + "\n", LabelLines()).load())) == 2


def test_a_sentence_of_too_many_tokens_too(build_dataset, monkeypatch):
    monkeypatch.setattr(length_limit, "MOST_TOKENS", 1000)
    text = "a O\nb B-x\n\n" + "c O\n" * 1001
    settings = {"task": "tagging", "reader": Columns()}
    with pytest.raises(InputError, match=r"train.txt:4: a sentence of more than 1,000 tokens; cut it, where it is one"):
        build_dataset(text, **settings).load()
    assert len(build_dataset(text, **settings, max_tokens=50).load().splits["train"][1].tokens) == 50


def test_tokens_are_counted_and_not_characters(build_dataset, monkeypatch):
    monkeypatch.setattr(length_limit, "MOST_TOKENS", 10)
    monkeypatch.setattr(length_limit, "ENOUGH", 40)
    long = "x" * 30
    assert len(build_dataset(f"0 {long} {long} {long}\n1 a\n", LabelLines()).load().splits["train"]) == 2
    with pytest.raises(InputError, match=r"train.txt:1: a text of more than 10 tokens"):
        build_dataset(f"0 {long} {'a ' * 10}\n1 a\n", LabelLines()).load()
    lines = '{"words": ["a"], "label": 0}\n{"words": [' + ", ".join(['"a"'] * 11) + '], "label": 1}\n'
    with pytest.raises(InputError, match=r"train.txt:2: a sentence of more than 10 tokens"):
        build_dataset(lines, JsonLines(tokens="words")).load()
