"""What a data set is once it has been read: frozen examples with stable ids, in named splits."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Task = Literal["tagging", "classification"]
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence or document.

    ``target`` is the class label for classification, and one IOB2 tag a token for tagging.
    ``id`` is unique in its corpus and stable between runs and machines, such as ``train/17``.
    """

    id: str
    tokens: tuple[str, ...]
    target: str | tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """A data set: examples by split, and what was counted while reading it.

    ``labels``: the classes sorted, or the IOB2 tags with ``O`` first and the rest sorted.
    ``counts``: what was cut, dropped or duplicated, such as ``{"cut": 12, "duplicates": 3}``; reported, never silent.
    """

    name: str
    task: Task
    splits: Mapping[str, tuple[Example, ...]]
    labels: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Example]:
        for examples in self.splits.values():
            yield from examples

    @cached_property
    def by_id(self) -> dict[str, Example]:
        """Every example under its id."""
        return {example.id: example for example in self}

    @cached_property
    def digest(self) -> str:
        """sha256 of the splits, ids, tokens and targets: what the content is, wherever it came from."""
        sha = hashlib.sha256(self.task.encode())
        for split in sorted(self.splits):
            for example in self.splits[split]:
                sha.update(json.dumps([split, example.id, example.tokens, example.target]).encode())
        return sha.hexdigest()
