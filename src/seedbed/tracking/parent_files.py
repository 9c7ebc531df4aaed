"""The files of a comparison's parent run that the same `seedbed compare` writes anew."""

from typing import Any

from seedbed.errors import InputError
from seedbed.readable import parse_json, shaped

WRITTEN_ANEW = "the same `seedbed compare` again writes it anew, and trains nothing"
"""What helps where such a file is damaged or missing."""


def parsed(content: bytes, file: str, run_id: str, shape: object) -> Any:  # Any: JSON
    """Return the JSON value of a file, which has this shape (see `readable.shaped`). InputError where it is damaged."""
    where = f"{file} of run {run_id}"
    try:
        return shaped(parse_json(content, where), shape, where)
    except InputError as error:
        raise InputError(f"{error}; {WRITTEN_ANEW}") from error
