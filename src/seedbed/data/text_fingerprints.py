"""Whether a text is among many, by hashes of how they begin and end: what a model has read, without the texts.

Letters and digits count, whatever their case: neither a tokenizer nor punctuation makes another text. A text that was
cut is found by the end that is left.
"""

import hashlib
import io
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seedbed.errors import InputError, one_line

LETTERS = 200
"""Of each end: some 40 words."""

ENDS = ("first", "last")

_OTHERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class TextFingerprints:
    """``hashes [2, texts]`` of the first and the last letters of texts, each row sorted."""

    hashes: np.ndarray

    @classmethod
    def of(cls, texts: Iterable[str], *others: "TextFingerprints") -> "TextFingerprints":
        """Those of texts, read one at a time, and of others; 16 bytes a text. Texts without a letter are left out."""
        rows = array("Q"), array("Q")
        for text in texts:
            for row, end in zip(rows, ENDS, strict=True):
                if letters := _letters(text, end):
                    row.append(_hash(letters))
        parts = [np.stack([np.array(row, np.uint64) for row in rows]), *(other.hashes for other in others)]
        return cls(np.sort(np.concatenate(parts, axis=1), axis=1))

    def __len__(self) -> int:
        return self.hashes.shape[1]

    def has(self, text: str, left: str = "") -> bool:
        """Whether a text is among them; ``left``: the end that it still has where it was cut, ``first`` or ``last``."""
        wanted = {end: _letters(text, end) for end in ([left] if left else ENDS)}
        return all(letters and self._has(ENDS.index(end), _hash(letters)) for end, letters in wanted.items())

    def _has(self, row: int, value: int) -> bool:
        own = self.hashes[row]
        at = int(np.searchsorted(own, np.uint64(value)))
        return at < len(own) and int(own[at]) == value

    def packed(self) -> bytes:
        """As the ``.npy`` file that ``read`` reads."""
        stream = io.BytesIO()
        np.save(stream, self.hashes, allow_pickle=False)
        return stream.getvalue()


def read(path: Path) -> TextFingerprints:
    """Those of a file. Raises InputError where it is damaged."""
    try:
        with path.open("rb") as stream:
            hashes = np.load(stream, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: cannot be read: {one_line(error)}") from error
    if hashes.dtype != np.uint64 or hashes.ndim != 2 or hashes.shape[0] != len(ENDS) or np.any(
        hashes[:, 1:] < hashes[:, :-1]
    ):  # fmt: skip
        raise InputError(f"{path}: not hashes of texts, or damaged")
    return TextFingerprints(hashes)


def _letters(text: str, end: str) -> str:
    """The first or the last letters and digits; most texts need only be looked at near that end."""
    for reach in (3 * LETTERS, len(text)):
        piece = text[:reach] if end == "first" else text[max(0, len(text) - reach) :]
        found = _OTHERS.sub("", piece).casefold()
        if len(found) >= LETTERS:
            break
    return found[:LETTERS] if end == "first" else found[-LETTERS:]


def _hash(letters: str) -> int:
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=8).digest(), "little")
