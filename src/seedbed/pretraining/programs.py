"""The compiled functions of a training: a step of it, and the losses of held-out text."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture
from seedbed.pretraining.network import full_losses, sampled_losses, states_of, words_of

Weights = Mapping[str, Any]

ACCUMULATED = 1.0
"""What the accumulators of Adagrad begin with: bilm-tf's ``initial_accumulator_value``."""

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8

OPTIMIZERS = ("adagrad", "adam")


def start(optimizer: str, weights: Weights) -> dict[str, dict[str, Any]]:
    """The state before the first step: arrays like the weights."""
    from keras import ops

    if optimizer == "adagrad":
        return {"squares": {name: ops.full_like(w, ACCUMULATED) for name, w in weights.items()}}
    return {moment: {name: ops.zeros_like(w) for name, w in weights.items()} for moment in ("first", "second")}


def step(
    optimizer: str, weights: Weights, gradients: Weights, state: Mapping[str, Weights], rate: Any, number: Any
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """New weights and state; ``number`` counts the steps from 1.0. Adagrad: Duchi et al. 2011; Adam: Kingma & Ba."""
    from keras import ops

    made: dict[str, Any] = {}
    after: dict[str, dict[str, Any]] = {moment: {} for moment in state}
    for name, weight in weights.items():
        gradient = gradients[name]
        if optimizer == "adagrad":
            squares = state["squares"][name] + gradient * gradient
            made[name] = weight - rate * gradient * ops.rsqrt(squares)
            after["squares"][name] = squares
            continue
        first = state["first"][name] * BETA_1 + gradient * (1 - BETA_1)
        second = state["second"][name] * BETA_2 + gradient * gradient * (1 - BETA_2)
        size = rate * ops.sqrt(1 - ops.power(BETA_2, number)) / (1 - ops.power(BETA_1, number))
        made[name] = weight - size * first / (ops.sqrt(second) + EPSILON)
        after["first"][name], after["second"][name] = first, second
    return made, after


def clip(gradients: Weights, bound: float | None) -> tuple[dict[str, Any], Any]:
    """Gradients whose norm, all together, is at most ``bound``, as bilm-tf clips them; and the norm they had."""
    from keras import ops

    norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients.values()))
    if bound is None:
        return dict(gradients), norm
    factor = bound / ops.maximum(norm, bound)
    return {name: g * factor for name, g in gradients.items()}, norm


@cache
def fitting(architecture: Architecture, steps: int, held: str, optimizer: str, bound: float | None, dropout: float):
    """A function of ``(weights, moments, state, batch, rate, number)``: one step of training.

    Returns the new weights, moments and state, the loss, the mean of the directions, and the norm of the gradients.
    They are those of the loss times the steps of a block, as in bilm-tf, and so is what ``bound`` clips.
    """
    from keras import ops

    words = words_of(architecture.characters, held)
    states = states_of(architecture, steps, held)

    def loss(weights, state, batch):
        x = ops.take(words(weights, batch["classes"]), batch["tokens"], axis=0)
        outputs, after = states(weights, x, batch["keep"], state, batch.get("masks"), 1 / (1 - dropout))
        rows = ops.concatenate([ops.reshape(own[-1], (-1, architecture.projection)) for own in outputs], axis=0)
        losses = sampled_losses(
            rows, weights["softmax"], weights["softmax_bias"], _by_direction(batch["targets"]), batch["candidates"],
            (_by_direction(batch["expected_targets"]), batch["expected_candidates"]), held,
        )  # fmt: skip
        mean = ops.mean(losses)
        return mean * steps, (after, mean)

    gradient = backend.value_and_gradient(loss)

    def fit(weights, moments, state, batch, rate, number):
        _, (after, mean), gradients = gradient(weights, state, batch)
        gradients, norm = clip(gradients, bound)
        weights, moments = step(optimizer, weights, gradients, moments, rate, number)
        return weights, moments, after, mean, norm

    return backend.compiled(fit)


@cache
def judging(architecture: Architecture, steps: int) -> tuple[Callable, Callable]:
    """Functions for held-out text: outputs ``[2, T B, P]`` of a block with the state after it, and losses of rows.

    In float32, without dropout, over the whole vocabulary.
    """
    from keras import ops

    words = words_of(architecture.characters, "float32")
    states = states_of(architecture, steps, "float32")

    def outputs(weights: Mapping[str, Any], state: Any, batch: Mapping[str, Any]) -> tuple:
        x = ops.take(words(weights, batch["classes"]), batch["tokens"], axis=0)
        found, after = states(weights, x, batch["keep"], state)
        return ops.stack([ops.reshape(own[-1], (-1, architecture.projection)) for own in found]), after

    def losses(weights: Mapping[str, Any], rows: Any, targets: Any) -> Any:
        return full_losses(rows, weights["softmax"], weights["softmax_bias"], targets, "float32")

    return backend.compiled(outputs), backend.compiled(losses)


def _by_direction(array: Any) -> Any:
    """``[T, 2, B]`` to ``[2 T B]``, the forward ones first."""
    from keras import ops

    return ops.reshape(ops.transpose(array, (1, 0, 2)), (-1,))
