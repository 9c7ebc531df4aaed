"""CSV files as rows of texts, with the line of each; whatever is wrong with one is an InputError with file and line."""

import csv
import io
from pathlib import Path

from seedbed.errors import InputError
from seedbed.limits import COLUMNS, TABLE_BYTES
from seedbed.readable import read_bytes

Rows = tuple[list[str], list[list[str]], list[int]]
"""Header, rows, and the line at which each row starts."""


def read_rows(path: Path) -> Rows:
    """Return the rows of a table with a header (CSV, UTF-8). InputError names the file and the line."""
    try:
        text = read_bytes(path, TABLE_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: not UTF-8: {error.reason}") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines, start = [], [], 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not a CSV table: {error}") from error
    if len(rows) < 2:
        raise InputError(f"{path}: {'empty file' if not rows else 'a header and no rows'}")
    if len(rows[0]) > COLUMNS:
        raise InputError(f"{path}:1: {len(rows[0]):,} columns; at most {COLUMNS:,} are read")
    header = [name.strip() for name in rows[0]]
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            raise InputError(f"{path}:{line}: {len(row)} fields where the header has {len(header)}")
    return header, rows[1:], lines[1:]
