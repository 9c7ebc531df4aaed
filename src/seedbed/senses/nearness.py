"""What lies near what: how well senses separate, the nearest contexts, and the nearest words of a static table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seedbed.embeddings.vector_table import Table

_ROWS = 1 << 14
"""Rows of a table compared at once: a bound on memory."""


def separation(vectors: np.ndarray, senses: Sequence[str]) -> float | None:
    """The mean silhouette (Rousseeuw 1987) of the senses, with cosine distance, from -1 to 1.

    An occurrence without a sense is left out; one that is alone in its sense counts as 0. None where it is not
    defined: fewer than two senses, or none with two occurrences.
    """
    from sklearn.metrics import silhouette_score

    given = [n for n, sense in enumerate(senses) if sense]
    labels = [senses[n] for n in given]
    if not 2 <= len(set(labels)) < len(labels):
        return None
    return float(silhouette_score(np.asarray(vectors, np.float64)[given], labels, metric="cosine"))


def nearest_contexts(vectors: np.ndarray, count: int) -> list[list[tuple[int, float]]]:
    """For each of ``vectors [n, width]`` the ``count`` nearest others: number and cosine, the nearest first."""
    unit = _unit(np.asarray(vectors, np.float64))
    found = []
    for n, own in enumerate(unit):
        cosines = unit @ own
        cosines[n] = -np.inf
        # Equal contexts have equal cosines but for rounding: then the first comes first.
        order = np.argsort(-np.round(cosines, 9), kind="stable")[: min(count, len(unit) - 1)]
        found.append([(int(other), float(cosines[other])) for other in order])
    return found


def nearest_words(static: Any, words: Sequence[str], count: int) -> dict[str, list[tuple[str, float]]]:
    """For each word that the table of a ``Static`` has, its ``count`` nearest other words with their cosines.

    Words that differ in case alone are not other words. Raises InputError where the file cannot be read.
    """
    return static.use_table(
        lambda table: _nearest_words(table, words, static.rows(table, words)[0], count, static.limit)
    )


def _nearest_words(
    table: Table, words: Sequence[str], rows: np.ndarray, count: int, limit: int | None
) -> dict[str, list[tuple[str, float]]]:
    matrix = table.matrix[:limit]
    there = np.flatnonzero(rows >= 0).tolist()
    if not there:
        return {}
    wanted = _unit(table.take(rows[there]))
    cosines = np.concatenate(
        [_unit(matrix[start : start + _ROWS]) @ wanted.T for start in range(0, len(matrix), _ROWS)]
    )
    more = min(len(matrix), count + 8)  # the word itself, in its cases, is among them
    found = {}
    for at, n in enumerate(there):
        near = np.argpartition(-cosines[:, at], more - 1)[:more]
        near = near[np.lexsort((near, -cosines[near, at]))]
        table.take(near)  # refuses rows that are not what was written
        named = zip(table.words(near), cosines[near, at].tolist(), strict=True)
        others = [(word, cosine) for word, cosine in named if word.casefold() != words[n].casefold()]
        found[words[n]] = others[:count]
    return found


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Each vector at length 1; a zero vector stays, and is like nothing."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)
