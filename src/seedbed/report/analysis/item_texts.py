"""Texts of test examples, and the entities of training examples, as a comparison keeps them."""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from seedbed.errors import InputError

LARGEST = 200_000_000
"""Bytes of such a file when unpacked."""
VERSION = 1

T = TypeVar("T")
Mention = tuple[str, str]
"""The surface form of an entity, as `seedbed.cells.surface_form` gives it, and its type."""


@dataclass(frozen=True)
class Text:
    """The tokens of an example, and how many it had; fewer are there where it was cut."""

    tokens: tuple[str, ...]
    length: int


@dataclass(frozen=True)
class Items:
    """By (data set, draw) and corpus: the mentions in the draw's training examples. By corpus and id: the text.

    Mentions are None where they are not known, as for classification. A draw has several corpora where arms read one
    data set in several ways, as in lower case: which of them an arm read is not known here, so that only what they have
    in common is told.
    """

    draws: Mapping[tuple[str, str], Mapping[str, frozenset[Mention] | None]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    left_out: int = 0
    data: Mapping[str, str] = field(default_factory=dict)
    """By corpus, the digest of its data; empty where a file of an older version does not say."""

    def of_data(self, known: Set[str]) -> "Items":
        """What belongs to these data, or to data that are not known."""
        left = {
            key: {corpus: mentions for corpus, mentions in own.items() if self.data.get(corpus, "") in {"", *known}}
            for key, own in self.draws.items()
        }
        return replace(self, draws={key: own for key, own in left.items() if own})

    def text(self, dataset: str, draw: str, example: str) -> Text | None:
        """The text of a test example of a draw, or None."""
        return _common(self.texts.get(corpus, {}).get(example) for corpus in self.draws.get((dataset, draw), ()))

    def seen(self, dataset: str, draw: str) -> frozenset[Mention] | None:
        """The mentions in the training examples of a draw, or None where they are not known."""
        return _common(self.draws.get((dataset, draw), {}).values())

    @cached_property
    def contested(self) -> frozenset[tuple[str, str]]:
        """Draws of several corpora that do not have the same texts and entities."""
        return frozenset(key for key, own in self.draws.items() if len(own) > 1 and not self._alike(own))

    def _alike(self, own: Mapping[str, frozenset[Mention] | None]) -> bool:
        first, *others = own
        texts = [self.texts.get(corpus, {}) for corpus in own]
        same = all(own[first] == own[other] for other in others)
        return same and all(texts[0] == text for text in texts)


def _common(values: Iterable[T | None]) -> T | None:
    """What all of them are, or None."""
    first, *others = [*values] or [None]
    return first if all(other == first for other in others) else None


def read_items(content: bytes, where: str) -> Items:
    """Read ``items.json.gz``; InputError names ``where`` if it is damaged, too large or of another version."""
    try:
        read = json.loads(_unpacked(content, where))
        if read["version"] != VERSION:
            raise InputError(f"{where}: is of version {read['version']}, not {VERSION}")
        data = {corpus: _text(own.get("data", "")) for corpus, own in read["corpora"].items()}
        return Items(*_checked(read), int(read["left_out"]), data)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{where}: not a whole gzip file: {error}") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise InputError(f"{where}: not as it was written: {error!r}") from error


def together(parts: Iterable[Items | None]) -> Items | None:
    """Several as one, or None where there are none."""
    found = [part for part in parts if part is not None]
    if not found:
        return None
    draws: dict[tuple[str, str], dict[str, frozenset[Mention] | None]] = {}
    for part in found:
        for key, corpora in part.draws.items():
            draws.setdefault(key, {}).update(corpora)
    texts: dict[str, dict[str, Text]] = {}
    for part in found:
        for corpus, own in part.texts.items():
            texts.setdefault(corpus, {}).update(own)
    data = {corpus: digest for part in found for corpus, digest in part.data.items()}
    return Items(draws, texts, sum(part.left_out for part in found), data)


def _unpacked(content: bytes, where: str) -> bytes:
    import io

    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        unpacked = stream.read(LARGEST + 1)
    if len(unpacked) > LARGEST:
        raise InputError(f"{where}: over {LARGEST:,} bytes when unpacked")
    return unpacked


def _checked(read: Any) -> tuple[dict, dict]:
    texts: dict[str, dict[str, Text]] = {}
    mentions: dict[str, list[Mention]] = {}
    for corpus, own in read["corpora"].items():
        lengths = own["lengths"]
        texts[corpus] = {
            example: Text(tuple(map(_text, tokens)), int(lengths.get(example, len(tokens))))
            for example, tokens in own["examples"].items()
        }
        mentions[corpus] = [(_text(surface), _text(kind)) for surface, kind in own["mentions"]]
    draws: dict[tuple[str, str], dict[str, frozenset[Mention] | None]] = {}
    for dataset, draw, corpus, numbers in read["draws"]:
        known = mentions[corpus]
        found = None if numbers is None else frozenset(known[number] for number in numbers if number >= 0)
        draws.setdefault((_text(dataset), _text(draw)), {})[_text(corpus)] = found
    return draws, texts


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value
