"""The entries of all models in one store: many processes read it, and one at a time writes."""

import logging
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.embeddings.layer_cache import entries
from seedbed.embeddings.layer_cache.environment import (
    DATA,
    FOLDER,
    DamagedError,
    FullError,
    UnavailableError,
    home,
    is_short,
    opened,
    refuse_damaged,
    set_aside,
    translated,
)

ROOM = 64 << 20
"""Bytes beyond the limit, to take entries out with."""
log = logging.getLogger(__name__)


class Store:
    """One open environment; ``writable`` turns false once nothing more can be stored, and ``why`` says why.

    ``set_aside``: damaged stores that made room for this one, not yet counted by anyone.
    """

    def __init__(self, folder: Path, limit: int):
        self.folder = folder
        self.environment, self.set_aside = opened(folder, limit)
        self.file = folder / FOLDER / DATA
        self.inode = self.file.stat().st_ino
        self.checked: set[bytes] = set()
        self.writable = True
        self.why = ""

    def is_current(self) -> bool:
        """Whether this is still the store of the folder, and not one that was cleared or set aside."""
        try:
            return self.file.stat().st_ino == self.inode
        except OSError:
            return False

    def limit(self, limit: int) -> None:
        """Set how many bytes it may grow to; no less than it has."""
        import lmdb

        try:
            self.environment.set_mapsize(limit)
        except lmdb.Error as error:
            raise translated(error) from error
        self.writable = True

    @contextmanager
    def transaction(self, write: bool = False) -> Iterator[Any]:
        """A transaction of LMDB; raises DamagedError and UnavailableError."""
        import lmdb

        try:
            try:
                begun = self.environment.begin(write=write, buffers=not write)
            except lmdb.MapResizedError:  # another process has a higher limit
                self.environment.set_mapsize(0)
                begun = self.environment.begin(write=write, buffers=not write)
            with begun as made:
                yield made
        except lmdb.Error as error:
            raise translated(error) from error

    def record(self, digest: str) -> dict[str, Any] | None:
        """What is known of a model: ``name``, ``widths``; None where nothing, or nothing whole, is."""
        with self.transaction() as reading:
            value = reading.get(entries.model_key(digest))
            try:
                return None if value is None else entries.unpack_record(bytes(value))
            except entries.DamagedEntryError:
                return None

    def look_up(self, wanted: Mapping[bytes, int], total: int) -> tuple[set[bytes], set[bytes]]:
        """The keys whose entries are there and whole, and those that are damaged.

        ``wanted``: keys and tokens. Each entry's checksum is looked at once in a process.
        """
        whole, damaged = set(), set()
        with self.transaction() as reading:
            for key, tokens in wanted.items():
                value = reading.get(key)
                if value is None:
                    continue
                try:
                    rows = entries.unpack(key, value, key not in self.checked)
                    if rows.shape != (tokens, total):
                        raise entries.DamagedEntryError("of another shape")
                except entries.DamagedEntryError:
                    damaged.add(key)
                    continue
                whole.add(key)
        self.checked |= whole
        return whole, damaged

    def rows(self, key: bytes, tokens: int, total: int) -> np.ndarray | None:
        """float16 ``[tokens, total]``, a copy; None where there is no such entry, or a damaged one."""
        with self.transaction() as reading:
            value = reading.get(key)
            if value is None:
                return None
            try:
                rows = entries.unpack(key, value, key not in self.checked)
            except entries.DamagedEntryError:
                return None
            if rows.shape != (tokens, total):
                return None
            self.checked.add(key)
            return rows.copy()

    def add(self, digest: str, record: Mapping[str, object], rows: Sequence[tuple[bytes, np.ndarray]]) -> int:
        """Store entries; how many of them, from the first on. Each is whole or absent, whatever happens.

        Where there is no room, or nothing can be written, it takes no more.
        """
        if not self.writable:
            return 0
        try:
            with self.transaction(write=True) as writing:
                writing.put(entries.model_key(digest), entries.pack_record(dict(record)))
                for key, own in rows:
                    writing.put(key, entries.pack(key, own))
        except FullError:
            if len(rows) > 1:
                middle = len(rows) // 2
                stored = self.add(digest, record, rows[:middle])
                return stored + self.add(digest, record, rows[middle:])
            limit = self.environment.info()["map_size"] / 1e9
            return self._stop(
                f"is full, at its limit of {limit:.3g} GB: raise embedding.cache_gb, or make room with "
                "`seedbed cache clear`"
            )
        except (UnavailableError, OSError) as error:
            free = shutil.disk_usage(self.folder).free
            left = f", and its disk has {free / 1e6:.0f} MB left" if free < ROOM else ""
            return self._stop(f"cannot be written: {getattr(error, 'strerror', None) or error}{left}")
        except DamagedError as error:
            return self._stop(self._put_aside(error))
        self.checked.update(key for key, _ in rows)
        return len(rows)

    def remove(self, keys: Collection[bytes]) -> bool:
        """Take out the entries of these keys; whether that took room beyond the limit, as it does in a full store.

        The file then has the higher limit until it is copied.
        """
        try:
            self._delete(keys)
        except FullError:
            room = self.environment.info()["map_size"]
            self.limit(room + room // 8 + ROOM)
            self._delete(keys)
            self.limit(room)
            return True
        return False

    def _delete(self, keys: Collection[bytes]) -> None:
        with self.transaction(write=True) as writing:
            for key in keys:
                writing.delete(key)
                self.checked.discard(key)

    def _put_aside(self, error: DamagedError) -> str:
        try:
            renew(self, str(error))
        except UnavailableError as why:
            return f"is damaged, and cannot be set aside: {why}"
        return "is damaged"

    def _stop(self, why: str) -> int:
        self.writable, self.why = False, why
        return 0


_open: dict[tuple[int, str], Store] = {}
"""The stores that this process has open, for LMDB takes none twice. A forked process opens its own."""


def open_store(limit: int) -> Store:
    """The store of the user's cache folder; raises UnavailableError. A damaged one is set aside, and a new one begun.

    ``limit``: bytes that it may grow to; 0: what it had at the last time.
    """
    folder = home()
    known = _open.get((os.getpid(), str(folder)))
    if known is not None and known.is_current():
        try:
            known.limit(limit)
            if is_short(known.environment, known.file):
                refuse_damaged(known.environment, known.file)
            return known
        except DamagedError as error:
            renew(known, str(error))
    made = Store(folder, limit)
    made.set_aside += known.set_aside if known else 0
    _open[os.getpid(), str(folder)] = made
    return made


def renew(store: Store, why: str) -> None:
    """Set a damaged store aside: the next ``open_store`` begins a new one."""
    if store.is_current():
        try:
            set_aside(store.folder, why)
        except OSError as error:
            raise translated(error) from error
        store.set_aside += 1


@cache
def warn_once(folder: str, why: str) -> None:
    """Say once a process that vectors are not kept, and why."""
    log.warning("the vector cache %s %s; vectors that are not in it are computed anew in each run", folder, why)
