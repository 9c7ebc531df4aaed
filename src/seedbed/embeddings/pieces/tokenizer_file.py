"""A ``tokenizer.json`` of the tokenizers library."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.embeddings.pieces.vectors import BLANK, Ids, inside_text
from seedbed.errors import InputError, one_line
from seedbed.readable import regular

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BATCH = 1024
"""Texts that are tokenized at once: the library's encodings take much more memory than the ids."""


class JsonTokenizer:
    """Implements ``Pieces``. Its file's own padding and truncation are off; special tokens are not added.

    ``size``: number of tokens.
    """

    def __init__(self, path: Path):
        from tokenizers import Tokenizer

        regular(path)
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises no narrower type
            raise InputError(f"{path}: cannot be read as tokenizer.json: {one_line(error)}") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        tokens = self._tokenizer.get_vocab()
        self.size = max(tokens.values(), default=-1) + 1
        self.blank = tokens.get(BLANK, -1)
        self.unknown = unknown_piece(self._tokenizer)
        self.median_length = int(np.median([len(token) for token in tokens])) if tokens else 0

    def texts(self, texts: Sequence[str]) -> Ids:
        """Return the token ids of each text."""
        batches = (texts[first : first + BATCH] for first in range(0, len(texts), BATCH))
        encode = self._tokenizer.encode_batch_fast
        return [encoding.ids for batch in batches for encoding in encode(batch, add_special_tokens=False)]

    def words(self, words: Sequence[str]) -> Ids:
        """Return the token ids that each word has inside a text."""
        return inside_text(self.texts, words)


def unknown_piece(tokenizer: "Tokenizer") -> int:
    """Return the id of unknown pieces; -1 if there is none."""
    model = tokenizer.model
    if hasattr(model, "unk_token"):
        number = None if model.unk_token is None else tokenizer.token_to_id(model.unk_token)
    else:  # Unigram
        number = json.loads(tokenizer.to_str())["model"].get("unk_id")
    return -1 if number is None else int(number)
