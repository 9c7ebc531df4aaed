"""Standoff files of brat: a text (``.txt``) with its annotations (``.ann``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from seedbed.data.annotations.document import LABELLED, UNLABELLED, Document, Span
from seedbed.data.annotations.offsets import check_text, checked
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.text_files import decoded
from seedbed.errors import InputError
from seedbed.readable import exists, read_bytes

_TEXT_BOUND = re.compile(r"(T\S+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)", re.DOTALL)
_OTHER_LINES = "REAMN#*"


@dataclass(frozen=True)
class Brat(AnnotationReader):
    """A text with the text-bound annotations (``T`` lines) of its ``.ann`` file, as brat 1.3 has them.

    Offsets are code points and count line ends; the end is exclusive. Discontinuous annotations have several parts.
    Relations, events and attributes are no spans and are not read. The id is the name of the file, the annotator that
    of its folder. ``lines``: each line
    of the text is an example; annotations that go on in the next line are cut there. ``without_spans``: what a text
    with an empty ``.ann`` file is: brat makes one when the text is opened.
    """

    without_spans: str = UNLABELLED
    lines: bool = True
    pattern: ClassVar[str] = "**/*.txt"

    def extra_files(self, path: Path) -> list[Path]:
        """Return the file with the annotations of a text."""
        file = path.with_suffix(".ann")
        return [file] if exists(file) else []

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the text, or its lines; raises InputError."""
        if path.suffix == ".ann":
            raise InputError(f"{path}: the annotations of a text; name its .txt file, or the folder of both")
        text = decoded(read_bytes(path), self.encoding, path)  # as it is: each line end counts
        files = self.extra_files(path)
        spans = sorted(_spans(files[0], decoded(read_bytes(files[0]), self.encoding, files[0]), text)) if files else []
        status = LABELLED if spans or (files and self.without_spans == LABELLED) else UNLABELLED
        document = Document(text, 1, path.stem, path.parent.name, status, (), tuple(spans))
        if not self.lines:
            yield document
            return
        yield from _lines(document)


def _lines(document: Document) -> Iterator[Document]:
    """Yield the lines of a document that are not blank, each with its spans; those are in order."""
    start = 0
    remaining = list(document.spans)
    for number, whole in enumerate(document.text.split("\n"), 1):
        line = whole.removesuffix("\r")
        end = start + len(line)
        remaining = [span for span in remaining if span.end > start]
        own = [span for span in remaining if span.start < end]
        if line.strip():
            cut = [span for span in own if span.start < start or span.end > end]
            yield document._replace(
                text=line, line=number, id=f"{document.id}:{number}",
                spans=tuple(_within(span, start, end) for span in own),
                notes=tuple(("spans_cut_at_line_ends", f"{span.label} {span.start}-{span.end}") for span in cut),
            )  # fmt: skip
        start += len(whole) + 1


def _within(span: Span, start: int, end: int) -> Span:
    """Return the part of a span in a line from ``start`` to ``end``, with offsets in the line."""
    parts = span.parts or ((span.start, span.end),)
    inside = [(max(a, start) - start, min(b, end) - start) for a, b in parts if a < end and b > start]
    if not inside:
        return Span(max(span.start, start) - start, min(span.end, end) - start, span.label)
    return Span(inside[0][0], inside[-1][1], span.label, tuple(inside) if len(inside) > 1 else ())


def _spans(path: Path, annotations: str, text: str) -> Iterator[Span]:
    ids = set()
    for number, line in enumerate(annotations.replace("\r\n", "\n").split("\n"), 1):
        if not line.strip() or (line[0] in _OTHER_LINES and "\t" in line):
            continue
        where = f"{path}:{number}"
        match = _TEXT_BOUND.fullmatch(line)
        if not match:
            raise InputError(
                f"{where}: no annotation of brat (id, type with offsets, text, between tabs): {line[:60]!r}"
            )
        name, label, offsets, said = match.groups()
        if name in ids:
            raise InputError(f"{where}: a duplicated id: there is an annotation {name} already")
        ids.add(name)
        parts = [part.split() for part in offsets.split(";")]
        found = [checked(text, Span(int(start[:18]), int(end[:18]), label), where) for start, end in parts]
        whole = Span(min(part.start for part in found), max(part.end for part in found), label)
        # brat writes the parts with a space between them, and line ends as spaces
        written = " ".join(text[part.start : part.end] for part in found)
        slot = whole if len(found) == 1 else Span(0, len(written), label)
        check_text(text if len(found) == 1 else written, slot, said, where, [re.sub(r"[\r\n]", " ", written)])
        yield whole._replace(parts=tuple((part.start, part.end) for part in found)) if len(found) > 1 else whole
