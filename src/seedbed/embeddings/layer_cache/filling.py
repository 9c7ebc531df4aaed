"""Fill the cache: compute the vectors that are missing and store them in batches."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
NOT_CACHED = "vectors are not cached: they are kept in a temporary file while this runs"
COMMIT_S = 1.0
COMMIT_BYTES = 32 << 20
"""Seconds or bytes between transactions, as each waits for the disk."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A model: a digest of everything that determines its vectors, a display name, and a function that loads it."""

    digest: str
    name: str
    open: Callable[[], LanguageModel]


@dataclass
class FillStats:
    """Statistics of a fill: distinct ``sentences``, cached (``hits``) and computed; tokens; seconds.

    ``not_stored``: sentences that do not fit, ``damaged``: entries computed again, ``set_aside``: damaged
    stores. ``model``: counts of the model, if it was loaded.
    """

    sentences: int = 0
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
        """Counts to log where they are not zero; without the model's, which cover only this run."""
        return {
            "computed": self.computed, "not_stored": self.not_stored, "damaged": self.damaged,
            "stores_set_aside": self.set_aside,
        }  # fmt: skip


class CacheFill:
    """One fill: ``overflow`` takes rows that ``store`` (None: no cache) does not; if None, a full store is an error."""

    def __init__(self, source: Source, store: Store | None, overflow: OverflowFile | None, watch: Watch):
        self.source, self.store, self.overflow, self.watch = source, store, overflow, watch
        self.filled = FillStats()
        self.layout: Layout | None = None if overflow is None else overflow.layouts.get(source.digest)
        self.damaged: set[bytes] = set()

    def run(self, wanted: Mapping[bytes, Sentence]) -> FillStats:
        """Make sure that the store or the overflow file has the rows of every sentence. Raises InputError."""
        start_time = time.perf_counter()
        self.filled.sentences = len(wanted)
        self.filled.tokens = sum(len(tokens) for tokens in wanted.values())
        if self.store is not None:
            self.filled.set_aside, self.store.set_aside = self.store.set_aside, 0
        missing = self._missing(wanted)
        self._report(missing, note="" if self.store or not missing else NOT_CACHED)
        if missing:
            with self._model_lock(missing):
                missing = self._missing(wanted)
                if missing:
                    self._compute(missing)
        self.filled.hits = self.filled.sentences - self.filled.computed
        self.filled.damaged = len(self.damaged)
        self.filled.seconds = time.perf_counter() - start_time
        return self.filled

    def _missing(self, wanted: Mapping[bytes, Sentence]) -> dict[bytes, Sentence]:
        in_overflow = () if self.overflow is None else self.overflow
        wanted = {key: tokens for key, tokens in wanted.items() if key not in in_overflow}
        if self.store is None:
            return wanted
        try:
            record = self.store.record(self.source.digest)
            if record is None:
                return wanted
            self.layout = Layout(tuple(record["widths"]))
            lengths = {key: len(tokens) for key, tokens in wanted.items()}
            valid, damaged = self.store.look_up(lengths, self.layout.total)
        except DamagedError as error:
            self._replace_store(error)
            return wanted
        except UnavailableError as error:
            self._disable_store(f"cannot be read: {error}")
            return wanted
        self.damaged |= damaged
        return {key: tokens for key, tokens in wanted.items() if key not in valid}

    def _replace_store(self, error: DamagedError) -> None:
        """Set aside a store found damaged while reading, and open a new one."""
        try:
            assert self.store is not None  # it was read
            limit = self.store.environment.info()["map_size"]
            renew(self.store, str(error))
            self.store = open_store(limit)
            self.filled.set_aside, self.store.set_aside = self.filled.set_aside + self.store.set_aside, 0
        except UnavailableError as why:
            self._disable_store(f"cannot be used: {why}")
        self.layout = None

    def _disable_store(self, why: str) -> None:
        self._refuse_or_warn(why)
        self.store = None

    def _refuse_or_warn(self, why: str) -> None:
        """Warn that vectors are not cached; raise InputError if there is no overflow file."""
        assert self.store is not None  # its failure is reported
        if self.overflow is None:
            raise InputError(f"the vector cache {self.store.folder} {why}")
        warn_once(str(self.store.folder), why)

    @contextlib.contextmanager
    def _model_lock(self, missing: Mapping[bytes, Sentence]) -> Iterator[None]:
        """Lock the model, so that no process computes what another is about to store."""
        from filelock import FileLock, Timeout

        if self.store is None:
            yield
            return
        self.lock = FileLock(self.store.folder / f"model-{self.source.digest[: 2 * entries.MODEL_BYTES]}.lock")
        try:
            try:
                self.lock.acquire(timeout=0)
            except Timeout:
                self._report(missing, note=f"another process computes with {self.source.name}: waiting for it")
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
        if self.overflow is not None:
            self.overflow.layouts[self.source.digest] = model.layout
        record = {"name": self.source.name, "widths": list(model.layout.widths)}
        self._report(missing)
        keys, sentences = list(missing), list(missing.values())
        cached, tokens = self.filled.sentences - len(missing), sum(len(sentence) for sentence in sentences)
        pending: list[tuple[bytes, np.ndarray]] = []
        since = time.perf_counter()
        try:
            for positions, arrays in model.batches(sentences):
                for n, array in zip(positions, arrays, strict=True):
                    pending.append((keys[n], self._to_float16(array, sentences[n])))
                    self.filled.computed += 1
                    self.filled.tokens_computed += len(array)
                waited = time.perf_counter() - since >= COMMIT_S
                if waited or sum(rows.nbytes for _, rows in pending) >= COMMIT_BYTES:
                    self._store_rows(record, pending)
                    pending, since = [], time.perf_counter()
                self.watch(Embedded(self.filled.sentences, cached, tokens, self.filled.tokens_computed))
        finally:  # computed rows are stored after Ctrl-C too
            self._store_rows(record, pending)
        self.filled.model = dict(getattr(model, "counts", {}))

    def _store_rows(self, record: Mapping[str, object], rows: Sequence[tuple[bytes, np.ndarray]]) -> None:
        """Add rows to the store in one transaction, and the rest to the overflow file."""
        stored = self.store.add(self.source.digest, record, rows) if rows and self.store is not None else 0
        if stored < len(rows) and self.store is not None:
            self._refuse_or_warn(self.store.why)
            self.lock.release()  # other processes need not wait: nothing is stored any more
        for key, array in rows[stored:]:
            assert self.overflow is not None  # without it, a full store has raised
            self.overflow.add(key, array)
        self.filled.not_stored += len(rows) - stored

    def _to_float16(self, rows: np.ndarray, sentence: Sentence) -> np.ndarray:
        assert self.layout is not None  # that of the model
        if rows.shape != (len(sentence), self.layout.total):
            raise ValueError(f"the model gave {rows.shape} for {len(sentence)} tokens")
        return entries.to_float16(rows, self.source.name, sentence)

    def _report(self, missing: Mapping[bytes, Sentence], note: str = "") -> None:
        tokens = sum(len(sentence) for sentence in missing.values())
        self.watch(Embedded(self.filled.sentences, self.filled.sentences - len(missing), tokens, 0, note))


def keyed_sentences(digest: str, sentences: Sequence[Sentence]) -> tuple[list[bytes], dict[bytes, Sentence]]:
    """Return the key of each sentence, and the distinct sentences with tokens by key."""
    keys = [entries.sentence_key(digest, tokens) for tokens in sentences]
    return keys, {key: tokens for key, tokens in zip(keys, sentences, strict=True) if len(tokens)}
