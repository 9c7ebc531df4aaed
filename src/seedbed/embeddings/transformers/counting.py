"""What is counted of texts before a model reads them: cuts, windows, and what the tokenizer does not know."""

from collections.abc import Sequence

import numpy as np

from seedbed.embeddings.transformers.pieces import Pieces, PieceTokenizer
from seedbed.embeddings.transformers.spans import Reading

BLOCK = 256
"""Texts split at once."""

Counts = dict[str, np.ndarray]


def count_words(tokenizer: PieceTokenizer, reading: Reading, sentences: Sequence[Sequence[str]]) -> Counts:
    """Return numbers of each text: words cut, without a piece, and of unknown pieces alone; pieces cut; windows."""
    rows = []
    for start in range(0, len(sentences), BLOCK):
        block = sentences[start : start + BLOCK]
        for words, pieces in zip(block, tokenizer.of_words(block), strict=True):
            rows.append(_of_pieces(pieces, tokenizer, reading) | _of_words(words, pieces, tokenizer, reading))
    return _columns(rows)


def count_texts(tokenizer: PieceTokenizer, reading: Reading, texts: Sequence[str]) -> Counts:
    """Return numbers of each text: pieces cut, windows, whether it is empty, or of unknown pieces alone."""
    rows = []
    for start in range(0, len(texts), BLOCK):
        for pieces in tokenizer.of_texts(texts[start : start + BLOCK]):
            rows.append(_of_pieces(pieces, tokenizer, reading) | {"empty_texts": int(not len(pieces.ids))})
    return _columns(rows)


def _of_pieces(pieces: Pieces, tokenizer: PieceTokenizer, reading: Reading) -> dict[str, int]:
    number = len(pieces.ids)
    spans = reading.spans(number, tokenizer.special)
    return {
        "cut_pieces": number - spans[-1][1],
        "cut_texts": int(number > spans[-1][1]),
        "windowed_texts": int(len(spans) > 1),
        "unknown_texts": int(number > 0 and bool((pieces.ids == tokenizer.unknown).all())),
    }


def _of_words(words: Sequence[str], pieces: Pieces, tokenizer: PieceTokenizer, reading: Reading) -> dict[str, int]:
    end = reading.spans(len(pieces.ids), tokenizer.special)[-1][1]
    with_pieces = set(pieces.words.tolist())
    known = set(pieces.words[pieces.ids != tokenizer.unknown].tolist())
    return {
        "cut_words": len(with_pieces - set(pieces.words[:end].tolist())),
        "words_without_pieces": len(words) - len(with_pieces),
        "unknown_words": len(with_pieces - known),
    }


def _columns(rows: Sequence[dict[str, int]]) -> Counts:
    return {name: np.array([row[name] for row in rows], np.int64) for name in (rows[0] if rows else ())}
