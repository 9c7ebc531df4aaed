from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.corpus import Corpus, Example
from seedbed.errors import InputError
from seedbed.senses.passages import Passage, corpus_passages, read_sentences, split_sentences

WORK = Path(__file__).parents[2] / "conf" / "senses" / "work.tsv"


@pytest.fixture
def read(tmp_path):
    def made(text, name="mine.tsv"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return read_sentences(file)

    return made


def test_the_five_sentences_of_the_document_have_its_tokens():
    found = read_sentences(WORK)
    assert [list(passage.tokens) for passage in found.passages] == [
        ["I", "love", "this", "beautiful", "work", "by", "Vincent", "Van", "Gogh"],
        ["Tiya", "works", "really", "hard", "for", "exams", "every", "day"],
        ["My", "sister", "likes", "working", "at", "Google"],
        ["This", "amazing", "work", "was", "done", "in", "the", "early", "nineteenth", "century"],
        ["Hundreds", "of", "people", "work", "in", "this", "building"],
    ]
    assert found.forms == ("work", "works", "working")
    assert [passage.sense for passage in found.passages].count("object made") == 2


def test_a_sense_stands_before_a_tab_and_may_be_missing(read):
    found = read("a sense\tthe  work\n\nwork hard\n\tno sense work\r\n")
    assert found.passages == (
        Passage(("the", "work"), "a sense", "mine.tsv:1"),
        Passage(("work", "hard"), "", "mine.tsv:3"),
        Passage(("no", "sense", "work"), "", "mine.tsv:4"),
    )


def test_only_a_first_line_names_forms_and_hashtags_are_tokens(read):
    found = read("#work is hard\n# forms: a b\n")
    assert found.forms == ()
    assert [passage.tokens[0] for passage in found.passages] == ["#work", "#"]


def test_a_table_has_its_columns_in_any_order(read):
    found = read('text,sense\n"it , works",verb\nwork,\n', "mine.csv")
    assert found.passages == (Passage(("it", ",", "works"), "verb", "mine.csv:2"),
                              Passage(("work",), "", "mine.csv:3"))  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.tsv", "x\twork\nnoun\t \n", r"a\.tsv:2: a sense without a sentence"),
        ("a.tsv", "a\tb\twork\n", r"a\.tsv:1: several tabs"),
        ("a.tsv", "", "the file is empty"),
        ("a.tsv", "# forms: work\n", "has no sentences"),
        ("a.tsv", b"good\nw\xffrk\n", r"a\.tsv:2: byte 0xff \(number 6\) is not utf-8$"),
        ("a.csv", "sentence\nwork\n", r"a\.csv:1: no column 'text'; there are sentence"),
        ("a.csv", "sense,text\nwork\n", r"a\.csv:2: 1 column under a header of 2$"),
        ("a.csv", "sense,text\nnoun,\n", r"a\.csv:2: a sense without a sentence"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(read, name, text, said):
    with pytest.raises(InputError, match=said):
        read(text, name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_sentences(tmp_path / "none.tsv")


def test_texts_to_classify_are_parted_and_tagged_sentences_are_not():
    tokens = ("It", "works", ".", "Or", "not", ".")
    tagged = Corpus("t", "tagging", {"train": (Example("train/0", tokens, ("O",) * 6),)}, ("O",))
    labelled = Corpus("c", "classification", {"train": (Example("train/0", tokens, "good"),)}, ("good",))
    assert [passage.tokens for passage in corpus_passages(tagged)] == [tokens]
    assert list(corpus_passages(labelled)) == [Passage(tokens[:3], "", "train/0"), Passage(tokens[3:], "", "train/0")]


def test_a_sentence_ends_behind_what_closes():
    text = 'He said " no ! " Then ( yes . ) And on'
    sentences = [" ".join(part) for part in split_sentences(text.split())]
    assert sentences == [
        'He said " no ! "',
        "Then ( yes . )",
        "And on",
    ]


@given(st.lists(st.sampled_from(["a", ".", "!", '"', ")", "b"])))
def test_the_parts_make_up_the_text(tokens):
    parts = list(split_sentences(tokens))
    assert [token for part in parts for token in part] == tokens
    assert all(parts)
