"""Features from vectors of pieces: a row for each word, or a vector for each text."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from seedbed.data.corpus import Example
from seedbed.data.sources import Status
from seedbed.embeddings.coverage import draw_coverage
from seedbed.embeddings.features import Embedded, Positions, TokenIndex, quiet, token_index
from seedbed.embeddings.lookup import UNKNOWN, Lookup, shared_lookup, word_lookup
from seedbed.embeddings.pieces.vectors import Means, PieceVectors
from seedbed.embeddings.text_features import TextFeatures
from seedbed.stages import stage


class PieceEmbedding:
    """Base of settings whose vectors come from pieces: of tokens (``features``) and texts (``text_features``)."""

    trainable: bool

    def open(self) -> PieceVectors:
        """Return the tokenizer with its matrix; raises InputError."""
        raise NotImplementedError

    def content(self) -> Mapping[str, str]:
        """Return digests of what determines the vectors; raises InputError."""
        raise NotImplementedError

    def status(self) -> list[Status]:
        """Return where the files are, without fetching them."""
        raise NotImplementedError

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Lookup:  # fmt: skip
        """Return one frozen table for all replicates, or a trained table each.

        The vector of a word is the mean of its pieces; a word of only unknown pieces has the zero vector.
        """
        index = token_index(tuple(examples))
        matrix, shared = self._of_index(index, "words", lambda model: _word_table(model, index))
        reports = draw_coverage(index, shared.rows != UNKNOWN, draws)
        return word_lookup(shared, matrix, draws, self.trainable, reports)

    def text_features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> TextFeatures:  # fmt: skip
        """Return the mean of the pieces of each text, as its publisher computes it.

        Reports count the texts of a draw that are ``cut`` and those without a known piece.
        """
        index = token_index(tuple(examples))
        means, size = self._of_index(index, "texts", lambda model: _text_table(model, examples))
        return TextFeatures(means.vectors, list(_counted(means, draws)), size)

    def _of_index(self, index: TokenIndex, kind: str, make: Callable) -> tuple:
        """Return what ``make`` returns for the opened model, made once for all groups of a study."""

        def opened() -> tuple:
            with stage("read"):
                model = self.open()
            with stage("table"):
                return make(model)

        return index.derived((kind, self, tuple(self.content().items())), opened)


def _word_table(model: PieceVectors, index: TokenIndex) -> tuple[np.ndarray, Lookup]:
    means = model.words(index.words)
    words = [index.words[n] for n in np.flatnonzero(means.known)]
    matrix = means.vectors[means.known]
    return matrix, shared_lookup(index, words, matrix, ())


def _text_table(model: PieceVectors, examples: Sequence[Example]) -> tuple[Means, int]:
    return model.texts([" ".join(example.tokens) for example in examples]), model.matrix.vectors.size


def _counted(means: Means, draws: Sequence[Positions]) -> Iterator[dict[str, float]]:
    for draw in draws:
        positions = [position for split in draw.values() for position in split]
        counts = {"cut_texts": means.cut[positions].sum(), "unknown_texts": (~means.known[positions]).sum()}
        yield {f"embedding/{name}": int(count) for name, count in counts.items() if count}
