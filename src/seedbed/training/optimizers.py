"""Adam, AdamW and SGD on weights with a replicate axis, and clipping for each replicate.

The rules are those of ``keras.optimizers``, which cannot be used themselves: they count one number of steps for all,
and clip all replicates together.
"""

from collections.abc import Mapping
from typing import Any

from seedbed.training.settings import Training

Weights = Mapping[str, Any]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def start(settings: Training, weights: Weights) -> dict[str, Any]:
    """The state before the first step: steps taken ``[R]``, and moments like the weights."""
    from keras import ops

    replicates = next(iter(weights.values())).shape[0]
    moments = {"sgd": ["first"] if settings.momentum else []}.get(settings.optimizer, ["first", "second"])
    state = {"steps": ops.zeros((replicates,), "float32")}
    return state | {moment: {name: ops.zeros_like(w) for name, w in weights.items()} for moment in moments}


def step(
    settings: Training, weights: Weights, gradients: Weights, state: Mapping[str, Any], rate: Any, active: Any = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One step: new weights and state. ``rate [R]``; replicates whose ``active [R]`` is false stay as they are."""
    from keras import ops

    rule = _sgd if settings.optimizer == "sgd" else _adam
    gradients = clipped(settings, gradients)
    steps = state["steps"] + 1.0
    new_weights: dict[str, Any] = {}
    new_state: dict[str, Any] = {moment: {} for moment in state if moment != "steps"} | {"steps": steps}
    for name, weight in weights.items():
        before = {moment: state[moment][name] for moment in state if moment != "steps"}
        now, moments = rule(settings, weight, gradients[name], before, _like(rate, weight), _like(steps, weight))
        new_weights[name] = now
        for moment, value in moments.items():
            new_state[moment][name] = value
    if active is None:
        return new_weights, new_state

    def gated(new, old):
        return ops.where(_like(active, new), new, old)

    for name in weights:
        new_weights[name] = gated(new_weights[name], weights[name])
        for moment in new_state.keys() - {"steps"}:
            new_state[moment][name] = gated(new_state[moment][name], state[moment][name])
    return new_weights, new_state | {"steps": ops.where(active, steps, state["steps"])}


def clipped(settings: Training, gradients: Weights) -> dict[str, Any]:
    """Gradients whose norm is at most ``clip_norm`` for each replicate: of all weights together, or of each."""
    from keras import ops

    if settings.clip_norm is None:
        return dict(gradients)
    squares = {name: ops.sum(ops.square(g), axis=tuple(range(1, len(g.shape)))) for name, g in gradients.items()}
    whole = sum(squares.values())
    factors = {
        name: settings.clip_norm
        / ops.maximum(ops.sqrt(whole if settings.clip_by == "replicate" else square), settings.clip_norm)
        for name, square in squares.items()
    }
    return {name: g * _like(factors[name], g) for name, g in gradients.items()}


def _adam(settings, weight, gradient, moments, rate, steps):
    """Kingma & Ba 2015; with ``weight_decay``, Loshchilov & Hutter 2019, as Keras has them."""
    from keras import ops

    first = moments["first"] + (gradient - moments["first"]) * (1.0 - BETA_1)
    second = moments["second"] + (ops.square(gradient) - moments["second"]) * (1.0 - BETA_2)
    size = rate * ops.sqrt(1.0 - ops.power(BETA_2, steps)) / (1.0 - ops.power(BETA_1, steps))
    if settings.optimizer == "adamw" and settings.weight_decay:
        weight = weight - weight * settings.weight_decay * rate
    return weight - first * size / (ops.sqrt(second) + EPSILON), {"first": first, "second": second}


def _sgd(settings, weight, gradient, moments, rate, steps):
    if not moments:
        return weight - rate * gradient, {}
    first = settings.momentum * moments["first"] - rate * gradient
    return weight + first, {"first": first}


def _like(per_replicate: Any, weight: Any) -> Any:
    """``[R]`` to ``[R, 1, ...]`` with as many axes as the weight."""
    from keras import ops

    return ops.reshape(per_replicate, (-1,) + (1,) * (len(weight.shape) - 1))
