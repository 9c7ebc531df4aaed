"""The list of the cells of a comparison, an artifact of its parent run: their fingerprints."""

from collections.abc import Sequence
from contextlib import suppress

from seedbed.errors import InputError
from seedbed.readable import parse_json, shaped
from seedbed.tracking.names import WRITTEN_ANEW

FILE = "cells.json"


def parsed(content: bytes | None, run_id: str) -> list[str]:
    """Return the fingerprints in a list; none where the run has no list. InputError where it is damaged."""
    if content is None:
        return []
    where = f"{FILE} of run {run_id}"
    try:
        return list(shaped(parse_json(content, where), [str], where))
    except InputError as error:
        raise InputError(f"{error}; {WRITTEN_ANEW}") from error


def joined(content: bytes | None, run_id: str, cells: Sequence[str]) -> list[str]:
    """Return the fingerprints of a list and those of ``cells``; of a damaged list none."""
    known: Sequence[str] = ()
    with suppress(InputError):
        known = parsed(content, run_id)
    return list(dict.fromkeys([*known, *cells]))
