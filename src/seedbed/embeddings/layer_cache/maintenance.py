"""Cache maintenance: statistics, verification, clearing."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.embeddings.layer_cache import entries
from seedbed.embeddings.layer_cache.environment import (
    ASIDE,
    DATA,
    FOLDER,
    DamagedError,
    UnavailableError,
    free_name,
    home,
    refuse_damaged,
    translate_error,
)
from seedbed.embeddings.layer_cache.store import Store, open_store, renew
from seedbed.errors import InputError

if TYPE_CHECKING:
    import lmdb

CLEARED = "cleared-"
LEAST_DIGEST = 6
"""Fewer digits are not matched: a mistyped name may be the start of a digest."""


@dataclass
class ModelStats:
    """Statistics of one model: its name, the start of its digest, sentences, tokens and bytes of entries."""

    name: str
    digest: str
    sentences: int = 0
    tokens: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class CacheStats:
    """Statistics of the cache: its folder, models, bytes on disk, limit, and damaged stores set aside.

    ``was_damaged``: whether the store was set aside by this call.
    """

    folder: Path
    models: list[ModelStats]
    bytes: int
    limit: int
    set_aside: list[Path]
    was_damaged: bool = False


@dataclass(frozen=True)
class Verification:
    """Result of a verification: sentences checked, damaged ones (removed), and stores set aside.

    ``models``: number of models whose record was damaged.
    """

    sentences: int = 0
    damaged: int = 0
    set_aside: int = 0
    models: int = 0


def stats() -> CacheStats:
    """Return statistics of the cache. Raises InputError where it cannot be read."""
    store, folder = _open_existing(), home()
    if store is None:
        return CacheStats(folder, [], 0, 0, sorted(folder.glob(f"{ASIDE}*")))
    damaged, store.set_aside = bool(store.set_aside), 0
    models: dict[bytes, ModelStats] = {}
    with _input_errors(), store.transaction() as reading:
        for key, value in reading.cursor():
            model = bytes(key[: entries.MODEL_BYTES])
            model_stats = models.setdefault(model, ModelStats("unknown", model.hex()))
            model_stats.bytes += len(value)
            try:
                if len(key) == entries.MODEL_BYTES:
                    model_stats.name = str(entries.unpack_record(bytes(value))["name"])
                else:
                    model_stats.tokens += entries.shape(value)[0]
                    model_stats.sentences += 1
            except (entries.DamagedEntryError, KeyError):
                continue
    size, limit = store.file.stat().st_size, store.environment.info()["map_size"]
    return CacheStats(folder, list(models.values()), size, limit, sorted(folder.glob(f"{ASIDE}*")), damaged)


def verify(watch: Callable[[int, int], None] = lambda done, of: None) -> Verification:
    """Read every entry and remove the damaged ones; ``watch`` gets entries done and in all. Raises InputError."""
    store = _open_existing()
    if store is None:
        return Verification()
    damaged: list[bytes] = []
    try:
        refuse_damaged(store.environment, store.file)
        with store.transaction() as reading:
            count = reading.stat()["entries"]
            models = sum(len(key) == entries.MODEL_BYTES for key in reading.cursor().iternext(values=False))
            damaged, unreachable = damaged_keys(reading, watch)
        if unreachable:
            raise DamagedError(f"{unreachable} of {count} entries cannot be reached")
        if damaged and store.remove(damaged):
            _compact(store)
    except DamagedError as error:
        with _input_errors():
            renew(store, str(error))
        count, models, damaged = 0, 0, []
    except (UnavailableError, OSError) as error:
        raise InputError(f"{home()}: the vector cache cannot be read: {error}") from error
    aside, store.set_aside = store.set_aside, 0
    unknown = sum(len(key) == entries.MODEL_BYTES for key in damaged)
    return Verification(count - models, len(damaged) - unknown, aside, unknown)


def damaged_keys(reading: "lmdb.Transaction", watch: Callable[[int, int], None]) -> tuple[list[bytes], int]:
    """Return the keys of damaged entries, and the number of unreachable entries."""
    damaged, done, count = [], 0, reading.stat()["entries"]
    for key, value in reading.cursor():
        try:
            if len(key) == entries.MODEL_BYTES:
                entries.unpack_record(bytes(value))
            else:
                entries.unpack(bytes(key), value)
        except entries.DamagedEntryError:
            damaged.append(bytes(key))
        done += 1
        watch(done, count)
    return damaged, count - done


def clear(model: str = "") -> list[ModelStats]:
    """Remove the entries of a model, by name or start of its digest, or of all; return statistics of those removed.

    Processes that have the cache open keep the old store. Raises InputError.
    """
    known = stats()
    digest = model if len(model) >= LEAST_DIGEST else "none"
    chosen = [
        model_stats
        for model_stats in known.models
        if not model or model == model_stats.name or model_stats.digest.startswith(digest)
    ]
    if model and not chosen:
        names = ", ".join(sorted({model_stats.name for model_stats in known.models})) or "nothing"
        raise InputError(f"model={model}: the cache has no vectors of it; it has {names}")
    with _input_errors():
        for old_folder in (*known.set_aside, *known.folder.glob(f"{CLEARED}*")) if not model else ():
            shutil.rmtree(old_folder)
        store = _open_existing()
        if store is not None and len(chosen) == len(known.models):
            _replace(store, None)
        elif store is not None:
            _remove_models(store, [bytes.fromhex(model_stats.digest) for model_stats in chosen])
    return chosen


def _remove_models(store: Store, models: Sequence[bytes]) -> None:
    """Remove these models, and free their disk space."""
    with store.transaction() as reading:
        keys = [bytes(key) for key in reading.cursor().iternext(values=False) if key[: entries.MODEL_BYTES] in models]
    store.remove(keys)
    _compact(store)


def _compact(store: Store) -> None:
    """Replace a store by a compacted copy with the same entries and limit."""
    import lmdb

    compacted = free_name(store.folder, CLEARED + "new")
    compacted.mkdir()
    try:
        store.environment.copy(str(compacted), compact=True)
    except lmdb.Error as error:
        shutil.rmtree(compacted)
        raise translate_error(error) from error
    _replace(store, compacted)


def _replace(store: Store, replacement: Path | None) -> None:
    """Replace a store by another folder or none, even if it is open."""
    from filelock import FileLock

    old = free_name(store.folder, CLEARED + "old")
    with FileLock(store.folder / "opening.lock"):
        (store.folder / FOLDER).rename(old)
        if replacement is not None:
            replacement.rename(store.folder / FOLDER)
    shutil.rmtree(old)


def _open_existing() -> Store | None:
    """Open the store, if it exists. Raises InputError where its path is no folder."""
    parent = next(path for path in (home(), *home().parents) if path.exists())
    if not parent.is_dir():
        raise InputError(f"{home()}: the vector cache cannot be used: {parent} is not a folder")
    if not (home() / FOLDER / DATA).exists():
        return None
    with _input_errors():
        return open_store(0)


@contextmanager
def _input_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, UnavailableError, DamagedError) as error:
        raise InputError(f"{home()}: the vector cache cannot be used: {error}; remove the folder") from error
