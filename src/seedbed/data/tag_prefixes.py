"""Prefix and type of a tag: the marks for the position of a token in its entity, and how they are joined to a type."""

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
"""Letter by mark in lower case."""

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
    """How mark and type are joined: by which characters, and whether the mark is a suffix."""

    suffix: bool
    separator: str

    def split(self, tag: str) -> tuple[str, str] | None:
        """Return mark and type of a tag, or None where it is not written in this style."""
        if self.separator == NO_SEPARATOR:
            mark, kind = (tag[-1:], tag[:-1]) if self.suffix else (tag[:1], tag[1:])
        elif self.suffix:
            kind, _, mark = tag.rpartition(self.separator)
        else:
            mark, _, kind = tag.partition(self.separator)
            kind = kind.removesuffix(_CLOSING.get(self.separator, ""))  # B(PER)
        return (mark, kind) if mark.casefold() in MARKS and kind else None

    def of(self, letter: str) -> str:
        """Return a mark as written in such tags, without a type."""
        joint = "" if self.separator == NO_SEPARATOR else self.separator
        return f"{joint}{letter}" if self.suffix else f"{letter}{joint}"


class Reading(NamedTuple):
    """Mark and type of each tag that is written in a style; without a style, marks only."""

    style: PrefixStyle | None
    parts: Mapping[str, tuple[str, str]]

    def within(self, letters: set[str]) -> "Reading":
        """Return the reading without the tags whose marks stand for other letters."""
        return Reading(
            self.style, {tag: part for tag, part in self.parts.items() if MARKS[part[0].casefold()] in letters}
        )

    @property
    def letters(self) -> set[str]:
        """The letters that the marks stand for."""
        return {MARKS[mark.casefold()] for mark, _ in self.parts.values()}

    @property
    def by_type(self) -> dict[str, set[str]]:
        """The letters that each type occurs with."""
        letters_by_type: dict[str, set[str]] = {}
        for mark, kind in self.parts.values():
            letters_by_type.setdefault(kind, set()).add(MARKS[mark.casefold()])
        return letters_by_type

    @property
    def words(self) -> bool:
        """Whether some marks are words instead of letters."""
        return any(len(mark) > 1 for mark, _ in self.parts.values())

    @property
    def pairs(self) -> bool:
        """Whether some type has several marks, with one for its beginning or inside."""
        return any(len(letters) > 1 and letters & {"B", "I"} for letters in self.by_type.values())


def read_tags(tags: Iterable[str], style: PrefixStyle) -> Reading:
    """Return the tags as read in this style."""
    split = {tag: style.split(tag) for tag in tags}
    return Reading(style, {tag: parts for tag, parts in split.items() if parts})


def prefix_styles(tags: Iterable[str]) -> list[PrefixStyle]:
    """Return the styles in which some of the tags may be written: ``B-PER`` first, then the most frequent."""
    counts: Counter[PrefixStyle] = Counter()
    for tag in tags:
        for suffix, pattern in enumerate((_PREFIX, _SUFFIX)):
            match = pattern.fullmatch(tag)
            if match and match["mark"].casefold() in MARKS:
                counts[PrefixStyle(bool(suffix), match["joint"])] += 1
    return sorted(counts, key=lambda style: (style != PrefixStyle(False, "-"), -counts[style], style))


def likely_style(tag: str) -> PrefixStyle | None:
    """Return the style in which a tag with a prefix is most likely written; None for a tag without a prefix."""
    return next(iter(prefix_styles([tag])), None)


def untyped_reading(tags: Iterable[str]) -> Reading:
    """Return the tags that are only marks, with or without the separator: ``B``, ``I-``."""
    marks = {tag: tag.strip(_EDGES) for tag in tags}
    return Reading(None, {tag: (mark, "") for tag, mark in marks.items() if mark.casefold() in MARKS})


def is_one_family(letters: set[str]) -> bool:
    """Return whether the letters belong to one family of schemes."""
    return any(letters <= set(family) for family in FAMILIES)


def is_outside_name(tag: str) -> bool:
    """Return whether a tag is a common name of the tag outside entities, such as ``O`` or ``OTHER``."""
    return tag.casefold() in _OUTSIDE_NAMES
