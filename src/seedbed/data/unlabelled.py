"""The unlabelled part of a data set: texts outside its splits, read one at a time."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.class_names import class_name
from seedbed.data.compressed_files import SUFFIXES, limit_size
from seedbed.data.hashes import file_sha256
from seedbed.data.raw_example import RawExample
from seedbed.data.text_files import streamed
from seedbed.data.tokenization import Tokenization, identity, without_halves
from seedbed.errors import InputError

UNLABELLED = "unlabelled"
"""The key of unlabelled files."""

LINES = tuple(f".txt{packed}" for packed in ("", *SUFFIXES))
"""Suffixes of files with one text per line; other files are read by the reader of the data set, without labels."""


@dataclass(frozen=True)
class Unlabelled:
    """Unlabelled files, and how their texts become tokens: as in the labelled part (see ``Dataset``).

    ``mixed``: labelled files, of which the rows without a label are taken; ``rows`` reads them: it yields the rows of
    each, or of several that are read together with the first of them.
    """

    files: tuple[Path, ...]
    reader: Any  # that of a Dataset, or of a plugin
    tokenization: Tokenization
    max_tokens: int | None = None
    keep_tokens: str = "first"
    max_file_gb: float = math.inf
    mixed: tuple[Path, ...] = ()
    rows: Callable[[], Iterable[tuple[Path, Iterable[RawExample]]]] = tuple

    def __post_init__(self):
        for file in self.files:
            if not file.name.endswith(LINES) and not hasattr(self.reader, "words"):
                raise InputError(
                    f"dataset.files.{UNLABELLED}={file.name}: {type(self.reader).__name__} reads no texts without "
                    "labels; give a .txt file with a text a line"
                )

    @property
    def digest(self) -> str:
        """sha256 of files and settings."""
        optional_keys = getattr(self.reader, "LATER", ())
        defaults = {
            field.name: field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
            for field in dataclasses.fields(self.reader)
        }
        settings = dataclasses.asdict(self.reader).items()
        reader_settings = {key: value for key, value in settings if key not in optional_keys or value != defaults[key]}
        cls: type = type(self.reader)
        reader = {"class": class_name(cls)} | reader_settings
        files = [[file.name.endswith(LINES), file_sha256(file)] for file in self.files]
        tokenization = self.tokenization._replace(tokenizer=identity(self.tokenization.tokenizer))
        content: list[object] = [files, reader, tokenization, self.max_tokens, self.keep_tokens]
        content += [[file_sha256(file) for file in self.mixed]] if self.mixed else []
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield the tokens of each non-empty text. Raises InputError, also for a file without texts."""
        for file, texts in self._sources():
            empty = file not in self.mixed
            for words in limit_size(texts, self.max_file_gb):
                tokens = self.tokenization.tokens(without_halves(words)[0])
                if tokens:
                    empty = False
                    yield self._cut(tokens)
            if empty:
                raise InputError(f"{file}: has no texts")

    def _sources(self) -> Iterator[tuple[Path, Iterator[str | tuple[str, ...]]]]:
        """Yield each file with its texts."""
        for file, rows in self.rows():
            yield file, (row.words for row in rows if not row.is_labelled)
        for file in self.files:
            is_lines = file.name.endswith(LINES)
            yield (
                file,
                streamed(file, getattr(self.reader, "encoding", "utf-8")) if is_lines else self.reader.words(file),
            )

    def _cut(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        if self.max_tokens is None or len(tokens) <= self.max_tokens:
            return tokens
        return tokens[: self.max_tokens] if self.keep_tokens == "first" else tokens[-self.max_tokens :]
