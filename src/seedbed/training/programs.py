"""Compiled functions of an arm, shared by all groups and arms for which they are the same."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from seedbed.backend import compiled, value_and_gradient
from seedbed.embeddings.features import Embed
from seedbed.model.dropout import WORDS, mask_names
from seedbed.model.network import Batch, Network, sum_of_means
from seedbed.model.pooling import Pooling
from seedbed.training.optimizers import Optimizer
from seedbed.training.settings import Training
from seedbed.types import Tensor, Tree

K = TypeVar("K")
V = TypeVar("V")
Tensors = Mapping[str, Tensor]
Evaluated = tuple[Tensor, Tensor, Tensor | None, Tensor | None]
"""Summed losses ``[R]``, their weights ``[R]``, and `Network.outputs`."""
TrainStep = Callable[..., tuple[dict[str, Tensor], dict[str, Tree], Tensor, Tensor]]
Keep = Callable[[Tensors, Tensors, Tensor], dict[str, Tensor]]


class EvaluationStep(Protocol):
    """Evaluates weights on a batch."""

    def __call__(
        self, weights: Tensors, constants: Tensors, batch: Batch, probabilities: bool = True
    ) -> Evaluated:  # fmt: skip
        """Return the evaluation; ``probabilities``: see `Network.outputs`."""

    def scores(self, weights: Tensors, constants: Tensors, batch: Batch) -> Tensor:
        """Return `Network.logits`: the first half of the evaluation."""

    def of_scores(self, weights: Tensors, scores: Tensor, batch: Batch, probabilities: bool = True) -> Evaluated:
        """Return the evaluation from the scores; the batch needs no inputs."""


@dataclass(frozen=True)
class Programs:
    """The compiled functions.

    ``train``: of weights, optimizer state, constants, batch, values of the optimizer and gate, the new weights and
    state, and the summed losses and their weights, ``[R]`` each. ``keep``: the best weights so far.
    """

    train: TrainStep
    evaluate: EvaluationStep
    keep: Keep


MOST = 32
"""Shapes whose programs are kept: more than those of a search over ``int(16, 128, log)``; 0.9 GB of CNNs with a CRF.

A search of the next size has the same shapes again.
"""

_training: dict[tuple[str, bool, tuple[str, ...], Optimizer], TrainStep] = {}
_evaluation: dict[tuple[str, bool], tuple[EvaluationStep, Keep]] = {}
_pooling: dict[tuple[Embed, Pooling | None], Callable[[Tensors, Tensors, Tensor], Tensor]] = {}


def programs(network: Network | Sequence[Network], settings: Training | Sequence[Training]) -> Programs:
    """Return the programs of an arm, or of the members of a group: those compiled before, of the last `MOST` shapes.

    Arms share them if their networks and optimizers are equal but in elementwise settings: these are inputs of a step,
    or not read by it, as are batches. TensorFlow chooses some kernels while it traces, so programs are not shared with
    deterministic ones.
    """
    networks = [network] if isinstance(network, Network) else network
    optimizer = Optimizer.from_settings(settings)
    trainings = [settings] if isinstance(settings, Training) else settings
    deterministic = trainings[0].deterministic
    evaluation = _evaluation_of(networks[0], deterministic)
    network = networks[0].neutral()
    # Dropout is in the compiled step if some member has a rate.
    words = [WORDS] if any(own.word_dropout for own in trainings) else []
    names = (*words, *mask_names([member.masks() for member in networks]))
    of_training = *_key(network, deterministic), names, optimizer
    train = _kept(_training, of_training, lambda: _training_program(network, optimizer))
    return Programs(train, *evaluation)


def evaluation_program(network: Network) -> EvaluationStep:
    """Return the program that evaluates a network, as training shares it."""
    return _evaluation_of(network, deterministic=False)[0]


def pooling_program(embed: Embed, pooling: Pooling | None) -> Callable[[Tensors, Tensors, Tensor], Tensor]:
    """Return the program that gathers vectors, of constants, inputs and the mask of tokens, and perhaps pools them."""

    def vectors(constants: Tensors, inputs: Tensors, token_mask: Tensor) -> Tensor:
        x = embed({}, constants, inputs) * token_mask
        return x if pooling is None else pooling.pool(x, token_mask)

    return _kept(_pooling, (embed, pooling), lambda: compiled(vectors))


def _evaluation_of(network: Network, deterministic: bool) -> tuple[EvaluationStep, Keep]:
    network = network.neutral()
    return _kept(_evaluation, _key(network, deterministic), lambda: _evaluation_programs(network))


def _kept(programs: dict[K, V], key: K, compile_it: Callable[[], V]) -> V:
    """The program of a key, compiled if there is none; beyond `MOST`, the least recently used is dropped."""
    programs[key] = program = programs.pop(key) if key in programs else compile_it()
    if len(programs) > MOST:
        del programs[next(iter(programs))]
    return program


def _key(network: Network, deterministic: bool) -> tuple[str, bool]:
    return f"{_modules(network)} {network!r}", deterministic


def _modules(value: object) -> list[str]:
    """The modules of all classes in a network: two modules may have a class of the same name."""
    if dataclasses.is_dataclass(value):
        nested = [module for field in dataclasses.fields(value) for module in _modules(getattr(value, field.name))]
        return [type(value).__module__, *nested]
    if isinstance(value, list | tuple):
        return [module for item in value for module in _modules(item)]
    return []


def _training_program(network: Network, optimizer: Optimizer) -> TrainStep:
    from keras import ops

    def loss(weights: Tensors, constants: Tensors, batch: Batch) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        losses, counts = network.losses(weights, network.logits(weights, constants, batch), batch)
        penalty = ops.sum(network.embed.penalty({**constants, **weights}))
        return sum_of_means(losses, counts) + penalty, (losses, counts)

    gradient = value_and_gradient(loss)

    def train(
        weights: Tensors, state: Mapping[str, Tree], constants: Tensors, batch: Batch, values: Tensors, gate: Tensors
    ) -> tuple[dict[str, Tensor], dict[str, Tree], Tensor, Tensor]:
        _, (losses, counts), gradients = gradient(weights, constants, batch)
        new_weights, new_state = optimizer.apply(weights, gradients, state, values, gate.get("active"))
        return new_weights, new_state, losses, counts

    return compiled(train)


class _Evaluation:
    """The compiled evaluation of a network; each program is traced when it is first called."""

    def __init__(self, network: Network):
        def of_scores(weights: Tensors, scores: Tensor, batch: Batch, probabilities: bool) -> Evaluated:
            return *network.losses(weights, scores, batch), *network.outputs(weights, scores, batch, probabilities)

        def whole(weights: Tensors, constants: Tensors, batch: Batch, probabilities: bool) -> Evaluated:
            return of_scores(weights, network.logits(weights, constants, batch), batch, probabilities)

        def programs(function: Callable[..., Evaluated]) -> dict[bool, Callable[..., Evaluated]]:
            every = compiled(partial(function, probabilities=True))
            of_tags = every if network.decoding is None else compiled(partial(function, probabilities=False))
            return {True: every, False: of_tags}

        self.scores = compiled(network.logits)
        self._whole, self._of_scores = programs(whole), programs(of_scores)

    def __call__(self, weights: Tensors, constants: Tensors, batch: Batch, probabilities: bool = True) -> Evaluated:
        return self._whole[probabilities](weights, constants, batch)

    def of_scores(self, weights: Tensors, scores: Tensor, batch: Batch, probabilities: bool = True) -> Evaluated:
        return self._of_scores[probabilities](weights, scores, batch)


def _evaluation_programs(network: Network) -> tuple[EvaluationStep, Keep]:
    from keras import ops

    def keep(best: Tensors, weights: Tensors, improved: Tensor) -> dict[str, Tensor]:
        def select(name: str) -> Tensor:
            new = weights[name]
            return ops.where(ops.reshape(improved, (-1,) + (1,) * (len(new.shape) - 1)), new, best[name])

        return {name: select(name) for name in weights}

    return _Evaluation(network), compiled(keep)


def forget() -> None:
    """Drop all compiled programs, as in a new process."""
    _training.clear()
    _evaluation.clear()
    _pooling.clear()
