"""Texts of test examples, and entities of training examples, as stored by a comparison."""

import gzip
import zlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from seedbed.errors import InputError
from seedbed.readable import parse_json

LARGEST = 200_000_000
"""Bytes of such a file when unpacked."""
VERSION = 1

T = TypeVar("T")
Mention = tuple[str, str]
"""The surface form of an entity, as `seedbed.cells.surface_form` gives it, and its type."""


@dataclass(frozen=True)
class Text:
    """The tokens of an example, possibly truncated, and the number of tokens before truncation."""

    tokens: tuple[str, ...]
    length: int


@dataclass(frozen=True)
class Items:
    """``draws``: by (data set, draw) and corpus, the mentions in the training examples. ``texts``: by corpus and id.

    Mentions are None if unknown, as for classification. A draw has several corpora if arms read one data set in several
    ways, such as lower case. The corpus of an arm is not known here, so only what all of them share is returned.
    """

    draws: Mapping[tuple[str, str], Mapping[str, frozenset[Mention] | None]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    left_out: int = 0
    data: Mapping[str, str] = field(default_factory=dict)
    """By corpus, the digest of its data; empty in files of older versions."""

    def of_data(self, digests: Set[str]) -> "Items":
        """Return the items of the data with these digests or without one."""
        allowed = {"", *digests}
        matching = {
            key: {corpus: mentions for corpus, mentions in by_corpus.items() if self.data.get(corpus, "") in allowed}
            for key, by_corpus in self.draws.items()
        }
        return replace(self, draws={key: by_corpus for key, by_corpus in matching.items() if by_corpus})

    def text(self, dataset: str, draw: str, example: str) -> Text | None:
        """Return the text of a test example of a draw, or None."""
        return _common(self.texts.get(corpus, {}).get(example) for corpus in self.draws.get((dataset, draw), ()))

    def training_mentions(self, dataset: str, draw: str) -> frozenset[Mention] | None:
        """Return the mentions in the training examples of a draw, or None if unknown."""
        return _common(self.draws.get((dataset, draw), {}).values())

    @cached_property
    def contested(self) -> frozenset[tuple[str, str]]:
        """Draws of several corpora that differ in texts or entities."""
        return frozenset(
            key for key, by_corpus in self.draws.items() if len(by_corpus) > 1 and not self._are_equal(by_corpus)
        )

    def _are_equal(self, by_corpus: Mapping[str, frozenset[Mention] | None]) -> bool:
        first, *others = by_corpus
        texts = [self.texts.get(corpus, {}) for corpus in by_corpus]
        same = all(by_corpus[first] == by_corpus[other] for other in others)
        return same and all(texts[0] == text for text in texts)


def _common(values: Iterable[T | None]) -> T | None:
    """Return the value that all have, or None."""
    first, *others = [*values] or [None]
    return first if all(other == first for other in others) else None


def read_items(content: bytes, where: str) -> Items:
    """Read ``items.json.gz``; InputError names ``where`` if it is damaged, too large or of another version."""
    try:
        stored = parse_json(_unpacked(content, where), where)
        if stored["version"] != VERSION:
            raise InputError(f"{where}: is of version {stored['version']}, not {VERSION}")
        data = {corpus: _text(entry.get("data", "")) for corpus, entry in stored["corpora"].items()}
        return Items(*_parse(stored), int(stored["left_out"]), data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{where}: not a whole gzip file: {error}") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise InputError(f"{where}: not as it was written: {error!r}") from error


def merge_items(parts: Iterable[Items | None]) -> Items | None:
    """Merge the items of several comparisons; None if there are none."""
    present = [part for part in parts if part is not None]
    if not present:
        return None
    draws: dict[tuple[str, str], dict[str, frozenset[Mention] | None]] = {}
    for part in present:
        for key, corpora in part.draws.items():
            draws.setdefault(key, {}).update(corpora)
    texts: dict[str, dict[str, Text]] = {}
    for part in present:
        for corpus, corpus_texts in part.texts.items():
            texts.setdefault(corpus, {}).update(corpus_texts)
    data = {corpus: digest for part in present for corpus, digest in part.data.items()}
    return Items(draws, texts, sum(part.left_out for part in present), data)


def _unpacked(content: bytes, where: str) -> bytes:
    import io

    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        unpacked = stream.read(LARGEST + 1)
    if len(unpacked) > LARGEST:
        raise InputError(f"{where}: over {LARGEST:,} bytes when unpacked")
    return unpacked


def _parse(stored: Any) -> tuple[dict, dict]:  # decoded JSON
    texts: dict[str, dict[str, Text]] = {}
    mentions: dict[str, list[Mention]] = {}
    for corpus, entry in stored["corpora"].items():
        lengths = entry["lengths"]
        texts[corpus] = {
            example: Text(tuple(map(_text, tokens)), int(lengths.get(example, len(tokens))))
            for example, tokens in entry["examples"].items()
        }
        mentions[corpus] = [(_text(surface), _text(kind)) for surface, kind in entry["mentions"]]
    draws: dict[tuple[str, str], dict[str, frozenset[Mention] | None]] = {}
    for dataset, draw, corpus, numbers in stored["draws"]:
        known = mentions[corpus]
        draw_mentions = None if numbers is None else frozenset(known[number] for number in numbers if number >= 0)
        draws.setdefault((_text(dataset), _text(draw)), {})[_text(corpus)] = draw_mentions
    return draws, texts


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value
