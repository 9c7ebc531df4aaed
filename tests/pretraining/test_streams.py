"""Streams of documents: nothing lost, nothing twice, and a mark from which they go on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.pretraining.streams import Streams

NUMBERS = {"<S>": 0, "</S>": 1, "<UNK>": 2, **{word: n for n, word in enumerate("abcdefg", 3)}}

TEXTS = st.lists(
    st.lists(st.lists(st.sampled_from("abcdefgz"), min_size=1, max_size=6), min_size=1, max_size=3),
    min_size=1,
    max_size=9,
)


def texts(documents):
    return ["\n".join(" ".join(sentence) for sentence in document) for document in documents]


def streams(blocks):
    """Of each stream ``(word, target, backward word, backward target, begins)`` at each real step."""
    found = [[] for _ in range(blocks[0].real.shape[1])]
    for block in blocks:
        for t, stream in zip(*np.nonzero(block.real), strict=True):
            row = []
            for direction in (0, 1):
                row += [block.types[block.words[t, direction, stream]], int(block.targets[t, direction, stream])]
            found[stream].append((*row, block.keep[t, stream] == 0))
    return found


def expected(document, state):
    rows = []
    for n, sentence in enumerate(document):
        forward, backward = ["<S>", *sentence, "</S>"], ["</S>", *sentence[::-1], "<S>"]
        for at in range(len(sentence) + 1):
            begins = at == 0 and (state == "sentence" or (state == "document" and n == 0))
            rows.append((forward[at], NUMBERS.get(forward[at + 1], 2), backward[at], NUMBERS.get(backward[at + 1], 2),
                         begins))  # fmt: skip
    return rows


@given(TEXTS, st.integers(1, 4), st.integers(2, 7), st.sampled_from(["document", "sentence", "carried"]))
def test_every_document_is_in_one_stream_once_in_both_directions(documents, number, steps, state):
    for n, document in enumerate(documents):
        document[0].insert(0, f"number{n}")  # so that none is the beginning of another
    blocks = list(Streams(iter(texts(documents)), NUMBERS, number, steps, state).blocks())
    left = [expected(document, state) for document in documents]
    for stream in streams(blocks):
        at = 0
        while at < len(stream):
            document = next(rows for rows in left if stream[at : at + len(rows)] == rows)
            left.remove(document)
            at += len(document)
    assert not left


@given(TEXTS, st.integers(1, 3), st.integers(2, 5), st.integers(0, 6))
def test_from_the_record_of_a_mark_the_same_blocks_follow(documents, number, steps, after):
    whole = list(Streams(iter(texts(documents)), NUMBERS, number, steps).blocks())
    mark = whole[min(after, len(whole) - 1)].positions.to_record()
    rest = Streams(iter(texts(documents)[mark["taken"] :]), NUMBERS, number, steps, record=mark)
    for one, other in zip(whole[min(after, len(whole) - 1) + 1 :], rest.blocks(), strict=True):
        assert one.types == other.types
        for name in ("words", "targets", "keep", "real"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("steps", [2, 3])
def test_a_stream_goes_on_in_the_next_block(steps):
    blocks = list(Streams(iter(["a b c d e"]), NUMBERS, 1, steps).blocks())
    assert [row[0] for row in streams(blocks)[0]] == ["<S>", "a", "b", "c", "d", "e"]
    assert [row[4] for row in streams(blocks)[0]] == [True, *[False] * 5]
