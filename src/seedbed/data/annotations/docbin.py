"""DocBin files of spaCy 3 (``.spacy``): compressed msgpack, read without spaCy. Nothing in them is executed.

The user data of documents is not read. See ``spacy.tokens.DocBin`` for the format.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seedbed.errors import InputError, one_line
from seedbed.limits import refuse_expansion
from seedbed.readable import open_regular, read_utf8, regular, unreadable

_ORTH, _ENT_IOB, _ENT_TYPE = 65, 77, 78
_PIECE = 1 << 20
_SPAN = struct.Struct(">QQQllll")


class DocBinDoc(NamedTuple):
    """A document: its words, whether a space follows each, and its annotations.

    ``iob``: 0 without annotation, 1 inside, 2 outside, 3 at the beginning of an entity. ``groups``: of each group the
    spans, with start and end in characters.
    """

    words: list[str]
    spaces: list[bool]
    iob: list[int]
    types: list[str]
    cats: Mapping[str, float]
    groups: Mapping[str, list[tuple[int, int, str]]]


def read_docbin(path: Path) -> Iterator[DocBinDoc]:
    """Yield the documents of a file; raises InputError."""
    message = _unpacked(path)
    try:
        yield from _documents(path, message)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, struct.error) as error:
        raise _damaged(path, f"{type(error).__name__}: {one_line(error)}") from error


def _documents(path: Path, message: Mapping[str, Any]) -> Iterator[DocBinDoc]:
    attributes = list(message["attrs"])
    lengths = np.frombuffer(message["lengths"], "<i4").tolist()
    tokens = np.frombuffer(message["tokens"], "<u8").reshape(-1, len(attributes))
    spaces = np.frombuffer(message["spaces"], bool)
    bounds = [0, *accumulate(lengths)]
    if min(lengths, default=0) < 0 or not bounds[-1] == len(tokens) == len(spaces):
        raise _damaged(path, "the numbers of tokens do not agree")
    strings = _symbols() | {string_hash(text): text for text in message["strings"] if isinstance(text, str)}
    cats, flags = message["cats"], message.get("flags") or [{}] * len(lengths)
    groups = message.get("span_groups") or [b""] * len(lengths)

    def column(attribute: int, start: int, end: int) -> list[int]:
        if attribute not in attributes:
            return [0] * (end - start)
        values: list[int] = tokens[start:end, attributes.index(attribute)].tolist()
        return values

    for number, (start, end) in enumerate(pairwise(bounds)):
        is_spaced = not flags[number].get("has_unknown_spaces")
        yield DocBinDoc(
            [strings[value] for value in column(_ORTH, start, end)],
            spaces[start:end].tolist() if is_spaced else [True] * (end - start),
            column(_ENT_IOB, start, end),
            [strings[value] for value in column(_ENT_TYPE, start, end)],
            {str(name): float(value) for name, value in cats[number].items()},
            dict(_groups(groups[number], strings)),
        )


def _groups(content: bytes, strings: Mapping[int, str]) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Yield name and spans of each group of a document."""
    groups = _msgpack(content) if content else {}
    for packed, names in groups.items() if isinstance(groups, dict) else ():
        group = _msgpack(packed)
        spans = []
        for packed_span in group["spans"]:
            _, _, label, _, _, start, end = _SPAN.unpack(packed_span)
            spans.append((start, end, strings[label]))
        for name in names:
            yield str(name), spans


def _unpacked(path: Path) -> Mapping[str, Any]:
    size, content = regular(path).st_size, bytearray()
    unpacker = zlib.decompressobj()
    try:
        with open_regular(path) as stream:
            while not unpacker.eof and (piece := unpacker.unconsumed_tail or stream.read(_PIECE)):
                content += unpacker.decompress(piece, _PIECE)
                refuse_expansion(path, len(content), size)
    except OSError as error:
        raise unreadable(path, error) from error
    except zlib.error as error:
        raise InputError(f"{path}: no DocBin of spaCy, and no JSON: {one_line(error)}") from error
    if not unpacker.eof:
        raise _damaged(path, "its end is missing")
    try:
        message = _msgpack(bytes(content))
    except ValueError as error:
        raise _damaged(path, one_line(error) or "it is no msgpack") from error
    if not isinstance(message, dict):
        raise _damaged(path, "it is no mapping")
    return message


def _msgpack(content: bytes) -> Any:  # Any: msgpack
    """Return a msgpack value; raises ValueError where it is damaged, InputError where msgpack is not installed."""
    try:
        import msgpack
    except ImportError as error:
        raise InputError('dataset=spacy: DocBin files need msgpack: pip install "seedbed[spacy]"') from error
    return msgpack.unpackb(content, raw=False, strict_map_key=False)


def string_hash(text: str) -> int:
    """Return the 64-bit hash of a string in spaCy: MurmurHash64A with seed 1 of its UTF-8 bytes; 0 for none."""
    if not text:
        return 0
    factor, mask = 0xC6A4A7935BD1E995, (1 << 64) - 1
    content = text.encode("utf-8", "surrogatepass")
    value = (1 ^ len(content) * factor) & mask
    whole = len(content) // 8 * 8
    for (block,) in struct.iter_unpack("<Q", content[:whole]):
        mixed = block * factor & mask
        mixed = (mixed ^ mixed >> 47) * factor & mask
        value = (value ^ mixed) * factor & mask
    if whole < len(content):
        value = (value ^ int.from_bytes(content[whole:], "little")) * factor & mask
    value = (value ^ value >> 47) * factor & mask
    return value ^ value >> 47


@cache
def _symbols() -> dict[int, str]:
    """Return the strings that spaCy stores as small numbers, whether they are labels or words of a text."""
    names = read_utf8(Path(__file__).with_name("docbin_symbols.txt")).removesuffix("\n").split("\n")
    return dict(enumerate(names))


def _damaged(path: Path, what: str) -> InputError:
    return InputError(f"{path}: a damaged DocBin: {what}")
