"""A ``tokenizer.json`` of the tokenizers library."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.embeddings.pieces.vectors import BLANK, Ids, inside_text
from seedbed.errors import InputError, one_line
from seedbed.limits import JSON_BYTES
from seedbed.readable import read_utf8

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BATCH = 1024
"""Texts that are tokenized at once: the library's encodings take much more memory than the ids."""


class JsonTokenizer:
    """Implements ``Pieces``. Its file's own padding and truncation are off; special tokens are not added.

    ``size``: number of tokens.
    """

    def __init__(self, path: Path):
        self._path = path
        self._tokenizer = parse_tokenizer(read_utf8(path, JSON_BYTES), path)
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
        with tokenizer_errors(self._path):
            return [encoding.ids for batch in batches for encoding in encode(batch, add_special_tokens=False)]

    def words(self, words: Sequence[str]) -> Ids:
        """Return the token ids that each word has inside a text."""
        return inside_text(self.texts, words)


def parse_tokenizer(content: str, path: Path) -> "Tokenizer":
    """Return the tokenizer that the text of a ``tokenizer.json`` describes; raises InputError."""
    from tokenizers import Tokenizer

    with tokenizer_errors(path):
        return Tokenizer.from_str(content)


@contextmanager
def tokenizer_errors(path: Path) -> Iterator[None]:
    """Turn what the library raises, also while texts are split, into an InputError that names the file."""
    try:
        yield
    except (InputError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # the library raises Exception, and where its Rust panics, a BaseException
        raise InputError(f"{path}: cannot be read as tokenizer.json: {one_line(error)[:200]}") from error


def unknown_piece(tokenizer: "Tokenizer") -> int:
    """Return the id of unknown pieces; -1 if there is none."""
    model = tokenizer.model
    if hasattr(model, "unk_token"):
        number = None if model.unk_token is None else tokenizer.token_to_id(model.unk_token)
    else:  # Unigram
        number = json.loads(tokenizer.to_str())["model"].get("unk_id")
    return -1 if number is None else int(number)
