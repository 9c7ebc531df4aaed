"""Each vector file is parsed once: the user's cache keeps its table, under a digest of the content, not the path.

A table is written to a temporary folder that is then renamed, so two processes may do it at once and a killed one
leaves no partial table. A damaged table is built again. Without a writable cache, files are parsed in each run.
"""

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from seedbed.data.folders import cache_dir
from seedbed.data.hashes import file_sha256
from seedbed.embeddings.vector_files import blocks, parts
from seedbed.embeddings.vector_lines import BadLines
from seedbed.embeddings.vector_table import DamagedError, Table, in_memory, load, store
from seedbed.stages import stage

VERSION = 2
"""Part of every key: raise it when the parser or the layout changes."""
STALE_S = 86_400
PREFIX = ".unfinished-"
Result = TypeVar("Result")
log = logging.getLogger(__name__)


def with_table(path: Path, dim: int, form: str, strict: bool, use: Callable[[Table], Result]) -> Result:
    """``use(table)`` with the table of a vector file, cached or parsed; raises InputError.

    Any bad line is refused where ``strict``, in a cached table too. ``use`` is called again if it finds damage.
    """

    def checked(table: Table) -> Result:
        if strict:
            BadLines(str(path), first=table.first_bad).refuse()
        return use(table)

    with stage("read"):
        folder = cache_dir() / "vectors" / _key(path, dim, form)
    if folder.exists():
        try:
            return checked(load(folder, dim))
        except DamagedError as error:
            log.warning("the cached vectors of %s are damaged and made again: %s", path, error)
            _remove(folder)
    with stage("read"):
        is_built = _build(folder, path, dim, form, strict)
    if is_built:
        with contextlib.suppress(DamagedError):
            return checked(load(folder, dim))
    bad = BadLines(str(path), strict)
    with stage("read"):
        table = in_memory(blocks(path, dim, form, bad), lambda: _about(bad))
    return checked(table)


def _build(folder: Path, path: Path, dim: int, form: str, strict: bool) -> bool:
    """Parse into a temporary folder, and rename it; False, with a warning, where nothing can be written."""
    bad = BadLines(str(path), strict)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder.parent, ignore_cleanup_errors=True) as temporary:
            table_folder = Path(temporary) / "table"
            table_folder.mkdir()
            store(table_folder, blocks(path, dim, form, bad), lambda: _about(bad))
            try:
                table_folder.rename(folder)
            except OSError:
                return folder.exists()  # another process was quicker, with the same content
        return True
    except OSError as error:
        _warn_once(str(folder.parent), error.strerror or str(error))
        return False


def _about(bad: BadLines) -> dict[str, object]:
    return {"skipped": dict(bad.counts), "first_bad": bad.first}


@cache
def _warn_once(folder: str, why: str) -> None:
    log.warning("vector files are parsed at each start, as %s cannot be written: %s", folder, why)


def _sweep(home: Path) -> None:
    """Remove unfinished folders of killed processes."""
    for folder in home.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > STALE_S:
                shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: Path) -> None:
    """Move a folder away at once, then remove it."""
    with contextlib.suppress(OSError):
        trash = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder.parent))
        folder.rename(trash / "table")
        shutil.rmtree(trash, ignore_errors=True)


def _key(path: Path, dim: int, form: str) -> str:
    contents = [file_sha256(part) for part in parts(path, form)]
    return hashlib.sha256(json.dumps([VERSION, contents, dim, form]).encode()).hexdigest()[:32]
