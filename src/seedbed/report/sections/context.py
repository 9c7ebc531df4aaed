"""Sections from the context of a report: settings, versions, links, notes.

The context maps titles to contents: a mapping becomes a list of names and values (nested names joined by dots), a
sequence a list, anything else a line. Web addresses become links.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedbed.report.wording import sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.sections.page_table import PageTable

_ADDRESS = re.compile(r"https?://[^\s<>\"']+\Z")
_LONGEST = 2_000


@dataclass(frozen=True)
class Value:
    """A text, and its link target if it is a web address."""

    text: str
    address: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part of the page with tables, pairs of names and values, or lines."""

    title: str
    tables: "tuple[PageTable, ...]" = ()
    pairs: tuple[tuple[str, Value], ...] = ()
    lines: tuple[Value, ...] = ()

    def with_line(self, text: str) -> "Section":
        """Return the section with one more line."""
        return replace(self, lines=(*self.lines, _value(text)))


def sections_of(context: Mapping[str, object]) -> list[Section]:
    """Return one section per key; single values are collected in the first, ``About``."""
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


def _flat(content: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield sanitize(f"{prefix}{name}"), _value(value)


def _value(content: object) -> Value:
    if isinstance(content, list | tuple):
        content = ", ".join(str(part) for part in content)
    text = sanitize(content, _LONGEST) if str(content).strip() else ""
    return Value(text, web_address(text))


def web_address(text: str) -> str:
    """Return ``text`` if it is a web address, else an empty text: data must never become a javascript: link."""
    return text if _ADDRESS.match(text) else ""
