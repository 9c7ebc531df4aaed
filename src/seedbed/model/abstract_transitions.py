"""Transitions between the types of neighboring tokens as StructShot has them, and decoding with them.

After Yang and Katiyar (EMNLP 2020), section 3.2: transitions are counted between abstract tags, which are outside (O),
inside (I), and inside another type, so that they hold for types of which there are few examples.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

SMALLEST = 1e-6
"""The probability of a transition that does not occur, as in the code of StructShot."""

START_O, START_I, O_O, O_I, I_O, I_SAME, I_OTHER = range(7)
"""The abstract transitions, in the order of `abstract_transitions`."""


def abstract_transitions(sentences: Sequence[Whole]) -> Floats:
    """Return the probabilities of start to O, start to I, O to O, O to I, I to O, I to the same and to another type.

    ``sentences``: the types of their tokens, 0 outside entities. Each of the three groups sums to 1; where nothing was
    counted, its parts are equal.
    """
    counts = np.zeros(7)
    for types in sentences:
        if not len(types):
            continue
        counts[START_I if types[0] else START_O] += 1
        before, after = types[:-1], types[1:]
        outside = before == 0
        counts[O_O] += (outside & (after == 0)).sum()
        counts[O_I] += (outside & (after > 0)).sum()
        counts[I_O] += (~outside & (after == 0)).sum()
        counts[I_SAME] += (~outside & (after == before)).sum()
        counts[I_OTHER] += (~outside & (after > 0) & (after != before)).sum()
    for group in (slice(START_O, O_O), slice(O_O, I_O), slice(I_O, 7)):
        total = counts[group].sum()
        counts[group] = counts[group] / total if total else 1 / len(counts[group])
    return counts


def log_transitions(moves: Floats, types: int, temperature: float) -> tuple[Floats, Floats]:
    """Return the log probabilities of the first type ``[types]``, and of a type after another ``[types, types]``.

    An abstract transition to a type is shared evenly by the types it stands for, raised to the power of ``temperature``
    and normalized over all types; one that does not occur gets `SMALLEST`.
    """
    others = types - 1
    step = np.full((types, types), moves[I_OTHER] / max(others - 1, 1))
    np.fill_diagonal(step, moves[I_SAME])
    step[1:, 0] = moves[I_O]
    step[0] = moves[O_I] / max(others, 1)
    step[0, 0] = moves[O_O]
    start = np.full(types, moves[START_I] / max(others, 1))
    start[0] = moves[START_O]
    rows = np.concatenate([start[None], step])
    powered = np.where(rows > 0, rows**temperature, 0.0)
    total = powered.sum(axis=1, keepdims=True)
    normalized = powered / np.where(total > 0, total, 1.0)
    logs = np.log(np.where(normalized > 0, normalized, SMALLEST))
    return logs[0], logs[1:]


def max_marginals(emissions: Floats, lengths: Whole, start: Floats, step: Floats) -> tuple[Floats, Whole]:
    """Return for each token and type the log score of the best path through it, and the types of the best path.

    ``emissions``: ``[B, T, types]``, read up to the length of each sentence; scores and types behind it have no
    meaning. Of paths with the same score the one with the smaller last type is taken, then the one before it.
    """
    sentences, tokens, types = emissions.shape
    forward = np.empty_like(emissions)
    pointers = np.zeros(emissions.shape, np.int64)
    forward[:, 0] = start + emissions[:, 0]
    for t in range(1, tokens):
        paths = forward[:, t - 1, :, None] + step
        pointers[:, t] = paths.argmax(axis=1)
        forward[:, t] = paths.max(axis=1) + emissions[:, t]
    decoded = np.zeros((sentences, tokens), np.int64)
    backward = np.zeros((sentences, types))
    best = forward.copy()
    rows = np.arange(sentences)
    for t in range(tokens - 1, -1, -1):
        is_last = t >= lengths - 1
        if t < tokens - 1:
            after = (step + (emissions[:, t + 1] + backward)[:, None, :]).max(axis=2)
            backward = np.where(is_last[:, None], 0.0, after)
            decoded[:, t] = pointers[rows, t + 1, decoded[:, t + 1]]
        decoded[is_last, t] = forward[is_last, t].argmax(axis=1)
        best[:, t] += backward
    return best, decoded
