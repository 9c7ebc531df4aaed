"""The normal form of an annotated text, whatever the tool that wrote it."""

from pathlib import Path
from typing import NamedTuple

LABELLED, UNLABELLED, REJECTED = "labelled", "unlabelled", "rejected"
"""The status of a document: annotated; not annotated yet; skipped, cancelled or discarded by its annotator."""


class Span(NamedTuple):
    """A labelled part of a text: code points from ``start`` to ``end`` (exclusive).

    ``parts``: the start and end of each part of a discontinuous span, in order; empty for others.
    """

    start: int
    end: int
    label: str
    parts: tuple[tuple[int, int], ...] = ()


class Document(NamedTuple):
    """A text as one annotator left it.

    ``line``: where it begins in its file, from 1; in a file that is one JSON value, its number. ``id``: of the tool, or
    None. ``labels``: its classes. ``tokens``: start and end of each token in code points, where the tool stores them.
    ``tagged``: whether its spans were annotated, also where there are none; false where only its class was. ``notes``:
    kind and description of what the reader changed.
    """

    text: str
    line: int
    id: str | None = None
    annotator: str = ""
    status: str = LABELLED
    labels: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    tokens: tuple[tuple[int, int], ...] | None = None
    tagged: bool = True
    notes: tuple[tuple[str, str], ...] = ()


class Change(NamedTuple):
    """Something that reading changed or left out: its kind as it is counted, where, and what."""

    kind: str
    where: str
    detail: str


def where(path: Path, document: Document) -> str:
    """Return file, line and id of a document, for messages."""
    return f"{path}:{document.line}" + ("" if document.id is None else f": document {document.id}")
