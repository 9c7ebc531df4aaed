"""Documents of annotation tools as raw examples: one annotation a text, spans as tags, changes said."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from seedbed.data.annotations.align import Alignment
from seedbed.data.annotations.document import LABELLED, REJECTED, UNLABELLED, Change, Document, where
from seedbed.data.annotations.merge import FIRST, MAJORITY, chosen
from seedbed.data.annotations.settings import ALL_LABELS, REFUSE, AnnotationSettings
from seedbed.data.raw_example import RawExample
from seedbed.data.token_offsets import Token, piece, tokens_with_offsets
from seedbed.errors import InputError, nearest
from seedbed.label_sets import LabelSet, Target

AUTO = "auto"
"""The task of a reader, and of a data set, that follows from the file."""


class Group(NamedTuple):
    """The versions of one text by its annotators, and the file of the first."""

    path: Path
    versions: list[Document]


class Read(NamedTuple):
    """The examples of some files, each with its file and the annotation that is taken, and what was changed."""

    examples: list[tuple[Path, Document, RawExample]]
    changes: list[Change]


def grouped(documents: Callable[[Path], Iterable[Document]], paths: Sequence[Path]) -> list[Group]:
    """Return the documents of some files, those of one text by several annotators together; raises InputError.

    In one file, the same id means the same text; in several files, also the same text: others are other documents.
    """
    groups: dict[tuple[str, str], Group] = {}
    found: list[Group] = []
    for path in paths:
        in_file: dict[str, str] = {}
        for document in documents(path):
            if document.id is None:
                found.append(Group(path, [document]))
                continue
            if in_file.setdefault(document.id, document.text) != document.text:
                raise InputError(f"{where(path, document)}: the id is that of an earlier document with another text")
            group = groups.get((document.id, document.text))
            if group is None:
                groups[document.id, document.text] = group = Group(path, [document])
                found.append(group)
                continue
            if any(other.annotator == document.annotator for other in group.versions):
                by = f" by {document.annotator}" if document.annotator else ""
                raise InputError(f"{where(path, document)}: a duplicated id: there is a document{by} with it already")
            group.versions.append(document)
    return found


def raw_examples(settings: AnnotationSettings, groups: Sequence[Group], task: str, tokenizer: str) -> Read:
    """Return the examples of some texts; raises InputError."""
    if task == AUTO and groups:
        raise InputError(f"{groups[0].path}: no document has an annotation")
    read = Read([], [])
    given = _with_tokens(groups) if task == "tagging" else False
    has_both = any(version.spans and version.labels for group in groups for version in group.versions)
    for group in groups:
        changes: list[tuple[str, str]] = []
        said = where(group.path, group.versions[0])
        document, decided = chosen(group.versions, settings.annotator, task)
        changes += [*decided, *document.notes]
        words: str | tuple[str, ...] = document.text
        target: Target = () if task == "tagging" else ""
        if document.status != LABELLED or (task == "tagging" and not document.tagged):
            kind = "rejected_documents" if document.status == REJECTED else "documents_without_annotation"
            changes.append((kind, "is left to `seedbed pretrain`"))
        elif task == "tagging":
            if document.labels and not document.spans and not has_both:
                raise _other_task(said, task)
            words, target = _tagged(settings, document, tokenizer, given, changes)
        elif document.labels:
            target = _labels(settings, document.labels, said, task)
            if document.spans:
                changes.append(("documents_whose_spans_are_not_read", f"has {len(document.spans)} spans"))
        elif document.spans and not has_both:
            raise _other_task(said, task)
        elif task == "multilabel" and not document.spans:
            target = LabelSet()
        else:
            changes.append(("documents_without_annotation", "is left to `seedbed pretrain`"))
        left_out = tuple(kind for kind, _ in changes)
        raw = RawExample(words, target, document.line, document.id, left_out)
        read.examples.append((group.path, document, raw))
        read.changes.extend(Change(kind, said, detail) for kind, detail in changes)
    return read


def _tagged(
    settings: AnnotationSettings, document: Document, tokenizer: str, given: bool, changes: list[tuple[str, str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    text = document.text
    if given:
        assert document.tokens is not None
        tokens = [Token(text[start:end], start, end) for start, end in document.tokens]
        alignment = Alignment(text, [token for token in tokens if token.text.strip()], settings.rules)
    else:
        alignment = Alignment(
            text, tokens_with_offsets(text, tokenizer), settings.rules, partial(piece, tokenizer=tokenizer)
        )
    words, tags = alignment.align(document.spans)
    changes += alignment.changes
    return words, tags


def _with_tokens(groups: Sequence[Group]) -> bool:
    """Return whether all documents have tokens; raises InputError where only some have."""
    with_tokens: Group | None = None
    without: Group | None = None
    for group in groups:
        if group.versions[0].tokens is None:
            without = without or group
        else:
            with_tokens = with_tokens or group
    if with_tokens and without:
        raise InputError(
            f"{where(without.path, without.versions[0])} has no tokens, and line {with_tokens.versions[0].line} has: "
            "tokenizations are mixed; dataset.reader.own_tokens=false tokenizes all"
        )
    return with_tokens is not None


def check_annotator(settings: AnnotationSettings, groups: Iterable[Group]) -> None:
    """Raise InputError where the settings name an annotator who has annotated none of the texts."""
    name = settings.annotator
    if name not in (FIRST, MAJORITY) and name not in (names := annotators(groups)):
        raise InputError(f"dataset.reader.annotator={name}: no such annotator{nearest(name, names)}")


def annotators(groups: Iterable[Group]) -> Counter[str]:
    """Return the number of annotated documents of each annotator."""
    return Counter(version.annotator for group in groups for version in group.versions if version.status == LABELLED)


def statuses(groups: Iterable[Group]) -> Iterator[tuple[str, int]]:
    """Yield each status with the number of texts that have it at best."""
    order = (LABELLED, UNLABELLED, REJECTED)
    counts = Counter(min((version.status for version in group.versions), key=order.index) for group in groups)
    yield from ((status, counts[status]) for status in order)


def _other_task(said: str, task: str) -> InputError:
    has = "a class and no spans" if task == "tagging" else "spans and no class"
    other = "classification or multilabel" if task == "tagging" else "tagging"
    return InputError(f"{said} has {has}: an export of another project type, or dataset.task={other}")


def _labels(settings: AnnotationSettings, labels: Sequence[str], said: str, task: str) -> Target:
    if settings.several_labels == ALL_LABELS or (task == "multilabel" and settings.several_labels == REFUSE):
        return LabelSet.of(filter(None, map(str.strip, labels)))
    return _one_class(settings, labels, said).strip()


def _one_class(settings: AnnotationSettings, labels: Sequence[str], said: str) -> str:
    if len(labels) > 1 and settings.several_labels == REFUSE:
        raise InputError(
            f"{said} has {len(labels)} classes ({', '.join(labels)[:80]}), and an example has one: "
            "dataset.reader.several_labels=all learns all of them (multi-label), =first takes the first, =join makes a "
            "class of them"
        )
    return "+".join(labels) if settings.several_labels == "join" else labels[0]
