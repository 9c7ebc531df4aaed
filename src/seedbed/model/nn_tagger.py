"""Nearest-neighbor tagging on frozen vectors: NNShot, and StructShot with transitions.

After Yang and Katiyar, "Simple and effective few-shot named entity recognition with structured nearest neighbor
learning" (EMNLP 2020). Types are tagged without B and I, as in their experiments: neighboring tokens of one type are
one entity. They estimate the abstract transitions on a source domain; here there is none, and they are those of the
training examples of the draw.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError
from seedbed.model.abstract_transitions import abstract_transitions, log_transitions, max_marginals
from seedbed.model.fitted import SELECT, Sample, Scaler, Watch, check_choice
from seedbed.model.neighbors import BLOCK, METRICS, as_double, prepared, squared_distances

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

DECODED = 1e-6
"""Added to the probability of a decoded tag, so that it is the largest also where two paths are equally probable."""
STEP_TOKENS = 50_000
"""Most tokens that are decoded at once, padding included: bounds memory."""


@dataclass(frozen=True)
class NNTagger:
    """The type of the nearest training token, with ``transitions`` decoded over the sentence.

    The probability of a type is the softmax of minus the squared distance to its nearest training token, so the most
    probable one is that of the nearest token; of equally near types the first, ``O`` before the others.
    ``transitions``: the most probable path with these emissions and the transitions of the training examples, raised to
    the power of ``temperature`` and normalized. Of several temperatures the one with the best score on validation is
    taken, then the least loss (``select: loss``: the least log loss). ``metric: cosine`` scales vectors to length 1.
    """

    transitions: bool = True
    temperature: list[float] = field(default_factory=lambda: [0.1, 0.3, 1.0, 3.0])
    metric: str = "euclidean"
    standardize: bool = False
    select: str = "score"

    tags: ClassVar[bool] = True
    tags_only: ClassVar[bool] = True
    pooling: ClassVar[str] = ""
    parameter: ClassVar[str] = "nn_tagger/temperature"
    training_fields: ClassVar[tuple[str, ...]] = ("score_at_end",)
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("temperature",)

    def __post_init__(self) -> None:
        check_choice("metric", self.metric, METRICS)
        check_choice("select", self.select, SELECT)
        values = list(self.temperature)
        if not values or min(values) < 0 or len(set(values)) < len(values):
            raise InputError(
                f"encoder.temperature={values}: give different numbers of at least 0, such as [0.1, 1, 10]"
            )

    def candidates(self) -> Sequence[float]:
        """Return the temperatures, smallest first; without ``transitions`` one value without meaning."""
        return sorted(self.temperature) if self.transitions else [0.0]

    def fit(self, samples: Sequence[Sample], classes: int, watch: Watch) -> list["NearestTokens"]:
        """Return the training tokens of each replicate. Raises ValueError for samples without sentences."""
        return [self._nearest(sample) for sample in samples]

    def restored(self, arrays: Mapping[str, NDArray[np.generic]], classes: int) -> "NearestTokens":
        """Return the tokens that have returned these arrays."""
        scaled = "nn_tagger/scale" in arrays
        scaler = Scaler(as_double(arrays["nn_tagger/mean"]), as_double(arrays["nn_tagger/scale"])) if scaled else None
        token_types = TokenTypes(arrays["nn_tagger/types"].astype(np.int64), arrays["nn_tagger/begins"].astype(bool))
        if len(token_types.types) != classes:
            raise ValueError(f"{len(token_types.types)} tags for {classes} labels")
        return NearestTokens(
            [float(value) for value in arrays["nn_tagger/temperature"].tolist()],
            as_double(arrays["nn_tagger/vectors"]),
            arrays["nn_tagger/tokens"].astype(np.int64),
            as_double(arrays["nn_tagger/transitions"]),
            token_types, self.metric, scaler, self.transitions,
        )  # fmt: skip

    def _nearest(self, sample: Sample) -> "NearestTokens":
        if sample.lengths is None:
            raise ValueError("a sample of nn_tagger needs the lengths and labels of its sentences")
        token_types = TokenTypes.of(sample.labels)
        types = token_types.types[sample.y]
        scaler = Scaler.of(sample.x) if self.standardize else None
        order = np.argsort(types, kind="stable")
        ends = np.cumsum(sample.lengths)[:-1]
        return NearestTokens(
            sample.values or self.candidates(),
            prepared(sample.x[order], scaler, self.metric),
            types[order],
            abstract_transitions(np.split(types, ends)),
            token_types, self.metric, scaler, self.transitions,
        )  # fmt: skip


@dataclass(frozen=True)
class TokenTypes:
    """The type of each label, ``[labels]``: 0 for ``O``; ``begins``: whether it is a B."""

    types: Whole
    begins: NDArray[np.bool_]

    @classmethod
    def of(cls, labels: Sequence[str]) -> "TokenTypes":
        """Return that of IOB2 labels; types are numbered from 1, in the order of the labels."""
        names = {
            name: number for number, name in enumerate(dict.fromkeys(label[2:] for label in labels if label != "O"))
        }
        numbers = [0 if label == "O" else 1 + names[label[2:]] for label in labels]
        return cls(np.array(numbers, np.int64), np.array([label[0] == "B" for label in labels], bool))

    @property
    def size(self) -> int:
        """The number of types, ``O`` included."""
        return int(self.types.max(initial=0)) + 1

    @cached_property
    def label(self) -> Whole:
        """The label of each type after another type, and after the same one: ``[types, 2]``."""
        labels = np.zeros((self.size, 2), np.int64)
        for number, (kind, begins) in enumerate(zip(self.types.tolist(), self.begins.tolist(), strict=True)):
            if begins or not kind:
                labels[kind] = number
        for number, (kind, begins) in enumerate(zip(self.types.tolist(), self.begins.tolist(), strict=True)):
            if kind and not begins:
                labels[kind, 1] = number
        return labels


@dataclass(frozen=True)
class NearestTokens:
    """Training tokens float64 ``[n, D]`` as distances are measured, ordered by their types ``[n]``.

    ``moves``: the probabilities of the abstract transitions, see `abstract_transitions`.
    """

    values: Sequence[float]
    x: Floats
    types: Whole
    moves: Floats
    token_types: TokenTypes
    metric: str
    scaler: Scaler | None
    decodes: bool

    @property
    def size(self) -> int:
        """No weights are fitted."""
        return 0

    def probabilities(self, x: NDArray[np.float32]) -> Floats:
        """Return the probabilities of tokens that are sentences of their own: ``[values, n, labels]``."""
        return self.of_sentences(x, np.ones(len(x), np.int64))

    def of_sentences(self, x: NDArray[np.float32], lengths: NDArray[np.integer]) -> Floats:
        """Return the probabilities of all labels of the tokens of sentences, one after the other.

        ``[values, n, labels]``. The most probable label of a token is the decoded one. The probability of a type is
        that of the best path of the sentence through it, normalized over the types of the token; without transitions
        that of the token alone. It belongs to the label that is valid after the decoded type of the token before: a B
        where that is another one.
        """
        emissions = self._emissions(x)
        result = np.zeros((len(self.values), len(x), len(self.token_types.types)))
        sizes = np.asarray(lengths, np.int64)
        starts = np.cumsum(sizes) - sizes
        for chosen in _steps(sizes):
            own = sizes[chosen]
            inside = np.arange(own.max()) < own[:, None]
            rows = np.where(inside, starts[chosen][:, None] + np.arange(own.max()), 0)
            for number, value in enumerate(self.values):
                start, step = self._log_transitions(value)
                best, decoded = max_marginals(emissions[rows], own, start, step)
                result[number, rows[inside]] = self._labels(best, decoded)[inside]
        return result

    def chosen(self, index: int) -> "NearestTokens":
        """Return the tokens with one temperature."""
        return replace(self, values=self.values[index : index + 1])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the training tokens, scaled for the distance, their types, transitions and the temperature."""
        arrays: dict[str, NDArray[np.generic]] = {
            "nn_tagger/vectors": self.x, "nn_tagger/tokens": self.types, "nn_tagger/transitions": self.moves,
            "nn_tagger/types": self.token_types.types, "nn_tagger/begins": self.token_types.begins.astype(np.int64),
            "nn_tagger/temperature": np.array(self.values, np.float64),
        }  # fmt: skip
        if self.scaler is not None:
            arrays |= {"nn_tagger/mean": self.scaler.mean, "nn_tagger/scale": self.scaler.scale}
        return arrays

    def measures(self) -> Mapping[str, float]:
        """Return nothing more."""
        return {}

    def _emissions(self, x: NDArray[np.float32]) -> Floats:
        """Log probabilities of the types of tokens, ``[n, types]``; a type without a training token has none."""
        present, first = np.unique(self.types, return_index=True)
        rows = max(1, BLOCK // max(len(self.types), 1))
        logs = np.full((len(x), self.token_types.size), -np.inf)
        for start in range(0, len(x), rows):
            distances = squared_distances(prepared(x[start : start + rows], self.scaler, self.metric), self.x)
            nearest = np.minimum.reduceat(distances, first, axis=1)
            # Equal vectors differ by rounding: their types are equally near.
            scale = np.abs(distances).max(axis=1, keepdims=True)
            nearest = scale * np.maximum(np.round(nearest / np.where(scale > 0, scale, 1.0), 10), 0.0)
            logs[start : start + rows, present] = -nearest
        logs -= logs.max(axis=1, keepdims=True)
        normalized: Floats = logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))
        return normalized

    def _log_transitions(self, temperature: float) -> tuple[Floats, Floats]:
        types = self.token_types.size
        if not self.decodes:
            return np.zeros(types), np.zeros((types, types))
        return log_transitions(self.moves, types, temperature)

    def _labels(self, best: Floats, decoded: Whole) -> Floats:
        """Probabilities of labels ``[B, T, labels]`` from log scores ``[B, T, types]`` and decoded types ``[B, T]``."""
        scores = np.exp(best - best.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        np.put_along_axis(
            scores, decoded[..., None], np.take_along_axis(scores, decoded[..., None], axis=-1) + DECODED, axis=-1
        )
        scores /= 1 + DECODED
        before = np.concatenate([np.full((len(decoded), 1), -1), decoded[:, :-1]], axis=1)
        types = np.arange(self.token_types.size)
        labels = self.token_types.label[types, (before[..., None] == types).astype(np.int64)]
        result = np.zeros((*decoded.shape, len(self.token_types.types)))
        np.put_along_axis(result, labels, scores, axis=-1)
        return result


def _steps(lengths: Whole) -> Iterator[Whole]:
    """Yield the sentences that are decoded at once, from long to short; those without tokens are left out."""
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    first = 0
    while first < len(order):
        number = max(1, STEP_TOKENS // int(lengths[order[first]]))
        yield order[first : first + number]
        first += number
