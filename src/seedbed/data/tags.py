"""Entities of a sentence from its tags, and IOB2 tags from entities."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from seedbed.data.tag_prefixes import is_outside_name
from seedbed.errors import InputError

Span = tuple[str, int, int]
"""Type, first token, and end (exclusive)."""

INSIDE = None
"""The type of a tag that continues the open entity, whatever its type; outside where none is open."""

Meaning = tuple[str, str | None]
"""The role of a tag and the type of its entity. The roles are ``O``, ``B`` (begins an entity), ``I`` (inside),
``E`` (its end) and ``S`` (a whole entity)."""

OUTSIDE: Meaning = ("O", "")

ENDED = ("BIOES", "BILOU", "BMES", "BMEWO")
"""The schemes in which the last tag of an entity says that it is the last."""


class TagError(InputError):
    """A tag that the notation does not have, or that is invalid at its position; ``token`` counts from 0."""

    def __init__(self, message: str, token: int):
        super().__init__(message)
        self.token = token


@dataclass(frozen=True)
class Notation:
    """How the tags of a set are written: ``name`` is the scheme, ``meaning`` the role and type of each tag.

    ``starts``: the roles with which an entity may begin. ``written``: what is unusual about it, as text. ``refusal``:
    why a tag without a meaning is refused.
    """

    name: str
    meaning: Mapping[str, Meaning]
    starts: str = "BS"
    written: str = ""
    refusal: str = ""
    nested: bool = True
    """Whether an entity may begin before the last one has ended; in brackets it may not."""
    suggested: tuple[str, ...] = ()
    """The tags of which the nearest is suggested for an unknown one; the first is the tag outside entities."""

    def __str__(self) -> str:
        return f"{self.name}{self.written}"

    def spans(self, tags: Sequence[str]) -> list[Span]:
        """Return the entities of a sentence, in order; raises TagError.

        An entity begins at a tag with such a role, where the type changes, and after an entity that has ended; so an I
        that continues no entity begins an entity, as in conlleval.
        """
        entities: list[Span] = []
        previous_role, previous_kind = OUTSIDE
        for index, tag in enumerate(tags):
            try:
                role, kind = self.meaning[tag]
            except KeyError:
                raise TagError(f"unknown tag {tag!r}: {self._suggestion(tag)}{self.refusal}", index) from None
            if kind is INSIDE or not self.nested:
                role, kind = self._bracket(role, kind, previous_role, previous_kind, tag, index)
            if role == "O":
                previous_role, previous_kind = OUTSIDE
                continue
            assert kind is not None  # only O has no type
            if previous_role == "O" or kind != previous_kind or role in "BS" or previous_role in "ES":
                entities.append((kind, index, index + 1))
            else:
                entities[-1] = (kind, entities[-1][1], index + 1)
            previous_role, previous_kind = role, kind
        if not self.nested and previous_role in "BI":
            raise TagError(f"the entity that begins with {tags[entities[-1][1]]!r} is not closed", entities[-1][1])
        return entities

    def irregular(self, entities: Iterable[Span], tags: Sequence[str]) -> int:
        """Return the number of entities that begin with a tag that should only continue an entity."""
        return sum(self.meaning[tags[first]][0] not in self.starts for _, first, _ in entities)

    def unended(self, entities: Iterable[Span], tags: Sequence[str]) -> int:
        """Return the number of entities without the tag that ends them, in a scheme where each has one."""
        is_ended = self.name in ENDED and any(role == "E" for role, _ in self.meaning.values())
        return sum(self.meaning[tags[end - 1]][0] in "BI" for _, _, end in entities) if is_ended else 0

    def _suggestion(self, tag: str) -> str:
        """Return a question with the nearest tag, or two that begin like the unknown one or are parts of it, if any."""
        outside = [*self.suggested[:1]] if is_outside_name(tag) else []
        parts = [known for known in self.suggested[1:] if known in tag or known.startswith(tag)]
        near = outside or parts or get_close_matches(tag, self.suggested, 1)
        return f"did you mean {' or '.join(near[:2])}? " if near else ""

    def _bracket(
        self, role: str, kind: str | None, previous_role: str, open_kind: str | None, tag: str, index: int
    ) -> Meaning:
        is_open = previous_role in "BI"
        if kind is not INSIDE and role in "BS" and is_open:
            raise TagError(f"{tag!r} begins an entity inside another; only flat entities are read", index)
        if kind is not INSIDE:
            return role, kind
        if role == "E" and not is_open:
            raise TagError(f"{tag!r} closes an entity, and none is open", index)
        return (role, open_kind) if is_open else OUTSIDE


def from_spans(entities: Iterable[Span], length: int) -> tuple[str, ...]:
    """IOB2 tags of a sentence of ``length`` tokens with these entities."""
    tags = ["O"] * length
    for kind, first, end in entities:
        tags[first:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - first - 1)]
    return tuple(tags)


def iob2(sentences: Iterable[Sequence[str]]) -> Notation:
    """Return the notation of sentences with IOB2 tags."""
    tags = {tag for sentence in sentences for tag in sentence}
    return Notation("IOB2", {tag: OUTSIDE if tag == "O" else (tag[0], tag[2:]) for tag in tags})


def spans(tags: Sequence[str]) -> list[Span]:
    """Return the entities of a sentence with IOB2 tags."""
    return iob2([tags]).spans(tags)


def to_iob2(tags: Sequence[str]) -> tuple[str, ...]:
    """Return IOB2 tags of the same entities, each with a B where it begins."""
    return from_spans(spans(tags), len(tags))
