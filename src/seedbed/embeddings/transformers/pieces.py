"""Texts as pieces, by the tokenizer of a model; its cuts and its padding are switched off."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.embeddings.json_object import read_json_object
from seedbed.embeddings.pieces.tokenizer_file import parse_tokenizer, tokenizer_errors, unknown_piece
from seedbed.errors import InputError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

NO_WORD = -1
"""The word of a piece that belongs to none."""


@dataclass(frozen=True)
class Pieces:
    """The pieces of a text without special tokens: ``ids`` int32, and the number of the word of each, ``words``."""

    ids: np.ndarray
    words: np.ndarray


class PieceTokenizer:
    """Splits texts into pieces. ``before`` and ``after``: ids of the special tokens; ``unknown``: id, -1 without one.

    ``rows``: those of the embedding matrix, which has to have one for each piece.
    """

    def __init__(self, path: Path, rows: int):
        self.path = path
        self._content = read_json_object(path) | {"truncation": None, "padding": None}
        self._texts = self._tokenizer(self._content)
        vocabulary = self._texts.get_vocab(with_added_tokens=True)
        largest = max(vocabulary.values(), default=-1)
        if largest >= rows:
            raise InputError(
                f"{path}: does not fit the model: it has pieces up to number {largest}, and the embedding matrix has "
                f"{rows} rows"
            )
        self.unknown = unknown_piece(self._texts)
        with tokenizer_errors(path):
            example = self._texts.encode("a")
        inside = [n for n, sequence in enumerate(example.sequence_ids) if sequence is not None] or [len(example.ids)]
        self.before, self.after = example.ids[: inside[0]], example.ids[inside[-1] + 1 :]

    @property
    def special(self) -> int:
        """The number of special tokens of a text."""
        return len(self.before) + len(self.after)

    def of_words(self, sentences: Sequence[Sequence[str]]) -> list[Pieces]:
        """Return the pieces of sentences of words; no piece is part of two words."""
        readable = [[_readable(word) for word in words] for words in sentences]
        with tokenizer_errors(self.path):
            return [self._pieces(encoding) for encoding in self._words.encode_batch(readable, is_pretokenized=True)]

    def of_texts(self, texts: Sequence[str]) -> list[Pieces]:
        """Return the pieces of texts, each piece a word of its own, as the publisher's library splits them."""
        with tokenizer_errors(self.path):
            encodings = self._texts.encode_batch([_readable(text) for text in texts])
        pieces = [self._pieces(encoding) for encoding in encodings]
        return [Pieces(text.ids, np.arange(len(text.ids), dtype=np.int32)) for text in pieces]

    def _pieces(self, encoding: "Encoding") -> Pieces:
        inside = slice(len(self.before), len(encoding.ids) - len(self.after))
        words = [NO_WORD if word is None else word for word in encoding.word_ids[inside]]
        return Pieces(np.array(encoding.ids[inside], np.int32), np.array(words, np.int32))

    @cached_property
    def _words(self) -> "Tokenizer":
        """The tokenizer of words: one of bytes (RoBERTa) reads each as if a space were before it."""
        return self._tokenizer(self._content | {"pre_tokenizer": _with_space(self._content.get("pre_tokenizer"))})

    def _tokenizer(self, content: Mapping[str, Any]) -> "Tokenizer":
        return parse_tokenizer(json.dumps(content), self.path)


@lru_cache(maxsize=4)
def open_tokenizer(path: Path, sha256: str, rows: int) -> PieceTokenizer:
    """Return the tokenizer of a file with this hash, read once; raises InputError."""
    return PieceTokenizer(path, rows)


def _with_space(node: Any) -> Any:
    """Return a node of ``tokenizer.json`` with a space before each word where bytes are read."""
    if isinstance(node, list):
        return [_with_space(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {key: _with_space(part) for key, part in node.items()}
    return node | {"add_prefix_space": True} if node.get("type") == "ByteLevel" else node


def _readable(text: str) -> str:
    """Return a text without lone surrogates, which no tokenizer reads."""
    return text.encode("utf-8", "ignore").decode("utf-8")
