"""Predictions of texts, from the probabilities of the replicates of a model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.data.tags import Span, spans
from seedbed.errors import InputError
from seedbed.metrics import THRESHOLD
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

    ``label`` with its ``probabilities``, None for an empty text; of sets of labels instead ``labels``, sorted; for
    tagging instead ``tags``, one for each of the ``tokens``, and the probabilities of each token. ``flag``: `EMPTY`,
    `UNKNOWN_WORDS` or empty.
    """

    text: str
    label: str | None = None
    probabilities: Probabilities | tuple[Probabilities, ...] | None = None
    tokens: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    flag: str = ""
    labels: tuple[str, ...] | None = None

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
    wrong = np.asarray(~np.isfinite(rows).all(axis=-1))
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong.any(axis=0))[0])
    text = texts[int(np.searchsorted(np.cumsum(sizes), row, side="right"))]
    named = ", ".join(str(replicates[n]) for n in np.flatnonzero(wrong[:, row]).tolist())
    raise InputError(
        f"text {text}: replicate {named} has no probabilities for it, but NaN: the vector of a word is too large for "
        "its weights; leave the text out" + ("" if wrong[:, row].all() else ", or predict with another replicate, by=N")
    )


def combined_labels(rows: NDArray[np.float32], by: str, numbers: tuple[int, ...]) -> NDArray[np.float32]:
    """Return ``[rows, labels]`` from the probabilities of each replicate ``[R, rows, labels]``, as `combined`.

    By `VOTE` the share of the replicates that predict a label.
    """
    if by == VOTE:
        shares: NDArray[np.float32] = (rows > THRESHOLD).mean(axis=0, dtype=np.float32)
        return shares
    return combined(rows, by, numbers)


def chosen_labels(rows: NDArray[np.float32], values: NDArray[np.float32], by: str) -> NDArray[np.bool_]:
    """Return the labels of each row, ``[rows, labels]``: those above 0.5; of half the votes, where the mean is.

    ``values``: what `combined_labels` returned.
    """
    has: NDArray[np.bool_] = values > THRESHOLD
    return has | ((values == THRESHOLD) & (rows.mean(axis=0) > THRESHOLD)) if by == VOTE else has


def label_sets(
    texts: Iterable[tuple[str | Sequence[str], tuple[str, ...]]],
    rows: NDArray[np.float32],
    known: NDArray[np.bool_],
    labels: Sequence[str],
    by: str,
    numbers: tuple[int, ...],
) -> Iterator[Predicted]:
    """Yield the labels of each text with its tokens; ``rows`` and ``known`` are of those that have tokens."""
    values = combined_labels(rows, by, numbers)
    has = iter(zip(values.astype(float).round(6).tolist(), chosen_labels(rows, values, by), known, strict=True))
    for text, tokens in texts:
        written = text if isinstance(text, str) else " ".join(text)
        if not tokens:
            yield Predicted(written, labels=(), flag=EMPTY)
            continue
        probabilities, own, is_known = next(has)
        found = tuple(label for label, chosen in zip(labels, own, strict=True) if chosen)
        of_label = dict(zip(labels, probabilities, strict=True))
        yield Predicted(written, None, of_label, flag="" if is_known else UNKNOWN_WORDS, labels=found)


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
