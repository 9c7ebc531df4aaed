"""Store of the entries of all models: many processes read it, one at a time writes."""

import logging
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    open_environment,
    refuse_damaged,
    release_pages,
    set_aside,
    translate_error,
)

if TYPE_CHECKING:
    import lmdb

ROOM = 64 << 20
"""Bytes beyond the limit, needed to remove entries."""
MOST_MAPPED = 128 << 20
"""Bytes of entries that are read before the memory of the file's pages is released."""
log = logging.getLogger(__name__)


class Store:
    """One open environment; ``writable`` is false once nothing more can be stored, for the reason ``why``.

    ``set_aside``: number of damaged stores that this one replaces, until a caller reads and resets it.
    """

    def __init__(self, folder: Path, limit: int):
        self.folder = folder
        self.environment, self.set_aside = open_environment(folder, limit)
        self.file = folder / FOLDER / DATA
        self.inode = self.file.stat().st_ino
        self.checked: set[bytes] = set()
        self.read_bytes = 0
        self.writable = True
        self.why = ""

    def is_current(self) -> bool:
        """Whether this is the store of the folder, and has not been cleared or set aside."""
        try:
            return self.file.stat().st_ino == self.inode
        except OSError:
            return False

    def limit(self, limit: int) -> None:
        """Set the maximal size in bytes; at least the present size."""
        import lmdb

        try:
            self.environment.set_mapsize(limit)
        except lmdb.Error as error:
            raise translate_error(error) from error
        self.writable = True

    def _count_read(self, size: int) -> None:
        """Release the pages of the file now and then: as it is mapped, all that was read counts as memory used."""
        self.read_bytes += size
        if self.read_bytes > MOST_MAPPED:
            self.read_bytes = 0
            release_pages(self.file)

    def _begin(self, write: bool) -> "lmdb.Transaction":
        return self.environment.begin(write=True) if write else self.environment.begin(buffers=True)

    @contextmanager
    def transaction(self, write: bool = False) -> Iterator["lmdb.Transaction"]:
        """Open a transaction of LMDB; raises DamagedError and UnavailableError."""
        import lmdb

        try:
            try:
                transaction = self._begin(write)
            except lmdb.MapResizedError:  # another process has a higher limit
                self.environment.set_mapsize(0)
                transaction = self._begin(write)
            with transaction:
                yield transaction
        except lmdb.Error as error:
            raise translate_error(error) from error

    def record(self, digest: str) -> dict[str, Any] | None:  # Any: JSON
        """Return the record of a model, ``name`` and ``widths``; None if it is missing or damaged."""
        with self.transaction() as reading:
            value = reading.get(entries.model_key(digest))
            try:
                return None if value is None else entries.unpack_record(bytes(value))
            except entries.DamagedEntryError:
                return None

    def look_up(self, wanted: Mapping[bytes, int], total: int) -> tuple[set[bytes], set[bytes]]:
        """Return the keys of valid entries, and those of damaged ones.

        ``wanted``: number of tokens by key. Each checksum is verified once in a process.
        """
        valid, damaged = set(), set()
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
                valid.add(key)
                self._count_read(rows.nbytes)
        self.checked |= valid
        return valid, damaged

    def rows(self, key: bytes, tokens: int, total: int) -> np.ndarray | None:
        """Return a copy of the rows, float16 ``[tokens, total]``; None if the entry is missing or damaged."""
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
            rows = rows.copy()
        self._count_read(rows.nbytes)
        return rows

    def add(self, digest: str, record: Mapping[str, object], rows: Sequence[tuple[bytes, np.ndarray]]) -> int:
        """Store entries; return how many, from the first on. No entry is ever stored in part.

        After a failure the store is no longer writable.
        """
        if not self.writable:
            return 0
        try:
            with self.transaction(write=True) as writing:
                writing.put(entries.model_key(digest), entries.pack_record(dict(record)))
                for key, array in rows:
                    writing.put(key, entries.pack(key, array))
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
            disk_note = f", and its disk has {free / 1e6:.0f} MB left" if free < ROOM else ""
            return self._stop(f"cannot be written: {getattr(error, 'strerror', None) or error}{disk_note}")
        except DamagedError as error:
            return self._stop(self._renew(error))
        self.checked.update(key for key, _ in rows)
        return len(rows)

    def remove(self, keys: Collection[bytes]) -> bool:
        """Remove entries; return whether that needed room beyond the limit, as in a full store.

        The file then keeps the higher limit until it is copied.
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

    def _renew(self, error: DamagedError) -> str:
        try:
            renew(self, str(error))
        except UnavailableError as why:
            return f"is damaged, and cannot be set aside: {why}"
        return "is damaged"

    def _stop(self, why: str) -> int:
        self.writable, self.why = False, why
        return 0


_open: dict[tuple[int, str], Store] = {}
"""Open stores by process, as LMDB must not open a file twice. A forked process opens another."""


def open_store(limit: int) -> Store:
    """Return the store of the user's cache folder; raises UnavailableError. A damaged store is set aside and replaced.

    ``limit``: maximal size in bytes; 0: the previous limit.
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
    store = Store(folder, limit)
    store.set_aside += known.set_aside if known else 0
    _open[os.getpid(), str(folder)] = store
    return store


def renew(store: Store, why: str) -> None:
    """Set a damaged store aside: the next ``open_store`` creates a new one."""
    if store.is_current():
        try:
            set_aside(store.folder, why)
        except OSError as error:
            raise translate_error(error) from error
        store.set_aside += 1


@cache
def warn_once(folder: str, why: str) -> None:
    """Warn once a process that vectors are not cached, and why."""
    log.warning("the vector cache %s %s; vectors that are not in it are computed anew in each run", folder, why)
