"""Coverage: types and tokens of a text, and how many of them have a vector."""

from collections.abc import Sequence

import numpy as np

from seedbed.embeddings.features import Positions, TokenIndex


def coverage_of(counts: np.ndarray, has_vector: np.ndarray) -> dict[str, float]:
    """Return the types and tokens, how many have vectors, and their shares (1 for an empty text).

    ``counts``: tokens of each type; ``has_vector``: bool, in the same order.
    """
    types, tokens = len(counts), int(counts.sum())
    types_found, tokens_found = int(has_vector.sum()), int(counts[has_vector].sum())
    return {
        "types": types,
        "types_found": types_found,
        "types_share": types_found / types if types else 1.0,
        "tokens": tokens,
        "tokens_found": tokens_found,
        "tokens_share": tokens_found / tokens if tokens else 1.0,
    }


def draw_coverage(index: TokenIndex, has_vector: np.ndarray, draws: Sequence[Positions]) -> list[dict[str, float]]:
    """Return the metrics ``embedding/...`` of each replicate: the coverage of its draw."""
    reports = []
    for draw in draws:
        counts = index.counts_in(draw)
        occurs = counts > 0
        coverage = coverage_of(counts[occurs], has_vector[occurs])
        reports.append({f"embedding/{key}": value for key, value in coverage.items()})
    return reports
