"""A model that needs no weights, and explorations of made-up sentences."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seedbed.embeddings.layers import Layout
from seedbed.senses.exploration import Exploration, layer_views
from seedbed.senses.occurrences import find_occurrences
from seedbed.senses.passages import Passage, read_sentences

WORK = Path(__file__).parents[2] / "conf" / "senses" / "work.tsv"


class FakeModel:
    """Three layers: the token, the token with the one before it, the token in its whole sentence."""

    layout = Layout((4, 8, 8))

    def batches(self, sentences):
        """In reverse order, two at a time, as a model may."""
        order = list(reversed(range(len(sentences))))
        for start in range(0, len(order), 2):
            chosen = order[start : start + 2]
            yield chosen, [self.rows(sentences[n]) for n in chosen]

    def rows(self, tokens):
        one = [
            np.concatenate([
                drawn(token, 4),
                drawn(token, 8) + drawn(tokens[max(at - 1, 0)], 8),
                drawn(token, 8) + drawn(" ".join(tokens), 8),
            ])
            for at, token in enumerate(tokens)
        ]  # fmt: skip
        return np.array(one, np.float32)


def drawn(text, width):
    seed = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=width)


@pytest.fixture
def model():
    return FakeModel()


@pytest.fixture
def explored(model):
    """An exploration of passages, or of ``(sense, sentence)`` pairs."""

    def made(pairs, forms=("work",), limit=200, **fields):
        passages = [Passage(tuple(text.split()), sense, f"line {n}") for n, (sense, text) in enumerate(pairs, 1)]
        found = find_occurrences(passages, forms, limit)
        bare = Exploration(forms[0], tuple(forms), "a file", "a model", found, ())
        return replace(bare, layers=layer_views(model, bare), **fields)

    return made


@pytest.fixture
def document(explored):
    """The five sentences that come with seedbed."""
    sentences = read_sentences(WORK)
    return explored([(one.sense, " ".join(one.tokens)) for one in sentences.passages], sentences.forms)
