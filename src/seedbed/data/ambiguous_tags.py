"""Ambiguous tags: type names that look like prefix and type. They are refused."""

import re
from collections.abc import Mapping

from seedbed.data.tag_prefixes import PrefixStyle, Reading, alone, reading, ways
from seedbed.data.tag_settings import NO_SEPARATOR
from seedbed.data.tags import OUTSIDE, Meaning, Notation

AS_THEY_ARE = "dataset.reader.scheme=bare takes tags as they are"

_HEAD = re.compile(r"([^\W\d_]+)([-_:/.|])(.+)", re.DOTALL)
_MOST_HEADS, _LEAST = 5, 4
_INNER = re.compile(r"(?<![^\W_])B(?![^\W_])")


def refused(why: str, meaning: Mapping[str, Meaning] | None = None) -> Notation:
    """No notation; the first tag without a meaning is refused, and this is why."""
    return Notation("", meaning or {}, refusal=f"{why}; {AS_THEY_ARE}")


def doubted(tags: list[str], outside: str) -> Notation | None:
    """Why these tags are refused, the commonest first; None where they can be taken for names of types."""
    return _by_a_separator(tags, outside) or _without_one(tags) or _among_others(tags, outside)


def continued(tags: list[str], pairs: Mapping[tuple[str, str], int]) -> Notation | None:
    """Why tags are refused of which some only ever follow another of their type, as ``BAR-PER`` follows ``FOO-PER``.

    ``pairs``: how often each tag follows each other one.
    """
    parts = {tag: match.groups() for tag in tags if (match := _HEAD.fullmatch(tag))}
    heads = {head for head, _, _ in parts.values()}
    if len(parts) < len(tags) or not 1 < len(heads) <= _MOST_HEADS:
        return None
    for head in sorted(heads):
        before = {pair: number for pair, number in pairs.items() if pair[1] in parts and parts[pair[1]][0] == head}
        same_type = all(first in parts and parts[first][1:] == parts[tag][1:] for first, tag in before)
        if same_type and sum(before.values()) >= _LEAST:
            first, tag = next(pair for pair in before if pair[0] != pair[1])
            return refused(f"{tag} only ever follows {first} or itself, as inside an entity; write B- and I- for them")
    return None


def _by_a_separator(tags: list[str], outside: str) -> Notation | None:
    for way in ways(tags):
        one = reading(tags, way)
        if one.words or not one.letters & {"B", "I"}:
            continue
        if len(one.parts) == len(tags) and (not way.suffix or len(one.by_type) > 1):
            kind = one.parts[tags[0]][1]
            return refused(f"a type of its own, or type {kind} with a prefix? {_settings(way)} says the second")
        if one.pairs:
            return _partly(one, tags, outside)
    return None


def _without_one(tags: list[str]) -> Notation | None:
    """``BPER`` and ``IPER``, or the other way round."""
    for way in (PrefixStyle(False, NO_SEPARATOR), PrefixStyle(True, NO_SEPARATOR)):
        one = reading(tags, way)
        capital = all(mark.isupper() for mark, _ in one.parts.values())
        if len(one.parts) == len(tags) and capital and any({"B", "I"} <= own for own in one.by_type.values()):
            return refused(f"prefix and type with nothing between them? {_settings(way)} says so")
    return None


def _among_others(tags: list[str], outside: str) -> Notation | None:
    """B and I of which one is no prefix: beside other tags, or inside them."""
    if outside == "O" and {"B", "I"} <= set(tags) and len(tags) <= 4:
        return _partly(alone(tags), tags, outside)
    for tag in tags:
        other = _INNER.sub("I", tag, count=1)
        if len(tag) > 1 and other != tag and other in tags:
            return refused(f"{tag} and {other} would be two types, as B and I stand inside the tags")
    return None


def _partly(one: Reading, tags: list[str], outside: str) -> Notation:
    like = " and ".join(sorted(one.parts, key=tags.index)[:2])
    why = f"other tags are written like {like}; dataset.reader.outside names the tag outside entities, now {outside}"
    return refused(why, dict.fromkeys(one.parts, OUTSIDE))


def _settings(way: PrefixStyle) -> str:
    plain = all(character in "-_:/.+" for character in way.separator) or way.separator == NO_SEPARATOR
    separator = f"dataset.reader.tag_separator={way.separator}" if plain else (
        f"'dataset.reader.tag_separator=\"{way.separator}\"'")  # fmt: skip
    return f"{separator}{' dataset.reader.tag_suffix=true' if way.suffix else ''}"
