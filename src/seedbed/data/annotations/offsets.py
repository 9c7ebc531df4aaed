"""Offsets of annotation tools as code points, and checks that a span is where its tool says."""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import partial
from itertools import accumulate

from seedbed.data.annotations.document import Span
from seedbed.errors import InputError


class Offsets:
    """Converts offsets in one text to code points.

    ``unit``: ``codepoints``, ``utf16`` (units of JavaScript and Java, two for an astral character) or ``graphemes``.
    """

    def __init__(self, text: str, unit: str):
        self.length = len(text)
        self._ends: list[int] | None = None  # of each character in UTF-16 units; None: the same as in code points
        self._clusters: list[int] | None = None
        if unit == "graphemes" and not text.isascii():
            import regex

            self._clusters = [0, *accumulate(len(cluster) for cluster in regex.findall(r"\X", text))]
        elif unit == "utf16" and _has_astral(text):
            self._ends = [0, *accumulate(map(_utf16_length, text))]

    def __call__(self, offset: int) -> int:
        """Return a code point; one beyond the text, or -1 within a character, for what is no offset of the text."""
        if self._clusters is not None:
            return self._clusters[offset] if 0 <= offset < len(self._clusters) else self.length + 1
        if self._ends is None or offset < 0:
            return offset
        found = bisect_left(self._ends, offset)
        return found if found > self.length or self._ends[found] == offset else -1


def _utf16_length(character: str) -> int:
    return 2 if character > "\uffff" else 1


def _has_astral(text: str) -> bool:
    return bool(text) and max(text) > "\uffff"


def to_utf16(text: str, offset: int) -> int:
    """Return a code point as an offset in UTF-16 units, the inverse of `Offsets`."""
    return sum(map(_utf16_length, text[:offset])) if _has_astral(text) else offset


def checked(text: str, span: Span, where: object, said: tuple[object, object] | None = None) -> Span:
    """Return a span; raises InputError where it is empty, reversed or beyond the text.

    ``said``: start and end as they are in the file.
    """
    if 0 <= span.start < span.end <= len(text):
        return span
    start, end = said or span[:2]
    if -1 in span[:2] and said:
        problem = "begins or ends inside a character"
    elif span.start == span.end:
        problem = "is empty"
    elif span.start > span.end:
        problem = "ends before it begins"
    else:
        problem = f"is beyond the text of {len(text):,} characters"
    raise InputError(f"{where}: the span {start} to {end} of {span.label!r} {problem}")


def check_text(text: str, span: Span, said: str, where: object, spelled: Iterable[str] = ()) -> None:
    """Raise InputError where the text of a span is another than its tool says: offsets of another text or unit.

    ``spelled``: other forms of the slice that are right too.
    """
    found = text[span.start : span.end]
    if said == found or said in spelled:
        return
    forms = [form for form in ("NFC", "NFD", "NFKC", "NFKD") if said == unicodedata.normalize(form, found)]
    same = partial(unicodedata.normalize, "NFC")
    if forms or same(said) == same(found):
        raise InputError(
            f"{where}: the span {span.start} to {span.end} of {span.label!r} is on another normalisation form of the "
            f"text{f' ({forms[0]})' if forms else ''}: {_shown(said)} in the span, {_shown(found)} in the text; "
            "export text and spans from one form"
        )
    other = normal_form(text, span, said)
    if other:
        raise InputError(
            f"{where}: the span {span.start} to {span.end} of {span.label!r} counts characters of the text in {other}, "
            "and the text is in another normalisation form; export text and spans from one form"
        )
    raise InputError(
        f"{where}: the span {span.start} to {span.end} of {span.label!r} is {_shown(found)} in the text, and "
        f"{_shown(said)} by its own account: the offsets are of another text"
    )


def normal_form(text: str, span: Span, said: str) -> str:
    """Return the normalisation form of the text in which a span has the text that its tool says; else empty."""
    if text.isascii():
        return ""
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        other = unicodedata.normalize(form, text)
        if other != text and other[span.start : span.end] == unicodedata.normalize(form, said):
            return form
    return ""


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 40 else f"{text[:40]}...") if not text.isascii() else repr(text[:40])
