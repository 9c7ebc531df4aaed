"""Adagrad, as ELMo was trained, and Adam; clipping of gradients."""

from collections.abc import Mapping
from typing import Any

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
