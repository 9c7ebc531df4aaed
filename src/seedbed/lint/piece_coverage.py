"""Pieces, subwords and files of vectors that know few of the drawn words, or lack drawn texts."""

from collections.abc import Iterator

import numpy as np

from seedbed.embeddings.coverage import coverage_of
from seedbed.embeddings.coverage_of_pieces import known_words, texts_without_vectors
from seedbed.embeddings.fasttext_bin import FastTextBin
from seedbed.embeddings.pieces.features import PieceEmbedding
from seedbed.embeddings.precomputed import Precomputed
from seedbed.embeddings.transformer import Transformer
from seedbed.lint.plan_data import DrawnDataset
from seedbed.lint.tokens import join_names, keyed_parts
from seedbed.report.wording import join_limited, sanitize

LEAST_TOKENS, LEAST_TYPES = 0.6, 0.2
"""Of all tokens, and of the different words, as for files of word vectors."""
Known = PieceEmbedding | Transformer | FastTextBin | Precomputed
BLOCKS = 10
"""Parts of the words that are looked up one after the other."""
MOST = 5
"""Words or texts in a message."""


def pieces_cover_little(data: DrawnDataset) -> Iterator[str]:
    """Yield tokenizers and subwords that know few of the drawn words, and files of vectors that lack drawn texts."""
    embeddings: dict[tuple[object, ...], tuple[Known, dict[str, None]]] = {}
    for arm in data.arms:
        for _, part in keyed_parts(arm.embedding):
            if isinstance(part, Known):
                key = type(part).__name__, tuple(sorted(part.content().items()))
                embeddings.setdefault(key, (part, {}))[1][sanitize(arm.name, 60)] = None
    for embedding, arms in embeddings.values():
        named = f"{sanitize(str(getattr(embedding, 'name', '')), 60)} ({join_names(list(arms))})"
        missing = _missing_texts if isinstance(embedding, Precomputed) else _unknown_words
        if text := missing(data, embedding, named):
            yield f"{data.corpus.name}: {text}"


def _unknown_words(data: DrawnDataset, embedding: Known, named: str) -> str:
    """Return the shares of known words where they are low, else an empty text."""
    checked = known_words(embedding)
    words = sorted(data.counts, key=lambda word: (-data.counts[word], word))
    if checked is None or not words:
        return ""
    counts = np.array([data.counts[word] for word in words])
    known = np.zeros(len(words), dtype=bool)
    # The most frequent words first: as soon as enough are known, the others need not be looked up.
    for block in np.array_split(np.arange(len(words)), BLOCKS):
        known[block] = checked.known([words[index] for index in block])
        shares = coverage_of(counts, known)
        if shares["tokens_share"] >= LEAST_TOKENS and shares["types_share"] >= LEAST_TYPES:
            return ""
    unknown = [sanitize(words[index], 24) for index in np.flatnonzero(~known)[:MOST]]
    return (
        f"in the drawn examples, {100 * shares['tokens_share']:.0f} % of tokens and "
        f"{100 * shares['types_share']:.0f} % of words {checked.predicate} in {named}; unknown: {', '.join(unknown)}"
    )


def _missing_texts(data: DrawnDataset, embedding: Known, named: str) -> str:
    """Return how many drawn texts a file lacks; empty where it has all."""
    assert isinstance(embedding, Precomputed)
    missing = texts_without_vectors(embedding, [data.corpus.by_id[example_id] for example_id in sorted(data.texts)])
    if not missing:
        return ""
    shown = join_limited([sanitize(example_id, 40) for example_id in missing], MOST)
    return f"{len(missing):,} of {len(data.texts):,} drawn texts have no vectors in {named}: {shown}"
