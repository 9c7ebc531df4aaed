"""The vectors of a list of sentences, read one sentence at a time from the cache."""

import contextlib
import logging
import math
import mmap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from seedbed.embeddings.features import Embedded, quiet
from seedbed.embeddings.layer_cache.entries import half
from seedbed.embeddings.layer_cache.environment import DamagedError, UnavailableError, home
from seedbed.embeddings.layer_cache.filling import CacheFill, FillStats, Source, wanted
from seedbed.embeddings.layer_cache.overflow import process_overflow
from seedbed.embeddings.layer_cache.store import Store, open_store, warn_once
from seedbed.embeddings.layers import LanguageModel, Layout, Sentence
from seedbed.errors import InputError

log = logging.getLogger(__name__)


def cached_layers(
    sentences: Sequence[Sentence], settings: Any, watch: Callable[[Embedded], None] = quiet
) -> "CachedLayers":
    """The layers of these sentences; what the cache lacks is computed first.

    ``settings``: an ``Elmo`` or the like, with ``digest()``, ``name_of_model()``, ``open()``, ``cache``, ``cache_gb``.
    With ``cache=false``, and where no cache can be had (said once), vectors are kept in a temporary file. Raises
    InputError.
    """
    store = None
    if settings.cache:
        try:
            store = open_store(_limit(settings))
        except UnavailableError as error:
            warn_once(str(home()), f"cannot be used: {error}")
    return CachedLayers(sentences, _source(settings), store, watch)


def fill_ahead(sentences: Sequence[Sentence], settings: Any, watch: Callable[[Embedded], None] = quiet) -> FillStats:
    """Fill the cache with the layers of these sentences; raises InputError where not all of them fit."""
    try:
        store = open_store(_limit(settings))
    except UnavailableError as error:
        raise InputError(f"{home()}: the vector cache cannot be used: {error}") from error
    source = _source(settings)
    return CacheFill(source, store, None, watch).run(wanted(source.digest, sentences)[1])


def _limit(settings: Any) -> int:
    """In bytes, and whole pages."""
    return math.ceil(settings.cache_gb * 1e9 / mmap.PAGESIZE) * mmap.PAGESIZE


def _source(settings: Any) -> Source:
    return Source(settings.digest(), settings.name_of_model(), settings.open)


class CachedLayers:
    """``rows(n)``: of sentence n, for one thread; ``filled``: what it took; ``layout``: the layers of a row."""

    layout: Layout
    filled: FillStats

    def __init__(
        self, sentences: Sequence[Sentence], source: Source, store: Store | None, watch: Callable[[Embedded], None]
    ):
        self.sentences, self.source, self.spill = sentences, source, process_overflow()
        self.model: LanguageModel | None = None
        self.keys, self.needed = wanted(source.digest, sentences)
        filling = CacheFill(source, store, self.spill, watch)
        try:
            self.filled = filling.run(self.needed)
        except BaseException:
            self.close()
            raise
        # The store may have been given up, and what was in it is then in the spill.
        self.store = filling.store
        self.layout = filling.layout or self._opened().layout

    def rows(self, n: int) -> np.ndarray:
        """float16 ``[tokens, layout.total]`` of sentence ``n``."""
        key, tokens = self.keys[n], len(self.sentences[n])
        if not tokens:
            return np.zeros((0, self.layout.total), np.float16)
        if key in self.spill:
            return self.spill.rows(key)
        rows = None
        if self.store is not None:
            try:
                rows = self.store.rows(key, tokens, self.layout.total)
            except (DamagedError, UnavailableError) as error:
                log.debug("an entry of the vector cache cannot be read: %s", error)
        if rows is None:
            self._compute_again(n)
            rows = self.spill.rows(key)
        return rows

    def close(self) -> None:
        """Release the model."""
        self.model = None

    def _opened(self) -> LanguageModel:
        if self.model is None:
            self.model = self.source.open()
        return self.model

    def _compute_again(self, n: int) -> None:
        """An entry that was there has been cleared since, or cannot be read: compute all that are gone."""
        gone = {self.keys[n]: self.sentences[n]}
        if self.store is not None:
            own = {key: tokens for key, tokens in self.needed.items() if key not in self.spill}
            with contextlib.suppress(DamagedError, UnavailableError):
                lengths = {key: len(tokens) for key, tokens in own.items()}
                there, _ = self.store.look_up(lengths, self.layout.total)
                gone |= {key: tokens for key, tokens in own.items() if key not in there}
        log.warning("%d sentences have gone from the vector cache, and are computed again", len(gone))
        keys, sentences = list(gone), list(gone.values())
        for positions, arrays in self._opened().batches(sentences):
            for position, array in zip(positions, arrays, strict=True):
                self.spill.add(keys[position], half(array, self.source.name, sentences[position]))
