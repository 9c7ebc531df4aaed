"""Prefix and type of a tag: the marks that say where in its entity a token stands, and how they are joined to it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from seedbed.data.tag_settings import NO_SEPARATOR

MARKS = {
    **{letter.lower(): letter for letter in "BIMLEUSW"},
    "begin": "B", "beginning": "B", "beg": "B", "bgn": "B", "start": "B", "inside": "I", "ins": "I", "in": "I",
    "inner": "I", "cont": "I", "continue": "I", "middle": "I", "mid": "I",
    "end": "E", "last": "L", "single": "S", "unit": "U", "whole": "W",
}  # fmt: skip
"""The letter that a mark stands for, in lower case."""

ROLES = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S", "W": "S"}
"""Begin, inside, middle, end, last, single, unit, whole."""

FAMILIES = ("BILUESW", "BMESW")
"""Letters that go together in one scheme."""

_OUTSIDE_NAMES = frozenset(
    ("o", "0", "o-o", "o_o", "o-", "o_", "other", "others", "outside", "out", "none", "null", "nil", "na", "n/a",
     "nothing", "_", "-", "--", "*")
)  # fmt: skip

CLASSIC = re.compile(r"[BILUES]-.")

_JOINT = r"(?P<joint>-+|(?P<one>[^\w\s-]|_)(?P=one)*)"
_PREFIX = re.compile(rf"(?P<mark>[^\W\d_]+){_JOINT}.+", re.DOTALL)
_SUFFIX = re.compile(rf".+?{_JOINT}(?P<mark>[^\W\d_]+)", re.DOTALL)
_EDGES = "-_:/.|"
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}


class PrefixStyle(NamedTuple):
    """How mark and type are joined: by which characters, and whether the mark stands behind."""

    suffix: bool
    separator: str

    def split(self, tag: str) -> tuple[str, str] | None:
        """Mark and type of a tag, or None where it is not written so."""
        if self.separator == NO_SEPARATOR:
            mark, kind = (tag[-1:], tag[:-1]) if self.suffix else (tag[:1], tag[1:])
        elif self.suffix:
            kind, _, mark = tag.rpartition(self.separator)
        else:
            mark, _, kind = tag.partition(self.separator)
            kind = kind.removesuffix(_CLOSING.get(self.separator, ""))  # B(PER)
        return (mark, kind) if mark.casefold() in MARKS and kind else None

    def of(self, letter: str) -> str:
        """A mark as it stands in such tags, without a type."""
        joint = "" if self.separator == NO_SEPARATOR else self.separator
        return f"{joint}{letter}" if self.suffix else f"{letter}{joint}"


class Reading(NamedTuple):
    """Tags as a way reads them: mark and type of each one that is written so; without a way, marks alone."""

    way: PrefixStyle | None
    parts: Mapping[str, tuple[str, str]]

    def within(self, letters: set[str]) -> "Reading":
        """Without the tags whose marks stand for other letters."""
        return Reading(
            self.way, {tag: part for tag, part in self.parts.items() if MARKS[part[0].casefold()] in letters}
        )

    @property
    def letters(self) -> set[str]:
        """The letters that the marks stand for."""
        return {MARKS[mark.casefold()] for mark, _ in self.parts.values()}

    @property
    def by_type(self) -> dict[str, set[str]]:
        """The letters that each type occurs with."""
        found: dict[str, set[str]] = {}
        for mark, kind in self.parts.values():
            found.setdefault(kind, set()).add(MARKS[mark.casefold()])
        return found

    @property
    def words(self) -> bool:
        """Whether some marks are words and no letters."""
        return any(len(mark) > 1 for mark, _ in self.parts.values())

    @property
    def pairs(self) -> bool:
        """Whether a type occurs with several marks, among them one for its beginning or inside."""
        return any(len(letters) > 1 and letters & {"B", "I"} for letters in self.by_type.values())


def reading(tags: Iterable[str], way: PrefixStyle) -> Reading:
    """The tags as this way reads them."""
    split = {tag: way.split(tag) for tag in tags}
    return Reading(way, {tag: parts for tag, parts in split.items() if parts})


def ways(tags: Iterable[str]) -> list[PrefixStyle]:
    """The ways in which some of the tags may be written: ``B-PER`` first, then the commonest."""
    found: Counter[PrefixStyle] = Counter()
    for tag in tags:
        for suffix, pattern in enumerate((_PREFIX, _SUFFIX)):
            match = pattern.fullmatch(tag)
            if match and match["mark"].casefold() in MARKS:
                found[PrefixStyle(bool(suffix), match["joint"])] += 1
    return sorted(found, key=lambda way: (way != PrefixStyle(False, "-"), -found[way], way))


def shape(tag: str) -> PrefixStyle | None:
    """The way in which a tag with a prefix is most likely written; None for one without."""
    return next(iter(ways([tag])), None)


def alone(tags: Iterable[str]) -> Reading:
    """The tags that are marks alone, with or without the separator: ``B``, ``I-``."""
    marks = {tag: tag.strip(_EDGES) for tag in tags}
    return Reading(None, {tag: (mark, "") for tag, mark in marks.items() if mark.casefold() in MARKS})


def one_family(letters: set[str]) -> bool:
    """Whether the letters go together."""
    return any(letters <= set(family) for family in FAMILIES)


def named_outside(tag: str) -> bool:
    """Whether the tag is a common name of the tag outside entities, such as ``O`` or ``OTHER``."""
    return tag.casefold() in _OUTSIDE_NAMES
