"""The language models that the cache takes: one of words, and one of texts."""

from collections.abc import Iterator, Sequence

import numpy as np

from seedbed.embeddings.layers import Layout, Sentence
from seedbed.embeddings.transformers.model import Encoder, text_blocks
from seedbed.embeddings.transformers.network import all_layers, pooled
from seedbed.embeddings.transformers.pooling import TextPooling
from seedbed.embeddings.transformers.spans import WordSpans
from seedbed.errors import InputError

WORDS = ("first", "mean")
"""The vector of a word: of its first piece, or the mean of its pieces."""


BLOCK_TEXTS = 1024
"""Texts that are split into pieces at once."""


class WordVectors:
    """Implements ``LanguageModel``: all layers of every word; zeros for a word without a piece that is read."""

    def __init__(self, encoder: Encoder, word: str):
        self.encoder, self.word, self.counts = encoder, word, encoder.counts
        architecture = encoder.architecture
        self.layout = Layout((architecture.width,) * (architecture.layers + 1))
        self._run = encoder.program(all_layers(architecture))

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[np.ndarray]]]:
        """See ``LanguageModel``; the longest sentences come first."""
        for block in text_blocks(sentences):
            for done, rows in self._of_block([sentences[n] for n in block]):
                yield [block[n] for n in done], rows

    def carried(self, sentences: Sequence[Sentence]) -> Iterator[np.ndarray]:
        """Refuse: an encoder has no state."""
        raise InputError("embedding.state=carried: is of ELMo; an encoder reads each text by itself")

    def _of_block(self, sentences: Sequence[Sentence]) -> Iterator[tuple[list[int], list[np.ndarray]]]:
        tokenizer, reading = self.encoder.tokenizer, self.encoder.reading
        pieces = tokenizer.of_words(sentences)
        spans = [reading.spans(len(text.ids), tokenizer.special) for text in pieces]
        words = [WordSpans.of(text.words, of_text) for text, of_text in zip(pieces, spans, strict=True)]
        rows: dict[int, np.ndarray] = {}
        missing = [len(of_text) for of_text in spans]
        for batch in self.encoder.batches([text.ids for text in pieces], spans):
            layers = self._run(batch)
            done = []
            for (n, window), of_pieces in zip(batch.work, layers, strict=False):
                if n not in rows:
                    rows[n] = np.zeros((len(sentences[n]), self.layout.total), np.float32)
                numbers, first, end = words[n].inside(window, spans[n][window])
                if len(numbers):
                    rows[n][numbers] = self._vectors(of_pieces[len(tokenizer.before) :], first, end)
                missing[n] -= 1
                done += [n] * (not missing[n])
            yield done, [rows.pop(n) for n in done]

    def _vectors(self, of_pieces: np.ndarray, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the vectors of words from those of their pieces: ``first`` up to ``end``, in order."""
        if self.word == "first":
            return of_pieces[first]
        sums = np.add.reduceat(of_pieces[: end[-1]], first, axis=0)
        counts = (end - first).astype(np.float32)
        # Pieces of no word between two words would be added to the first of them: sum such a word by itself.
        for n in np.flatnonzero(end[:-1] != first[1:]):
            sums[n] = of_pieces[first[n] : end[n]].sum(axis=0)
        return sums / counts[:, None]


class TextVectors:
    """Implements ``LanguageModel`` for "sentences" of one token, a text: one row, its vector.

    The cache holds float16. So a row is the vector and what float16 leaves of it, ``[2 * width]``, see ``whole``.
    """

    def __init__(self, encoder: Encoder, pooling: TextPooling):
        self.encoder, self.pooling, self.counts = encoder, pooling, encoder.counts
        self.layout = Layout((encoder.architecture.width,) * 2)
        self._run = encoder.program(pooled(encoder.architecture, pooling.mode))

    @staticmethod
    def whole(rows: np.ndarray) -> np.ndarray:
        """Return float32 ``[..., width]`` of rows float16 ``[..., 2 * width]``."""
        vector, rest = np.split(rows.astype(np.float32), 2, axis=-1)
        return vector + rest

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[np.ndarray]]]:
        """See ``LanguageModel``; the longest texts come first."""
        texts = [self.pooling.text(sentence) for sentence in sentences]
        order = sorted(range(len(texts)), key=lambda n: (-len(texts[n]), n))
        for start in range(0, len(order), BLOCK_TEXTS):
            block = order[start : start + BLOCK_TEXTS]
            for done, vectors in self._of_block([texts[n] for n in block]):
                yield [block[n] for n in done], [_in_two(vector) for vector in vectors]

    def carried(self, sentences: Sequence[Sentence]) -> Iterator[np.ndarray]:
        """Refuse: an encoder has no state."""
        raise InputError("embedding.state=carried: is of ELMo; an encoder reads each text by itself")

    def _of_block(self, texts: Sequence[str]) -> Iterator[tuple[list[int], list[np.ndarray]]]:
        tokenizer, reading = self.encoder.tokenizer, self.encoder.reading
        before, after = len(tokenizer.before), len(tokenizer.after)
        pieces = tokenizer.of_texts(texts)
        spans = [reading.spans(len(text.ids), tokenizer.special) for text in pieces]
        words = [WordSpans.of(text.words, of_text) for text, of_text in zip(pieces, spans, strict=True)]
        parts: dict[int, dict[int, np.ndarray]] = {n: {} for n in range(len(texts))}
        for batch in self.encoder.batches([text.ids for text in pieces], spans):
            counted = np.zeros(batch.ids.shape, np.int32)
            for row, (n, window) in enumerate(batch.work):
                _, first, _ = words[n].inside(window, spans[n][window])
                counted[row, before + first] = 1
                counted[row, : before * (window == 0)] = 1
                if window == len(spans[n]) - 1:
                    counted[row, batch.lengths[row] - after : batch.lengths[row]] = 1
            done = []
            for (n, window), vector in zip(batch.work, self._run(batch, counted), strict=False):
                parts[n][window] = vector
                done += [n] * (len(parts[n]) == len(spans[n]))
            vectors = [[part for _, part in sorted(parts.pop(n).items())] for n in done]
            yield (
                done,
                [
                    self.pooling.joined(of_windows, before + spans[n][-1][1] + after)
                    for n, of_windows in zip(done, vectors, strict=True)
                ],
            )


def _in_two(vector: np.ndarray) -> np.ndarray:
    """Return a row ``[1, 2 * width]``: the vector in float16, and the rest, both as float32."""
    half = vector.astype(np.float16).astype(np.float32)
    return np.concatenate([half, vector - half])[None]
