"""Tags that open and close entities: ``(PER*``, ``*``, ``*)`` of CoNLL-2005 and 2012; ``(PER``, ``-``, ``PER)``."""

import re
from collections.abc import Sequence

from seedbed.data.tag_prefixes import is_outside_name
from seedbed.data.tags import INSIDE, Meaning, Notation

_OPENS = re.compile(r"\(([^()*|]+)\*?(\)?)")
_CLOSES = re.compile(r"[^()|]*\)")


def are_bracketed(tags: Sequence[str]) -> bool:
    """Return whether the tags are bracketed: some open a bracket, all others continue or close it, or are outside."""
    return any(map(_OPENS.match, tags)) and all(
        tag.startswith("(") or tag.endswith(")") or is_outside_name(tag) for tag in tags
    )


def bracket_notation(tags: Sequence[str], outside: str) -> Notation:
    """Return the notation of tags in brackets; numbers of coreference and nested entities have no meaning in it."""
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
        elif is_outside_name(tag):
            meaning[tag] = ("I", INSIDE)
    return Notation("brackets", meaning, refusal=refusal, nested=False)
