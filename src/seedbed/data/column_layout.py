"""Columns of a file with a token a line: which ones are wanted, and how they are parted."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_BLANKS = re.compile(r"[ \t]+")
_TABS = re.compile(r" *\t[ \t]*")


class Layout(NamedTuple):
    """Settings of the reader, and the file that messages name."""

    path: Path
    token: int
    tag: int
    separator: str
    uneven: bool

    def fits(self, width: int) -> bool:
        """Whether a row of so many columns has a token and a tag."""
        here = range(-width, width)
        return self.token in here and self.tag in here and self.token % width != self.tag % width

    @property
    def one_end(self) -> bool:
        """Whether both columns are counted from the same end, so that it does not matter how many follow."""
        return (self.token < 0) == (self.tag < 0)


Split = Callable[[str], list[str]]


def at_blanks(row: str) -> list[str]:
    """The columns where no column holds a blank."""
    return _BLANKS.split(row.strip(" \t"))


def at_each_tab(row: str) -> list[str]:
    """The columns between single tabs."""
    return row.split("\t")


def at_tabs(row: str) -> list[str]:
    """The same, without blanks around a column."""
    return [column.strip(" ") for column in row.split("\t")]


def at_runs_of_tabs(row: str) -> list[str]:
    """The columns between tabs, of which several may stand together."""
    return _TABS.split(row.strip(" \t"))


class Attempt(NamedTuple):
    """A way to part columns, and where rows must be of even width: in a ``file``, in a ``sentence``, or ``nowhere``."""

    split: Split
    even: str


def attempts(layout: Layout, tabs: bool) -> list[Attempt]:
    """The ways to read a file, of which the first that makes even rows is right; ``tabs``: each row has one.

    Columns that are counted from one end alone may be followed by others, as many as a sentence needs (predicates).
    """
    if layout.separator == "tab":
        return [Attempt(at_each_tab, "nowhere" if layout.uneven or layout.one_end else "file")]
    if layout.uneven:
        return [Attempt(at_blanks, "nowhere")]
    ways = [Attempt(at_blanks, "file")]
    ways += [Attempt(at_tabs, "file"), Attempt(at_runs_of_tabs, "file")] if tabs else []
    if layout.one_end:
        ways.append(Attempt(at_tabs, "nowhere") if tabs else Attempt(at_blanks, "sentence"))
    return ways
