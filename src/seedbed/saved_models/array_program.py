"""Programs of NumPy alone: encoders without weights before pooling, on frozen vectors. No backend is imported.

The same functions as `seedbed.model` has, on texts of any length one after the other instead of padded ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.devices import select_device
from seedbed.embeddings.contextual import ContextualFeatures
from seedbed.embeddings.features import Features
from seedbed.embeddings.lookup import Lookup
from seedbed.embeddings.mix import Fixed
from seedbed.embeddings.stack import Stacked
from seedbed.embeddings.text_features import TextFeatures
from seedbed.model.fitted import FittedEncoder, FittedPath, LinearPath, fitted_probabilities, logistic
from seedbed.model.mlp_probe import MLPProbe
from seedbed.model.pooling import SENTENCE, Pooling
from seedbed.model.tasks import Head, Multilabel
from seedbed.saved_models.programs import Outputs, softmax
from seedbed.saved_models.vectors import Opened, features_of, knows

Floats = NDArray[np.float32]

STEP_NUMBERS = 16_000_000
"""Most numbers in the token vectors of a step: bounds memory."""


@dataclass(frozen=True)
class Reader:
    """Reads the vectors of texts. ``pooling``: of `seedbed.model.pooling.POOLINGS`; empty: a vector for each token."""

    embedding: Opened
    pooling: str

    def vectors(self, examples: Sequence[Example]) -> tuple[Floats, NDArray[np.bool_]]:
        """Return float32 ``[1 or R, rows, width]``, and which of the texts have a word that is known."""
        of_texts = self.pooling == SENTENCE
        features = features_of(self.embedding, examples, of_texts)
        known = np.array([knows(features, n) for n in range(len(examples))], bool)
        lengths = np.ones(len(examples), np.int64) if of_texts else np.array([len(e.tokens) for e in examples])
        blocks = []
        for start, end in _steps(lengths, features.width):
            x = flat_vectors(features, range(start, end), examples)
            blocks.append(pool(x, lengths[start:end], self.pooling) if self.pooling else x)
        return np.concatenate(blocks, axis=1), known


def _steps(lengths: NDArray[np.int64], width: int) -> list[tuple[int, int]]:
    """Return ranges of examples whose vectors fit in a step; a longer example has one of its own."""
    steps, start, rows = [], 0, 0
    for n, length in enumerate(lengths.tolist()):
        if n > start and (rows + length) * width > STEP_NUMBERS:
            steps.append((start, n))
            start, rows = n, 0
        rows += length
    return [*steps, (start, len(lengths))]


def flat_vectors(features: Features, positions: Sequence[int], examples: Sequence[Example]) -> Floats:
    """Return the vectors of the tokens of these examples, one after the other: ``[1 or R, tokens, width]``."""
    if isinstance(features, Stacked):
        parts = [flat_vectors(part, positions, examples) for part in features.parts.values()]
        replicates = max(map(len, parts))
        return np.concatenate([np.broadcast_to(x, (replicates, *x.shape[1:])) for x in parts], axis=-1)
    if isinstance(features, TextFeatures):
        first, last = positions[0], positions[-1]
        return np.asarray(features.arrays.shared["table"])[None, 1 + first : 2 + last]
    if isinstance(features, Lookup):
        rows = features.rows if features.rows.ndim == 1 else features.rows[0]
        ids = rows[np.concatenate([features.index.tokens[n] for n in positions])]
        if features.arrays.trained:
            return np.asarray(features.arrays.trained["table"])[:, ids]
        return np.asarray(features.arrays.shared["table"])[None, ids]
    if isinstance(features, ContextualFeatures) and isinstance(features.mix, Fixed) and callable(features.rows):
        return np.concatenate([features.rows(n) for n in positions])[None]
    return _gathered(features, positions, examples)


def _gathered(features: Features, positions: Sequence[int], examples: Sequence[Example]) -> Floats:
    """The vectors of the features of a plugin, which only the backend can read."""
    from seedbed.training.pooled import TokenVectors

    select_device("auto")
    by_position: dict[int, Floats] = {}
    for chosen, vectors in TokenVectors(features, examples).blocks(0, list(positions)):
        ends = np.cumsum([len(examples[n].tokens) for n in chosen])[:-1]
        by_position.update(zip(chosen, np.split(vectors, ends), strict=True))
    return np.concatenate([by_position[n] for n in positions])[None]


def pool(x: Floats, lengths: NDArray[np.int64], pooling: str) -> Floats:
    """Return a vector for each text, ``[R, texts, width]``: see `seedbed.model.pooling`. Each has at least one row."""
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    if pooling in ("first", SENTENCE):
        return x[:, starts]
    if pooling == "max":
        return _reduced(np.maximum, x, starts)
    mean: Floats = np.divide(_reduced(np.add, x, starts), lengths[:, None], dtype=np.float32)
    return mean if pooling == "mean" else np.concatenate([mean, _reduced(np.maximum, x, starts)], axis=-1)


def _reduced(function: np.ufunc, x: Floats, starts: NDArray[np.int64]) -> Floats:
    result: Floats = function.reduceat(x, starts, axis=1)
    return result


@dataclass(frozen=True)
class FittedProgram:
    """Replicates of an encoder that was fitted at once. ``paths``: of one value of its parameter each."""

    reader: Reader
    paths: Sequence[FittedPath]

    @classmethod
    def pooling_of(cls, encoder: FittedEncoder, per_token: bool) -> str:
        """Return the pooling of the reader."""
        return "" if per_token else encoder.pooling

    def outputs(self, examples: Sequence[Example]) -> Outputs:
        """Return the probabilities of texts with at least one token."""
        x, known = self.reader.vectors(examples)
        if self._linear is not None and len(x) == 1:
            return Outputs(self._linear.probabilities(x[0]).astype(np.float32), known)
        of_replicate = [x[n if len(x) > 1 else 0] for n in range(len(self.paths))]
        lengths = None if self.reader.pooling else np.array([len(example.tokens) for example in examples], np.int64)
        rows = [fitted_probabilities(path, own, lengths)[0] for path, own in zip(self.paths, of_replicate, strict=True)]
        return Outputs(np.stack(rows).astype(np.float32), known)

    @cached_property
    def _linear(self) -> LinearPath | None:
        """All replicates as the values of one path, where they are linear: one product for all."""
        paths = [path for path in self.paths if isinstance(path, LinearPath)]
        if len(paths) < len(self.paths):
            return None
        kernels, biases = (np.concatenate(own) for own in zip(*((p.kernels, p.biases) for p in paths), strict=True))
        return LinearPath([float(n) for n in range(len(paths))], kernels, biases, 0, sigmoid=paths[0].sigmoid)


@dataclass(frozen=True)
class HeadProgram:
    """Replicates of a head on pooled vectors, after the hidden layer of a `MLPProbe` if it has one.

    ``weights``: by name, ``[R, ...]``; ``repeat``: how often the vector of a token is repeated, see `MLPProbe.encode`;
    ``layer``: the name of the last layer.
    """

    reader: Reader
    weights: Mapping[str, Floats]
    repeat: int = 1
    layer: str = "softmax"

    def outputs(self, examples: Sequence[Example]) -> Outputs:
        """Return the probabilities of texts with at least one token."""
        x, known = self.reader.vectors(examples)
        x = np.tile(x, (1, 1, self.repeat)) if self.repeat > 1 else x
        for layer in ("mlp", "hidden"):
            if f"{layer}/kernel" in self.weights:
                x = np.maximum(self._dense(x, layer), np.float32(0))
        logits = self._dense(x, self.layer)
        if self.layer == Multilabel.layer:
            return Outputs(logistic(logits.astype(np.float64)).astype(np.float32), known)
        return Outputs(softmax(logits), known)

    def _dense(self, x: Floats, layer: str) -> Floats:
        result: Floats = np.matmul(x, self.weights[f"{layer}/kernel"]) + self.weights[f"{layer}/bias"][:, None]
        return result


def head_program(embedding: Opened, encoder: object, task: Head, weights: Mapping[str, Floats]) -> HeadProgram:
    """Return the program of a `Pool` or a `MLPProbe` encoder with its head."""
    pooling = str(getattr(encoder, "pooling", ""))
    if not task.per_token:
        return HeadProgram(Reader(embedding, pooling), weights, layer=task.layer)
    repeat = Pooling(pooling).width(1) if isinstance(encoder, MLPProbe) else 1
    return HeadProgram(Reader(embedding, ""), weights, repeat)
