"""The spool of a store: files on this machine to which records are appended while the store does not answer.

Each process has a file of its own, locked while it lives. A record is whole or it is not there: it has its length and
a checksum, and is on disk before it counts. What was delivered is noted in a second file.
"""

import fcntl
import hashlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from seedbed.files import replace_file, state_folder
from seedbed.tracking.settings import Tracking

_MAGIC = b"seedbed spool 1\n"
_HEAD = struct.Struct("<4sQ32s")
_MARK = b"REC\n"
SUFFIX, DELIVERED, DAMAGED, STORE = ".spool", ".delivered", ".damaged", "store.json"


def spool_folder(tracking: Tracking) -> Path:
    """Return the folder of the spool of a store and experiment; it exists where something was spooled."""
    key = f"{tracking.shown_address}\n{tracking.experiment}"
    return state_folder() / "spool" / hashlib.sha256(key.encode()).hexdigest()[:16]


def spool_files(tracking: Tracking) -> list[Path]:
    """Return the files of the spool of a store, the oldest first."""
    return sorted(spool_folder(tracking).glob(f"*{SUFFIX}"))


def other_stores(tracking: Tracking) -> list[str]:
    """Return the addresses of other stores with a spool, without secrets."""
    names = []
    for file in sorted((state_folder() / "spool").glob(f"*/{STORE}")):
        if file.parent != spool_folder(tracking) and any(file.parent.glob(f"*{SUFFIX}")):
            with suppress(OSError, ValueError, KeyError):
                names.append(str(json.loads(file.read_bytes())["store"]))
    return names


class SpoolFile:
    """The file of this process, created with the first record and locked until it is closed."""

    def __init__(self, tracking: Tracking) -> None:
        self.folder, self._tracking = spool_folder(tracking), tracking
        self.path: Path | None = None
        self._descriptor = -1

    def append(self, record: bytes) -> None:
        """Append a record; it is on disk when this returns. OSError where it cannot be written, and then it is not."""
        if self.path is None:
            self._create()
        start = os.lseek(self._descriptor, 0, os.SEEK_END)
        whole = memoryview(_HEAD.pack(_MARK, len(record), hashlib.sha256(record).digest()) + record)
        try:
            while whole:
                whole = whole[os.write(self._descriptor, whole) :]
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, start)
            raise

    def close(self) -> None:
        """Unlock the file; others may deliver it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self.path, self._descriptor = None, -1

    def _create(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = {"store": self._tracking.shown_address, "experiment": self._tracking.experiment}
        replace_file(self.folder / STORE, json.dumps(store).encode())
        path, descriptor = self._new_file()
        try:
            os.write(descriptor, _MAGIC)
            os.fsync(descriptor)
            _sync_folder(self.folder)
        except OSError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        self.path, self._descriptor = path, descriptor

    def _new_file(self) -> tuple[Path, int]:
        """Return a new file that is locked."""
        while True:
            name = f"{time.time_ns():020d}-{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}{SUFFIX}"
            path = self.folder / name
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return path, descriptor
            os.close(descriptor)  # another process has found it empty, and removed it


@dataclass
class Records:
    """The whole records of a file, and the bytes of what is not: cut at a kill, or damaged."""

    whole: list[bytes] = field(default_factory=list)
    cut: int = 0
    damaged: int = 0


def read_records(path: Path) -> Records:
    """Return the records of a file. Reads what another process has written so far. Raises OSError."""
    content, found = path.read_bytes(), Records()
    if not content.startswith(_MAGIC):
        is_start = _MAGIC.startswith(content)
        return Records(cut=len(content)) if is_start else Records(damaged=len(content))
    place = len(_MAGIC)
    while place < len(content):
        rest = len(content) - place
        if rest < _HEAD.size:
            found.cut += rest
            break
        mark, length, digest = _HEAD.unpack_from(content, place)
        if mark != _MARK:
            found.damaged += rest
            break
        record = content[place + _HEAD.size : place + _HEAD.size + length]
        if len(record) < length:
            found.cut += rest
            break
        if hashlib.sha256(record).digest() == digest:
            found.whole.append(record)
        else:
            found.damaged += _HEAD.size + length
        place += _HEAD.size + length
    return found


def delivered(path: Path) -> set[str]:
    """Return the tokens of the records of a file that are in the store."""
    with suppress(FileNotFoundError):
        return set(path.with_suffix(DELIVERED).read_text().split())
    return set()


def note_delivered(path: Path, token: str) -> None:
    """Note that a record of a file is in the store."""
    with path.with_suffix(DELIVERED).open("a") as file:
        file.write(f"{token}\n")
        file.flush()
        os.fsync(file.fileno())


def finish_file(path: Path, damaged: bool) -> None:
    """Remove a file of which everything is delivered; one with damaged records is kept under another name."""
    if damaged:
        path.rename(path.with_suffix(DAMAGED))
    path.unlink(missing_ok=True)
    path.with_suffix(DELIVERED).unlink(missing_ok=True)
    with suppress(OSError):  # another process may remove the folder too
        if not any(one.name != STORE for one in path.parent.iterdir()):
            (path.parent / STORE).unlink()
            path.parent.rmdir()


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Lock a file of another process; False where it is being written or delivered, or is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield path.exists()
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
