"""YAML files as people write them: read once, checked, and refused in one line with the place."""

import codecs
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.config.folders import shown
from seedbed.config.yaml_tree import line_of, pairs, refuse_tree, with_quotes
from seedbed.errors import InputError, one_line

MOST_BYTES = 4_000_000

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
    """A file's name for messages, its text, in which every key is a string, and its tree; None where it is empty."""

    file: str
    text: str
    tree: Any

    def line(self, path: Sequence[str]) -> int | None:
        """The line of a key, such as that of ``["training", "epochs"]``; None where the file does not have it."""
        node, line = self.tree, None
        for name in path:
            line, node = next((found for key, *found in pairs(node) if key == name), (None, None))
            if line is None:
                return None
        return line

    def line_of_text(self, text: str) -> int | None:
        """The first line with this text, None where there is none."""
        return next((n for n, line in enumerate(self.text.splitlines(), 1) if text in line), None)


def read(path: Path) -> Document:
    """A file, read and checked; InputError, with the line, where YAML or we do not take it."""
    import yaml

    file = shown(path)
    text = _decoded(_content(path, file), file)
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        tree = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise InputError(f"{file}:{_explained(error, text)}") from error
    except yaml.YAMLError as error:  # a character that no YAML may have; it has a position and no line
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise InputError(f"{file}:{line}: {one_line(error).partition(' in ')[0]}") from error
    except RecursionError:
        raise InputError(f"{file}:{loader.line + 1}: nested too deep") from None
    if tree is None:
        return Document(file, text, None)
    if not isinstance(tree, yaml.MappingNode):
        raise InputError(f"{file}:{line_of(tree)}: must have keys, such as `name: value`; this is no mapping")
    return Document(file, with_quotes(text, refuse_tree(tree, file)), tree)


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


def _explained(error: Any, text: str) -> str:
    """``LINE: what is wrong``. What ends too early is said of the line where it begins."""
    problem, mark = str(error.problem), error.problem_mark or error.context_mark
    if "<stream end>" in problem and (line := _open_bracket(text)):
        return f"{line}: a bracket is not closed"
    if problem == "found unexpected end of stream" and error.context_mark:
        mark = error.context_mark
    if found := re.fullmatch(r"found character '(.)' that cannot start any token", problem):
        problem = f"a text that begins with {found[1]} goes in quotes"
    opened = f"; the bracket opens on line {error.context_mark.line + 1}" if "expected ',' or" in problem else ""
    return f"{mark.line + 1 if mark else 1}: {_HINTS.get(problem, ' '.join(problem.split()))}{opened}"


def _open_bracket(text: str) -> int:
    """The line of the last bracket that is not closed, 0 where all are."""
    import yaml

    lines = []
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text):
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                lines.append(line_of(token))
            elif lines and isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                lines.pop()
    return lines[-1] if lines else 0
