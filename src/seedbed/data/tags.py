"""Tag schemes: what the tags of a sentence say about its entities, and the same said in IOB2."""

import re
from collections.abc import Iterable, Sequence

from seedbed.errors import InputError

SCHEMES = ("auto", "iob2", "iob1", "bilou", "bare")
"""``bilou`` is also read where its L and U are written E and S (BIOES); ``bare``: a run of one type is one entity."""

Span = tuple[str, int, int]
"""Type, first token, and the one after the last."""

PREFIXES = {"iob2": "BI", "iob1": "BI", "bilou": "BILUES"}
_PREFIXED = re.compile(r"[BILUES]-.")
_STARTS, _ENDS = "BUS", "LEUS"


class TagError(InputError):
    """A tag that its scheme does not have; ``sentence`` and ``token`` say which, from 0."""

    def __init__(self, tag: str, scheme: str, sentence: int, token: int):
        known = ", ".join(f"{prefix}-" for prefix in PREFIXES.get(scheme, "BI"))
        super().__init__(f"unknown tag {tag!r}: tags of scheme {scheme} are O or begin with {known}")
        self.sentence, self.token = sentence, token


_UNKNOWN = re.compile(r"[A-Z]-.")


def detect(sentences: Iterable[Sequence[str]]) -> str:
    """The scheme of all sentences of a set, told by their prefixes.

    B and I alone are IOB1 where some entity begins with I and every B stands where IOB1 needs one, right after an
    entity of its own type. Tags without any prefix are bare.
    """
    prefixes: set[str] = set()
    needless, inside_first, unknown, bare = False, False, False, False
    for tags in sentences:
        before = "O"
        for tag in tags:
            if _PREFIXED.match(tag):
                prefixes.add(tag[0])
                follows = before[2:] == tag[2:]
                needless |= tag[0] == "B" and not follows
                inside_first |= tag[0] == "I" and not follows
            elif tag != "O":
                unknown |= bool(_UNKNOWN.match(tag))
                bare |= not _UNKNOWN.match(tag)
            before = tag
    if not prefixes:
        # Where every tag has a prefix that no scheme knows, it is refused as iob2 and not taken for a name.
        return "iob2" if unknown and not bare else "bare"
    if prefixes & set("LUES"):
        return "bilou"
    return "iob1" if inside_first and not needless else "iob2"


def check(sentences: Iterable[Sequence[str]], scheme: str) -> None:
    """Raises TagError at the first tag that the scheme does not have."""
    if scheme == "bare":
        return
    allowed = PREFIXES[scheme]
    known = {"O"}
    for number, tags in enumerate(sentences):
        for at, tag in enumerate(tags):
            if tag not in known:
                if tag[:1] not in allowed or tag[1:2] != "-" or len(tag) < 3:
                    raise TagError(tag, scheme, number, at)
                known.add(tag)


def spans(tags: Sequence[str], scheme: str = "iob2") -> list[Span]:
    """The entities of a sentence, in order.

    An entity begins where its prefix says so, where the type changes, and after an entity that has ended; so an I that
    continues nothing begins an entity, as in conlleval.
    """
    found: list[Span] = []
    before, kind_before = "O", ""
    for at, tag in enumerate(tags):
        prefix, kind = _parts(tag, scheme)
        if prefix == "O":
            before, kind_before = "O", ""
            continue
        if before == "O" or kind != kind_before or prefix in _STARTS or before in _ENDS:
            found.append((kind, at, at + 1))
        else:
            found[-1] = (kind, found[-1][1], at + 1)
        before, kind_before = prefix, kind
    return found


def to_iob2(tags: Sequence[str], scheme: str) -> tuple[str, ...]:
    """The same entities in IOB2."""
    return from_spans(spans(tags, scheme), len(tags))


def from_spans(entities: Iterable[Span], length: int) -> tuple[str, ...]:
    """IOB2 tags of a sentence of ``length`` tokens with these entities."""
    tags = ["O"] * length
    for kind, first, end in entities:
        tags[first:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - first - 1)]
    return tuple(tags)


def irregular(tags: Sequence[str], scheme: str) -> int:
    """How many entities begin where their scheme says that they should not: an I (or L, E) that continues nothing."""
    if scheme in ("iob1", "bare"):
        return 0
    return sum(tags[first][0] not in _STARTS for _, first, _ in spans(tags, scheme))


def _parts(tag: str, scheme: str) -> tuple[str, str]:
    if tag == "O":
        return "O", ""
    return ("I", tag) if scheme == "bare" else (tag[0], tag[2:])
