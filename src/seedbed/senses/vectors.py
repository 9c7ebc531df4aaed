"""Contextual vectors of occurrences, layer by layer."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.features import Embedded, quiet
from seedbed.embeddings.layers import LanguageModel, Layout, Sentence
from seedbed.errors import InputError
from seedbed.senses.occurrences import Occurrence

if TYPE_CHECKING:
    from seedbed.embeddings.contextual import ContextualSettings


class CachedModel:
    """A contextual model with the cache: cached vectors are not computed, and the model is loaded only if needed.

    ``settings``: such as an ``Elmo``; ``on_progress`` is called as vectors are computed. ``layout`` is set by
    ``batches``.
    """

    layout: Layout

    def __init__(self, settings: "ContextualSettings", on_progress: Callable[[Embedded], None] = quiet):
        self.settings, self.on_progress = settings, on_progress

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[NDArray[np.float32]]]]:
        """Yield the vectors of each sentence, in order."""
        from seedbed.embeddings.layer_cache.cached_layers import cached_layers

        layers = cached_layers(sentences, self.settings, self.on_progress)
        try:
            self.layout = layers.layout
            for n in range(len(sentences)):
                yield [n], [layers.rows(n).astype(np.float32)]
        finally:
            layers.close()


def occurrence_vectors(
    model: LanguageModel | CachedModel, occurrences: Sequence[Occurrence]
) -> list[NDArray[np.float32]]:
    """Return float32 ``[len(occurrences), width]`` for each layer; equal sentences are read once. Raises InputError."""
    sentences: dict[tuple[str, ...], list[int]] = {}
    for n, occurrence in enumerate(occurrences):
        sentences.setdefault(occurrence.passage.tokens, []).append(n)
    distinct = list(sentences)
    vectors: dict[int, NDArray[np.float32]] = {}
    for positions, batch in model.batches(distinct):
        for position, rows in zip(positions, batch, strict=True):
            for n in sentences[distinct[position]]:
                vectors[n] = rows[occurrences[n].position].copy()
                if not np.isfinite(vectors[n]).all():
                    raise InputError(f"{occurrences[n].passage.location}: the model gave no finite vector")
    return model.layout.split(np.stack([vectors[n] for n in range(len(occurrences))]))
