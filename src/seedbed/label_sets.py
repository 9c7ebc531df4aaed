"""Sets of labels: what a text has in multi-label classification."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_KEY = "labels"
"""The key by which JSON tells a set of labels from a list of tags."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of one text, sorted, each once; none at all is a set too, and not the same as an unlabelled text."""

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> "LabelSet":
        """Return the set of these labels."""
        return cls(tuple(sorted(set(names))))

    def __str__(self) -> str:
        """The labels for a reader."""
        return ", ".join(self.names) or "no label"


Target: TypeAlias = str | LabelSet | tuple[str, ...]
"""What is learned and predicted for an example: its class, its labels, or a tag for each token."""


def to_json(target: Target) -> object:
    """Return a target, JSON-ready."""
    return {_KEY: target.names} if isinstance(target, LabelSet) else target


def from_json(value: object) -> Target:
    """Return the target of what `to_json` returned, with lists or tuples. TypeError or KeyError for another value."""
    if isinstance(value, str):
        return value
    names = value[_KEY] if isinstance(value, Mapping) else value
    if isinstance(names, list | tuple):
        return LabelSet(tuple(names)) if isinstance(value, Mapping) else tuple(names)
    raise TypeError(f"neither a class, nor labels or tags: {value!r:.40}")


def labels_of(target: Target) -> Sequence[str]:
    """Return the class, the labels or the tags of an example."""
    return (target,) if isinstance(target, str) else target.names if isinstance(target, LabelSet) else target


def tags_of(target: Target) -> Sequence[str]:
    """Return the tags of an example of a tagging task. TypeError for labels."""
    if isinstance(target, LabelSet):
        raise TypeError(f"labels instead of tags: {target}")
    return target
