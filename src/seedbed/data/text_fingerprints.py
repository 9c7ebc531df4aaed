"""Fingerprints of texts: hashes of their beginnings and ends, to test whether a model was trained on a text.

Only letters and digits count, case folded: tokenizer and punctuation do not matter. A text that was cut is matched by
its intact end.
"""

import hashlib
import io
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seedbed.arrays import read_array
from seedbed.errors import InputError

LETTERS = 200
"""Letters hashed of each end: about 40 words."""

ENDS = ("first", "last")

_NO_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class TextFingerprints:
    """``hashes [2, texts]`` of the first and the last letters of texts, each row sorted."""

    hashes: np.ndarray

    @classmethod
    def of(cls, texts: Iterable[str], *others: "TextFingerprints") -> "TextFingerprints":
        """Return the fingerprints of texts, and of others; 16 bytes per text. Texts without a letter are left out."""
        rows = array("Q"), array("Q")
        for text in texts:
            for row, end in zip(rows, ENDS, strict=True):
                if letters := _letters(text, end):
                    row.append(_hash(letters))
        parts = [np.stack([np.array(row, np.uint64) for row in rows]), *(other.hashes for other in others)]
        return cls(np.sort(np.concatenate(parts, axis=1), axis=1))

    def __len__(self) -> int:
        return self.hashes.shape[1]

    def has(self, text: str, intact_end: str = "") -> bool:
        """Return whether a text is among them; ``intact_end`` of a cut text: ``first`` or ``last``."""
        wanted = {end: _letters(text, end) for end in ([intact_end] if intact_end else ENDS)}
        return all(letters and self._has(ENDS.index(end), _hash(letters)) for end, letters in wanted.items())

    def _has(self, row: int, value: int) -> bool:
        sorted_hashes = self.hashes[row]
        index = int(np.searchsorted(sorted_hashes, np.uint64(value)))
        return index < len(sorted_hashes) and int(sorted_hashes[index]) == value

    def packed(self) -> bytes:
        """Return the bytes of the ``.npy`` file that ``read`` reads."""
        stream = io.BytesIO()
        np.save(stream, self.hashes, allow_pickle=False)
        return stream.getvalue()


def read(path: Path) -> TextFingerprints:
    """Return the fingerprints of a file. Raises InputError where it is damaged."""
    hashes = read_array(path)
    if hashes.dtype != np.uint64 or hashes.ndim != 2 or hashes.shape[0] != len(ENDS) or np.any(
        hashes[:, 1:] < hashes[:, :-1]
    ):  # fmt: skip
        raise InputError(f"{path}: not hashes of texts, or damaged")
    return TextFingerprints(hashes)


def _letters(text: str, end: str) -> str:
    """Return the first or last letters and digits; for most texts a part near that end is enough."""
    for reach in (3 * LETTERS, len(text)):
        piece = text[:reach] if end == "first" else text[max(0, len(text) - reach) :]
        letters = _NO_LETTERS.sub("", piece).casefold()
        if len(letters) >= LETTERS:
            break
    return letters[:LETTERS] if end == "first" else letters[-LETTERS:]


def _hash(letters: str) -> int:
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=8).digest(), "little")
