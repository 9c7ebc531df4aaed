"""Several annotators of one text: whose annotation is taken."""

from collections import Counter
from collections.abc import Sequence

from seedbed.data.annotations.document import LABELLED, UNLABELLED, Document, Span

FIRST, MAJORITY = "first", "majority"


def chosen(versions: Sequence[Document], annotator: str, task: str) -> tuple[Document, list[tuple[str, str]]]:
    """Return one document of several versions of it, and what was decided, as kind and description.

    ``annotator``: ``first``, ``majority`` (the class with most votes; labels of multi-label classification, and spans,
    of more than half of the annotators), or the name of one. A document without a version that counts is the first one,
    unlabelled or rejected.
    """
    tagging = task == "tagging"
    usable = [version for version in versions if version.status == LABELLED]
    if annotator not in (FIRST, MAJORITY):
        own = [version for version in versions if version.annotator == annotator]
        return (own or [_unlabelled(versions[0])])[0], []
    if not usable:
        return versions[0], []
    if annotator == FIRST or len(usable) == 1:
        changes = [
            ("documents_annotated_differently", f"annotators differ; taken: {usable[0].annotator or 'the first'}")
        ]
        return usable[0], changes if _differ(usable, tagging) else []
    if task == "multilabel":
        return _vote_on_labels(usable)
    return _vote_on_spans(usable) if tagging else _vote_on_class(usable)


def _unlabelled(version: Document) -> Document:
    return version._replace(status=UNLABELLED, labels=(), spans=(), annotator="")


def _differ(versions: Sequence[Document], tagging: bool) -> bool:
    return len({frozenset(version.spans if tagging else version.labels) for version in versions}) > 1


def _vote_on_class(versions: Sequence[Document]) -> tuple[Document, list[tuple[str, str]]]:
    votes = Counter(version.labels for version in versions)
    (labels, most), *others = votes.most_common()
    said = ", ".join(f"{'+'.join(name) or 'none'} {number}" for name, number in votes.items())
    if others and others[0][1] == most:
        return _unlabelled(versions[0]), [("documents_without_majority", f"is left unlabelled: {said}")]
    decided = versions[0]._replace(labels=labels, annotator=MAJORITY)
    return decided, [("documents_decided_by_majority", f"{'+'.join(labels)} taken: {said}")] if others else []


def _vote_on_labels(versions: Sequence[Document]) -> tuple[Document, list[tuple[str, str]]]:
    votes = Counter(label for version in versions for label in dict.fromkeys(version.labels))
    kept = tuple(sorted(label for label, number in votes.items() if 2 * number > len(versions)))
    changes = [
        ("labels_without_majority_dropped", f"{label}: {number} of {len(versions)} annotators")
        for label, number in votes.items()
        if 2 * number <= len(versions)
    ]
    return versions[0]._replace(labels=kept, annotator=MAJORITY), changes


def _vote_on_spans(versions: Sequence[Document]) -> tuple[Document, list[tuple[str, str]]]:
    votes: Counter[Span] = Counter(span for version in versions for span in dict.fromkeys(version.spans))
    kept = [span for span, number in votes.items() if 2 * number > len(versions)]
    changes = [
        (
            "spans_without_majority_dropped",
            f"{span.label} {span.start}-{span.end}: {number} of {len(versions)} annotators",
        )
        for span, number in votes.items()
        if 2 * number <= len(versions)
    ]
    return versions[0]._replace(spans=tuple(sorted(kept)), annotator=MAJORITY), changes
