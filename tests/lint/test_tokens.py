"""Cut texts, markers among the words, and vocabularies that know the test texts."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from seedbed.lint.tokens import markers_as_words, sentences_in_windows, sequences_cut

COUNT = 20
LENGTHS = {"train": [6, 5, 9], "test": [2, 7]}


def texts(*last, number=COUNT):
    """Plain texts, and these."""
    return {"train": [(f"a film {n}", "xy"[n % 2]) for n in range(number - len(last))] + [(one, "x") for one in last]}


def test_the_share_that_was_cut_is_said_by_split(drawn):
    splits = texts() | {"test": [("t", "x")] * 40}
    (text,) = sequences_cut(drawn(splits, counts={"cut": 6, "cut/train": 5, "cut/test": 1}))
    assert text == "mine: 25 % of train and 2 % of test texts are cut to their first 5 tokens (dataset.max_tokens)"


def test_hardly_any_cut_text_is_no_finding(drawn):
    assert list(sequences_cut(drawn(texts(number=200), counts={"cut": 1, "cut/train": 1}))) == []
    assert list(sequences_cut(drawn(texts(), counts={"cut": 0}))) == []


def test_sentences_that_are_read_in_windows_are_counted_by_split(drawn):
    def found(*arms):
        splits = {split: [(" ".join("a" * n), ("O",) * n) for n in own] for split, own in LENGTHS.items()}
        data = drawn(splits, tagging=True)
        return list(sentences_in_windows(replace(data, arms=arms)))

    trained = SimpleNamespace(task=SimpleNamespace(window=5), encoder=object())
    assert found(trained, trained) == [
        "mine: 2 of 3 train and 1 of 2 test sentences have more than 5 tokens, up to 9: they are read in windows "
        "(task.window)"
    ]
    fitted = SimpleNamespace(task=trained.task, encoder=SimpleNamespace(training_fields=()))
    assert found(fitted) == []
    assert found(SimpleNamespace(task=SimpleNamespace(window=None), encoder=object())) == []
    assert found(SimpleNamespace(task=SimpleNamespace(window=9), encoder=object())) == []


@pytest.mark.parametrize(
    "marked",
    ["so <PAD> <PAD>", "so [PAD]", "__PAD__", "a ENDPAD", "<s> so </s>", "<START> so", "an <unk> so", "[CLS] so [SEP]",
     "so < pad > < pad >", "so _ _ pad _ _", "< / s >"],
)  # fmt: skip
def test_markers_and_padding_are_found_however_the_tokenizer_left_them(drawn, marked):
    (text,) = markers_as_words(drawn(texts(marked, marked)))
    assert "2 of 20 texts have markers" in text


@pytest.mark.parametrize(
    "plain",
    ["<USR> so <URL>", "a pad of paper", "[ sic ] so", "start and end", "i <3 it", "snake_case __init__", "<b>"],
)
def test_words_and_names_are_no_markers(drawn, plain):
    assert list(markers_as_words(drawn(texts(plain, plain)))) == []


def test_a_marker_in_one_text_is_a_chance(drawn):
    assert list(markers_as_words(drawn(texts("html <s> gone")))) == []
    assert list(markers_as_words(drawn(texts("<s> one", "<s> two", number=400)))) == []


def test_the_share_of_tokens_is_that_of_the_drawn_texts(drawn):
    (text,) = markers_as_words(drawn({"train": [("a <pad> <pad> b", "x"), ("<pad> c", "y")]}))
    assert "such as <pad> (50 % of tokens)" in text


SETTINGS = ("experiment=twitter_ner_bilstm", "replicates=1")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (["embedding.vocabulary=[train,validation,test]"], True),
        (["embedding.vocabulary=[train,validation]"], False),
        (["embedding.vocabulary=[train,validation,test]", "embedding.trainable=false"], False),
    ],
)
def test_trained_rows_for_words_of_the_test_texts_are_found(linted, tweets, settings, found):
    looked = linted(*SETTINGS, f"dataset.path={tweets}", *settings)
    assert ("vocabulary-from-test" in looked.rules) == found


def test_they_are_found_inside_a_stack(linted, tweets, tmp_path):
    vectors = tmp_path / "v.txt"
    vectors.write_text("likes 0.1 0.2\n", encoding="utf-8")
    looked = linted(
        "dataset=twitter_ner", f"dataset.path={tweets}", "embedding=stack", f"embedding.parts.glove.path={vectors}",
        "embedding.parts.glove.dim=2", "embedding.parts.random.trainable=true", "arm=mine",
    )  # fmt: skip
    assert looked.text("vocabulary-from-test").startswith("mine: ")
