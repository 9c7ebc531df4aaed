"""The most frequent tag of each token, against counting by hand."""

import dataclasses
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.tags import to_iob2
from seedbed.floor.floors import Floors
from seedbed.floor.most_frequent_tag import tags

WORDS = st.sampled_from(["a", "A", "b", "B", "c"])
TAGS = st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"])
SENTENCES = st.lists(st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=5), min_size=1, max_size=6)


def counted(train, token, labels):
    """The tag by looking through all training tokens, as written and then lower-cased."""
    for same in (lambda other: other == token, lambda other: other.lower() == token.lower()):
        found = Counter(tag for one in train for other, tag in zip(one.tokens, one.target, strict=True) if same(other))
        if found:
            return min(found, key=lambda tag: (-found[tag], labels.index(tag)))
    return "O"


@given(train=SENTENCES, test=SENTENCES)
def test_it_is_what_counting_gives_and_iob2(floor_corpus, floor_draw, train, test):
    corpus = floor_corpus(
        "tagging",
        [to_iob2([tag for _, tag in own]) for own in [*train, *test]],
        [[word for word, _ in own] for own in [*train, *test]],
    )
    draw = floor_draw(range(len(train)), (), range(len(train), len(train) + len(test)))
    examples = corpus.splits["train"]
    said = Floors(corpus).tags(draw, "most_frequent_tag")
    for one, ours in zip(examples[len(train) :], said, strict=True):
        expected = [counted(examples[: len(train)], token, corpus.labels) for token in one.tokens]
        assert ours == to_iob2(expected) == to_iob2(ours)


def test_case_ties_unknown_tokens_and_bare_continuations(floor_corpus, floor_draw):
    corpus = floor_corpus(
        "tagging",
        [("B-LOC", "I-LOC", "O"), ("O", "O", "O"), ("B-LOC", "O", "O"), ("B-LOC", "I-LOC", "O")],
        [["New", "York", "is"], ["new", "York", "york"], ["Rome", "rome", "is"], ["New", "YORK", "Oslo"]],
    )
    train, test = corpus.splits["train"][:3], corpus.splits["train"][3:]
    # New as written; YORK as york and York together, of which O leads by 2 to 1; Oslo was never seen.
    assert tags(train, test, corpus.labels) == [("B-LOC", "O", "O")]
    # York is I-LOC as often as O: O comes first.
    draw = floor_draw([0, 1, 2], (), [0])
    assert Floors(corpus).tags(draw, "most_frequent_tag") == [("B-LOC", "O", "O")]
    # Where I-LOC leads, it begins an entity of its own if nothing stands before it.
    lone = [dataclasses.replace(test[0], tokens=("York",))]
    assert tags(train[:1], lone, corpus.labels) == [("B-LOC",)]


def test_tags_of_test_sentences_change_no_answer(floor_corpus, floor_draw):
    tokens = [["Ann", "runs"], ["Bob", "runs"], ["Ann", "Bob"]]
    first = floor_corpus("tagging", [("B-PER", "O"), ("B-PER", "O"), ("B-PER", "O")], tokens)
    second = dataclasses.replace(first, splits={"train": (*first.splits["train"][:2], dataclasses.replace(
        first.splits["train"][2], target=("O", "O")))})  # fmt: skip
    draw = floor_draw([0, 1], (), [2])
    assert Floors(first).tags(draw, "most_frequent_tag") == Floors(second).tags(draw, "most_frequent_tag")
    assert Floors(first).scores(draw, "most_frequent_tag") != Floors(second).scores(draw, "most_frequent_tag")
