"""Fill the cache: compute the vectors that are missing and store them in batches."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seedbed.embeddings.features import Embedded
from seedbed.embeddings.layer_cache import entries
from seedbed.embeddings.layer_cache.environment import DamagedError, UnavailableError
from seedbed.embeddings.layer_cache.overflow import OverflowFile
from seedbed.embeddings.layer_cache.store import Store, open_store, renew, warn_once
from seedbed.embeddings.layers import LanguageModel, Layout, Sentence
from seedbed.errors import InputError

Watch = Callable[[Embedded], None]
WAIT_S = 0.2
NOT_KEPT = "vectors are not cached: they are kept in a temporary file while this runs"
COMMIT_S = 1.0
COMMIT_BYTES = 32 << 20
"""What is computed is written after so many seconds or bytes: each transaction waits for the disk."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A model: a digest of everything that determines its vectors, a display name, and a function that loads it."""

    digest: str
    name: str
    open: Callable[[], LanguageModel]


@dataclass
class FillStats:
    """Statistics of a fill: distinct sentences requested, cached (``hits``) and computed; tokens; seconds.

    ``not_stored``: sentences that the cache had no room for, ``damaged``: entries made again, ``set_aside``: damaged
    stores. ``model``: what the model itself counted, if it was open.
    """

    asked: int = 0
    hits: int = 0
    computed: int = 0
    tokens: int = 0
    tokens_computed: int = 0
    not_stored: int = 0
    damaged: int = 0
    set_aside: int = 0
    seconds: float = 0.0
    model: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """What is to be logged where it is not zero; not the model's own counts, which are of what it computed now."""
        own = {
            "computed": self.computed, "not_stored": self.not_stored, "damaged": self.damaged,
            "stores_set_aside": self.set_aside,
        }  # fmt: skip
        return own


class CacheFill:
    """One fill. ``spill`` takes what ``store`` (None: there is none) does not; where that is None, it is an error."""

    def __init__(self, source: Source, store: Store | None, spill: OverflowFile | None, watch: Watch):
        self.source, self.store, self.spill, self.watch = source, store, spill, watch
        self.filled = FillStats()
        self.layout: Layout | None = None if spill is None else spill.layouts.get(source.digest)
        self.damaged: set[bytes] = set()

    def run(self, wanted: Mapping[bytes, Sentence]) -> FillStats:
        """Make sure that the store or the overflow file has the rows of every sentence. Raises InputError."""
        started = time.perf_counter()
        self.filled.asked = len(wanted)
        self.filled.tokens = sum(len(tokens) for tokens in wanted.values())
        if self.store is not None:
            self.filled.set_aside, self.store.set_aside = self.store.set_aside, 0
        missing = self._missing(wanted)
        self._say(missing, note="" if self.store or not missing else NOT_KEPT)
        if missing:
            with self._turn(missing):
                missing = self._missing(wanted)
                if missing:
                    self._compute(missing)
        self.filled.hits = self.filled.asked - self.filled.computed
        self.filled.damaged = len(self.damaged)
        self.filled.seconds = time.perf_counter() - started
        return self.filled

    def _missing(self, wanted: Mapping[bytes, Sentence]) -> dict[bytes, Sentence]:
        spilt = () if self.spill is None else self.spill
        wanted = {key: tokens for key, tokens in wanted.items() if key not in spilt}
        if self.store is None:
            return wanted
        try:
            record = self.store.record(self.source.digest)
            if record is None:
                return wanted
            self.layout = Layout(tuple(record["widths"]))
            lengths = {key: len(tokens) for key, tokens in wanted.items()}
            whole, damaged = self.store.look_up(lengths, self.layout.total)
        except DamagedError as error:
            self._begin_anew(error)
            return wanted
        except UnavailableError as error:
            self._give_up(f"cannot be read: {error}")
            return wanted
        self.damaged |= damaged
        return {key: tokens for key, tokens in wanted.items() if key not in whole}

    def _begin_anew(self, error: DamagedError) -> None:
        """Set aside a store found damaged while reading, and open a new one."""
        try:
            assert self.store is not None  # it was read
            limit = self.store.environment.info()["map_size"]
            renew(self.store, str(error))
            self.store = open_store(limit)
            self.filled.set_aside, self.store.set_aside = self.filled.set_aside + self.store.set_aside, 0
        except UnavailableError as why:
            self._give_up(f"cannot be used: {why}")
        self.layout = None

    def _give_up(self, why: str) -> None:
        self._refuse_or_warn(why)
        self.store = None

    def _refuse_or_warn(self, why: str) -> None:
        """That vectors are not kept is worth a warning, and an error where keeping them is what is wanted."""
        assert self.store is not None  # its failure is reported
        if self.spill is None:
            raise InputError(f"the vector cache {self.store.folder} {why}")
        warn_once(str(self.store.folder), why)

    @contextlib.contextmanager
    def _turn(self, missing: Mapping[bytes, Sentence]) -> Iterator[None]:
        """One process at a time computes with a model, so that none computes what another is about to store."""
        from filelock import FileLock, Timeout

        if self.store is None:
            yield
            return
        self.lock = FileLock(self.store.folder / f"model-{self.source.digest[: 2 * entries.MODEL_BYTES]}.lock")
        try:
            try:
                self.lock.acquire(timeout=0)
            except Timeout:
                self._say(missing, note=f"another process computes with {self.source.name}: waiting for it")
                self.lock.acquire(poll_interval=WAIT_S)
        except (OSError, NotImplementedError):
            log.debug("no lock in %s: two processes may compute the same", self.store.folder)
        try:
            yield
        finally:
            self.lock.release()

    def _compute(self, missing: Mapping[bytes, Sentence]) -> None:
        model = self.source.open()
        if self.layout is not None and self.layout != model.layout:
            log.warning("the vector cache knows %s with other layers: they are computed again", self.source.name)
        self.layout = model.layout
        if self.spill is not None:
            self.spill.layouts[self.source.digest] = model.layout
        record = {"name": self.source.name, "widths": list(model.layout.widths)}
        self._say(missing)
        keys, sentences = list(missing), list(missing.values())
        found, tokens = self.filled.asked - len(missing), sum(len(sentence) for sentence in sentences)
        pending: list[tuple[bytes, np.ndarray]] = []
        since = time.perf_counter()
        try:
            for positions, arrays in model.batches(sentences):
                for n, array in zip(positions, arrays, strict=True):
                    pending.append((keys[n], self._half(array, sentences[n])))
                    self.filled.computed += 1
                    self.filled.tokens_computed += len(array)
                waited = time.perf_counter() - since >= COMMIT_S
                if waited or sum(rows.nbytes for _, rows in pending) >= COMMIT_BYTES:
                    self._keep(record, pending)
                    pending, since = [], time.perf_counter()
                self.watch(Embedded(self.filled.asked, found, tokens, self.filled.tokens_computed))
        finally:  # whoever stops with Ctrl-C keeps what there is
            self._keep(record, pending)
        self.filled.model = dict(getattr(model, "counts", {}))

    def _keep(self, record: Mapping[str, object], rows: Sequence[tuple[bytes, np.ndarray]]) -> None:
        """Into the store, in one transaction, or else into the spill."""
        stored = self.store.add(self.source.digest, record, rows) if rows and self.store is not None else 0
        if stored < len(rows) and self.store is not None:
            self._refuse_or_warn(self.store.why)
            self.lock.release()  # no other process has anything to wait for
        for key, own in rows[stored:]:
            assert self.spill is not None  # without it, what is not stored was refused
            self.spill.add(key, own)
        self.filled.not_stored += len(rows) - stored

    def _half(self, rows: np.ndarray, sentence: Sentence) -> np.ndarray:
        assert self.layout is not None  # that of the model
        if rows.shape != (len(sentence), self.layout.total):
            raise ValueError(f"the model gave {rows.shape} for {len(sentence)} tokens")
        return entries.half(rows, self.source.name, sentence)

    def _say(self, missing: Mapping[bytes, Sentence], note: str = "") -> None:
        tokens = sum(len(sentence) for sentence in missing.values())
        self.watch(Embedded(self.filled.asked, self.filled.asked - len(missing), tokens, 0, note))


def wanted(digest: str, sentences: Sequence[Sentence]) -> tuple[list[bytes], dict[bytes, Any]]:
    """The key of each sentence, and the different ones that have tokens."""
    keys = [entries.sentence_key(digest, tokens) for tokens in sentences]
    return keys, {key: tokens for key, tokens in zip(keys, sentences, strict=True) if len(tokens)}
