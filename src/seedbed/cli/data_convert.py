"""``seedbed data convert``: a data set as a file of an annotation tool, as CoNLL or as JSON lines."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.data.annotations.align import Alignment, Rules
from seedbed.data.annotations.document import REJECTED, Document, Span
from seedbed.data.annotations.files import Annotated
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.annotations.write import FORMATS, Item
from seedbed.data.tags import spans
from seedbed.errors import InputError, nearest
from seedbed.files import replacing
from seedbed.label_sets import LabelSet

if TYPE_CHECKING:
    from seedbed.data.dataset import Dataset

WITH_OFFSETS = ("doccano", "labelstudio", "spacy")
"""Formats that have texts with offsets; the others have aligned tokens."""


def convert(dataset: "Dataset", output: str, format_name: str) -> list[str]:
    """Write a data set; return lines on what was written and on what the format cannot hold. Raises InputError."""
    if format_name not in FORMATS:
        raise InputError(f"format={format_name}: choose {', '.join(FORMATS)}{nearest(format_name, FORMATS)}")
    path = Path(output).expanduser()
    if path.exists():
        raise InputError(f"output={output}: exists already; remove it, or name another file")
    lost: Counter[str] = Counter()
    changes: Counter[str] = Counter()
    if isinstance(dataset.reader, AnnotationReader):
        found = dataset.annotated()
        changes.update(change.kind.replace("_", " ") for change in found.changes if "documents" not in change.kind)
        items = list(_of_annotations(dataset, found))
    else:
        items = list(_of_corpus(dataset))
    if format_name in WITH_OFFSETS:
        items = [_held(item, format_name, dataset, lost) for item in items]
    else:
        kept = [item for item in items if item.target]
        lost.update({"texts without annotation, left out": len(items) - len(kept)} if len(kept) < len(items) else {})
        lost.update(changes)
        items = kept
    try:
        with replacing(path) as stream:
            for piece in FORMATS[format_name](items):
                stream.write(piece.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise InputError(f"output={output}: cannot be written: {error.strerror or error}") from error
    return [f"{output}: {len(items):,} texts as {format_name}", *(f"  {kind}: {n:,}" for kind, n in lost.items())]


def _of_annotations(dataset: "Dataset", found: Annotated) -> Iterator[Item]:
    """Yield the texts of an annotation tool's export, in the order of the files, with the annotations as they are."""
    tagging = dataset.task == "tagging"
    number = 0
    for split, groups in found.groups.items():
        for group, (_, document, raw) in zip(groups, found.examples[split], strict=True):
            identity = f"{split}/{number}" if document.id is None else document.id
            words = raw.words if raw.target or not tagging else ()
            yield Item(identity, document, group.versions, words, raw.target)
            number += 1


def _of_corpus(dataset: "Dataset") -> Iterator[Item]:
    """Yield the examples of any other data set; the tokens are joined by spaces."""
    for number, example in enumerate(dataset.load(), 1):
        text, starts = " ".join(example.tokens), [0]
        for token in example.tokens:
            starts.append(starts[-1] + len(token) + 1)
        if not isinstance(example.target, tuple):
            document = Document(text, number, example.id, labels=example.classes)
        else:
            marked = [Span(starts[first], starts[end] - 1, kind) for kind, first, end in spans(example.target)]
            document = Document(text, number, example.id, spans=tuple(marked))
        yield Item(example.id, document, [document], example.tokens, example.target)


def _held(item: Item, format_name: str, dataset: "Dataset", lost: Counter[str]) -> Item:
    """Return the item with what the format can hold; ``lost`` counts the rest."""
    if format_name != "labelstudio" and len(item.versions) > 1:
        lost["texts of several annotators, of which one annotation is written"] += 1
    if format_name != "labelstudio" and item.document.status == REJECTED:
        lost["rejected texts, written as texts without annotation"] += 1
    covered = sum(bool(span.parts) for version in item.versions for span in version.spans)
    if format_name == "doccano" and item.target == LabelSet():
        lost["texts without any label, as unlabelled ones: dataset.without_label=no_labels reads them"] += 1
    if covered:
        lost["discontinuous spans, written from their first part to their last"] += covered
    document = item.document._replace(spans=tuple(span._replace(parts=()) for span in item.document.spans))
    if format_name == "spacy":
        rules = getattr(dataset.reader, "rules", Rules())
        trimmed = [span for span in (_trimmed(span, document.text) for span in document.spans) if span.start < span.end]
        kept = Alignment(document.text, [], rules).without_overlaps(trimmed)
        moved = sum(span not in document.spans for span in trimmed)
        for kind, number in (
            ("spans with blanks at their edges, written without them", moved),
            ("spans of blanks alone, left out", len(document.spans) - len(trimmed)),
            ("overlapping spans, of which one is written", len(trimmed) - len(kept)),
        ):
            lost.update({kind: number} if number else {})
        document = document._replace(spans=tuple(kept))
    return item._replace(document=document)


def _trimmed(span: Span, text: str) -> Span:
    """Return a span without the blanks at its edges."""
    found = text[span.start : span.end]
    start = span.start + len(found) - len(found.lstrip())
    return Span(start, max(start, span.end - (len(found) - len(found.rstrip()))), span.label)
