"""Checks of a reader of a data set."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from seedbed.data.dataset import TASKS
from seedbed.data.raw_example import RawExample
from seedbed.label_sets import LabelSet, tags_of
from seedbed.testing.checks import Check, require, run
from seedbed.testing.settings import settings_checks


class Reader(Protocol):
    """What a data set asks of a reader: ``tagging`` or ``classification``, and the examples of a file, in order."""

    @property
    def task(self) -> str:
        """``tagging`` or ``classification``."""

    def read(self, path: Path) -> Iterator[RawExample]:
        """The examples of a file. Raises InputError for a file that cannot be read."""


def check_reader(reader: Reader, path: Path | str) -> None:
    """Run all checks of a reader on a file with a few examples. Raises AssertionError for the first that fails."""
    run(reader_checks(reader, path))


def reader_checks(reader: Reader, path: Path | str) -> Iterator[Check]:
    """Yield the checks of a reader on a file with a few examples, of more than one label."""
    yield from settings_checks(reader)
    yield Check("settings are values that JSON can hold", lambda: _json(reader))
    yield Check("task", lambda: require(reader.task in TASKS, f"is {reader.task!r}, expected {' or '.join(TASKS)}"))
    yield Check("examples", lambda: _examples(reader, Path(path)))
    yield Check("ids", lambda: _ids(reader, Path(path)))
    yield Check("a second reading yields the same", lambda: _again(reader, Path(path)))


def _json(reader: Reader) -> None:
    try:
        json.dumps(dataclasses.asdict(reader))  # type: ignore[call-overload]
    except TypeError as error:
        raise AssertionError(f"{error}: a corpus is cached under the settings of its reader") from error


def _examples(reader: Reader, path: Path) -> None:
    examples = list(reader.read(path))
    require(bool(examples), f"no example in {path}")
    lines = [0, *(example.line for example in examples if isinstance(example, RawExample))]
    for number, example in enumerate(examples, 1):
        require(isinstance(example, RawExample), f"example {number} is a {type(example).__name__}, expected RawExample")
        _example(reader.task, example, f"example {number} (line {example.line})")
    require(lines[1] >= 1, "lines are counted from 1")
    require(lines == sorted(lines), "lines must not decrease: examples come in the order of the file")
    require(len({example.target for example in examples}) > 1, "all examples have one target: give a file with more")


def _example(task: str, example: RawExample, label: str) -> None:
    words, target = example.words, example.target
    is_tokens = isinstance(words, tuple) and all(isinstance(word, str) for word in words)
    require(isinstance(words, str) or is_tokens, f"{label}: words must be a text or a tuple of texts: {words!r}")
    if task in ("classification", "multilabel"):
        is_labels = isinstance(target, LabelSet) or (isinstance(target, str) and bool(target))
        require(is_labels, f"{label}: the target must be a text or a LabelSet: {target!r}")
        return
    is_tags = isinstance(target, tuple) and all(isinstance(tag, str) for tag in target)
    require(is_tokens and is_tags, f"{label}: tagging takes tuples of tokens and of tags")
    require(len(words) == len(tags_of(target)), f"{label}: {len(words)} tokens but {len(tags_of(target))} tags")
    require(not example.lines or len(example.lines) == len(words), f"{label}: lines must have one number a token")


def _ids(reader: Reader, path: Path) -> None:
    ids = [example.id for example in reader.read(path) if example.id is not None]
    require(all(isinstance(name, str) for name in ids), "an id is a text, or None where the file has none")
    require(len(set(ids)) == len(ids), "an id occurs twice")


def _again(reader: Reader, path: Path) -> None:
    require(list(reader.read(path)) == list(reader.read(path)), "two readings of one file differ")
