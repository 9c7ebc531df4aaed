"""Refuse ambiguous tags: type names that look like a prefix and a type."""

import re
from collections.abc import Mapping

from seedbed.data.tag_prefixes import PrefixStyle, Reading, prefix_styles, read_tags, untyped_reading
from seedbed.data.tag_settings import NO_SEPARATOR
from seedbed.data.tags import OUTSIDE, Meaning, Notation

SEVERAL = "several tags of one token, as of nested or overlapping entities; only flat ones are read: keep one tag"

_PREFIXED = re.compile(r"([^\W\d_]+)([-_:/.|])(.+)", re.DOTALL)
_MAX_PREFIXES, _MIN_FOLLOWING = 5, 4
_BETWEEN = re.compile(r"\s*[|,;+&/\s]\s*")
_WHOLE = re.compile(r"[BIELUSMW][-_:].+", re.DOTALL)
_INNER = re.compile(r"(?<![^\W_])B(?![^\W_])")


def refusal_notation(reason: str, meaning: Mapping[str, Meaning] | None = None) -> Notation:
    """Return a notation that refuses the first tag without a meaning, with this reason."""
    return Notation("", meaning or {}, refusal=reason)


def several_notation(tags: list[str]) -> Notation | None:
    """Return a notation that refuses tags which are several, as ``I-ORG|B-LOC`` of an entity inside another."""
    parts = {tag: _BETWEEN.split(tag) for tag in tags}
    joined = {tag for tag, own in parts.items() if len(own) > 1 and all(p == "O" or _WHOLE.fullmatch(p) for p in own)}
    if not any(sum(part != "O" for part in parts[tag]) > 1 for tag in joined):
        return None
    return refusal_notation(SEVERAL, {tag: OUTSIDE for tag in tags if tag not in joined})


def ambiguous_notation(tags: list[str], outside: str) -> Notation | None:
    """Return a notation that refuses these tags, most frequent first; None where they can be names of types."""
    return _ambiguous_separator(tags, outside) or _ambiguous_letters(tags) or _ambiguous_among_types(tags, outside)


def continuation_notation(tags: list[str], pairs: Mapping[tuple[str, str], int]) -> Notation | None:
    """Return a notation that refuses tags where some only ever follow another tag of their type.

    As ``BAR-PER`` follows ``FOO-PER``. ``pairs``: how often each tag follows each other tag.
    """
    parts = {tag: match.groups() for tag in tags if (match := _PREFIXED.fullmatch(tag))}
    prefixes = {prefix for prefix, _, _ in parts.values()}
    if len(parts) < len(tags) or not 1 < len(prefixes) <= _MAX_PREFIXES:
        return None
    for prefix in sorted(prefixes):
        preceding = {pair: number for pair, number in pairs.items() if pair[1] in parts and parts[pair[1]][0] == prefix}
        same_type = all(previous in parts and parts[previous][1:] == parts[tag][1:] for previous, tag in preceding)
        if same_type and sum(preceding.values()) >= _MIN_FOLLOWING:
            previous, tag = next(pair for pair in preceding if pair[0] != pair[1])
            return refusal_notation(
                f"{tag} only ever follows {previous} or itself, as inside an entity; write B- and I- for them"
            )
    return None


def _ambiguous_separator(tags: list[str], outside: str) -> Notation | None:
    for style in prefix_styles(tags):
        reading = read_tags(tags, style)
        if reading.words or not reading.letters & {"B", "I"}:
            continue
        if len(reading.parts) == len(tags) and (not style.suffix or len(reading.by_type) > 1):
            kind = reading.parts[tags[0]][1]
            return refusal_notation(
                f"a type of its own, or type {kind} with a prefix? {_style_settings(style)} says the second"
            )
        if reading.pairs:
            return _partial_notation(reading, tags, outside)
    return None


def _ambiguous_letters(tags: list[str]) -> Notation | None:
    """Return a refusal for tags without a separator: ``BPER`` and ``IPER``, or ``PERB`` and ``PERI``."""
    for style in (PrefixStyle(False, NO_SEPARATOR), PrefixStyle(True, NO_SEPARATOR)):
        reading = read_tags(tags, style)
        capital = all(mark.isupper() for mark, _ in reading.parts.values())
        if (
            len(reading.parts) == len(tags)
            and capital
            and any({"B", "I"} <= letters for letters in reading.by_type.values())
        ):
            return refusal_notation(f"prefix and type with nothing between them? {_style_settings(style)} says so")
    return None


def _ambiguous_among_types(tags: list[str], outside: str) -> Notation | None:
    """Return a refusal where B or I is no prefix: next to other tags, or inside them."""
    if outside == "O" and {"B", "I"} <= set(tags) and len(tags) <= 4:
        return _partial_notation(untyped_reading(tags), tags, outside)
    for tag in tags:
        counterpart = _INNER.sub("I", tag, count=1)
        if len(tag) > 1 and counterpart != tag and counterpart in tags:
            return refusal_notation(f"{tag} and {counterpart} would be two types, as B and I stand inside the tags")
    return None


def _partial_notation(reading: Reading, tags: list[str], outside: str) -> Notation:
    examples = " and ".join(sorted(reading.parts, key=tags.index)[:2])
    reason = (
        f"other tags are written like {examples}; dataset.reader.outside names the tag outside entities, now {outside}"
    )
    return refusal_notation(reason, dict.fromkeys(reading.parts, OUTSIDE))


def _style_settings(style: PrefixStyle) -> str:
    plain = all(character in "-_:/.+" for character in style.separator) or style.separator == NO_SEPARATOR
    separator = f"dataset.reader.tag_separator={style.separator}" if plain else (
        f"'dataset.reader.tag_separator=\"{style.separator}\"'")  # fmt: skip
    return f"{separator}{' dataset.reader.tag_suffix=true' if style.suffix else ''}"
