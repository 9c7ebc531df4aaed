"""Predictions of texts, from the probabilities of the replicates of a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.data.tags import Span, spans
from seedbed.errors import InputError
from seedbed.model.tag_schemes import Allowed, best_sequence

MEAN, VOTE = "mean", "vote"

EMPTY, UNKNOWN_WORDS = "empty", "unknown words"
"""Flags of a text without tokens, which has no prediction, and of one without a word that the model knows."""

Probabilities = Mapping[str, float]
"""By label."""

_TIE = 1e-6
"""What a probability counts beside a vote."""


@dataclass(frozen=True)
class Predicted:
    """The prediction for a text.

    ``label`` with its ``probabilities``, None for an empty text; for tagging instead ``tags``, one for each of the
    ``tokens``, and the probabilities of each token. ``flag``: `EMPTY`, `UNKNOWN_WORDS` or empty.
    """

    text: str
    label: str | None = None
    probabilities: Probabilities | tuple[Probabilities, ...] | None = None
    tokens: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    flag: str = ""

    @property
    def entities(self) -> list[Span]:
        """The entities of the tags: type, first token and end (exclusive); an I without a B begins one."""
        return spans(self.tags or ())


def combined(
    rows: NDArray[np.float32], by: str, numbers: tuple[int, ...], classes: NDArray[np.integer] | None = None
) -> NDArray[np.float32]:
    """Return ``[rows, classes]`` from those of each replicate ``[R, rows, classes]``.

    ``by``: `MEAN` of the probabilities; `VOTE`, the share of the replicates that choose a class; or the number of one
    replicate, of ``numbers``. ``classes``: what each replicate chooses, ``[R, rows]``; None: the most probable. Raises
    InputError for another.
    """
    if by == MEAN:
        mean: NDArray[np.float32] = rows.mean(axis=0)
        return mean
    if by == VOTE:
        choices = rows.argmax(axis=-1) if classes is None else classes
        votes = (choices[..., None] == np.arange(rows.shape[-1])).mean(axis=0)
        return votes.astype(np.float32)
    return rows[place_of(by, numbers)]


def require_finite(
    rows: NDArray[np.float32], replicates: Sequence[int], sizes: Sequence[int], texts: Sequence[int]
) -> None:
    """Raise InputError that names a text with a probability that is no number, of ``rows [R, rows, classes]``.

    ``replicates``: their numbers; ``sizes``: the rows of each text; ``texts``: their numbers.
    """
    wrong = ~np.asarray(np.logical_and.reduce(np.isfinite(rows), axis=-1))
    if not wrong.any():
        return
    row = int(np.any(wrong, axis=0).argmax())
    text = texts[int(np.searchsorted(np.cumsum(sizes), row, side="right"))]
    named = ", ".join(str(replicates[n]) for n in np.flatnonzero(wrong[:, row]).tolist())
    raise InputError(
        f"text {text}: replicate {named} has no probabilities for it, but NaN: the vector of a word is too large for "
        "its weights; leave the text out" + ("" if wrong[:, row].all() else ", or predict with another replicate, by=N")
    )


def place_of(by: str, numbers: tuple[int, ...]) -> int:
    """Return the place of a replicate by its number as text; raises InputError."""
    if by.isdecimal() and int(by) in numbers:
        return numbers.index(int(by))
    listed = ", ".join(map(str, numbers))
    raise InputError(f"by={by}: choose {MEAN}, {VOTE}, or a replicate of the model: {listed}")


def chosen(rows: NDArray[np.float32], values: NDArray[np.float32], by: str) -> NDArray[np.int64]:
    """Return the class of each row; of classes with equally many votes the one that is more probable on average.

    ``values``: what `combined` returned.
    """
    if by != VOTE:
        classes: NDArray[np.int64] = values.argmax(axis=-1)
        return classes
    most = values == values.max(axis=-1, keepdims=True)
    ties: NDArray[np.int64] = np.where(most, rows.mean(axis=0), -1.0).argmax(axis=-1)
    return ties


def best_tags(
    rows: NDArray[np.float32], values: NDArray[np.float32], by: str, lengths: Sequence[int], allowed: Allowed
) -> NDArray[np.int64]:
    """Return the tags of several replicates that are allowed together, for sentences one after the other.

    By `MEAN` the sequence with the highest product of mean probabilities, by `VOTE` that with the most votes (of equals
    the more probable one). ``values``: what `combined` returned.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    scores = values + _TIE * mean if by == VOTE else np.log(np.maximum(mean, np.finfo(np.float32).tiny))
    sentences = np.split(scores, np.cumsum(lengths)[:-1])
    return np.concatenate([best_sequence(sentence, allowed) for sentence in sentences])
