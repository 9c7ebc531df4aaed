"""The tree of a YAML file: what it may not have, and which of its scalars are texts although they look otherwise."""

from collections.abc import Iterator, Sequence
from typing import Any

from seedbed.errors import InputError

MOST_VALUES = 100_000
"""With every alias written out: a file of a few lines can stand for billions."""
DEEPEST = 50

_TAG = "tag:yaml.org,2002:"
_PLAIN = {"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"}


def refuse_tree(tree: Any, file: str) -> list[Any]:
    """The scalars that are to be strings, and are none as they are written. Raises InputError for a bad node."""
    look = _Look(file)
    look.size(tree)
    return look.unquoted


class _Look:
    """Looks at each node once; ``unquoted`` as ``refuse_tree`` gives them."""

    def __init__(self, file: str):
        self.file, self.unquoted = file, []
        self._sizes: dict[int, tuple[int, int] | None] = {}

    def size(self, node: Any, depth: int = 0) -> tuple[int, int]:
        """How many values a node stands for, and how deep; InputError where it is more than a config can have."""
        import yaml

        if id(node) not in self._sizes:
            self._sizes[id(node)] = None
            self._refuse_tag(node)
            if isinstance(node, yaml.ScalarNode):
                below = []
                self._refuse_half_a_character(node)
                self._quote_unless(node, "value")
            elif depth >= DEEPEST:
                below = [(0, DEEPEST)]
            elif isinstance(node, yaml.MappingNode):
                self._keys(node)
                below = [self.size(one, depth + 1) for pair in node.value for one in pair]
            else:
                below = [self.size(one, depth + 1) for one in node.value]
            values, levels = 1 + sum(n for n, _ in below), 1 + max((high for _, high in below), default=0)
            if values > MOST_VALUES:
                raise self._refused(node, f"stands for more than {MOST_VALUES:,} values, with its aliases written out")
            if levels > DEEPEST:
                raise self._refused(node, f"nested too deep: more than {DEEPEST} levels")
            self._sizes[id(node)] = (values, levels)
        found = self._sizes[id(node)]
        if found is None:
            raise self._refused(node, "has an alias of itself within it")
        return found

    def _keys(self, mapping: Any) -> None:
        import yaml

        lines: dict[str, int] = {}
        for key, _ in mapping.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refused(key, "a key must be a text, not a list or a mapping")
            if key.value in lines:
                raise self._refused(key, f"the key {key.value} is there twice, first on line {lines[key.value]}")
            lines[key.value] = line_of(key)
            self._quote_unless(key, "int", "float", "bool", "null", "timestamp")

    def _quote_unless(self, scalar: Any, *tags: str) -> None:
        if scalar.style is None and scalar.tag.removeprefix(_TAG) in tags:
            self.unquoted.append(scalar)

    def _refuse_half_a_character(self, scalar: Any) -> None:
        if any("\ud800" <= char <= "\udfff" for char in scalar.value):
            raise self._refused(scalar, "has half a surrogate pair, which is no character")

    def _refuse_tag(self, node: Any) -> None:
        if node.tag.removeprefix(_TAG) not in _PLAIN:
            raise self._refused(node, f"the tag {node.tag.replace(_TAG, '!!')}: a config has none")

    def _refused(self, node: Any, why: str) -> InputError:
        return InputError(f"{self.file}:{line_of(node)}: {why}")


def with_quotes(text: str, unquoted: Sequence[Any]) -> str:
    """The text with quotes around these plain scalars: a key such as ``yes`` or ``1.0`` is what is written there."""
    for node in sorted({id(one): one for one in unquoted}.values(), key=lambda node: -node.end_mark.index):
        end = node.end_mark.index
        start = end - len(node.value)
        text = f"{text[:start]}'{node.value}'{text[end:]}"
    return text


def line_of(node: Any) -> int:
    """Where a node or a token begins."""
    return node.start_mark.line + 1


def pairs(node: Any) -> Iterator[tuple[str, int, Any]]:
    """Key, line and value of each pair of a mapping, of those merged into it too."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    yield from pairs(one)
            else:
                yield key.value, line_of(key), value
