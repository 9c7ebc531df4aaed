"""Tags that open and close entities: ``(PER*``, ``*``, ``*)`` of CoNLL-2005 and 2012; ``(PER``, ``-``, ``PER)``."""

import re
from collections.abc import Sequence

from seedbed.data.tag_prefixes import named_outside
from seedbed.data.tags import INSIDE, Meaning, Notation

_OPENS = re.compile(r"\(([^()*|]+)\*?(\)?)")
_CLOSES = re.compile(r"[^()|]*\)")


def in_brackets(tags: Sequence[str]) -> bool:
    """Whether the tags are bracketed: some tag opens a bracket, all others continue or close one, or are outside."""
    return any(map(_OPENS.match, tags)) and all(
        tag.startswith("(") or tag.endswith(")") or named_outside(tag) for tag in tags
    )


def bracketed(tags: Sequence[str], outside: str) -> Notation:
    """The notation of tags in brackets; the numbers of coreference have no meaning in it, nor has what is nested."""
    meaning: dict[str, Meaning] = {outside: ("I", INSIDE)}
    refusal = "tags in brackets are such as (PER*, * and *), or (PER), one entity at a time"
    for tag in tags:
        opens = _OPENS.fullmatch(tag)
        if opens and opens[1].isdecimal():
            refusal = "a number in brackets, as for coreference; dataset.reader.tag_column says where the entities are"
        elif opens:
            meaning[tag] = ("S" if opens[2] else "B", opens[1])
        elif _CLOSES.fullmatch(tag):
            meaning[tag] = ("E", INSIDE)
        elif named_outside(tag):
            meaning[tag] = ("I", INSIDE)
    return Notation("brackets", meaning, refusal=refusal, nested=False)
