"""Targets of texts as the task of a data set has them: one class, or a set of labels."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from seedbed.data.corpus import Example
from seedbed.data.raw_example import SEVERAL_LABELS, RawExample
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet

_STRUCTURE = re.compile(r"\[.*\]|\{.*\}", re.DOTALL)


def with_targets_of(
    task: str, rows: Iterable[RawExample], path: Path, unlabelled_is_empty: bool
) -> Iterator[RawExample]:
    """Yield the rows of a file; for ``multilabel`` a class is a set of one label.

    ``unlabelled_is_empty``: an unlabelled row has the empty set. Raises InputError for a set where the task is another,
    and for a class that looks like a list or an object, which is no name of a label.
    """
    for row in rows:
        target = row.target
        if task == "multilabel" and not isinstance(target, LabelSet):
            if isinstance(target, str) and _STRUCTURE.fullmatch(target):
                raise InputError(
                    f"{path}:{row.line}: the label {target!r:.60} is no list of texts; write "
                    """["first", "second"], or set dataset.reader.label_separator"""
                )
            if target or unlabelled_is_empty:
                yield row._replace(target=LabelSet.of([str(target)] if target else []))
                continue
        elif task != "multilabel" and isinstance(target, LabelSet):
            raise InputError(f"{path}:{row.line}: {SEVERAL_LABELS}")
        yield row


def check_has_sets(examples: Iterable[Example], name: str) -> None:
    """Raise InputError where each example has exactly one label: the labels were not separated, or are classes."""
    if all(len(example.classes) == 1 for example in examples):
        raise InputError(
            f"{name}: dataset.task=multilabel, and every text has exactly one label: name what separates labels in a "
            "column, such as dataset.reader.label_separator=semicolon, or use dataset.task=classification"
        )
