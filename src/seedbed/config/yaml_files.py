"""YAML files: read, checked, and refused in one line with file and line."""

import codecs
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.config.conf_files import shown
from seedbed.config.yaml_tree import check_tree, line_of, pairs, with_quotes
from seedbed.errors import InputError, one_line

if TYPE_CHECKING:
    from yaml import MappingNode, MarkedYAMLError, Node

MOST_BYTES = 4_000_000
MOST_FILES = 300
"""How many parsed files are kept: all of conf/, and a user's."""

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_HINTS = {
    "found character '\\t' that cannot start any token": "a tab; YAML is indented with spaces",
    "mapping values are not allowed here": "a second colon on the line, or another indent than above; "
                                           "a text with `: ` in it goes in quotes",
    "found unexpected end of stream": "a quote is not closed",
    "but found another document": "a second document (`---`); a file has one",
}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A file's name for messages, its text with every key as a string, and its node tree; None where it is empty."""

    file: str
    text: str
    tree: "MappingNode | None"

    def line(self, path: Sequence[str]) -> int | None:
        """Return the line of a key, such as ``["training", "epochs"]``; None where the file does not have it."""
        node: Node | None = self.tree
        line = None
        for name in path:
            match = next((pair for pair in pairs(node) if pair[0] == name), None)
            if match is None:
                return None
            _, line, node = match
        return line

    def lists(self) -> Iterator[tuple[str, int]]:
        """Yield the key and the line of each list that is the value of a key, such as ``dataset.labels``."""
        yield from _lists(self.tree, "")

    def line_of_text(self, text: str) -> int | None:
        """Return the first line that contains the text, or None."""
        return next((n for n, line in enumerate(self.text.splitlines(), 1) if text in line), None)


def read_yaml(path: Path) -> Document:
    """Read and check a file. InputError, with the line, where it is not valid YAML or not a valid config."""
    file = shown(path)
    return _document(file, _decoded(_content(path, file), file))


@lru_cache(maxsize=MOST_FILES)
def _document(file: str, text: str) -> Document:
    """Return the parsed file; each arm of a study looks up keys in the same ones."""
    import yaml

    loader = None
    try:
        loader = yaml.SafeLoader(text)
        tree = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise InputError(f"{file}:{_explained(error, text)}") from error
    except yaml.YAMLError as error:  # a character not allowed in YAML: a position without a line
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise InputError(f"{file}:{line}: {one_line(error).partition(' in ')[0]}") from error
    except RecursionError:
        raise InputError(f"{file}:{loader.line + 1 if loader else 1}: nested too deep") from None
    if tree is None:
        return Document(file, text, None)
    if not isinstance(tree, yaml.MappingNode):
        raise InputError(f"{file}:{line_of(tree)}: must have keys, such as `name: value`; this is no mapping")
    return Document(file, with_quotes(text, check_tree(tree, file)), tree)


def _lists(node: "Node | None", above: str) -> Iterator[tuple[str, int]]:
    import yaml

    for name, line, value in pairs(node):
        if isinstance(value, yaml.SequenceNode):
            yield above + name, line
        yield from _lists(value, f"{above}{name}.")


def _content(path: Path, file: str) -> bytes:
    try:
        if not path.is_file():
            raise InputError(f"{file}: is {'a folder' if path.is_dir() else 'no regular file'}")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{file}: has more than {MOST_BYTES // 1_000_000} MB, too much for a config")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error


def _decoded(content: bytes, file: str) -> str:
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, content[error.start]
        raise InputError(
            f"{file}:{line}: not UTF-8: byte 0x{byte:02x} ({chr(byte)!r} in latin-1); save the file as UTF-8"
        ) from error


def _explained(error: "MarkedYAMLError", text: str) -> str:
    """Return ``LINE: what is wrong``. The line of an unclosed quote or bracket is the one that opens it."""
    problem, mark = str(error.problem), error.problem_mark or error.context_mark
    if "<stream end>" in problem and (line := _open_bracket(text)):
        return f"{line}: a bracket is not closed"
    if problem == "found unexpected end of stream" and error.context_mark:
        mark = error.context_mark
    if match := re.fullmatch(r"found character '(.)' that cannot start any token", problem):
        problem = f"a text that begins with {match[1]} goes in quotes"
    context = error.context_mark
    opened = f"; the bracket opens on line {context.line + 1}" if context and "expected ',' or" in problem else ""
    return f"{mark.line + 1 if mark else 1}: {_HINTS.get(problem, ' '.join(problem.split()))}{opened}"


def _open_bracket(text: str) -> int:
    """Return the line of the last bracket that is not closed, 0 where all are closed."""
    import yaml

    lines = []
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text):
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                lines.append(line_of(token))
            elif lines and isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                lines.pop()
    return lines[-1] if lines else 0
