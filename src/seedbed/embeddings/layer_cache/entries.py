"""Format of a cache entry: float16 rows with a checksum, under a digest of model and tokens."""

import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from seedbed.errors import InputError

VERSION = 1
"""Version of the format; entries of another version count as missing."""
HEAD = struct.Struct("<IIII")
"""Version, tokens, numbers a token, checksum of the key, these three and the rows."""
MODEL_BYTES = 16
CRC = struct.Struct("<I")


Buffer: TypeAlias = bytes | memoryview


class DamagedEntryError(Exception):
    """An entry is not what was stored."""


def model_key(digest: str) -> bytes:
    """Return the prefix of the keys of a model's entries, which is also the key of its record."""
    return bytes.fromhex(digest)[:MODEL_BYTES]


def sentence_key(digest: str, tokens: Sequence[str]) -> bytes:
    """Return the key of a sentence, unique to its list of tokens."""
    return model_key(digest) + hashlib.sha256(json.dumps(list(tokens)).encode("ascii")).digest()


def to_float16(rows: np.ndarray, model: str, tokens: Sequence[str]) -> np.ndarray:
    """Convert rows to float16; raises InputError where a number is not finite or too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        halves = rows.astype(np.float16)
    if not np.isfinite(halves).all():
        worst = float(rows.flat[int(np.argmin(np.isfinite(halves)))])
        start = " ".join(tokens[:8]) + (" ..." if len(tokens) > 8 else "")
        raise InputError(f"{model}: gives {worst:g} for the sentence {start!r}, which float16 cannot hold")
    return halves


def pack(key: bytes, rows: np.ndarray) -> bytes:
    """Return the entry of float16 rows ``[tokens, total]``."""
    data = np.ascontiguousarray(rows, np.float16).tobytes()
    tokens, total = rows.shape
    return HEAD.pack(VERSION, tokens, total, _checksum(key, tokens, total, data)) + data


def shape(value: Buffer) -> tuple[int, int]:
    """Return tokens and numbers a token of an entry; raises DamagedEntryError."""
    if len(value) < HEAD.size:
        raise DamagedEntryError("shorter than its head")
    version, tokens, total, _ = HEAD.unpack_from(value)
    if version != VERSION or len(value) != HEAD.size + 2 * tokens * total:
        raise DamagedEntryError("of another length or version than its head says")
    return tokens, total


def unpack(key: bytes, value: Buffer, verify: bool = True) -> np.ndarray:
    """Return the rows of an entry, a view of ``value``; raises DamagedEntryError."""
    tokens, total = shape(value)
    data = memoryview(value)[HEAD.size :]
    if verify and HEAD.unpack_from(value)[3] != _checksum(key, tokens, total, data):
        raise DamagedEntryError("another checksum")
    return np.frombuffer(data, np.float16).reshape(tokens, total)


def pack_record(record: dict[str, object]) -> bytes:
    """Return the bytes of a model's record, with a checksum."""
    text = json.dumps(record).encode("ascii")
    return CRC.pack(zlib.crc32(text)) + text


def unpack_record(value: bytes) -> dict[str, Any]:  # Any: JSON
    """Return a model's record; raises DamagedEntryError."""
    text = value[CRC.size :]
    if len(value) < CRC.size or CRC.unpack_from(value)[0] != zlib.crc32(text):
        raise DamagedEntryError("another checksum")
    return json.loads(text)


def _checksum(key: bytes, tokens: int, total: int, data: Buffer) -> int:
    return zlib.crc32(data, zlib.crc32(key + struct.pack("<III", VERSION, tokens, total)))
