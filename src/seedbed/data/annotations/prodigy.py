"""Annotations of Prodigy, JSONL as ``prodigy db-out`` writes it: spans, choices, and one label to accept or reject."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.data.annotations.document import LABELLED, REJECTED, UNLABELLED, Document, Span
from seedbed.data.annotations.json_records import Record, json_lines
from seedbed.data.annotations.offsets import check_text, checked
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.errors import InputError

_TOKEN = {"start": int, "end": int, "?text": str}
_SPAN = {"start": int, "end": int, "?label": (str, None), "?token_start": (int, None), "?token_end": (int, None)}


@dataclass(frozen=True)
class Prodigy(AnnotationReader):
    """Annotations of Prodigy: one task a line, with its ``answer``; rejected and ignored tasks count as rejected.

    Offsets are code points, the end is exclusive; ``token_end`` is the last token itself. The annotator is
    ``_annotator_id`` or ``_session_id``. With ``own_tokens`` the tokens are those of the file.
    """

    own_tokens: bool = True

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the tasks of a file; raises InputError."""
        for record in json_lines(path, self.encoding):
            row = record.row
            if "text" not in row and ("image" in row or "audio" in row or "html" in row):
                kind = next(key for key in ("image", "audio", "html") if key in row)
                raise InputError(f"{record.where}: a task with {kind} and no text: an export of another project type")
            text, answer = record.text("text"), row.get("answer")
            tokens = record.shaped("tokens", [_TOKEN]) if row.get("tokens") is not None else None
            spans = tuple(self._spans(record, text, tokens))
            accepted = record.shaped("accept", [(str, int)]) if row.get("accept") is not None else []
            labels = tuple(map(str, accepted)) or tuple(row[key] for key in ("label",) if isinstance(row.get(key), str))
            if answer is None:
                status = LABELLED if spans or labels else UNLABELLED
            else:
                status = LABELLED if answer == "accept" else REJECTED
            annotator = record.id("_annotator_id") or record.id("_session_id") or ""
            document = Document(text, record.line, record.id("_input_hash"), annotator, status, labels, spans)
            if tokens is not None and self.own_tokens:
                document = document._replace(tokens=tuple(_edges(record, text, tokens)))
            yield document._replace(spans=(), labels=()) if status == REJECTED else document

    def _spans(self, record: Record, text: str, tokens: Sequence[dict[str, Any]] | None) -> Iterator[Span]:
        if record.row.get("spans") is None:
            return
        for row in record.shaped("spans", [_SPAN]):
            if not row.get("label"):
                continue  # a part that is highlighted and has no label
            span = checked(text, Span(row["start"], row["end"], row["label"]), record.where)
            if isinstance(row.get("text"), str):
                check_text(text, span, row["text"], record.where)
            first, last = row.get("token_start"), row.get("token_end")
            if tokens is not None and isinstance(first, int) and isinstance(last, int):
                fits = 0 <= first <= last < len(tokens)
                if not fits or (tokens[first]["start"], tokens[last]["end"]) != (span.start, span.end):
                    raise InputError(
                        f"{record.where}: the span {span.start} to {span.end} of {span.label!r} is not its tokens "
                        f"{first} to {last}: tokenizations are mixed; make the tokens anew in Prodigy"
                    )
            yield span


def _edges(record: Record, text: str, tokens: Sequence[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each token; raises InputError where they overlap or are not of the text."""
    before = 0
    for number, token in enumerate(tokens):
        start, end = token["start"], token["end"]
        if not before <= start < end <= len(text) or text[start:end] != token.get("text", text[start:end]):
            raise InputError(
                f"{record.where}: token {number} from {start} to {end} is not in the text, or overlaps another"
            )
        before = end
        yield start, end
