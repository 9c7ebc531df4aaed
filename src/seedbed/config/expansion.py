"""How long a config becomes when its interpolations (``${key}``) are resolved, from its text alone.

OmegaConf resolves each reference anew, so that a chain of 40 values which each name the last one twice takes years.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from seedbed.errors import InputError

if TYPE_CHECKING:
    from omegaconf import DictConfig

MOST_REFERENCES = 10_000
MOST_CHARACTERS = 1_000_000

_REFERENCE = re.compile(r"[\w.@\[\]-]+")
"""What may name a key within ``${...}``, also in one that is nested; of ``${labels.${name}}`` all labels count."""


class Size(NamedTuple):
    """The number of references that are followed, and of characters."""

    references: int = 0
    characters: int = 0


class ExpansionError(InputError):
    """A value that its interpolations make too long; ``key`` is its place."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key}: stands for more than {MOST_CHARACTERS:,} characters or {MOST_REFERENCES:,} references, with its "
            "interpolations written out"
        )
        self.key = key


def refuse_long_interpolations(config: "DictConfig") -> None:
    """Raise ExpansionError for a value that is too long with its interpolations written out; resolves nothing."""
    from omegaconf import OmegaConf

    content = OmegaConf.to_container(config, resolve=False)
    assert isinstance(content, dict)
    _Expansion({str(key): value for key, value in content.items()}).size(())


@dataclass
class _Expansion:
    """Sizes of the values of nested content, each computed once."""

    content: Mapping[str, object]
    _sizes: dict[tuple[str, ...], Size | None] = field(default_factory=dict)

    def size(self, path: tuple[str, ...]) -> Size:
        """Return the size of the value at a path. A circle counts once: OmegaConf reports it."""
        if path not in self._sizes:
            self._sizes[path] = None
            value = self._value(path)
            if isinstance(value, Mapping | list):
                names = map(str, value) if isinstance(value, Mapping) else map(str, range(len(value)))
                below = [self.size((*path, name)) for name in names]
            elif isinstance(value, str) and "${" in value:
                below = [self.size(target) for target in self._targets(value, path)]
                below.append(Size(1, len(value)))
            else:
                below = [Size(0, len(str(value)))]
            total = Size(sum(size.references for size in below), sum(size.characters for size in below))
            if path and (total.references > MOST_REFERENCES or total.characters > MOST_CHARACTERS):
                raise ExpansionError(self._key(path))
            self._sizes[path] = total
        return self._sizes[path] or Size()

    def _key(self, path: tuple[str, ...]) -> str:
        """Return the key of a value; of an item of a list, that of the list."""
        while isinstance(self._value(path[:-1]), list):
            path = path[:-1]
        return ".".join(path)

    def _targets(self, text: str, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the paths of all keys that the interpolations of a text may name, as often as they are named."""
        named = _REFERENCE.findall(" ".join(re.findall(r"\$\{(.*)", text, re.DOTALL)))
        return [target for name in named if (target := self._path(name, path)) and target != path[: len(target)]]

    def _path(self, name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return the path that a name stands for: ``.key`` is next to the value, ``..key`` above; empty for none."""
        dots = len(name) - len(name.lstrip("."))
        parts = [part for part in re.split(r"[.\[\]]+", name) if part]
        target = (*(path[:-dots] if dots else ()), *parts)
        return target if parts and self._value(target) is not None else ()

    def _value(self, path: tuple[str, ...]) -> object:
        """Return the value at a path; None where there is none."""
        value: object = self.content
        for name in path:
            if isinstance(value, Mapping):
                value = {str(key): item for key, item in value.items()}.get(name)
            elif isinstance(value, list):
                value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
            else:
                return None
        return value
