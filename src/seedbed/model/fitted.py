"""Encoders that are fitted to frozen vectors at once instead of trained by gradient steps: probes and neighbors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError
from seedbed.model.pooling import AUTO, POOLINGS

Watch = Callable[[int, int, float], None]
"""Called with the numbers of fits that are done and of all, and the mean loss of an example."""

SELECT = ("loss", "score")

KERNEL, BIAS = "softmax/kernel", "softmax/bias"
OF_LABELS = {KERNEL: "sigmoid/kernel", BIAS: "sigmoid/bias"}
"""The names of the arrays of a `LinearPath`, and those of one for sets of labels."""


@dataclass(frozen=True)
class Sample:
    """The training examples of a replicate: vectors float32 ``[n, D]`` and class numbers ``[n]``.

    Of sets of labels ``y`` is ``[n, labels]``, 1 for each label that an example has, else 0.

    ``values``: the values of the parameter that are tried for it, ascending; by default those of the encoder.
    ``lengths``: in tagging the numbers of tokens of the sentences, which follow one another in ``x`` and ``y``;
    ``labels``: the names of all classes.
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    values: Sequence[float] | None = None
    lengths: NDArray[np.integer] | None = None
    labels: Sequence[str] = ()

    @property
    def multilabel(self) -> bool:
        """Whether ``y`` is of sets of labels."""
        return self.y.ndim == 2


class FittedPath(Protocol):
    """The fits of a replicate, one for each value of the encoder's parameter."""

    @property
    def values(self) -> Sequence[float]:
        """The values of the parameter; one without meaning where an encoder has none."""

    @property
    def size(self) -> int:
        """The number of fitted weights of one fit."""

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities of all classes, 0 for those without a training example: ``[values, n, classes]``."""

    def chosen(self, index: int) -> "FittedPath":
        """Return the path of one value."""

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """Return the arrays of a path of one value, to be saved."""

    def measures(self) -> Mapping[str, float]:
        """Return further metrics of a path of one value."""


@runtime_checkable
class SentencePath(FittedPath, Protocol):
    """The fits of a tagger that decodes whole sentences: the label of a token is the most probable one."""

    def of_sentences(self, x: NDArray[np.float32], lengths: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return probabilities as `FittedPath.probabilities`, of the tokens of sentences, one after the other."""


def fitted_probabilities(
    path: FittedPath, x: NDArray[np.float32], lengths: NDArray[np.integer] | None
) -> NDArray[np.float64]:  # fmt: skip
    """Return the probabilities of the tokens of sentences with these lengths, or of texts: ``[values, n, classes]``."""
    if lengths is not None and isinstance(path, SentencePath):
        return path.of_sentences(x, lengths)
    return path.probabilities(x)


@runtime_checkable
class FittedEncoder(Protocol):
    """Settings of such an encoder, with what a classifier needs: pooling, and a parameter chosen on validation.

    ``parameter``: the name of the metric for the chosen value, such as ``probe/c``; empty without a parameter.
    ``select``: ``loss`` or ``score`` of validation. ``training_fields``: the keys of ``training`` that are read. One
    that can be fitted to sets of labels too has ``fits_labels = True``.
    """

    tags: ClassVar[bool]
    parameter: ClassVar[str]
    training_fields: ClassVar[tuple[str, ...]]

    @property
    def pooling(self) -> str:
        """A name of `seedbed.model.pooling.POOLINGS`; not read for tagging."""

    @property
    def select(self) -> str:
        """What the value of the parameter is chosen by."""

    def candidates(self) -> Sequence[float]:
        """Return the values of the parameter that are tried."""

    def fit(self, samples: Sequence[Sample], classes: int, watch: Watch) -> Sequence[FittedPath]:
        """Return the fits of each replicate; a replicate gets the same numbers alone and with others."""


@dataclass(frozen=True)
class LinearPath:
    """Softmax of linear functions: kernels ``[values, D, classes]`` and biases ``[values, classes]``, float64.

    The bias of a class without a training example is minus infinity. ``sigmoid``: of sets of labels, the logistic
    function of each; the bias of a label that all training examples have is infinity.
    """

    values: Sequence[float]
    kernels: NDArray[np.float64]
    biases: NDArray[np.float64]
    size: int
    extra: Sequence[Mapping[str, float]] = ()
    sigmoid: bool = False

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return probabilities ``[values, n, classes]``."""
        logits: NDArray[np.float64] = np.matmul(x.astype(np.float64), self.kernels) + self.biases[:, None]
        if self.sigmoid:
            return logistic(logits)
        logits -= logits.max(axis=-1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=-1, keepdims=True)
        return logits

    def chosen(self, index: int) -> "LinearPath":
        """Return the path of one value."""
        only = slice(index, index + 1)
        return LinearPath(
            self.values[only], self.kernels[only], self.biases[only], self.size, self.extra[only], self.sigmoid
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the weights under the names of the trained layer: logits of a vector are ``x @ kernel + bias``."""
        names = OF_LABELS if self.sigmoid else {name: name for name in OF_LABELS}
        return {names[KERNEL]: self.kernels[0], names[BIAS]: self.biases[0]}

    def measures(self) -> Mapping[str, float]:
        """Return the metrics of the one value."""
        return self.extra[0] if self.extra else {}


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each feature, as scikit-learn's ``StandardScaler`` has them: ``[D]``.

    The deviation of a feature that is constant up to rounding is 1.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, x: NDArray[np.float32], standardize: bool = True) -> "Scaler":
        """Return that of training vectors ``[n, D]``; without ``standardize`` all deviations are 1."""
        double = x.astype(np.float64)
        mean, variance = double.mean(axis=0), double.var(axis=0)
        epsilon = np.finfo(np.float64).eps
        constant = variance <= len(x) * epsilon * variance + (len(x) * mean * epsilon) ** 2
        scale = np.ones_like(mean) if not standardize else np.where(constant, 1.0, np.sqrt(variance))
        return cls(mean, scale)

    def transform(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return scaled vectors."""
        return (x.astype(np.float64) - self.mean) / self.scale


@runtime_checkable
class Restorable(Protocol):
    """A fitted encoder whose paths are no linear functions, and are made again from their arrays."""

    def restored(self, arrays: Mapping[str, NDArray[np.generic]], classes: int) -> FittedPath:
        """Return the path of one value that has returned these arrays."""


def restored(encoder: FittedEncoder, arrays: Mapping[str, NDArray[np.generic]], classes: int) -> FittedPath:
    """Return the path of one value from what `FittedPath.arrays` returned. KeyError where an array is missing."""
    if isinstance(encoder, Restorable):
        return encoder.restored(arrays, classes)
    sigmoid = OF_LABELS[KERNEL] in arrays
    kernel, bias = (arrays[OF_LABELS[name] if sigmoid else name].astype(np.float64) for name in (KERNEL, BIAS))
    return LinearPath([0.0], kernel[None], bias[None], kernel.size, sigmoid=sigmoid)


def logistic(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logistic function; 0 and 1 at infinity."""
    result: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return result


def check_choice(key: str, value: str, valid: Sequence[str]) -> None:
    """Raise InputError for a value of an encoder's key that is not one of these."""
    if value not in valid:
        raise InputError(f"encoder.{key}={value}: choose {', '.join(valid)}")


def check_pooling(pooling: str) -> None:
    """Raise InputError for an unknown pooling."""
    check_choice("pooling", pooling, [AUTO, *POOLINGS])
