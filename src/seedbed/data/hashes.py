"""sha256 of files, cached by path, size and times, so that a large file is hashed once."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from seedbed.data.compressed_files import Bounded
from seedbed.data.folders import cache_dir
from seedbed.errors import InputError
from seedbed.files import replace_file
from seedbed.readable import open_regular, read_json, regular, unreadable

SETTLED_NS = 2_000_000_000
"""A file changed this recently could change again within the clock's resolution: its hash is not cached yet."""


def file_sha256(path: Path, unpacked: bool = False) -> str:
    """Return the sha256 of a file, in hex; with ``unpacked``, of the content of a ``.gz`` file. Raises InputError."""
    try:
        return _remembered(path, regular(path), unpacked and path.suffix == ".gz")
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error


def _remembered(path: Path, stat: os.stat_result, unpacked: bool) -> str:
    state = [str(path.resolve()), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, unpacked]
    key = hashlib.sha256(f"{state[0]} {unpacked}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    note = cache_dir() / "hashes" / f"{key}.json"
    with contextlib.suppress(InputError, KeyError, TypeError):
        known = read_json(note)
        if known["state"] == state:
            return str(known["sha256"])
    with ExitStack() as stack:
        stream: Any = stack.enter_context(open_regular(path))  # Any: typeshed has no type for both
        if unpacked:
            packed = stack.enter_context(gzip.GzipFile(fileobj=stream))
            stream = io.BufferedReader(Bounded(path, packed, stat.st_size))
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > SETTLED_NS:
        with contextlib.suppress(OSError):
            replace_file(note, json.dumps({"state": state, "sha256": digest}).encode())
    return digest
