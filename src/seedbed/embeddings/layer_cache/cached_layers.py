"""The vectors of a list of sentences, read one sentence at a time from the cache."""

import contextlib
import logging
import math
import mmap
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from seedbed.embeddings.features import Embedded, quiet
from seedbed.embeddings.layer_cache.entries import to_float16
from seedbed.embeddings.layer_cache.environment import DamagedError, UnavailableError, home
from seedbed.embeddings.layer_cache.filling import CacheFill, FillStats, Source, keyed_sentences
from seedbed.embeddings.layer_cache.overflow import process_overflow
from seedbed.embeddings.layer_cache.store import Store, open_store, warn_once
from seedbed.embeddings.layers import LanguageModel, Layout, Sentence
from seedbed.errors import InputError

log = logging.getLogger(__name__)


class ModelSettings(Protocol):
    """Settings of a model whose vectors are cached, such as ``Elmo``."""

    @property
    def cache(self) -> bool:
        """Whether vectors go to the user's cache."""

    @property
    def cache_gb(self) -> float:
        """Limit of the cache in gigabytes."""

    def digest(self) -> str:
        """Return a digest of everything that determines the vectors."""

    def name_of_model(self) -> str:
        """Return a display name."""

    def open(self) -> LanguageModel:
        """Load the model."""


def cached_layers(
    sentences: Sequence[Sentence], settings: ModelSettings, watch: Callable[[Embedded], None] = quiet
) -> "CachedLayers":
    """Return the layers of these sentences; those missing from the cache are computed first.

    With ``cache=false``, and where the cache cannot be used (one warning), vectors go to a temporary file. Raises
    InputError.
    """
    store = None
    if settings.cache:
        try:
            store = open_store(_limit(settings))
        except UnavailableError as error:
            warn_once(str(home()), f"cannot be used: {error}")
    return CachedLayers(sentences, _source(settings), store, watch)


def fill_ahead(
    sentences: Sequence[Sentence], settings: ModelSettings, watch: Callable[[Embedded], None] = quiet
) -> FillStats:
    """Fill the cache with the layers of these sentences; raises InputError where not all of them fit."""
    try:
        store = open_store(_limit(settings))
    except UnavailableError as error:
        raise InputError(f"{home()}: the vector cache cannot be used: {error}") from error
    source = _source(settings)
    return CacheFill(source, store, None, watch).run(keyed_sentences(source.digest, sentences)[1])


def _limit(settings: ModelSettings) -> int:
    """Return the limit of the cache in bytes, rounded up to pages."""
    return math.ceil(settings.cache_gb * 1e9 / mmap.PAGESIZE) * mmap.PAGESIZE


def _source(settings: ModelSettings) -> Source:
    return Source(settings.digest(), settings.name_of_model(), settings.open)


class CachedLayers:
    """Layers of sentences by number, for one thread; ``filled``: statistics; ``layout``: the layers of a row."""

    layout: Layout
    filled: FillStats

    def __init__(
        self, sentences: Sequence[Sentence], source: Source, store: Store | None, watch: Callable[[Embedded], None]
    ):
        self.sentences, self.source, self.overflow = sentences, source, process_overflow()
        self.model: LanguageModel | None = None
        self.keys, self.needed = keyed_sentences(source.digest, sentences)
        filling = CacheFill(source, store, self.overflow, watch)
        try:
            self.filled = filling.run(self.needed)
        except BaseException:
            self.close()
            raise
        # The fill may have stopped using the store; its rows are then in the overflow file.
        self.store = filling.store
        self.layout = filling.layout or self._opened().layout

    def rows(self, n: int) -> np.ndarray:
        """Return the rows of sentence ``n``, float16 ``[tokens, layout.total]``."""
        key, tokens = self.keys[n], len(self.sentences[n])
        if not tokens:
            return np.zeros((0, self.layout.total), np.float16)
        if key in self.overflow:
            return self.overflow.rows(key)
        rows = None
        if self.store is not None:
            try:
                rows = self.store.rows(key, tokens, self.layout.total)
            except (DamagedError, UnavailableError) as error:
                log.debug("an entry of the vector cache cannot be read: %s", error)
        if rows is None:
            self._compute_again(n)
            rows = self.overflow.rows(key)
        return rows

    def close(self) -> None:
        """Release the model."""
        self.model = None

    def _opened(self) -> LanguageModel:
        if self.model is None:
            self.model = self.source.open()
        return self.model

    def _compute_again(self, n: int) -> None:
        """Compute all entries that have been cleared since, or cannot be read."""
        missing = {self.keys[n]: self.sentences[n]}
        if self.store is not None:
            needed = {key: tokens for key, tokens in self.needed.items() if key not in self.overflow}
            with contextlib.suppress(DamagedError, UnavailableError):
                lengths = {key: len(tokens) for key, tokens in needed.items()}
                cached, _ = self.store.look_up(lengths, self.layout.total)
                missing |= {key: tokens for key, tokens in needed.items() if key not in cached}
        log.warning("%d sentences have gone from the vector cache, and are computed again", len(missing))
        keys, sentences = list(missing), list(missing.values())
        for positions, arrays in self._opened().batches(sentences):
            for position, array in zip(positions, arrays, strict=True):
                self.overflow.add(keys[position], to_float16(array, self.source.name, sentences[position]))
