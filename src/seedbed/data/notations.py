"""Which notation the tags of a set are in, told from all of them together, or by the user's settings."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from seedbed.data.ambiguous_tags import AS_THEY_ARE, continued, doubted, refused
from seedbed.data.bracket_tags import bracketed, in_brackets
from seedbed.data.tag_prefixes import (
    CLASSIC,
    MARKS,
    ROLES,
    PrefixStyle,
    Reading,
    alone,
    named_outside,
    one_family,
    reading,
    shape,
    ways,
)
from seedbed.data.tag_settings import NO_SEPARATOR, TagSettings
from seedbed.data.tags import OUTSIDE, Meaning, Notation

LETTERS = {"iob2": "BI", "iob1": "BI", "ioe": "IE", "bilou": "BILUESMW"}
"""The letters of each scheme."""

SCHEME_OF = {"I": "IO", "BI": "IOB2", "IE": "IOE", "BIES": "BIOES", "BILU": "BILOU", "BMES": "BMES", "BMEW": "BMEWO"}
"""The name of the scheme with these letters: the first that has all letters that occur, else BIOES."""

ONE_TYPE = "entity"
"""The type of entities whose tags name none."""

_UNKNOWN = re.compile(r"[A-Z]-.")

Pairs = Mapping[tuple[str, str], int]
"""How often a tag follows another; the first of a sentence follows an empty one."""


def understood(sentences: Iterable[Sequence[str]], said: TagSettings) -> Notation:
    """The notation of all sentences of a set; tags that do not fit have no meaning in it, and a reason why."""
    pairs: Counter[tuple[str, str]] = Counter()
    for tags in sentences:
        pairs.update(zip(("", *tags), tags, strict=False))
    counts: Counter[str] = Counter()
    for (_, tag), number in pairs.items():
        counts[tag] += number
    outside = said.outside or _outside(counts)
    entities = [tag for tag, _ in counts.most_common() if tag != outside]
    notation = _read(entities, outside, counts, said, pairs)
    meaning = {outside: OUTSIDE, **notation.meaning}
    unlike = "" if outside == "O" or outside not in counts else f", outside {outside}"
    return replace(notation, meaning=meaning, written=notation.written + unlike)


def _outside(counts: Counter[str]) -> str:
    """O, or where there is none the tag with a usual name: the most frequent one, or the only one without a prefix."""
    named = [tag for tag in counts if named_outside(tag)]
    if "O" in counts or len(named) != 1:
        return "O"
    (name,) = named
    others = [tag for tag in counts if tag != name]
    if counts[name] == max(counts.values()) or all(shape(tag) or alone([tag]).parts for tag in others):
        return name
    return "O"


def _read(tags: list[str], outside: str, counts: Counter[str], said: TagSettings, pairs: Pairs) -> Notation:
    if said.scheme == "bare" or not tags:
        return _bare(tags)
    if said.scheme == "brackets" or (said.scheme == "auto" and in_brackets(tags)):
        return bracketed(tags, outside)
    for found in (_untyped(tags, said), _typed(tags, said)):
        if found is not None:
            return _notation(found, said, pairs)
    if all(map(str.isdecimal, counts)):
        return refused("numbers: name them in their order with dataset.reader.tag_names=[O,B-PER,I-PER]")
    return doubted(tags, outside) or continued(tags, pairs) or _bare(tags)


def _bare(tags: Iterable[str]) -> Notation:
    return Notation("bare", {tag: ("I", tag) for tag in tags}, "BSIE")


def _untyped(tags: list[str], said: TagSettings) -> Reading | None:
    """The tags as prefixes alone; only where that is plain, or said."""
    found = alone(tags)
    letters = found.letters
    if said.untyped:
        return found
    if len(found.parts) < len(tags) or said.tag_separator or said.tag_suffix:
        return None
    if said.scheme != "auto":
        return found if letters <= set(LETTERS[said.scheme]) else None
    if found.words:
        return found if {"B", "I"} <= letters else None
    return found if one_family(letters) and ("B" in letters or letters == {"I", "E"}) else None


def _typed(tags: list[str], said: TagSettings) -> Reading | None:
    """The tags as prefixes and types; only where that is plain, or said."""
    known = ways(tags)
    if said.tag_separator:
        known = [PrefixStyle(suffix, said.tag_separator) for suffix in (False, True)]
    if said.tag_suffix:
        known = [way for way in known if way.suffix]
    found = [reading(tags, way) for way in known]
    settled = bool(said.scheme != "auto" or said.tag_separator or said.tag_suffix)
    allowed = set(LETTERS.get(said.scheme, LETTERS["bilou"]))
    for one in found:
        if len(one.parts) == len(tags) and one.letters <= allowed and (settled or _plain(one)):
            return one
    if settled:
        return max(
            found, key=lambda one: len(one.parts), default=Reading(PrefixStyle(said.tag_suffix, "-"), {})
        ).within(allowed)
    if any(map(CLASSIC.match, tags)) or all(map(_UNKNOWN.match, tags)):
        return reading(filter(CLASSIC.match, tags), PrefixStyle(False, "-"))
    return None


def _plain(one: Reading) -> bool:
    """Whether tags that can all be read so are surely meant so, and are no names of types that look alike."""
    if one.way == PrefixStyle(False, "-") and all(map(CLASSIC.match, one.parts)):
        return True
    letters, types = one.letters, one.by_type
    if not one_family(letters) or not letters & {"B", "I"}:
        return False
    if one.words:
        return any(len(own) > (1 if "I" in own else 2) for own in types.values())
    return one.pairs or (one.way is not None and not one.way.suffix and len(types) > 1 and len(letters) == 1)


def _notation(one: Reading, said: TagSettings, pairs: Pairs) -> Notation:
    """The notation of tags that were read so."""
    only = said.untyped or ONE_TYPE
    letters = {tag: MARKS[mark.casefold()] for tag, (mark, _) in one.parts.items()}
    meaning: dict[str, Meaning] = {tag: (ROLES[letters[tag]], kind or only) for tag, (_, kind) in one.parts.items()}
    name = _name(set(letters.values()), said.scheme, lambda: _begins_inside(meaning, pairs))
    starts = "BSIE" if name in ("IO", "IOB1", "IOE") else "BS"
    usual = all(map(CLASSIC.match, one.parts))
    written = "" if usual else f", written {', '.join(list(one.parts)[:2])}"
    scheme = said.scheme if said.scheme != "auto" else "iob2" if set(letters.values()) <= set("BI") else "bilou"
    way = one.way or PrefixStyle(False, NO_SEPARATOR)
    known = ", ".join(way.of(letter) for letter in LETTERS[scheme] if letter not in "MW")
    where = "are" if one.way is None else "end with" if way.suffix else "begin with"
    refusal = (
        f"tags of scheme {scheme} are {said.outside or 'O'} or {where} {known}; dataset.reader.outside names the tag "
        f"outside entities, {AS_THEY_ARE}"
    )
    return Notation(name, meaning, starts, written, refusal)


def _name(letters: set[str], scheme: str, begins_inside: Callable[[], bool]) -> str:
    if scheme in ("iob2", "iob1"):
        return scheme.upper()
    if letters == {"B", "I"}:
        return "IOB1" if begins_inside() else "IOB2"
    return next((name for family, name in SCHEME_OF.items() if letters <= set(family)), "BIOES")


def _begins_inside(meaning: Mapping[str, Meaning], pairs: Pairs) -> bool:
    """Whether entities begin with I as a rule, and B only parts two of one type (IOB1): by the greater number."""
    inside = needless = 0
    for (before, tag), number in pairs.items():
        role, kind = meaning.get(tag, OUTSIDE)
        if role != "O" and meaning.get(before, OUTSIDE)[1] != kind:
            inside += number * (role == "I")
            needless += number * (role == "B")
    return inside > needless
