"""Exports of doccano, JSONL and JSON: sequence labelling, classification, and both."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from seedbed.data.annotations.document import LABELLED, UNLABELLED, Document, Span
from seedbed.data.annotations.json_records import Record, records
from seedbed.data.annotations.offsets import Offsets, checked
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.readers import choose
from seedbed.errors import InputError

OFFSETS = ("utf16", "graphemes", "codepoints")
LABEL_KEYS = ("label", "labels", "entities", "cats", "annotations")


@dataclass(frozen=True)
class Doccano(AnnotationReader):
    """An export of doccano: one text a line with its spans or classes.

    Layouts: ``label`` (since 1.2), ``labels`` and ``annotations`` with numbers of labels (1.0), ``entities`` and
    ``relations`` (projects with relations), ``cats`` and ``entities`` (intents and slots). The annotator is the name of
    the file, as doccano writes a file for each; in the oldest layout it is the number of the user.

    ``offsets``: doccano stores what its page counts: UTF-16 units, or grapheme clusters in a project that counts those
    as one character; code points are what programs import. ``without_spans``: what a text without any annotation is:
    doccano does not tell texts that were not annotated yet from those with nothing to annotate.
    """

    offsets: str = "utf16"
    without_spans: str = UNLABELLED

    def __post_init__(self) -> None:
        super().__post_init__()
        choose("offsets", self.offsets, OFFSETS)

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the texts of a file; raises InputError."""
        name = path.name.partition(".")[0]
        for record in records(path, self.encoding):
            found = [key for key in LABEL_KEYS if record.row.get(key) is not None]
            if not found and not any(key in record.row for key in LABEL_KEYS):
                raise _other_project(record)
            text = record.text("text")
            by_user: dict[int | None, _Annotations] = {None: _Annotations([], [])}
            to_code_point = Offsets(text, self.offsets)
            for key in found:
                for annotation in record.list(key):
                    label, at, user = _annotation(annotation, record, key)
                    own = by_user.setdefault(user, _Annotations([], []))
                    if at is None:
                        own.labels.append(label)
                    else:
                        span = Span(to_code_point(at[0]), to_code_point(at[1]), label)
                        own.spans.append(checked(text, span, record.where, at))
            for user, (labels, spans) in by_user.items():
                if labels or spans or len(by_user) == 1:
                    status = LABELLED if labels or spans or self.without_spans == LABELLED else UNLABELLED
                    annotator = name if user is None else str(user)
                    yield Document(text, record.line, record.id("id"), annotator, status, tuple(labels), tuple(spans))


class _Annotations(NamedTuple):
    labels: list[str]
    spans: list[Span]


def _annotation(value: Any, record: Record, key: str) -> tuple[str, tuple[int, int] | None, int | None]:
    """Return label, offsets or None for a class, and the number of the user where there is one."""
    if isinstance(value, str) and value:
        return value, None, None
    if isinstance(value, list) and len(value) == 3 and _is_label(value[2]) and all(map(_is_number, value[:2])):
        return str(value[2]), (value[0], value[1]), None
    if isinstance(value, dict) and _is_label(value.get("label")):
        start, end, user = (value.get(name) for name in ("start_offset", "end_offset", "user"))
        user = user if isinstance(user, int) else None
        if start is end is None:
            return str(value["label"]), None, user
        if isinstance(start, int) and isinstance(end, int):
            return str(value["label"]), (start, end), user
    raise InputError(
        f"{record.where}: {key!r} holds what is neither a class nor a span of start, end and label: {value!r:.60}"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_label(value: object) -> bool:
    return (isinstance(value, str) and bool(value)) or _is_number(value)


def _other_project(record: Record) -> InputError:
    others = {"bbox": "bounding boxes", "segmentation": "image segmentation", "filename": "images or audio"}
    kind = next((name for key, name in others.items() if key in record.row), "")
    what = f"an export of a project for {kind}" if kind else f"none of the keys {', '.join(LABEL_KEYS)}"
    return InputError(f"{record.where}: {what}; there are {', '.join(record.row)[:200] or 'none'}")
