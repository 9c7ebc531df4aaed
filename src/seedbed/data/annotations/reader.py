"""What the readers of annotation tools share: their settings, and the documents of a file as examples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from seedbed.data.annotations.document import LABELLED, Document, where
from seedbed.data.annotations.examples import AUTO, grouped, raw_examples
from seedbed.data.annotations.settings import ALL_LABELS, AnnotationSettings
from seedbed.data.raw_example import RawExample
from seedbed.errors import InputError
from seedbed.readable import regular


@dataclass(frozen=True)
class AnnotationReader(AnnotationSettings):
    """Reads an export of an annotation tool; a class for each format yields its ``documents``."""

    task: ClassVar[str] = AUTO
    pattern: ClassVar[str] = ""
    """Of the files that are read where ``dataset.path`` is a folder; empty: no folder is read."""
    has_texts: ClassVar[bool] = True
    """Whether the tokenizer of the data set makes the tokens, for tagging too."""

    def documents(self, path: Path) -> Iterator[Document]:
        """Yield what is in a file, a document for each annotator of a text; raises InputError."""
        raise NotImplementedError

    def detect(self, path: Path) -> str:
        """Return the task of a file: that of its first annotated document; ``auto`` where none is annotated."""
        state = regular(path)
        return self._of_labels(_detected(self, path, (state.st_mtime_ns, state.st_size)))

    def read(self, path: Path) -> Iterator[RawExample]:
        """Yield the examples of a file, tokenized as raw text; raises InputError."""
        documents = list(self.documents(path))
        groups = grouped(lambda _: documents, [path])
        if not groups:
            raise InputError(f"{path}: has no documents")
        task = self._of_labels(task_of(path, documents))
        task = "classification" if task == AUTO else task  # all are without annotation
        return (raw for _, _, raw in raw_examples(self, groups, task, "reviews").examples)

    def _of_labels(self, task: str) -> str:
        return "multilabel" if task == "classification" and self.several_labels == ALL_LABELS else task

    def words(self, path: Path) -> Iterator[str]:
        """Yield the texts of a file, whatever their annotations; raises InputError."""
        last: tuple[str | None, str] | None = None
        for document in self.documents(path):
            if last is None or document.id is None or (document.id, document.text) != last:
                yield document.text
            last = document.id, document.text


@lru_cache(maxsize=64)
def _detected(reader: AnnotationReader, path: Path, state: tuple[int, int]) -> str:
    """Return `AnnotationReader.detect`; ``state``: of the file, which is read again where it has changed."""
    return task_of(path, reader.documents(path))


def task_of(path: Path, documents: Iterable[Document]) -> str:
    """Return the task that the first annotated document shows; raises InputError where it shows two."""
    for document in documents:
        if document.spans and document.labels:
            raise InputError(
                f"{where(path, document)} has both spans and a class: choose dataset.task=tagging or "
                "dataset.task=classification"
            )
        if document.status == LABELLED and (document.spans or document.labels):
            return "tagging" if document.spans else "classification"
    return AUTO
