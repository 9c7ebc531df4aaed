"""How the vectors of a sentence lie in the cache: under a digest of model and tokens, float16, with a checksum."""

import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from seedbed.errors import InputError

VERSION = 1
"""Raised when entries are laid out in another way: those of another version are as good as absent."""
HEAD = struct.Struct("<IIII")
"""Version, tokens, numbers a token, checksum of key, the three before, and what follows."""
MODEL_BYTES = 16
CRC = struct.Struct("<I")


class DamagedEntryError(Exception):
    """An entry is not what was stored."""


def model_key(digest: str) -> bytes:
    """What the keys of one model's entries begin with; by itself, the key of the model's record."""
    return bytes.fromhex(digest)[:MODEL_BYTES]


def sentence_key(digest: str, tokens: Sequence[str]) -> bytes:
    """The key of a sentence; other tokens are another key, however they are divided."""
    return model_key(digest) + hashlib.sha256(json.dumps(list(tokens)).encode("ascii")).digest()


def half(rows: np.ndarray, model: str, tokens: Sequence[str]) -> np.ndarray:
    """The rows in float16; InputError where they are not numbers that it can hold."""
    with np.errstate(over="ignore", invalid="ignore"):
        made = rows.astype(np.float16)
    if not np.isfinite(made).all():
        worst = float(rows.flat[int(np.argmin(np.isfinite(made)))])
        start = " ".join(tokens[:8]) + (" ..." if len(tokens) > 8 else "")
        raise InputError(f"{model}: gives {worst:g} for the sentence {start!r}, which float16 cannot hold")
    return made


def pack(key: bytes, rows: np.ndarray) -> bytes:
    """The entry of float16 rows ``[tokens, total]``."""
    data = np.ascontiguousarray(rows, np.float16).tobytes()
    tokens, total = rows.shape
    return HEAD.pack(VERSION, tokens, total, _checksum(key, tokens, total, data)) + data


def shape(value: Any) -> tuple[int, int]:
    """Tokens and numbers a token, of an entry that may be damaged; raises DamagedEntryError."""
    if len(value) < HEAD.size:
        raise DamagedEntryError("shorter than its head")
    version, tokens, total, _ = HEAD.unpack_from(value)
    if version != VERSION or len(value) != HEAD.size + 2 * tokens * total:
        raise DamagedEntryError("of another length or version than its head says")
    return tokens, total


def unpack(key: bytes, value: Any, verify: bool = True) -> np.ndarray:
    """The rows of an entry, a view of ``value``; raises DamagedEntryError."""
    tokens, total = shape(value)
    data = memoryview(value)[HEAD.size :]
    if verify and HEAD.unpack_from(value)[3] != _checksum(key, tokens, total, data):
        raise DamagedEntryError("another checksum")
    return np.frombuffer(data, np.float16).reshape(tokens, total)


def pack_record(record: dict[str, object]) -> bytes:
    """What is known of a model, with a checksum."""
    text = json.dumps(record).encode("ascii")
    return CRC.pack(zlib.crc32(text)) + text


def unpack_record(value: bytes) -> dict[str, Any]:
    """A model's record; raises DamagedEntryError."""
    text = value[CRC.size :]
    if len(value) < CRC.size or CRC.unpack_from(value)[0] != zlib.crc32(text):
        raise DamagedEntryError("another checksum")
    return json.loads(text)


def _checksum(key: bytes, tokens: int, total: int, data: Any) -> int:
    return zlib.crc32(data, zlib.crc32(key + struct.pack("<III", VERSION, tokens, total)))
