"""Which words or texts an embedding without a word table has a vector for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.data.corpus import Example
from seedbed.data.hashes import file_sha256
from seedbed.embeddings.fasttext_bin import FastTextBin
from seedbed.embeddings.pieces.features import PieceEmbedding
from seedbed.embeddings.precomputed import Precomputed
from seedbed.embeddings.transformer import Transformer
from seedbed.embeddings.transformers.architecture import read_architecture
from seedbed.embeddings.transformers.folder import CONFIG, TOKENIZER
from seedbed.embeddings.transformers.pieces import PieceTokenizer, open_tokenizer

BLOCK = 1024
"""Words that are split at once."""


@dataclass(frozen=True)
class KnownWords:
    """``known`` returns bool ``[words]``; ``predicate``: what a word has that is known."""

    known: Callable[[Sequence[str]], np.ndarray]
    predicate: str


def known_words(embedding: object) -> KnownWords | None:
    """Return how words are known to an embedding of pieces or subwords; None for any other."""
    if isinstance(embedding, PieceEmbedding):
        model = embedding.open()
        ignored = {model.pieces.unknown, model.pieces.blank}
        return KnownWords(
            lambda words: np.array([bool(set(ids) - ignored) for ids in model.pieces.words(words)], bool),
            "have a known piece",
        )
    if isinstance(embedding, Transformer):
        tokenizer = _tokenizer_of(embedding)
        return KnownWords(lambda words: _known_to_transformer(tokenizer, words), "have a known piece")
    if isinstance(embedding, FastTextBin):
        return KnownWords(lambda words: _known_to_subwords(embedding, words), "have a vector or known subwords")
    return None


def _tokenizer_of(embedding: Transformer) -> PieceTokenizer:
    files = embedding.files()
    vocabulary = read_architecture(files[CONFIG]).vocabulary
    return open_tokenizer(files[TOKENIZER], file_sha256(files[TOKENIZER]), vocabulary)


def _known_to_transformer(tokenizer: PieceTokenizer, words: Sequence[str]) -> np.ndarray:
    known = np.zeros(len(words), bool)
    for start in range(0, len(words), BLOCK):
        [pieces] = tokenizer.of_words([words[start : start + BLOCK]])
        numbers = pieces.words[(pieces.ids != tokenizer.unknown) & (pieces.words >= 0)]
        known[start + numbers] = True
    return known


def _known_to_subwords(embedding: FastTextBin, words: Sequence[str]) -> np.ndarray:
    with_vector = set(embedding.vectors(words).words)
    return np.array([word in with_vector for word in words], bool)


def texts_without_vectors(embedding: Precomputed, examples: Sequence[Example]) -> list[str]:
    """Return the ids of the examples that a file of vectors lacks; an empty text needs no vectors of tokens."""
    names, keys = embedding.names_in_file(), embedding.keys_of(examples)
    return [
        example.id for example, key in zip(examples, keys, strict=True)
        if key not in names and (example.tokens or embedding.level == "text")
    ]  # fmt: skip
