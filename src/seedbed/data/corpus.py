"""A data set in memory: frozen examples with stable ids, in named splits."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from seedbed.label_sets import LabelSet, Target, to_json

Task = Literal["tagging", "classification", "multilabel"]
SPLITS = ("train", "validation", "test")
_NOT_A_LETTER = bytes(code for code in range(128) if not chr(code).isalnum())


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence or document.

    ``target`` is the class for classification, a `LabelSet` for multi-label classification, and one IOB2 tag per token
    for tagging.
    ``id`` is unique in its corpus and stable between runs and machines, such as ``train/17``.
    """

    id: str
    tokens: tuple[str, ...]
    target: Target

    @property
    def classes(self) -> tuple[str, ...]:
        """The class or labels, or the type of each entity in order."""
        if isinstance(self.target, str):
            return (self.target,)
        if isinstance(self.target, LabelSet):
            return self.target.names
        return tuple(tag[2:] for tag in self.target if tag[0] == "B")


@dataclass(frozen=True)
class Corpus:
    """A data set: examples by split, and the counts of changes while reading it.

    ``labels``: the classes or labels sorted, or the IOB2 tags with ``O`` first and the rest sorted.
    ``counts``: examples cut, dropped or duplicated, such as ``{"cut": 12, "duplicates": 3}``.
    ``source``: the `source_digest` of its files; computed from the examples where it is empty.
    ``notation``: how the tags of its files are written, as text.
    """

    name: str
    task: Task
    splits: Mapping[str, tuple[Example, ...]]
    labels: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    notation: str = ""

    def __iter__(self) -> Iterator[Example]:
        for examples in self.splits.values():
            yield from examples

    @cached_property
    def by_id(self) -> dict[str, Example]:
        """Every example under its id."""
        return {example.id: example for example in self}

    @cached_property
    def longest(self) -> int:
        """The most tokens of an example."""
        return max((len(example.tokens) for example in self), default=0)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes or labels, or the types of entities, sorted."""
        if self.task != "tagging":
            return tuple(sorted(set(self.labels)))
        return tuple(sorted({label[2:] for label in self.labels if label != "O"}))

    @property
    def test_split(self) -> str:
        """The split of the test examples: train, from whose rows all parts are drawn, where it is the only one."""
        return "train" if set(self.splits) == {"train"} else "test"

    @cached_property
    def digest(self) -> str:
        """sha256 of the splits, ids, tokens and targets."""
        sha = hashlib.sha256(self.task.encode())
        for split in sorted(self.splits):
            for example in self.splits[split]:
                sha.update(json.dumps([split, example.id, example.tokens, to_json(example.target)]).encode())
        return sha.hexdigest()

    @cached_property
    def data(self) -> str:
        """Identity of the data, whatever the tokenization: only arms with the same one are paired."""
        return self.source or source_digest((example.tokens for example in self), self)


def source_digest(texts: Iterable[str | Sequence[str]], examples: Iterable[Example]) -> str:
    """Return the sha256 of the letters of all ``texts`` in order, and of the id and target of each of the ``examples``.

    Case, blanks and ASCII punctuation do not count: one data set read with several tokenizers, in lower case, or cut to
    several lengths (give texts and targets as they are before the cut) has one digest.
    """
    sha = hashlib.sha256()
    for text in texts:
        joined = text if isinstance(text, str) else "".join(text)
        sha.update(joined.lower().encode("utf-8", "surrogatepass").translate(None, _NOT_A_LETTER))
        sha.update(b"\n")
    for example in examples:
        target = example.target if isinstance(example.target, str) else _joined(example.target)
        sha.update(f"{example.id}\t{target}\n".encode("utf-8", "surrogatepass"))
    return sha.hexdigest()


def _joined(target: LabelSet | tuple[str, ...]) -> str:
    return json.dumps(target.names) if isinstance(target, LabelSet) else " ".join(target)
