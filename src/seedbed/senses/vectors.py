"""The vectors of each occurrence, layer by layer, from any model of contextual vectors."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from seedbed.embeddings.features import Embedded, quiet
from seedbed.embeddings.layers import LanguageModel, Layout, Sentence
from seedbed.errors import InputError
from seedbed.senses.occurrences import Occurrence


class CachedModel:
    """A model of contextual vectors behind the cache: what is held is not computed, nor the model built for it.

    ``settings``: an ``Elmo`` or the like; ``watch`` hears how far it is. ``layout`` is known once sentences were read.
    """

    layout: Layout

    def __init__(self, settings: Any, watch: Callable[[Embedded], None] = quiet):
        self.settings, self.watch = settings, watch

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[np.ndarray]]]:
        """Sentence by sentence, in order."""
        from seedbed.embeddings.layer_cache.cached_layers import cached_layers

        layers = cached_layers(sentences, self.settings, self.watch)
        try:
            self.layout = layers.layout
            for n in range(len(sentences)):
                yield [n], [layers.rows(n).astype(np.float32)]
        finally:
            layers.close()


def occurrence_vectors(model: LanguageModel | CachedModel, occurrences: Sequence[Occurrence]) -> list[np.ndarray]:
    """For each layer of the model float32 ``[len(occurrences), width]``; a sentence is read once. Raises InputError."""
    sentences: dict[tuple[str, ...], list[int]] = {}
    for n, occurrence in enumerate(occurrences):
        sentences.setdefault(occurrence.passage.tokens, []).append(n)
    asked = list(sentences)
    found: dict[int, np.ndarray] = {}
    for positions, batch in model.batches(asked):
        for position, rows in zip(positions, batch, strict=True):
            for n in sentences[asked[position]]:
                found[n] = rows[occurrences[n].position].copy()
                if not np.isfinite(found[n]).all():
                    raise InputError(f"{occurrences[n].passage.place}: the model gave no finite vector")
    return model.layout.split(np.stack([found[n] for n in range(len(occurrences))]))
