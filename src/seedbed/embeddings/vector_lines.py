"""Lines of vector text, ``word v1 .. vd``, into words and float32 rows: a fast way, and one that says what is wrong.

A number is what ``numpy.float32(float(text))`` makes of plain decimal text, in both ways. Only a line feed ends a
line (words hold U+0085, U+2028 and no-break spaces), and only a space parts two pieces.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seedbed.errors import InputError

NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
HARMLESS = ("encoding",)
"""Left out and counted, never refused: published files have words that are not UTF-8, and no corpus can have them."""
NOT_FINITE = re.compile(rb"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
NUMBER_LIKE = re.compile(rb"(?i:%b|%b)" % (NUMBER.pattern, NOT_FINITE.pattern))

TAB = "a tab after the word, where a space is needed"
SIGNS = {b",": "commas", b";": "semicolons", b"|": "bars"}
"""What may stand between the word and its numbers, where a line has no space."""


@dataclass
class BadLines:
    """Refuses the first bad line, or counts them all by reason.

    Reasons: ``width``, ``number``, ``finite`` (NaN too), ``repeated``, ``word``, ``encoding``, ``cut``, ``header``,
    ``sign`` (a tab where a space should be).
    ``first`` is the first one as ``LINE: what is wrong``, stored so that a later strict reader can still refuse it.
    """

    file: str
    strict: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    first: str = ""

    def add(self, line: int, reason: str, what: str, count: int = 1) -> None:
        """Record ``count`` lines from ``line`` on; raises InputError where lines must be good."""
        self.counts[reason] += count
        if reason not in HARMLESS:
            self.first = self.first or f"{line}: {what}"
            if self.strict:
                self.refuse()

    def refuse(self) -> None:
        """Raise InputError if there was a bad line."""
        if self.first:
            raise InputError(f"{self.file}:{self.first} (embedding.bad_lines=skip leaves such lines out, counted)")


@dataclass(frozen=True)
class Block:
    """Good lines of a file: ``words``, their ``lines`` (from 1), ``rows`` float32 [words, dim]."""

    words: Sequence[str]
    lines: Sequence[int]
    rows: np.ndarray


def parse(text: bytes, dim: int, first_line: int, bad: BadLines) -> Block:
    """Return the good lines of ``text``; ``first_line`` is the number of its first line. Blank lines are skipped."""
    text = text.replace(b"\r\n", b"\n").replace(b" \n", b"\n")
    return parse_regular(text, dim, first_line) or parse_line_by_line(text, dim, first_line, bad)


def parse_regular(text: bytes, dim: int, first_line: int) -> Block | None:
    """Every line of ``text`` at once; None if any line is out of the ordinary, though it may still be good."""
    import pyarrow as pa
    from pyarrow import csv

    if b"\t" in text or b"\r" in text:  # Arrow trims the one and ends a line at the other
        return None
    columns = [str(i) for i in range(dim + 1)]
    types = {name: pa.float64() for name in columns[1:]} | {columns[0]: pa.string()}
    try:
        table = csv.read_csv(
            pa.py_buffer(text),
            read_options=csv.ReadOptions(column_names=columns),
            parse_options=csv.ParseOptions(delimiter=" ", quote_char=False, double_quote=False),
            convert_options=csv.ConvertOptions(column_types=types, null_values=[], check_utf8=True),
        )
    except pa.ArrowInvalid:
        return None
    words = table.column(0).to_pylist()
    rows = single(np.column_stack([column.to_numpy() for column in table.columns[1:]]))
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    if len(words) != lines or "" in words or not np.isfinite(rows).all():
        return None
    return Block(words, range(first_line, first_line + lines), rows)


def parse_line_by_line(text: bytes, dim: int, first_line: int, bad: BadLines) -> Block:
    """Parse line by line: words may contain spaces (GloVe 840B has some); bad lines are added to ``bad``."""
    words: list[str] = []
    lines: list[int] = []
    rows: list[np.ndarray] = []
    pieces = text.split(b"\n")
    for number, line in enumerate(pieces, first_line):
        if not line.strip(b" \r"):
            continue
        try:
            word, row = split_line(line.rstrip(b" \r"), dim)
        except BadLineError as fault:
            cut = fault.reason == "width" and number == first_line + len(pieces) - 1
            bad.add(number, "cut" if cut else fault.reason, f"the file is cut here: {fault}" if cut else str(fault))
        else:
            words.append(word)
            lines.append(number)
            rows.append(row)
    return Block(words, lines, np.array(rows, np.float32).reshape(-1, dim))


class BadLineError(Exception):
    """What is wrong with one line."""

    def __init__(self, reason: str, what: str):
        super().__init__(what)
        self.reason = reason


def split_line(line: bytes, dim: int) -> tuple[str, np.ndarray]:
    """Return the word and its ``dim`` numbers; raises BadLineError."""
    pieces = line.split(b" ")
    name, numbers = pieces[:-dim], pieces[-dim:]
    if b"\t" in line and _looks_like_number(line.rpartition(b"\t")[2].partition(b" ")[0]):
        raise BadLineError("sign", TAB)
    if not name or (len(name) > 1 and _looks_like_number(name[-1])):
        raise BadLineError("width", f"{_count_numbers(pieces)} numbers where {dim} are needed")
    for number in numbers:
        if NOT_FINITE.fullmatch(number):
            raise BadLineError("finite", f"{number.decode()} among the numbers")
        if not NUMBER.fullmatch(number):
            shown = number[:20].decode("utf-8", "replace")
            raise BadLineError("number", f"{shown!r} is not a number ({dim} are needed after the word)")
    row = single(np.array([float(number) for number in numbers]))
    if not np.isfinite(row).all():
        raise BadLineError("finite", "a number too large for float32")
    if not name[0] or not name[-1]:
        raise BadLineError("word", "no word before the numbers" if not any(name) else "a blank at an end of the word")
    try:
        return b" ".join(name).decode("utf-8"), row
    except UnicodeDecodeError:
        raise BadLineError("encoding", "the word is not UTF-8") from None


def refuse_other_signs(path: Path, lines: Sequence[bytes], number: int) -> None:
    """Raises InputError where most of the lines, of which the first is ``number``, part word and numbers otherwise."""
    tabs = [len(pieces) for line in lines if (pieces := _numbers_after_tab(line))]
    if 2 * len(tabs) > len(lines):
        way = f"tr '\\t' ' ' < {path.name} > NEW makes one that can be read (its vectors have {tabs[0]} numbers)"
        raise InputError(f"{path}:{number}: {TAB}: {way}")
    for sign, what in SIGNS.items():
        parted = [line for line in lines if b" " not in line.strip() and _are_numbers(line.strip().split(sign)[1:])]
        if 2 * len(parted) > len(lines):
            raise InputError(f"{path}:{number}: {what} between the word and its numbers, where spaces are needed")


def _numbers_after_tab(line: bytes) -> list[bytes]:
    """Return the numbers after the first tab of a line; empty where there are other words."""
    word, _, rest = line.partition(b"\t")
    return rest.split() if word.strip() and _are_numbers(rest.split()) else []


def _are_numbers(pieces: Sequence[bytes]) -> bool:
    return bool(pieces) and all(map(_looks_like_number, pieces))


def width(lines: Sequence[bytes], expected: int) -> int:
    """Return how many numbers most lines end in; ``expected`` if it is among the most common, 0 without lines."""
    counts = Counter(_count_numbers(line.rstrip(b" \r").split(b" ")) for line in lines)
    most = max(counts.values(), default=0)
    commonest = [count for count, times in counts.items() if times == most]
    return expected if expected in commonest else max(commonest, default=0)


def single(numbers: np.ndarray) -> np.ndarray:
    """Float64 to float32, what is too large to infinity, in row order."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(numbers, np.float32)


def _count_numbers(pieces: Sequence[bytes]) -> int:
    """Numbers at the end of a line; its first piece is a word whatever it looks like."""
    count = 0
    for piece in reversed(pieces[1:]):
        if not _looks_like_number(piece):
            break
        count += 1
    return count


def _looks_like_number(piece: bytes) -> bool:
    return NUMBER_LIKE.fullmatch(piece) is not None
