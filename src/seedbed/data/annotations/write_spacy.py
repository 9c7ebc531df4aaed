"""A document as a paragraph of spaCy's JSON training format."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from seedbed.data.annotations.document import LABELLED, Document, Span

_PIECE = re.compile(r"\S+|\s+")


def paragraph(document: Document, classes: Sequence[str]) -> dict[str, Any]:
    """Return raw text, tokens with their BILUO tags, entities, and the value of each of the ``classes``.

    Tokens end at blanks and at the edges of entities, which must not overlap, nor begin or end with a blank. Without
    annotation no token has a tag.
    """
    text, spans = document.text, sorted(document.spans)
    is_annotated = document.status == LABELLED and (bool(spans) or not document.labels)
    tokens = [
        {"id": number, "orth": orth, "space": space} | ({"ner": tag} if is_annotated else {})
        for number, (orth, space, tag) in enumerate(_tokens(text, spans))
    ]
    cats = [{"label": label, "value": float(label in document.labels)} for label in classes if document.labels]
    entities = [[span.start, span.end, span.label] for span in spans]
    return {
        "raw": text, "sentences": [{"tokens": tokens, "brackets": []}], "cats": cats, "entities": entities, "links": [],
    }  # fmt: skip


def _tokens(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str, str]]:
    """Yield each token, the blank after it or nothing, and its tag; they make up the text.

    One space after a token belongs to it; other blanks are tokens of their own, as in spaCy.
    """
    edges = {edge for span in spans for edge in span[:2]}
    cuts = sorted(edges | {match.start() for match in _PIECE.finditer(text)} | {len(text)})
    tokens: list[tuple[int, int, str]] = []
    for start, end in pairwise(cuts):
        takes_space = tokens and not tokens[-1][2] and text[start] == " " and not text[tokens[-1][0]].isspace()
        if takes_space:
            tokens[-1] = (*tokens[-1][:2], " ")
        if start + bool(takes_space) < end:
            tokens.append((start + bool(takes_space), end, ""))
    remaining = list(spans)
    for start, end, space in tokens:
        while remaining and remaining[0].end <= start:
            remaining.pop(0)
        span = remaining[0] if remaining and remaining[0].start < end else None
        yield text[start:end], space, _tag(start, end, span) if span else "O"


def _tag(start: int, end: int, span: Span) -> str:
    first, last = start <= span.start, end >= span.end
    return f"{'U' if first and last else 'B' if first else 'L' if last else 'I'}-{span.label}"
