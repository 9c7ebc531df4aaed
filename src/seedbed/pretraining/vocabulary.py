"""The words that a biLM predicts, in order of frequency."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seedbed.embeddings.bilm.characters import FIRST, LAST
from seedbed.embeddings.bilm.token_table import UNKNOWN
from seedbed.errors import InputError, one_line
from seedbed.files import write_whole
from seedbed.limits import LINE_CHARACTERS
from seedbed.readable import open_regular, read_utf8

SPECIAL = (FIRST, LAST, UNKNOWN)
"""The first lines, as in bilm-tf."""

MOST_BYTES = 1 << 30
"""Of a vocabulary."""

MOST_COUNTED = 1_000_000
"""Different words that are counted at once: beyond, the rarest are dropped."""


class WordCounter:
    """Counts words in bounded memory; ``dropped``: words that occur at most so often may be missing."""

    def __init__(self, most: int | None = None):
        self.most, self.dropped = most or MOST_COUNTED, 0
        self.counts: Counter[str] = Counter()

    def add(self, words: Iterable[str]) -> None:
        """Count words."""
        self.counts.update(words)
        while len(self.counts) > self.most:
            self.dropped += 1
            self.counts = Counter({word: n for word, n in self.counts.items() if n > self.dropped})


def choose_words(counts: Mapping[str, int], size: int | None, min_count: int, default: int) -> list[str]:
    """Return ``SPECIAL``, then the words that occur ``min_count`` times, most frequent first; ``size`` in all.

    Where ``size`` is None, it is ``default`` or less. Raises InputError where there are fewer than ``size``.
    """
    words = sorted((word for word, n in counts.items() if n >= min_count and word not in SPECIAL),
                   key=lambda word: (-counts[word], word))  # fmt: skip
    available = len(SPECIAL) + len(words)
    if size is not None and size > available:
        often = f" that occur {min_count} times" if min_count > 1 else ""
        raise InputError(f"vocabulary={size}: the training text has {len(words):,} different words{often}, "
                         f"so {available:,} at most; or leave it out")  # fmt: skip
    if not words:
        raise InputError(f"min_count={min_count}: no word of the training text occurs so often")
    return [*SPECIAL, *words][: size or default]


def write(path: Path, words: Sequence[str]) -> None:
    """Write one word a line. Raises InputError."""
    write_whole(path, "".join(f"{word}\n" for word in words).encode())


def write_counts(path: Path, counts: Mapping[str, int]) -> None:
    """Write a word a line, a space and its count. Raises InputError."""
    lines = "".join(f"{word} {n}\n" for word, n in counts.items())
    write_whole(path, lines.encode("utf-8", "ignore"))  # as the shards are


def read_counts(path: Path) -> Counter[str]:
    """Return what ``write_counts`` wrote. Raises InputError."""
    counts: Counter[str] = Counter()
    try:
        with open_regular(path) as stream, io.TextIOWrapper(stream, "utf-8", newline="\n") as lines:
            while line := lines.readline(LINE_CHARACTERS + 1):
                if len(line) > LINE_CHARACTERS:
                    raise ValueError(f"a line of more than {LINE_CHARACTERS:,} characters")
                word, _, number = line.rpartition(" ")
                counts[word] += int(number)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or one_line(error)
        raise InputError(f"{path}: cannot be read: {why}; remove it to read the corpus again") from error
    return counts


def read(path: Path) -> list[str]:
    """Return the words of a file of ``write``. Raises InputError."""
    words = read_utf8(path, MOST_BYTES).removesuffix("\n").split("\n")
    if tuple(words[: len(SPECIAL)]) != SPECIAL or len(set(words)) < len(words):
        raise InputError(f"{path}: not a vocabulary: {', '.join(SPECIAL)} come first, and no word appears twice")
    return words
