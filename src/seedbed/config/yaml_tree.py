"""Checks on the node tree of a YAML file, and the plain scalars in it that must be read as strings."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.errors import InputError

if TYPE_CHECKING:
    from yaml import MappingNode, Node, ScalarNode, Token

MOST_VALUES = 100_000
"""With every alias expanded: a file of a few lines can stand for billions."""
DEEPEST = 50

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"}


def check_tree(tree: "Node", file: str) -> "list[ScalarNode]":
    """Return the scalars that must be strings but are not read as such. Raises InputError for an invalid node."""
    checker = _Checker(file)
    checker.size(tree)
    return checker.unquoted


class _Checker:
    """Visits each node once; ``unquoted``: the scalars that ``check_tree`` returns."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.unquoted: list[ScalarNode] = []
        self._sizes: dict[int, tuple[int, int] | None] = {}

    def size(self, node: "Node", depth: int = 0) -> tuple[int, int]:
        """Return how many values a node stands for, and its depth. InputError where it is too large for a config."""
        import yaml

        if id(node) not in self._sizes:
            self._sizes[id(node)] = None
            self._check_tag(node)
            below: list[tuple[int, int]] = []
            if isinstance(node, yaml.ScalarNode):
                self._check_surrogates(node)
                self._quote_if_tagged(node, "value")
            elif depth >= DEEPEST:
                below = [(0, DEEPEST)]
            elif isinstance(node, yaml.MappingNode):
                self._check_keys(node)
                below = [self.size(item, depth + 1) for pair in node.value for item in pair]
            else:
                below = [self.size(item, depth + 1) for item in node.value]
            values, levels = 1 + sum(n for n, _ in below), 1 + max((height for _, height in below), default=0)
            if values > MOST_VALUES:
                raise self._error(node, f"stands for more than {MOST_VALUES:,} values, with its aliases written out")
            if levels > DEEPEST:
                raise self._error(node, f"nested too deep: more than {DEEPEST} levels")
            self._sizes[id(node)] = (values, levels)
        size = self._sizes[id(node)]
        if size is None:
            raise self._error(node, "has an alias of itself within it")
        return size

    def _check_keys(self, mapping: "MappingNode") -> None:
        import yaml

        lines: dict[str, int] = {}
        for key, _ in mapping.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._error(key, "a key must be a text, not a list or a mapping")
            if key.value in lines:
                raise self._error(key, f"the key {key.value} appears twice, first on line {lines[key.value]}")
            lines[key.value] = line_of(key)
            self._quote_if_tagged(key, "int", "float", "bool", "null", "timestamp")

    def _quote_if_tagged(self, scalar: "ScalarNode", *tags: str) -> None:
        if scalar.style is None and scalar.tag.removeprefix(_TAG) in tags:
            self.unquoted.append(scalar)

    def _check_surrogates(self, scalar: "ScalarNode") -> None:
        if any("\ud800" <= char <= "\udfff" for char in scalar.value):
            raise self._error(scalar, "has half a surrogate pair, which is no character")

    def _check_tag(self, node: "Node") -> None:
        if node.tag.removeprefix(_TAG) not in _PLAIN_TAGS:
            raise self._error(node, f"the tag {node.tag.replace(_TAG, '!!')}: a config has none")

    def _error(self, node: "Node", why: str) -> InputError:
        return InputError(f"{self.file}:{line_of(node)}: {why}")


def with_quotes(text: str, unquoted: "Sequence[ScalarNode]") -> str:
    """Return the text with quotes around these plain scalars, so that a key such as ``yes`` or ``1.0`` is a string."""
    for node in sorted({id(node): node for node in unquoted}.values(), key=lambda node: -node.end_mark.index):
        end = node.end_mark.index
        start = end - len(node.value)
        text = f"{text[:start]}'{node.value}'{text[end:]}"
    return text


def line_of(node: "Node | Token") -> int:
    """Return the line on which a node or a token begins."""
    line: int = node.start_mark.line
    return line + 1


def pairs(node: "Node | None") -> Iterator[tuple[str, int, "Node"]]:
    """Yield key, line and value of each pair of a mapping, including those merged into it."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    yield from pairs(merged)
            else:
                yield key.value, line_of(key), value
