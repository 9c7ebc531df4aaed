"""What the tags of a sentence say about its entities, and the same said in IOB2."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seedbed.errors import InputError

Span = tuple[str, int, int]
"""Type, first token, and the one after the last."""

INSIDE = None
"""The type of a tag that goes on with the entity that is open, whatever its type; outside where none is open."""

Meaning = tuple[str, str | None]
"""The role of a tag and the type of its entity. The roles are ``O``, ``B`` (begins an entity), ``I`` (inside),
``E`` (its end) and ``S`` (a whole entity)."""

OUTSIDE: Meaning = ("O", "")


class TagError(InputError):
    """A tag that the notation does not have, or that cannot stand where it does; ``token`` counts from 0."""

    def __init__(self, message: str, token: int):
        super().__init__(message)
        self.token = token


@dataclass(frozen=True)
class Notation:
    """How the tags of a set are written: ``name`` is the scheme, ``meaning`` says what each tag stands for.

    ``starts``: the roles with which an entity may begin. ``written``: in words, what is unusual about it. ``refusal``:
    why a tag without a meaning is refused.
    """

    name: str
    meaning: Mapping[str, Meaning]
    starts: str = "BS"
    written: str = ""
    refusal: str = ""
    nested: bool = True
    """Whether an entity may begin before the last one has ended; in brackets it may not."""

    def __str__(self) -> str:
        return f"{self.name}{self.written}"

    def spans(self, tags: Sequence[str]) -> list[Span]:
        """The entities of a sentence, in order; raises TagError.

        An entity begins where its tag says so, where the type changes, and after an entity that has ended; so an I that
        continues nothing begins an entity, as in conlleval.
        """
        found: list[Span] = []
        before, kind_before = OUTSIDE
        for at, tag in enumerate(tags):
            try:
                role, kind = self.meaning[tag]
            except KeyError:
                raise TagError(f"unknown tag {tag!r}: {self.refusal}", at) from None
            if kind is INSIDE or not self.nested:
                role, kind = self._bracket(role, kind, before, kind_before, tag, at)
            if role == "O":
                before, kind_before = OUTSIDE
                continue
            assert kind is not None  # only O has no type
            if before == "O" or kind != kind_before or role in "BS" or before in "ES":
                found.append((kind, at, at + 1))
            else:
                found[-1] = (kind, found[-1][1], at + 1)
            before, kind_before = role, kind
        if not self.nested and before in "BI":
            raise TagError(f"the entity that begins with {tags[found[-1][1]]!r} is not closed", found[-1][1])
        return found

    def irregular(self, entities: Iterable[Span], tags: Sequence[str]) -> int:
        """How many of the entities begin with a tag that should only continue one."""
        return sum(self.meaning[tags[first]][0] not in self.starts for _, first, _ in entities)

    def _bracket(self, role: str, kind: str | None, before: str, open_kind: str | None, tag: str, at: int) -> Meaning:
        is_open = before in "BI"
        if kind is not INSIDE and role in "BS" and is_open:
            raise TagError(f"{tag!r} begins an entity inside another; only flat entities are read", at)
        if kind is not INSIDE:
            return role, kind
        if role == "E" and not is_open:
            raise TagError(f"{tag!r} closes an entity, and none is open", at)
        return (role, open_kind) if is_open else OUTSIDE


def from_spans(entities: Iterable[Span], length: int) -> tuple[str, ...]:
    """IOB2 tags of a sentence of ``length`` tokens with these entities."""
    tags = ["O"] * length
    for kind, first, end in entities:
        tags[first:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - first - 1)]
    return tuple(tags)


def spans(tags: Sequence[str]) -> list[Span]:
    """The entities of a sentence whose tags are IOB2."""
    return Notation("IOB2", {tag: OUTSIDE if tag == "O" else (tag[0], tag[2:]) for tag in tags}).spans(tags)


def to_iob2(tags: Sequence[str]) -> tuple[str, ...]:
    """The same entities, each with a B where it begins."""
    return from_spans(spans(tags), len(tags))
