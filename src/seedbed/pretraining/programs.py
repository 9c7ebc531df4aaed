"""The compiled functions of a training: a step with Adagrad or Adam, and the losses of held-out text."""

from collections.abc import Callable, Mapping
from functools import cache

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture
from seedbed.pretraining.network import Tensor, Weights, full_losses, recurrent_outputs, sampled_losses, token_network
from seedbed.pretraining.sizes import character_cnn

Moments = Mapping[str, Weights]
"""The optimizer's state: by moment, arrays like the weights."""

INITIAL_ACCUMULATOR = 1.0
"""Of Adagrad: bilm-tf's ``initial_accumulator_value``."""

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def initial_moments(optimizer: str, weights: Weights) -> dict[str, dict[str, Tensor]]:
    """Return the optimizer's state before the first step."""
    from keras import ops

    if optimizer == "adagrad":
        return {"squares": {name: ops.full_like(w, INITIAL_ACCUMULATOR) for name, w in weights.items()}}
    return {moment: {name: ops.zeros_like(w) for name, w in weights.items()} for moment in ("first", "second")}


def apply_gradients(
    optimizer: str, weights: Weights, gradients: Weights, moments: Moments, rate: Tensor, number: Tensor
) -> tuple[dict[str, Tensor], dict[str, dict[str, Tensor]]]:
    """Return new weights and moments; ``number`` counts the steps from 1.0.

    Adagrad: Duchi et al. 2011; Adam: Kingma & Ba 2015.
    """
    from keras import ops

    new_weights: dict[str, Tensor] = {}
    new_moments: dict[str, dict[str, Tensor]] = {moment: {} for moment in moments}
    for name, weight in weights.items():
        gradient = gradients[name]
        if optimizer == "adagrad":
            squares = moments["squares"][name] + gradient * gradient
            new_weights[name] = weight - rate * gradient * ops.rsqrt(squares)
            new_moments["squares"][name] = squares
            continue
        first = moments["first"][name] * BETA_1 + gradient * (1 - BETA_1)
        second = moments["second"][name] * BETA_2 + gradient * gradient * (1 - BETA_2)
        size = rate * ops.sqrt(1 - ops.power(BETA_2, number)) / (1 - ops.power(BETA_1, number))
        new_weights[name] = weight - size * first / (ops.sqrt(second) + EPSILON)
        new_moments["first"][name], new_moments["second"][name] = first, second
    return new_weights, new_moments


def clip_gradients(gradients: Weights, bound: float | None) -> tuple[dict[str, Tensor], Tensor]:
    """Return gradients whose global norm is at most ``bound``, as bilm-tf clips them, and the norm before."""
    from keras import ops

    norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients.values()))
    if bound is None:
        return dict(gradients), norm
    factor = bound / ops.maximum(norm, bound)
    return {name: g * factor for name, g in gradients.items()}, norm


@cache
def training_step(
    architecture: Architecture, steps: int, precision: str, optimizer: str, bound: float | None, dropout: float
) -> Callable:
    """Return a function of ``(weights, moments, recurrent, batch, rate, number)``: one step of training.

    It returns the new weights, moments and recurrent state, the mean loss of both directions, and the norm of the
    gradients. Gradients are those of the loss times the steps of a block, as in bilm-tf, and ``bound`` clips these.
    """
    from keras import ops

    token_vectors = token_network(character_cnn(architecture), precision)
    outputs_of = recurrent_outputs(architecture, steps, precision)

    def loss(weights: Weights, recurrent: Tensor, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        x = ops.take(token_vectors(weights, batch["classes"]), batch["tokens"], axis=0)
        outputs, after = outputs_of(weights, x, batch["keep"], recurrent, batch.get("masks"), 1 / (1 - dropout))
        rows = ops.concatenate([ops.reshape(layers[-1], (-1, architecture.projection)) for layers in outputs], axis=0)
        losses = sampled_losses(
            rows, weights["softmax"], weights["softmax_bias"], _by_direction(batch["targets"]), batch["candidates"],
            (_by_direction(batch["expected_targets"]), batch["expected_candidates"]), precision,
        )  # fmt: skip
        mean = ops.mean(losses)
        return mean * steps, (after, mean)

    gradient = backend.value_and_gradient(loss)

    def step(
        weights: Weights, moments: Moments, recurrent: Tensor, batch: Mapping[str, Tensor], rate: Tensor, number: Tensor
    ) -> Tensor:
        _, (after, mean), gradients = gradient(weights, recurrent, batch)
        gradients, norm = clip_gradients(gradients, bound)
        weights, moments = apply_gradients(optimizer, weights, gradients, moments, rate, number)
        return weights, moments, after, mean, norm

    return backend.compiled(step)


@cache
def held_out_functions(architecture: Architecture, steps: int) -> tuple[Callable, Callable]:
    """Return functions for held-out text: outputs ``[2, T B, P]`` of a block with the state after it; losses of rows.

    In float32, without dropout, over the whole vocabulary.
    """
    from keras import ops

    token_vectors = token_network(character_cnn(architecture), "float32")
    outputs_of = recurrent_outputs(architecture, steps, "float32")

    def outputs(weights: Weights, recurrent: Tensor, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        x = ops.take(token_vectors(weights, batch["classes"]), batch["tokens"], axis=0)
        by_direction, after = outputs_of(weights, x, batch["keep"], recurrent)
        return ops.stack([ops.reshape(layers[-1], (-1, architecture.projection)) for layers in by_direction]), after

    def losses(weights: Weights, rows: Tensor, targets: Tensor) -> Tensor:
        return full_losses(rows, weights["softmax"], weights["softmax_bias"], targets, "float32")

    return backend.compiled(outputs), backend.compiled(losses)


def _by_direction(array: Tensor) -> Tensor:
    """``[T, 2, B]`` to ``[2 T B]``, the forward ones first."""
    from keras import ops

    return ops.reshape(ops.transpose(array, (1, 0, 2)), (-1,))
