"""Compiled functions of an arm, shared by all groups and arms for which they are the same."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seedbed.backend import compiled, value_and_gradient
from seedbed.model.dropout import mask_names
from seedbed.model.network import Batch, Network, sum_of_means
from seedbed.training.optimizers import Optimizer
from seedbed.training.settings import Training
from seedbed.types import Tensor, Tree

Tensors = Mapping[str, Tensor]
EvaluationStep = Callable[[Tensors, Tensors, Batch], tuple[Tensor, Tensor, Tensor]]
"""Of weights, constants and a batch: summed losses ``[R]``, their weights ``[R]``, and probabilities."""


@dataclass(frozen=True)
class Programs:
    """The compiled functions.

    ``train``: of weights, optimizer state, constants, batch, values of the optimizer and gate, the new weights and state, and
    the summed losses and their weights, ``[R]`` each. ``keep``: the best weights so far.
    """

    train: Callable[..., tuple[dict[str, Tensor], dict[str, Tree], Tensor, Tensor]]
    evaluate: EvaluationStep
    keep: Callable[[Tensors, Tensors, Tensor], dict[str, Tensor]]


_programs: dict[tuple[str, tuple[str, ...], Optimizer, bool], Programs] = {}


def programs(network: Network | Sequence[Network], settings: Training | Sequence[Training]) -> Programs:
    """Return the programs of an arm, or of the members of a group, compiled once in a process.

    Arms share them if their networks and optimizers are equal but in elementwise settings: these are inputs of a step,
    or not read by it, as are batches. TensorFlow chooses some kernels while it traces, so programs are not shared with
    deterministic ones.
    """
    networks = [network] if isinstance(network, Network) else network
    optimizer = Optimizer.from_settings(settings)
    deterministic = (settings if isinstance(settings, Training) else settings[0]).deterministic
    network = networks[0].neutral()
    # Dropout is in the compiled step if some member has a rate.
    names = mask_names([member.masks() for member in networks])
    key = f"{_modules(network)} {network!r}", names, optimizer, deterministic
    if key not in _programs:
        _programs[key] = _build(network, optimizer)
    return _programs[key]


def _modules(value: object) -> list[str]:
    """The modules of all classes in a network: two modules may have a class of the same name."""
    if dataclasses.is_dataclass(value):
        nested = [module for field in dataclasses.fields(value) for module in _modules(getattr(value, field.name))]
        return [type(value).__module__, *nested]
    if isinstance(value, list | tuple):
        return [module for item in value for module in _modules(item)]
    return []


def _build(network: Network, optimizer: Optimizer) -> Programs:
    from keras import ops

    def loss(weights: Tensors, constants: Tensors, batch: Batch) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        losses, counts = network.losses(network.logits(weights, constants, batch), batch)
        penalty = ops.sum(network.embed.penalty(weights))
        return sum_of_means(losses, counts) + penalty, (losses, counts)

    gradient = value_and_gradient(loss)

    def train(
        weights: Tensors, state: Mapping[str, Tree], constants: Tensors, batch: Batch, values: Tensors, gate: Tensors
    ) -> tuple[dict[str, Tensor], dict[str, Tree], Tensor, Tensor]:
        _, (losses, counts), gradients = gradient(weights, constants, batch)
        new_weights, new_state = optimizer.apply(weights, gradients, state, values, gate.get("active"))
        return new_weights, new_state, losses, counts

    def evaluate(weights: Tensors, constants: Tensors, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        logits = network.logits(weights, constants, batch)
        return *network.losses(logits, batch), ops.softmax(logits, axis=-1)

    def keep(best: Tensors, weights: Tensors, improved: Tensor) -> dict[str, Tensor]:
        def select(name: str) -> Tensor:
            new = weights[name]
            return ops.where(ops.reshape(improved, (-1,) + (1,) * (len(new.shape) - 1)), new, best[name])

        return {name: select(name) for name in weights}

    return Programs(compiled(train), compiled(evaluate), compiled(keep))


def forget() -> None:
    """Drop all compiled programs, as in a new process."""
    _programs.clear()
