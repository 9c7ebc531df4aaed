"""Cache maintenance: statistics, verification, clearing."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    translated,
)
from seedbed.embeddings.layer_cache.store import Store, open_store, renew
from seedbed.errors import InputError

CLEARED = "cleared-"
LEAST_DIGEST = 6
"""Fewer digits name no model: the start of a mistyped name may be the start of some digest."""


@dataclass
class Held:
    """What the cache has of one model: its name, the start of its digest, sentences, tokens and bytes of entries."""

    name: str
    digest: str
    sentences: int = 0
    tokens: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Stats:
    """The whole cache: its folder, what it has of each model, bytes on disk, its limit, damaged stores beside it.

    ``found_damaged``: whether the store was set aside just now.
    """

    folder: Path
    models: list[Held]
    bytes: int
    limit: int
    set_aside: list[Path]
    found_damaged: bool = False


@dataclass(frozen=True)
class Verified:
    """Sentences looked at, those that were damaged and are removed, and whether the whole store was set aside.

    ``models``: those that are not known any more, as what is stored of them besides sentences was damaged.
    """

    sentences: int = 0
    damaged: int = 0
    set_aside: int = 0
    models: int = 0


def stats() -> Stats:
    """What the cache has. Raises InputError where it cannot be read."""
    store, folder = _existing(), home()
    if store is None:
        return Stats(folder, [], 0, 0, sorted(folder.glob(f"{ASIDE}*")))
    damaged, store.set_aside = bool(store.set_aside), 0
    models: dict[bytes, Held] = {}
    with _readable(), store.transaction() as reading:
        for key, value in reading.cursor():
            model = bytes(key[: entries.MODEL_BYTES])
            held = models.setdefault(model, Held("unknown", model.hex()))
            held.bytes += len(value)
            try:
                if len(key) == entries.MODEL_BYTES:
                    held.name = str(entries.unpack_record(bytes(value))["name"])
                else:
                    held.tokens += entries.shape(value)[0]
                    held.sentences += 1
            except (entries.DamagedEntryError, KeyError):
                continue
    size, limit = store.file.stat().st_size, store.environment.info()["map_size"]
    return Stats(folder, list(models.values()), size, limit, sorted(folder.glob(f"{ASIDE}*")), damaged)


def verify(watch: Callable[[int, int], None] = lambda done, of: None) -> Verified:
    """Read every entry and remove the damaged ones; ``watch`` gets entries done and all. Raises InputError."""
    store = _existing()
    if store is None:
        return Verified()
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
            _copy(store)
    except DamagedError as error:
        with _readable():
            renew(store, str(error))
        count, models, damaged = 0, 0, []
    except (UnavailableError, OSError) as error:
        raise InputError(f"{home()}: the vector cache cannot be read: {error}") from error
    aside, store.set_aside = store.set_aside, 0
    unknown = sum(len(key) == entries.MODEL_BYTES for key in damaged)
    return Verified(count - models, len(damaged) - unknown, aside, unknown)


def damaged_keys(reading: Any, watch: Callable[[int, int], None]) -> tuple[list[bytes], int]:
    """The keys whose entries are not what was stored, and how many entries there are that cannot be reached."""
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


def clear(model: str = "") -> list[Held]:
    """Take out the entries of a model, named or by the start of its digest, or all there is; says what is gone.

    Processes that have the cache open go on with what they see. Raises InputError.
    """
    known = stats()
    digest = model if len(model) >= LEAST_DIGEST else "none"
    chosen = [held for held in known.models if not model or model == held.name or held.digest.startswith(digest)]
    if model and not chosen:
        names = ", ".join(sorted({held.name for held in known.models})) or "nothing"
        raise InputError(f"model={model}: the cache has no vectors of it; it has {names}")
    with _readable():
        for left in (*known.set_aside, *known.folder.glob(f"{CLEARED}*")) if not model else ():
            shutil.rmtree(left)
        store = _existing()
        if store is not None and len(chosen) == len(known.models):
            _exchange(store, None)
        elif store is not None:
            _without(store, [bytes.fromhex(held.digest) for held in chosen])
    return chosen


def _without(store: Store, models: Sequence[bytes]) -> None:
    """Take out these models, and give their room back to the disk."""
    with store.transaction() as reading:
        keys = [bytes(key) for key in reading.cursor().iternext(values=False) if key[: entries.MODEL_BYTES] in models]
    store.remove(keys)
    _copy(store)


def _copy(store: Store) -> None:
    """Put a copy in the place of a store: it has the entries, the limit, and no room that nothing is in."""
    import lmdb

    smaller = free_name(store.folder, CLEARED + "new")
    smaller.mkdir()
    try:
        store.environment.copy(str(smaller), compact=True)
    except lmdb.Error as error:
        shutil.rmtree(smaller)
        raise translated(error) from error
    _exchange(store, smaller)


def _exchange(store: Store, smaller: Path | None) -> None:
    """Put another folder, or none, in the place of a store, whoever has it open."""
    from filelock import FileLock

    old = free_name(store.folder, CLEARED + "old")
    with FileLock(store.folder / "opening.lock"):
        (store.folder / FOLDER).rename(old)
        if smaller is not None:
            smaller.rename(store.folder / FOLDER)
    shutil.rmtree(old)


def _existing() -> Store | None:
    """The store, if there is one. Raises InputError where its place is no folder."""
    above = next(path for path in (home(), *home().parents) if path.exists())
    if not above.is_dir():
        raise InputError(f"{home()}: the vector cache cannot be used: {above} is not a folder")
    if not (home() / FOLDER / DATA).exists():
        return None
    with _readable():
        return open_store(0)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (OSError, UnavailableError, DamagedError) as error:
        raise InputError(f"{home()}: the vector cache cannot be used: {error}; remove the folder") from error
