"""Silhouettes of senses, nearest contexts, and nearest words in a static table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.static import Static
from seedbed.embeddings.vector_table import Table

_BLOCK = 1 << 14
"""Rows of a table in one matrix product: bounds memory."""


def sense_silhouette(vectors: NDArray[np.floating], senses: Sequence[str]) -> float | None:
    """Return the mean silhouette (Rousseeuw 1987) of the senses, with cosine distance, from -1 to 1.

    Occurrences without a sense are left out; the only one of its sense counts as 0. None if undefined: fewer than two
    senses, or none with two occurrences.
    """
    from sklearn.metrics import silhouette_score

    labeled = [n for n, sense in enumerate(senses) if sense]
    labels = [senses[n] for n in labeled]
    if not 2 <= len(set(labels)) < len(labels):
        return None
    return float(silhouette_score(np.asarray(vectors, np.float64)[labeled], labels, metric="cosine"))


def nearest_contexts(vectors: NDArray[np.floating], count: int) -> list[list[tuple[int, float]]]:
    """Return the ``count`` nearest others of each of ``vectors [n, width]``: number and cosine, nearest first."""
    unit = _normalize(np.asarray(vectors, np.float64))
    neighbors = []
    for n, vector in enumerate(unit):
        cosines = unit @ vector
        cosines[n] = -np.inf
        # Equal contexts have cosines that differ by rounding: order them by number.
        order = np.argsort(-np.round(cosines, 9), kind="stable")[: min(count, len(unit) - 1)]
        neighbors.append([(int(other), float(cosines[other])) for other in order])
    return neighbors


def nearest_words(static: Static, words: Sequence[str], count: int) -> dict[str, list[tuple[str, float]]]:
    """Return the ``count`` nearest words, with cosines, of each word that the table of ``static`` has.

    Words that differ only in case are the same word. Raises InputError if the file cannot be read.
    """
    neighbors: dict[str, list[tuple[str, float]]] = static.use_table(
        lambda table: _nearest_words(table, words, static.rows(table, words)[0], count, static.limit)
    )
    return neighbors


def _nearest_words(
    table: Table, words: Sequence[str], rows: NDArray[np.integer], count: int, limit: int | None
) -> dict[str, list[tuple[str, float]]]:
    matrix = table.matrix[:limit]
    known = np.flatnonzero(rows >= 0).tolist()
    if not known:
        return {}
    queries = _normalize(table.take(rows[known]))
    cosines = np.concatenate(
        [_normalize(matrix[start : start + _BLOCK]) @ queries.T for start in range(0, len(matrix), _BLOCK)]
    )
    candidates = min(len(matrix), count + 8)  # the word itself is among them, in several cases
    neighbors = {}
    for column, n in enumerate(known):
        nearest = np.argpartition(-cosines[:, column], candidates - 1)[:candidates]
        nearest = nearest[np.lexsort((nearest, -cosines[nearest, column]))]
        table.take(nearest)  # raises if the rows are corrupt
        pairs = zip(table.words(nearest), cosines[nearest, column].tolist(), strict=True)
        others = [(word, cosine) for word, cosine in pairs if word.casefold() != words[n].casefold()]
        neighbors[words[n]] = others[:count]
    return neighbors


def _normalize(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the vectors scaled to length 1; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.floating] = vectors / np.where(lengths > 0, lengths, 1)
    return unit
