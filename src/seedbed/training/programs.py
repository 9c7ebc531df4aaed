"""The compiled functions of an arm, shared by every group of it in this process."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from seedbed.backend import compiled, value_and_gradient
from seedbed.model.network import Network, sum_of_means
from seedbed.training.optimizers import step as optimizer_step
from seedbed.training.settings import Training


@dataclass(frozen=True)
class Programs:
    """``fit``: one training step. ``judge``: losses and probabilities of a batch. ``keep``: the best weights so far."""

    fit: Any
    judge: Any
    keep: Any


_programs: dict[str, Programs] = {}


def programs(network: Network, settings: Training) -> Programs:
    """The programs of this network under these settings, compiled once in a process."""
    key = f"{_modules(network)} {network!r} {settings!r}"
    if key not in _programs:
        _programs[key] = _build(network, settings)
    return _programs[key]


def _modules(value: Any) -> list[str]:
    """The modules of all classes in a network: two modules may have a class of the same name."""
    if dataclasses.is_dataclass(value):
        below = [module for field in dataclasses.fields(value) for module in _modules(getattr(value, field.name))]
        return [type(value).__module__, *below]
    if isinstance(value, list | tuple):
        return [module for item in value for module in _modules(item)]
    return []


def _build(network: Network, settings: Training) -> Programs:
    from keras import ops

    def loss(weights, constants, batch):
        losses, counts = network.losses(network.logits(weights, constants, batch), batch)
        penalty = ops.sum(network.embed.penalty(weights))
        return sum_of_means(losses, counts) + penalty, (losses, counts)

    gradient = value_and_gradient(loss)

    def fit(weights, state, constants, batch, rate, gate):
        _, (losses, counts), gradients = gradient(weights, constants, batch)
        weights, state = optimizer_step(settings, weights, gradients, state, rate, gate.get("active"))
        return weights, state, losses, counts

    def judge(weights, constants, batch):
        logits = network.logits(weights, constants, batch)
        return *network.losses(logits, batch), ops.softmax(logits, axis=-1)

    def keep(best, weights, improved):
        def choose(name):
            new = weights[name]
            return ops.where(ops.reshape(improved, (-1,) + (1,) * (len(new.shape) - 1)), new, best[name])

        return {name: choose(name) for name in weights}

    return Programs(compiled(fit), compiled(judge), compiled(keep))


def forget() -> None:
    """Drop all compiled programs, as if the process were new."""
    _programs.clear()
