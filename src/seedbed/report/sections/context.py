"""What a report is told besides the table: settings, versions, links, notes.

A mapping of titles to contents: a mapping becomes a table of names and values (nested names joined by dots), a list
a list, anything else a line. Web addresses become links.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seedbed.report.wording import sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.sections.page_table import PageTable

_ADDRESS = re.compile(r"https?://[^\s<>\"']+\Z")
_LONGEST = 2_000


@dataclass(frozen=True)
class Value:
    """A text, and the address it links to where it is one."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part of the page: tables, or names and values, or lines."""

    title: str
    tables: "tuple[PageTable, ...]" = ()
    pairs: tuple[tuple[str, Value], ...] = ()
    lines: tuple[Value, ...] = ()


def sections_of(context: Mapping[str, Any]) -> list[Section]:
    """A section a key; plain values are gathered in the first, ``About``."""
    about, sections = [], []
    for name, content in context.items():
        title = sentence(sanitize(str(name).replace("_", " "), 80))
        if isinstance(content, Mapping):
            sections.append(Section(title, pairs=tuple(_flat(content))))
        elif isinstance(content, Iterable) and not isinstance(content, str | bytes):
            sections.append(Section(title, lines=tuple(_value(line) for line in content)))
        elif content is not None:
            about.append((title, _value(content)))
    first = [Section("About", pairs=tuple(about))] if about else []
    return first + [section for section in sections if section.pairs or section.lines]


def _flat(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Value]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield sanitize(f"{before}{name}"), _value(value)


def _value(content: Any) -> Value:
    if isinstance(content, list | tuple):
        content = ", ".join(str(part) for part in content)
    text = sanitize(content, _LONGEST) if str(content).strip() else ""
    return Value(text, web_address(text))


def web_address(text: str) -> str:
    """``text`` where it is a web address, else nothing: a javascript: address from data must never become a link."""
    return text if _ADDRESS.match(text) else ""
