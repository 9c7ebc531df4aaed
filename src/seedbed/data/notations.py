"""Detect the notation of a data set's tags from all of them together, or from the user's settings."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from seedbed.data.ambiguous_tags import (
    SEVERAL,
    ambiguous_notation,
    continuation_notation,
    refusal_notation,
    several_notation,
)
from seedbed.data.bracket_tags import are_bracketed, bracket_notation
from seedbed.data.tag_prefixes import (
    CLASSIC,
    MARKS,
    ROLES,
    PrefixStyle,
    Reading,
    is_one_family,
    is_outside_name,
    likely_style,
    prefix_styles,
    read_tags,
    untyped_reading,
)
from seedbed.data.tag_settings import NO_SEPARATOR, TagSettings
from seedbed.data.tags import OUTSIDE, Meaning, Notation

LETTERS = {"iob2": "BI", "iob1": "BI", "ioe": "IE", "bilou": "BILUESMW"}
"""The letters of each scheme."""

SCHEME_OF = {"I": "IO", "BI": "IOB2", "IE": "IOE", "BIES": "BIOES", "BILU": "BILOU", "BMES": "BMES", "BMEW": "BMEWO"}
"""The name of the scheme with these letters: the first with all letters that occur, else BIOES."""

BARE_HINT = "; dataset.reader.scheme=bare takes tags as they are"
"""Said only where no tag has a prefix: of B-PER and I-PER it would make two types."""

ONE_TYPE = "entity"
"""The type of entities whose tags name none."""

_UNKNOWN = re.compile(r"[A-Z]-.")

Pairs = Mapping[tuple[str, str], int]
"""How often a tag follows another; the first tag of a sentence follows an empty string."""


def detect_notation(sentences: Iterable[Sequence[str]], settings: TagSettings) -> Notation:
    """Return the notation of all sentences of a data set; tags that do not fit have no meaning in it, and a refusal."""
    pairs: Counter[tuple[str, str]] = Counter()
    for tags in sentences:
        pairs.update(zip(("", *tags), tags, strict=False))
    counts: Counter[str] = Counter()
    for (_, tag), number in pairs.items():
        counts[tag] += number
    outside = settings.outside or _outside(counts)
    entities = [tag for tag, _ in counts.most_common() if tag != outside]
    notation = _parse(entities, outside, counts, settings, pairs)
    meaning = {outside: OUTSIDE, **notation.meaning}
    unlike = "" if outside == "O" or outside not in counts else f", outside {outside}"
    prefixed = [tag for tag in entities if CLASSIC.match(tag)]
    no_types = prefixed or notation.refusal == SEVERAL or notation.name == "brackets"
    return replace(
        notation, meaning=meaning, written=notation.written + unlike,
        refusal=notation.refusal + ("" if no_types else BARE_HINT),
        suggested=(outside, *(tag for tag in prefixed if tag in meaning)) if prefixed else (),
    )  # fmt: skip


def _outside(counts: Counter[str]) -> str:
    """Return O, or, without one, a tag with a usual name: the most frequent tag, or the only tag without a prefix."""
    named = [tag for tag in counts if is_outside_name(tag)]
    if "O" in counts or len(named) != 1:
        return "O"
    (name,) = named
    others = [tag for tag in counts if tag != name]
    if counts[name] == max(counts.values()) or all(likely_style(tag) or untyped_reading([tag]).parts for tag in others):
        return name
    return "O"


def _parse(tags: list[str], outside: str, counts: Counter[str], settings: TagSettings, pairs: Pairs) -> Notation:
    if settings.scheme == "bare" or not tags:
        return _bare_notation(tags)
    if several := several_notation(tags):
        return several
    if settings.scheme == "brackets" or (settings.scheme == "auto" and are_bracketed(tags)):
        return bracket_notation(tags, outside)
    for reading in (_untyped(tags, settings), _typed(tags, settings)):
        if reading is not None:
            return _build_notation(reading, settings, pairs)
    if all(map(str.isdecimal, counts)):
        return refusal_notation("numbers: name them in their order with dataset.reader.tag_names=[O,B-PER,I-PER]")
    return ambiguous_notation(tags, outside) or continuation_notation(tags, pairs) or _bare_notation(tags)


def _bare_notation(tags: Iterable[str]) -> Notation:
    return Notation("bare", {tag: ("I", tag) for tag in tags}, "BSIE")


def _untyped(tags: list[str], settings: TagSettings) -> Reading | None:
    """Return the tags read as prefixes only, where that is unambiguous or set."""
    reading = untyped_reading(tags)
    letters = reading.letters
    if settings.untyped:
        return reading
    if len(reading.parts) < len(tags) or settings.tag_separator or settings.tag_suffix:
        return None
    if settings.scheme != "auto":
        return reading if letters <= set(LETTERS[settings.scheme]) else None
    if reading.words:
        return reading if {"B", "I"} <= letters else None
    return reading if is_one_family(letters) and ("B" in letters or letters == {"I", "E"}) else None


def _typed(tags: list[str], settings: TagSettings) -> Reading | None:
    """Return the tags read as prefixes and types, where that is unambiguous or set."""
    styles = prefix_styles(tags)
    if settings.tag_separator:
        styles = [PrefixStyle(suffix, settings.tag_separator) for suffix in (False, True)]
    if settings.tag_suffix:
        styles = [style for style in styles if style.suffix]
    readings = [read_tags(tags, style) for style in styles]
    settled = bool(settings.scheme != "auto" or settings.tag_separator or settings.tag_suffix)
    allowed = set(LETTERS.get(settings.scheme, LETTERS["bilou"]))
    for reading in readings:
        if len(reading.parts) == len(tags) and reading.letters <= allowed and (settled or _is_unambiguous(reading)):
            return reading
    if settled:
        return max(
            readings, key=lambda reading: len(reading.parts), default=Reading(PrefixStyle(settings.tag_suffix, "-"), {})
        ).within(allowed)
    if any(map(CLASSIC.match, tags)) or all(map(_UNKNOWN.match, tags)):
        return read_tags(filter(CLASSIC.match, tags), PrefixStyle(False, "-"))
    return None


def _is_unambiguous(reading: Reading) -> bool:
    """Return whether tags that can all be read so are unambiguous: no names of types that only look like it."""
    if reading.style == PrefixStyle(False, "-") and all(map(CLASSIC.match, reading.parts)):
        return True
    letters, types = reading.letters, reading.by_type
    if not is_one_family(letters) or not letters & {"B", "I"}:
        return False
    if reading.words:
        return any(len(type_letters) > (1 if "I" in type_letters else 2) for type_letters in types.values())
    return reading.pairs or (
        reading.style is not None and not reading.style.suffix and len(types) > 1 and len(letters) == 1
    )


def _build_notation(reading: Reading, settings: TagSettings, pairs: Pairs) -> Notation:
    """Return the notation of tags with this reading."""
    only = settings.untyped or ONE_TYPE
    letters = {tag: MARKS[mark.casefold()] for tag, (mark, _) in reading.parts.items()}
    meaning: dict[str, Meaning] = {tag: (ROLES[letters[tag]], kind or only) for tag, (_, kind) in reading.parts.items()}
    name = _scheme_name(set(letters.values()), settings.scheme, lambda: _begins_inside(meaning, pairs))
    starts = "BSIE" if name in ("IO", "IOB1", "IOE") else "BS"
    usual = all(map(CLASSIC.match, reading.parts))
    written = "" if usual else f", written {', '.join(list(reading.parts)[:2])}"
    scheme = settings.scheme if settings.scheme != "auto" else "iob2" if set(letters.values()) <= set("BI") else "bilou"
    style = reading.style or PrefixStyle(False, NO_SEPARATOR)
    examples = ", ".join(style.of(letter) for letter in LETTERS[scheme] if letter not in "MW")
    position = "are" if reading.style is None else "end with" if style.suffix else "begin with"
    refusal = (
        f"tags of scheme {scheme} are {settings.outside or 'O'} or {position} {examples}; dataset.reader.outside names "
        "the tag outside entities"
    )
    return Notation(name, meaning, starts, written, refusal)


def _scheme_name(letters: set[str], scheme: str, begins_inside: Callable[[], bool]) -> str:
    if scheme in ("iob2", "iob1"):
        return scheme.upper()
    if letters == {"B", "I"}:
        return "IOB1" if begins_inside() else "IOB2"
    return next((name for scheme_letters, name in SCHEME_OF.items() if letters <= set(scheme_letters)), "BIOES")


def _begins_inside(meaning: Mapping[str, Meaning], pairs: Pairs) -> bool:
    """Return whether most entities begin with I, and B only separates two of one type (IOB1)."""
    inside = needless = 0
    for (before, tag), number in pairs.items():
        role, kind = meaning.get(tag, OUTSIDE)
        if role != "O" and meaning.get(before, OUTSIDE)[1] != kind:
            inside += number * (role == "I")
            needless += number * (role == "B")
    return inside > needless
