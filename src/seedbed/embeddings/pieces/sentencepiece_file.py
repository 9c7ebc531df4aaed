"""A sentencepiece model."""

import re
from collections.abc import Sequence
from pathlib import Path

from seedbed.embeddings.pieces.vectors import BLANK, Ids, inside_text
from seedbed.errors import InputError, one_line
from seedbed.readable import read_bytes

MODEL_BYTES = 256 << 20
"""Of a model: the largest published ones have 5 MB."""


def preprocess(text: str) -> str:
    """Return the text in lower case with 0 for every digit, as the models of BPEmb were trained."""
    return re.sub(r"\d", "0", text.lower())


class SentencePieces:
    """Implements ``Pieces``, after ``preprocess`` where it applies.

    ``names``: the text of each piece, by id.
    """

    median_length = 0

    def __init__(self, path: Path, preprocesses: bool):
        try:
            from sentencepiece import SentencePieceProcessor
        except ImportError as error:
            raise InputError('sentencepiece is not installed: pip install "seedbed[bpemb]"') from error
        content = read_bytes(path, MODEL_BYTES)
        if not content:
            raise InputError(f"{path}: cannot be read as a sentencepiece model: the file is empty")
        try:
            self._model = SentencePieceProcessor(model_proto=content)
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(f"{path}: cannot be read as a sentencepiece model: {one_line(error)}") from error
        self._preprocesses = preprocesses
        ids = range(self._model.get_piece_size())
        self.names = [self._model.id_to_piece(n) for n in ids]
        self.unknown = self._model.unk_id()
        self.blank = self.names.index(BLANK) if BLANK in self.names else -1

    def is_special(self, piece: int) -> bool:
        """Return whether a piece is no text: the unknown piece, or one such as ``<s>``."""
        return piece == self.unknown or self._model.is_control(piece)

    def texts(self, texts: Sequence[str]) -> Ids:
        """Return the piece ids of each text."""
        return self._model.encode([preprocess(text) for text in texts] if self._preprocesses else list(texts))

    def words(self, words: Sequence[str]) -> Ids:
        """Return the piece ids that each word has inside a text."""
        return inside_text(self.texts, words)
