"""Columns of a file with one token per line: which columns are read, and how they are separated."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from seedbed.errors import InputError

_BLANKS = re.compile(r"[ \t]+")
SIGNS = (",", ";", "|", "/")
"""What other files have between their columns."""

_TABS = re.compile(r" *\t[ \t]*")


class Layout(NamedTuple):
    """Settings of the reader, and the path for messages."""

    path: Path
    token: int
    tag: int
    separator: str
    uneven: bool

    def fits(self, width: int) -> bool:
        """Return whether a row of ``width`` columns has a token and a tag."""
        valid = range(-width, width)
        return self.token in valid and self.tag in valid and self.token % width != self.tag % width

    @property
    def same_end(self) -> bool:
        """Whether token and tag column are counted from the same end, so that rows may have more columns."""
        return (self.token < 0) == (self.tag < 0)


Split = Callable[[str], list[str]]


def split_at_blanks(row: str) -> list[str]:
    """Split a row at blanks."""
    return _BLANKS.split(row.strip(" \t"))


def split_at_each_tab(row: str) -> list[str]:
    """Split a row at each tab."""
    return row.split("\t")


def split_at_tabs(row: str) -> list[str]:
    """Split a row at each tab; spaces around a column are removed."""
    return [column.strip(" ") for column in row.split("\t")]


def split_at_runs_of_tabs(row: str) -> list[str]:
    """Split a row at runs of tabs."""
    return _TABS.split(row.strip(" \t"))


class Attempt(NamedTuple):
    """A function that splits rows; where they must have even width: in a ``file``, a ``sentence``, or ``nowhere``."""

    split: Split
    even: str


def split_attempts(layout: Layout, tabs: bool) -> list[Attempt]:
    """Return the ways to split a file; the first with even rows is right. ``tabs``: each row has a tab.

    Columns that are counted from one end alone may be followed by others, as many as a sentence needs (predicates).
    """
    if layout.separator == "tab":
        return [Attempt(split_at_each_tab, "nowhere" if layout.uneven or layout.same_end else "file")]
    if layout.uneven:
        return [Attempt(split_at_blanks, "nowhere")]
    attempts = [Attempt(split_at_blanks, "file")]
    attempts += [Attempt(split_at_tabs, "file"), Attempt(split_at_runs_of_tabs, "file")] if tabs else []
    if layout.same_end:
        attempts.append(Attempt(split_at_tabs, "nowhere") if tabs else Attempt(split_at_blanks, "sentence"))
    return attempts


def too_few_columns(layout: Layout, number: int, row: Sequence[str], fitting: int) -> InputError:
    """Return the refusal of a row without a token or a tag, with what to type; ``fitting``: a line that has both, or 0.

    ``number``: the line of the row.
    """
    text, by_tabs = " ".join(row), layout.separator == "tab"
    other = next((sign for sign in SIGNS if layout.fits(len(text.split(sign)))), "")
    if by_tabs and layout.fits(len(split_at_blanks(text))):
        advice = "dataset.reader.separator=whitespace splits at spaces too"
    elif fitting:
        advice = f"line {fitting} has both: is something missing here?"
    elif other:
        advice = f"tr '{other}' '\\t' < {layout.path.name} > NEW makes a file that can be read"
    else:
        advice = "dataset.reader.token_column and dataset.reader.tag_column name other columns"
    return InputError(
        f"{layout.path}:{number}: too few columns: {len(row)}, for the token in column {layout.token} and the tag in "
        f"column {layout.tag}, split at {'tabs' if by_tabs else 'spaces and tabs'}: {text[:40]!r}; {advice}"
    )
