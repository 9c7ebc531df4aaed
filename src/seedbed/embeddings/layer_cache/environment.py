"""The LMDB environment of the cache: checked before it is used, set aside where it is damaged.

LMDB maps its file into memory and trusts it: beyond the end of a file that was cut, or in a damaged page, it would end
the process. An environment must not be opened twice in one process: see ``store``.
"""

import ctypes
import logging
import mmap
import os
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.data.folders import cache_dir

if TYPE_CHECKING:
    import lmdb

FOLDER = "store"
DATA, LOCKS = "data.mdb", "lock.mdb"
ASIDE = "damaged-"
READERS = 512
DAMAGE = (
    "InvalidError", "CorruptedError", "VersionMismatchError", "PageNotFoundError", "PanicError", "IncompatibleError",
    "ProblemError", "BadChecksumError",
)  # fmt: skip
"""Names of LMDB's errors for a damaged file."""
log = logging.getLogger(__name__)


class DamagedError(Exception):
    """The file of the cache is damaged."""


class UnavailableError(Exception):
    """The cache cannot be used."""


class FullError(UnavailableError):
    """The cache has reached its limit."""


def home() -> Path:
    """The folder of the cache."""
    return cache_dir() / "layers"


def translate_error(error: Exception) -> Exception:
    """Convert an error of LMDB or of the file system."""
    if type(error).__name__ == "MapFullError":
        return FullError(str(error))
    kind = DamagedError if type(error).__name__ in DAMAGE else UnavailableError
    return kind(getattr(error, "strerror", None) or str(error).rpartition(": ")[2] or str(error))


def open_environment(folder: Path, limit: int) -> tuple["lmdb.Environment", int]:
    """Open or create the environment in ``folder``; return it, and how many damaged ones were set aside (0 or 1).

    ``limit``: maximal size in bytes, at least the present size; 0: the previous limit. Raises
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
        raise translate_error(error) from error


def _environment(folder: Path, limit: int) -> "lmdb.Environment":
    import lmdb

    path = folder / FOLDER
    _reserve_locks(path)
    try:
        environment = lmdb.open(str(path), map_size=limit, max_readers=READERS)
        environment.reader_check()  # release the pages of killed processes
    except lmdb.Error as error:
        raise translate_error(error) from error
    try:
        refuse_damaged(environment, path / DATA)
    except (DamagedError, UnavailableError):
        environment.close()
        raise
    return environment


def _reserve_locks(path: Path) -> None:
    """The file of LMDB's locks is mapped and written to: on a full disk, a hole in it would end the process."""
    path.mkdir(exist_ok=True)
    if hasattr(os, "posix_fallocate"):
        with (path / LOCKS).open("ab") as stream:
            os.posix_fallocate(stream.fileno(), 0, 64 * (READERS + 4))


def refuse_damaged(environment: "lmdb.Environment", file: Path) -> None:
    """Raise DamagedError where LMDB's pages are invalid, or beyond the end of the file.

    Checks every page that leads to entries, in Python: 0.1 s for 20,000 sentences.
    """
    import lmdb
    from lmdb import verify

    try:
        with environment.begin(write=True):  # no other process writes during the check
            problems = [problem for problem in verify.verify(str(file), subdir=False) if "a leak" not in problem]
    except verify.VerifyError as error:
        raise DamagedError(str(error)) from error
    except (lmdb.Error, OSError) as error:
        raise translate_error(error) from error
    if problems:
        raise DamagedError(problems[0])


def is_short(environment: "lmdb.Environment", file: Path) -> bool:
    """Whether the file ends before its last page: it has been cut, or its last pages are free."""
    return file.stat().st_size < (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]


def set_aside(folder: Path, why: str) -> None:
    """Rename a damaged environment, with a warning; processes that have it open keep it. Raises OSError."""
    target = free_name(folder, f"{ASIDE}{time.strftime('%Y%m%d-%H%M%S')}")
    (folder / FOLDER).rename(target)
    log.warning("the vector cache is damaged (%s): set aside as %s, and a new one is begun", why, target)


def free_name(folder: Path, start: str) -> Path:
    """Return a path in the folder that does not exist yet."""
    return next(path for n in count() if not (path := folder / f"{start}-{os.getpid()}-{n}").exists())


def release_pages(file: Path) -> None:
    """Release the memory of the pages of a mapped file; they are read from the file again when they are needed.

    LMDB maps its file for as long as it is open, and its binding has no call for this. Linux only.
    """
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    libc = ctypes.CDLL(None)
    for line in maps.read_text("utf-8", "surrogateescape").splitlines():
        if line.endswith(f" {file}"):
            start, end = (int(number, 16) for number in line.split()[0].split("-"))
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)
