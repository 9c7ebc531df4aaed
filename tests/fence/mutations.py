"""Damage to the bytes of a file: cut, flipped, numbers grown, headers swapped, parts moved."""

import random
import re
import struct
from collections.abc import Callable

MAGICS = (
    b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"\x1f\x8b\x08", b"PAR1", b"\x89HDF\r\n\x1a\n", b"\x80\x04\x95", b"BZh9",
    b"{", b"[",
    b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\xff\xfe", b"\xef\xbb\xbf", b"4 3\n", b"\xba\x16\x4f\x2f", b"\x00" * 8, b"",
)  # fmt: skip
TEXTS = (
    b"1000000000000",
    b"-1",
    b"1e308",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b'""',
    b"true",
    b"0",
    b"9" * 400,
    b'"\\ud800"',
)
NUMBERS = (0, 1, -1, 0x7F, 0xFF, 1 << 15, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, (1 << 63) - 1, 1 << 40, 1 << 62)


def cut(data: bytes, rng: random.Random) -> bytes:
    """End it somewhere."""
    return data[: rng.randrange(len(data) + 1)]


def flip(data: bytes, rng: random.Random) -> bytes:
    """Change some bits."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def grow_text(data: bytes, rng: random.Random) -> bytes:
    """Put another value in the place of a number, a string or a word of JSON."""
    found = list(re.finditer(rb'-?\d+(?:\.\d+)?|"[^"\n]{0,40}"|null|true|false', data[:20_000]))
    if not found:
        return flip(data, rng)
    match = rng.choice(found)
    return data[: match.start()] + rng.choice(TEXTS) + data[match.end() :]


def grow_number(data: bytes, rng: random.Random) -> bytes:
    """Write an extreme number over one of 2, 4 or 8 bytes."""
    size, code = rng.choice(((2, "H"), (4, "I"), (8, "Q")))
    if len(data) < size:
        return data
    at = rng.randrange(len(data) - size + 1)
    number = rng.choice(NUMBERS) % (1 << 8 * size)
    return data[:at] + struct.pack(rng.choice("<>") + code, number) + data[at + size :]


def swap_head(data: bytes, rng: random.Random) -> bytes:
    """Begin like a file of another kind."""
    magic = rng.choice(MAGICS)
    return magic + data[rng.choice((0, len(magic))) :]


def move(data: bytes, rng: random.Random) -> bytes:
    """Leave out a part, or have one twice."""
    first, last = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return rng.choice((data[:first] + data[last:], data[:last] + data[first:]))


def insert(data: bytes, rng: random.Random) -> bytes:
    """Put other bytes into it."""
    at = rng.randrange(len(data) + 1)
    other = rng.choice(
        (rng.randbytes(rng.randint(1, 9)), b"\n", b"\0", b'"', b",", b"\t", b" ", b"\r", "\u2028".encode())
    )
    return data[:at] + other * rng.choice((1, 1, 1, 70)) + data[at:]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    cut, flip, grow_text, grow_number, swap_head, move, insert,
)  # fmt: skip


def mutated(data: bytes, seed: int) -> bytes:
    """Return the bytes with one to three kinds of damage, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(data, rng)
    return data
