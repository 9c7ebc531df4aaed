"""The list of the cells of a comparison, an artifact of its parent run: their fingerprints."""

from collections.abc import Sequence
from contextlib import suppress

from seedbed.errors import InputError
from seedbed.tracking import parent_files

FILE = "cells.json"


def parsed(content: bytes | None, run_id: str) -> list[str]:
    """Return the fingerprints in a list; none where the run has no list. InputError where it is damaged."""
    return [] if content is None else list(parent_files.parsed(content, FILE, run_id, [str]))


def joined(content: bytes | None, run_id: str, cells: Sequence[str]) -> list[str]:
    """Return the fingerprints of a list and those of ``cells``; of a damaged list none."""
    known: Sequence[str] = ()
    with suppress(InputError):
        known = parsed(content, run_id)
    return list(dict.fromkeys([*known, *cells]))
