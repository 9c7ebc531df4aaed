"""Writers of annotated texts: as files of annotation tools, as CoNLL and as JSON lines."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seedbed.data.annotations.document import LABELLED, REJECTED, Document
from seedbed.data.annotations.offsets import to_utf16
from seedbed.data.annotations.write_spacy import paragraph
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet, Target

_NO_COLUMN = re.compile(r"[\t\n\r]")


class Item(NamedTuple):
    """A text to write: the annotation that is taken, all versions of it, and its example.

    ``words`` and ``target`` as those of `seedbed.data.raw_example.RawExample`; ``target`` is empty without annotation.
    """

    id: str
    document: Document
    versions: Sequence[Document]
    words: str | tuple[str, ...]
    target: Target


def conll(items: Iterable[Item]) -> Iterator[str]:
    """Yield token and IOB2 tag, a tab between them, and a blank line after each text."""
    for item in items:
        if not isinstance(item.target, tuple):
            raise InputError("format=conll: has tags of tokens, and this data set has classes; format=jsonl has those")
        for word, tag in zip(item.words, item.target, strict=True):
            if _NO_COLUMN.search(word + tag) or word == "-DOCSTART-":
                raise InputError(f"format=conll: {item.id}: no line can have the token {word!r} with the tag {tag!r}")
        yield "".join(f"{word}\t{tag}\n" for word, tag in zip(item.words, item.target, strict=True)) + "\n"


def jsonl(items: Iterable[Item]) -> Iterator[str]:
    """Yield an object a line for ``dataset=jsonl``: ``tokens`` and ``tags``, or ``text`` and ``label`` (or labels)."""
    for item in items:
        if isinstance(item.target, tuple):
            yield _line({"id": item.id, "tokens": item.words, "tags": item.target})
        else:
            label = item.target.names if isinstance(item.target, LabelSet) else item.target
            yield _line({"id": item.id, "text": item.document.text, "label": label})


def doccano(items: Iterable[Item]) -> Iterator[str]:
    """Yield an object a line as doccano 1.8 reads and writes it; offsets are UTF-16 units, as its page counts."""
    for item in items:
        document = item.document
        spans = [
            [to_utf16(document.text, span.start), to_utf16(document.text, span.end), span.label]
            for span in document.spans
        ]
        if document.spans and document.labels:
            yield _line({"id": item.id, "text": document.text, "entities": spans, "cats": document.labels})
        else:
            yield _line({"id": item.id, "text": document.text, "label": spans or document.labels})


def labelstudio(items: Iterable[Item]) -> Iterator[str]:
    """Yield an array of tasks as Label Studio exports them: each version of a text is an annotation."""
    yield from _array(map(_task, items))


def _task(item: Item) -> dict[str, Any]:
    annotations = [
        {
            "completed_by": version.annotator,
            "was_cancelled": version.status == REJECTED,
            "result": list(_results(version)),
        }
        for version in item.versions
        if version.status in (LABELLED, REJECTED)
    ]
    return {"id": item.id, "data": {"text": item.document.text}, "annotations": annotations}


def _results(version: Document) -> Iterator[dict[str, Any]]:
    for number, span in enumerate(version.spans):
        text = version.text[span.start : span.end]
        value = {"start": span.start, "end": span.end, "text": text, "labels": [span.label]}
        yield {"id": str(number), "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    if version.labels:
        value = {"choices": list(version.labels)}
        yield {"id": "choices", "from_name": "choice", "to_name": "text", "type": "choices", "value": value}


def spacy(items: Iterable[Item]) -> Iterator[str]:
    """Yield the JSON training format of spaCy, of which ``spacy convert`` makes a DocBin."""
    items = list(items)
    classes = sorted({label for item in items for label in item.document.labels})
    yield from _array({"id": item.id, "paragraphs": [paragraph(item.document, classes)]} for item in items)


def _line(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _array(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield a JSON array, an object a line."""
    between = "[\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


FORMATS: Mapping[str, Callable[[Iterable[Item]], Iterator[str]]] = {
    "conll": conll, "jsonl": jsonl, "doccano": doccano, "labelstudio": labelstudio, "spacy": spacy,
}  # fmt: skip
"""The writer of each ``format``; they yield pieces of the file."""
