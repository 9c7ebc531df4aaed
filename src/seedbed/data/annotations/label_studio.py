"""Exports of Label Studio, JSON and JSON-MIN: spans of ``Labels`` in a text, and ``Choices``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.data.annotations.document import LABELLED, REJECTED, UNLABELLED, Document, Span
from seedbed.data.annotations.json_records import Record, records
from seedbed.data.annotations.offsets import Offsets, check_text, checked
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.readers import choose
from seedbed.errors import InputError
from seedbed.readable import shaped

OFFSETS = ("auto", "codepoints", "utf16")

_RESULT = {"?from_name": (str, None), "?type": (str, None), "value": {str: object}}
_ANNOTATION = {"?result": ([_RESULT], None), "?was_cancelled": (bool, None), "?skipped": (bool, None)}
_AFTER = "annotator"
"""The key of JSON-MIN that follows the names of the tags."""


@dataclass(frozen=True)
class LabelStudio(AnnotationReader):
    """An export of Label Studio: tasks with ``annotations`` (once ``completions``), or a record for each (JSON-MIN).

    ``text``: the key of the text in the data; ``control``: the name of the Labels or Choices tag. Each may be empty
    where there is only one. ``offsets``: Label Studio counts code points since 1.5, and UTF-16 units before; the text
    that it stores with each span tells which, with ``auto``. The end is exclusive.
    """

    text: str = ""
    control: str = ""
    offsets: str = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        choose("offsets", self.offsets, OFFSETS)

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the annotations of each task; raises InputError."""
        for record in records(path, self.encoding):
            if "annotations" in record.row or "completions" in record.row:
                yield from self._task(record)
            else:
                yield self._minimal(record)

    def _task(self, record: Record) -> Iterator[Document]:
        key = "annotations" if "annotations" in record.row else "completions"
        annotations = record.shaped(key, [_ANNOTATION])
        data = record.shaped("data", {str: object})
        names = [result.get("to_name") for annotation in annotations for result in annotation.get("result") or ()]
        text = self._text(record, data, names)
        to_code_point = Offsets(text, "utf16")
        base = Document(text, record.line, record.id("id"), status=UNLABELLED)
        if not annotations:
            yield base
        seen: dict[str, int] = {}
        for annotation in annotations:
            name = _annotator(annotation.get("completed_by"))
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name} ({seen[name]})"
            if annotation.get("was_cancelled") or annotation.get("skipped"):
                yield base._replace(annotator=name, status=REJECTED)
                continue
            results = annotation.get("result") or []
            values = [
                (str(result.get("type") or ""), result["value"])
                for result in results
                if not self.control or result.get("from_name") == self.control
            ]
            yield self._annotated(record, base._replace(annotator=name), values, to_code_point)

    def _minimal(self, record: Record) -> Document:
        row = record.row
        keys = list(row)
        first = keys.index("id") + 1 if "id" in keys else 0
        last = keys.index(_AFTER) if _AFTER in keys else len(keys)
        if _AFTER not in keys and "annotation_id" not in keys:
            raise InputError(
                f"{record.where}: no task of Label Studio: neither 'annotations' nor 'annotator'; there are "
                f"{', '.join(keys)[:200] or 'none'}"
            )
        controls = [self.control] if self.control else keys[first:last]
        data = {key: row[key] for key in keys if key not in controls}
        text = self._text(record, data, [])
        base = Document(text, record.line, record.id("id"), _annotator(row.get(_AFTER)), UNLABELLED)
        values = [value for key in controls if key in row for value in _results(row[key])]
        if not values and not row.get("annotation_id"):
            return base
        return self._annotated(record, base, values, Offsets(text, "utf16"))

    def _text(self, record: Record, data: dict[str, Any], names: list[Any]) -> str:
        texts = [key for key, value in data.items() if isinstance(value, str)]
        for key in (self.text,) if self.text else (*texts[: len(texts) == 1], "text", *names):
            if isinstance(key, str) and isinstance(data.get(key), str):
                return str(data[key])
        what = f"no text {self.text!r} in" if self.text else "several texts or none in"
        raise InputError(
            f"{record.where}: {what} the data of the task: dataset.reader.text=KEY names one of "
            f"{', '.join(data)[:200] or 'none'}"
        )

    def _annotated(
        self, record: Record, base: Document, values: list[tuple[str, dict[str, Any]]], to_code_point: Offsets
    ) -> Document:
        labels: list[str] = []
        spans: list[Span] = []
        for kind, value in values:
            if "start" in value and kind.lower() in ("labels", ""):
                spans += self._spans(record, base.text, value, to_code_point)
            elif "choices" in value and "start" not in value:
                labels += shaped(value["choices"], [str], record.where, "choices.")
            elif kind.lower().endswith("labels"):
                raise InputError(
                    f"{record.where}: regions of the kind {kind}, from a project that is not on plain text; "
                    "seedbed reads Labels and Choices"
                )
        return base._replace(status=LABELLED, labels=tuple(labels), spans=tuple(spans))

    def _spans(self, record: Record, text: str, value: dict[str, Any], to_code_point: Offsets) -> Iterator[Span]:
        start, end = value.get("start"), value.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            raise InputError(
                f"{record.where}: a span from {start!r:.40} to {end!r:.40}: offsets in plain text are needed"
            )
        said = value.get("text")
        labels = shaped(value.get("labels", []), [str], record.where, "labels.")
        for label in labels:
            span = Span(start, end, label)
            in_utf16 = Span(to_code_point(start), to_code_point(end), label)
            if self.offsets == "utf16":
                span = in_utf16
            elif self.offsets == "auto" and isinstance(said, str) and not _fits(text, span, said):
                span = in_utf16 if _fits(text, in_utf16, said) else span
            span = checked(text, span, record.where, (start, end))
            if isinstance(said, str) and not _fits(text, span, said):
                check_text(text, span, said, record.where)
            yield span


def _fits(text: str, span: Span, said: str) -> bool:
    """Return whether a span has the text that is stored with it, in which a line end may be written as ``\\n``."""
    found = text[span.start : span.end] if 0 <= span.start < span.end else ""
    return found in (said, said.replace("\\n", "\n"))


def _annotator(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("email") or value.get("id")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _results(value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what JSON-MIN has of one tag: spans, or choices as text, object or list of them."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            kind = next((key for key in item if key.endswith("labels")), "")
            yield kind, item
        elif isinstance(item, str):
            yield "choices", {"choices": [item]}
