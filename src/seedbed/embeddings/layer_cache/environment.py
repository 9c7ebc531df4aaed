"""The LMDB environment of the cache: checked before it is used, set aside where it is damaged.

LMDB maps its file into memory and trusts it: beyond the end of a file that was cut, or in a damaged page, it would end
the process. An environment must not be opened twice in one process: see ``store``.
"""

import logging
import os
import time
from itertools import count
from pathlib import Path
from typing import Any

from seedbed.data.folders import cache_dir

FOLDER = "store"
DATA, LOCKS = "data.mdb", "lock.mdb"
ASIDE = "damaged-"
READERS = 512
DAMAGE = (
    "InvalidError", "CorruptedError", "VersionMismatchError", "PageNotFoundError", "PanicError", "IncompatibleError",
    "ProblemError", "BadChecksumError",
)  # fmt: skip
"""Errors of LMDB that say that its file is not what it wrote."""
log = logging.getLogger(__name__)


class DamagedError(Exception):
    """The file of the cache is damaged as a whole."""


class UnavailableError(Exception):
    """There is no cache to be had here."""


class FullError(UnavailableError):
    """The cache has reached its limit."""


def home() -> Path:
    """The folder of the cache."""
    return cache_dir() / "layers"


def translated(error: Exception) -> Exception:
    """What an error of LMDB or of the file system means here."""
    if type(error).__name__ == "MapFullError":
        return FullError(str(error))
    kind = DamagedError if type(error).__name__ in DAMAGE else UnavailableError
    return kind(getattr(error, "strerror", None) or str(error).rpartition(": ")[2] or str(error))


def opened(folder: Path, limit: int) -> tuple[Any, int]:
    """The environment in ``folder``, made where there is none, and how many damaged ones were set aside (0 or 1).

    ``limit``: bytes that it may grow to, no less than what it has; 0: what it had at the last time. Raises
    UnavailableError.
    """
    from filelock import FileLock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "opening.lock"):
            try:
                return _environment(folder, limit), 0
            except DamagedError as error:
                set_aside(folder, str(error))
            return _environment(folder, limit), 1
    except (OSError, NotImplementedError, DamagedError) as error:
        raise translated(error) from error


def _environment(folder: Path, limit: int) -> Any:
    import lmdb

    path = folder / FOLDER
    _reserve_locks(path)
    try:
        made = lmdb.open(str(path), map_size=limit, max_readers=READERS)
        made.reader_check()  # processes that were killed hold on to old pages
    except lmdb.Error as error:
        raise translated(error) from error
    try:
        refuse_damaged(made, path / DATA)
    except (DamagedError, UnavailableError):
        made.close()
        raise
    return made


def _reserve_locks(path: Path) -> None:
    """The file of LMDB's locks is mapped and written to: on a full disk, a hole in it would end the process."""
    path.mkdir(exist_ok=True)
    if hasattr(os, "posix_fallocate"):
        with (path / LOCKS).open("ab") as stream:
            os.posix_fallocate(stream.fileno(), 0, 64 * (READERS + 4))


def refuse_damaged(environment: Any, file: Path) -> None:
    """Raise DamagedError where LMDB would not find its way in its own file, or beyond its end.

    Every page that leads to entries is looked at, in Python: 0.1 s for 20,000 sentences.
    """
    import lmdb
    from lmdb import verify

    try:
        with environment.begin(write=True):  # nobody else writes in the meantime
            found = [problem for problem in verify.verify(str(file), subdir=False) if "a leak" not in problem]
    except verify.VerifyError as error:
        raise DamagedError(str(error)) from error
    except (lmdb.Error, OSError) as error:
        raise translated(error) from error
    if found:
        raise DamagedError(found[0])


def is_short(environment: Any, file: Path) -> bool:
    """Whether the file ends before its last page: it has been cut, or its last pages are free ones."""
    return file.stat().st_size < (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]


def set_aside(folder: Path, why: str) -> None:
    """Rename a damaged environment, with a warning; who has it open keeps it. Raises OSError."""
    target = free_name(folder, f"{ASIDE}{time.strftime('%Y%m%d-%H%M%S')}")
    (folder / FOLDER).rename(target)
    log.warning("the vector cache is damaged (%s): set aside as %s, and a new one is begun", why, target)


def free_name(folder: Path, start: str) -> Path:
    """A path in the folder that is not there yet."""
    return next(path for n in count() if not (path := folder / f"{start}-{os.getpid()}-{n}").exists())
