"""The words that a biLM predicts, in order of frequency."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seedbed.embeddings.bilm.characters import FIRST, LAST
from seedbed.embeddings.bilm.token_table import UNKNOWN
from seedbed.errors import InputError, one_line
from seedbed.files import write_whole

SPECIAL = (FIRST, LAST, UNKNOWN)
"""The first lines, as bilm-tf has them."""

MOST_COUNTED = 1_000_000
"""Different words that are counted at once: where there are more, the rarest are forgotten."""


class Counted:
    """Counts words in bounded memory; ``forgotten``: words of this count or less may have been left out."""

    def __init__(self, most: int | None = None):
        self.most, self.forgotten = most or MOST_COUNTED, 0
        self.counts: Counter[str] = Counter()

    def add(self, words: Iterable[str]) -> None:
        """Count words."""
        self.counts.update(words)
        while len(self.counts) > self.most:
            self.forgotten += 1
            self.counts = Counter({word: n for word, n in self.counts.items() if n > self.forgotten})


def chosen(counts: Mapping[str, int], most: int | None, least: int, default: int) -> list[str]:
    """``SPECIAL``, then the words that occur ``least`` times, most frequent first, ``most`` with the special ones.

    Where ``most`` is not given it is ``default``, or what there is. Raises InputError where more are asked for than
    there are.
    """
    words = sorted((word for word, n in counts.items() if n >= least and word not in SPECIAL),
                   key=lambda word: (-counts[word], word))  # fmt: skip
    there = len(SPECIAL) + len(words)
    if most is not None and most > there:
        often = f" that occur {least} times" if least > 1 else ""
        raise InputError(f"vocabulary={most}: the training text has {len(words):,} different words{often}, "
                         f"so {there:,} at most; or leave it out")  # fmt: skip
    if not words:
        raise InputError(f"min_count={least}: no word of the training text occurs so often")
    return [*SPECIAL, *words][: most or default]


def write(path: Path, words: Sequence[str]) -> None:
    """One word a line. Raises InputError."""
    write_whole(path, "".join(f"{word}\n" for word in words).encode())


def write_counts(path: Path, counts: Mapping[str, int]) -> None:
    """A word a line, a space and how often it occurs. Raises InputError."""
    lines = "".join(f"{word} {n}\n" for word, n in counts.items())
    write_whole(path, lines.encode("utf-8", "ignore"))  # as the shards are


def read_counts(path: Path) -> Counter[str]:
    """What ``write_counts`` wrote. Raises InputError."""
    counts: Counter[str] = Counter()
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                word, _, number = line.rpartition(" ")
                counts[word] += int(number)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or one_line(error)
        raise InputError(f"{path}: cannot be read: {why}; remove it to read the corpus again") from error
    return counts


def read(path: Path) -> list[str]:
    """The words of a file that ``write`` made. Raises InputError."""
    try:
        words = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if tuple(words[: len(SPECIAL)]) != SPECIAL or len(set(words)) < len(words):
        raise InputError(f"{path}: not a vocabulary: {', '.join(SPECIAL)} come first, and no word is there twice")
    return words
