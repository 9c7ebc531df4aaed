"""The files of a data set that an annotation tool exported: which there are, their task and their examples."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from seedbed.data.annotations.document import Change, Document
from seedbed.data.annotations.examples import AUTO, Group, check_annotator, grouped, raw_examples
from seedbed.data.annotations.reader import AnnotationReader
from seedbed.data.raw_example import RawExample
from seedbed.errors import InputError
from seedbed.limits import size_limit
from seedbed.readable import exists

__all__ = ["AUTO", "Annotated", "annotated", "detected_task", "path_and_files"]

MOST_FILES = 100_000
"""Of a folder of documents."""


class Detects(Protocol):
    """A reader that tells the task of a file."""

    def detect(self, path: Path) -> str:
        """Return the task, or ``auto``."""


def path_and_files(path: str, reader: object) -> dict[str, object]:
    """Return ``path`` and ``files`` of a data set whose ``path`` is a file with all examples, or a folder of them.

    Empty for a folder that the reader does not read as one data set. Raises InputError for a folder without a file.
    """
    if path.startswith("package:"):
        return {}
    place, pattern = Path(path).expanduser(), getattr(reader, "pattern", "")
    if not place.is_dir():
        return {"path": str(place.parent), "files": {"all": place.name}}
    if not pattern:
        return {}
    names = sorted(str(file.relative_to(place)) for file in place.glob(pattern))
    if not names:
        raise InputError(f"dataset.path={path}: has no file {pattern.removeprefix('**/')}")
    if len(names) > MOST_FILES:
        raise InputError(f"dataset.path={path}: {len(names):,} files; at most {MOST_FILES:,} are read")
    return {"path": str(place), "files": {"all": names}}


def detected_task(reader: Detects, files: Sequence[Path], max_file_gb: float) -> str:
    """Return the task of the first file that shows one; ``auto`` where none does, or there is none yet."""
    with size_limit(max_file_gb):
        return next((task for file in files if exists(file) and (task := reader.detect(file)) != AUTO), AUTO)


class Annotated(NamedTuple):
    """The texts of labelled files by split, and what was changed.

    ``examples``: of each text, in the same order, its file, the annotation that is taken, and what it becomes.
    """

    groups: Mapping[str, list[Group]]
    examples: Mapping[str, list[tuple[Path, Document, RawExample]]]
    changes: list[Change]

    def rows(self, files: Iterable[tuple[str, Path]]) -> dict[tuple[str, Path], list[RawExample]]:
        """Return the examples of each file of a split; a text that is in several files is an example of the first."""
        rows: dict[tuple[str, Path], list[RawExample]] = {key: [] for key in files}
        for split, examples in self.examples.items():
            for path, _, raw in examples:
                rows[split, path].append(raw)
        return rows


def annotated(reader: AnnotationReader, files: Iterable[tuple[str, Path]], task: str, tokenizer: str) -> Annotated:
    """Return the annotations of some files, each with its split; raises InputError."""
    by_split: dict[str, list[Path]] = {}
    for split, path in files:
        by_split.setdefault(split, []).append(path)
    found = Annotated({}, {}, [])
    groups, examples = {}, {}
    for split, paths in by_split.items():
        groups[split] = grouped(reader.documents, paths)
        if not groups[split]:
            raise InputError(f"{paths[0]}: has no documents")
    check_annotator(reader, (group for of_split in groups.values() for group in of_split))
    for split in by_split:
        read = raw_examples(reader, groups[split], task, tokenizer)
        examples[split] = read.examples
        found.changes.extend(read.changes)
    return found._replace(groups=groups, examples=examples)
