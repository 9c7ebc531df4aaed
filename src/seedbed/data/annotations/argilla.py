"""Records of Argilla 2, JSON as ``dataset.records(...).to_json`` writes it: spans and classes of each annotator."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.data.annotations.document import LABELLED, UNLABELLED, Document, Span
from seedbed.data.annotations.json_records import Record, json_array
from seedbed.data.annotations.offsets import Offsets, checked
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.readers import choose
from seedbed.errors import InputError, nearest

OFFSETS = ("utf16", "codepoints")
_RESPONSE = {"?user_id": (str, None)}
_SPAN = {"start": int, "end": int, "label": str}

Responses = Mapping[str, Sequence[dict[str, Any]]]  # Any: JSON
"""The responses of a record by question."""


@dataclass(frozen=True)
class Argilla(AnnotationReader):
    """The records of a data set of Argilla 2: its text fields, and the responses of each annotator to its questions.

    ``field``: the text; ``question``: of labels, several labels or spans. Where they are empty, there is only one. A
    record without a response is not annotated; suggestions of models are not read. The annotator is the user's id.

    ``offsets``: Argilla stores what its page counts, UTF-16 units; code points are what programs import.
    """

    field: str = ""
    question: str = ""
    offsets: str = "utf16"

    def __post_init__(self) -> None:
        super().__post_init__()
        choose("offsets", self.offsets, OFFSETS)

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield the records of a file, one for each annotator; raises InputError."""
        rows = list(json_array(path, self.encoding))
        for record in rows:
            if not isinstance(record.row.get("fields"), dict):
                raise InputError(
                    f"{record.where}: no 'fields' of a record; there are {', '.join(record.row)[:200] or 'none'}. "
                    "Export with dataset.records(...).to_json of Argilla 2"
                )
        fields = [name for record in rows for name, value in record.row["fields"].items() if isinstance(value, str)]
        responses = [_responses(record) for record in rows]
        asked = [name for own in responses for name, values in own.items() if _is_read(values)]
        field = _chosen("field", self.field, fields, path, "text field")
        answered = any(
            response.get("value") is not None for own in responses for values in own.values() for response in values
        )
        question = ""
        if answered:
            question = _chosen("question", self.question, asked, path, "question for labels or spans")
        for record, own in zip(rows, responses, strict=True):
            yield from self._of_record(record, own, field, question)

    def _of_record(self, record: Record, responses: Responses, field: str, question: str) -> Iterator[Document]:
        text = record.row["fields"].get(field)
        if not isinstance(text, str):
            raise InputError(f"{record.where}: no text in the field {field!r}")
        to_code_point, name = Offsets(text, self.offsets), record.id("id") or record.id("_server_id")
        found = False
        for response in responses.get(question, ()):
            value = response.get("value")
            if value is None:
                continue
            found = True
            labels, rows = _value(value, question, record)
            spans = tuple(
                checked(
                    text, Span(to_code_point(row["start"]), to_code_point(row["end"]), row["label"]), record.where,
                    (row["start"], row["end"]),
                )
                for row in rows
            )  # fmt: skip
            yield Document(text, record.line, name, response.get("user_id") or "", LABELLED, labels, spans)
        if not found:
            yield Document(text, record.line, name, status=UNLABELLED)


def _responses(record: Record) -> Responses:
    if record.row.get("responses") is None:
        return {}
    made: Responses = record.shaped("responses", {str: [_RESPONSE]})
    return made


def _is_read(responses: Sequence[dict[str, Any]]) -> bool:  # Any: JSON
    """Whether a question has labels or spans: ratings are numbers, and rankings lists of values with ranks."""
    values = [value for response in responses if (value := response.get("value")) is not None]
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return bool(values) and all(isinstance(item, str) or (isinstance(item, dict) and "label" in item) for item in items)


def _value(value: object, question: str, record: Record) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The classes and the spans of a response."""
    if isinstance(value, str) and value:
        return (value,), []
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value) and value:
        return tuple(value), []
    return (), Record({question: value}, record.line, record.where).shaped(question, [_SPAN])


def _chosen(key: str, name: str, names: Sequence[str], path: Path, what: str) -> str:
    """The name that is set, or the only one; raises InputError."""
    names = list(dict.fromkeys(names))
    if name and name not in names:
        raise InputError(f"{path}: dataset.reader.{key}={name}: no such {what}{nearest(name, names)}")
    if not names:
        raise InputError(f"{path}: has no {what}: an export of another project type")
    if not name and len(names) > 1:
        listed = ", ".join(names)[:200]
        raise InputError(f"{path}: a {what} is needed, and there are {listed}: name one by dataset.reader.{key}=")
    return name or names[0]
