"""Adam, AdamW and SGD on weights with a replicate axis, with gradients clipped for each replicate.

The update rules are those of ``keras.optimizers``, which cannot be used here: they have one step counter and one
gradient norm for all replicates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.training.settings import Training
from seedbed.types import Tensor, Tensors, Tree

Weights = Mapping[str, Tensor]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7
UNUSED: Mapping[str, float | None] = {"momentum": 0.0, "weight_decay": 0.0, "clip_norm": None}
"""The values with which a number does nothing: if all members have them, the step does not read it."""


@dataclass(frozen=True)
class Optimizer:
    """The update rule of a training step: all that the compiled step reads of ``Training``.

    Numbers are inputs of the step, `values`, so arms and members that differ in them share a compiled program.
    ``reads``: those beside the learning rate that at least one member uses.
    """

    optimizer: str
    clip_by: str
    reads: tuple[str, ...] = ()

    @classmethod
    def from_settings(cls, settings: Training | Sequence[Training]) -> "Optimizer":
        """The optimizer of an arm, or of the members of a group."""
        members = [settings] if isinstance(settings, Training) else settings
        reads = tuple(name for name, unused in UNUSED.items() if any(getattr(m, name) != unused for m in members))
        return cls(members[0].optimizer, members[0].clip_by, reads)

    def values(self, members: Sequence[Training]) -> dict[str, NDArray[np.float32]]:
        """Return the arrays ``[R]`` of the numbers that a step reads, without the learning rate."""
        rows = {name: [getattr(member, name) for member in members] for name in self.reads}
        return {
            name: np.array([np.inf if value is None else value for value in row], np.float32)
            for name, row in rows.items()
        }

    def initial_state(self, weights: Weights) -> dict[str, Tree]:
        """Return the state before the first step: step counters ``[R]``, and moments shaped like the weights."""
        from keras import ops

        replicates = next(iter(weights.values())).shape[0]
        moments = {"sgd": ["first"] if "momentum" in self.reads else []}.get(self.optimizer, ["first", "second"])
        state = {"steps": ops.zeros((replicates,), "float32")}
        return state | {moment: {name: ops.zeros_like(w) for name, w in weights.items()} for moment in moments}

    def apply(
        self,
        weights: Weights,
        gradients: Weights,
        state: Mapping[str, Tree],
        values: Tensors,
        active: Tensor | None = None,
    ) -> tuple[dict[str, Tensor], dict[str, Tree]]:
        """Return weights and state after one step.

        ``values``: ``learning_rate`` and those of `values`, ``[R]`` each. Replicates whose ``active [R]`` is false keep
        their weights and state.
        """
        from keras import ops

        update = self._sgd if self.optimizer == "sgd" else self._adam
        gradients = self.clip(gradients, values)
        steps = state["steps"] + 1.0
        new_weights: dict[str, Tensor] = {}
        new_state: dict[str, Tree] = {moment: {} for moment in state if moment != "steps"} | {"steps": steps}
        for name, weight in weights.items():
            old_moments = {moment: state[moment][name] for moment in state if moment != "steps"}
            new_weights[name], moments = update(
                weight, gradients[name], old_moments, {key: _expand(row, weight) for key, row in values.items()},
                _expand(steps, weight),
            )  # fmt: skip
            for moment, value in moments.items():
                new_state[moment][name] = value
        if active is None:
            return new_weights, new_state

        def where_active(new: Tensor, old: Tensor) -> Tensor:
            return ops.where(_expand(active, new), new, old)

        for name in weights:
            new_weights[name] = where_active(new_weights[name], weights[name])
            for moment in new_state.keys() - {"steps"}:
                new_state[moment][name] = where_active(new_state[moment][name], state[moment][name])
        return new_weights, new_state | {"steps": ops.where(active, steps, state["steps"])}

    def clip(self, gradients: Weights, values: Tensors) -> dict[str, Tensor]:
        """Return gradients whose norm is at most ``clip_norm`` in each replicate: of all weights, or of each weight.

        It may be infinite.
        """
        from keras import ops

        if "clip_norm" not in self.reads:
            return dict(gradients)
        limit = values["clip_norm"]
        squares = {name: ops.sum(ops.square(g), axis=tuple(range(1, len(g.shape)))) for name, g in gradients.items()}
        total = sum(squares.values())
        factors = {
            name: limit / ops.maximum(ops.sqrt(total if self.clip_by == "replicate" else square), limit)
            for name, square in squares.items()
        }
        factors = {name: ops.where(ops.isinf(limit), 1.0, factor) for name, factor in factors.items()}
        return {name: g * _expand(factors[name], g) for name, g in gradients.items()}

    def _adam(
        self, weight: Tensor, gradient: Tensor, moments: Weights, values: Tensors, steps: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Kingma & Ba (2015); with ``weight_decay``, Loshchilov & Hutter (2019), as Keras implements them."""
        from keras import ops

        first = moments["first"] + (gradient - moments["first"]) * (1.0 - BETA_1)
        second = moments["second"] + (ops.square(gradient) - moments["second"]) * (1.0 - BETA_2)
        rate = values["learning_rate"]
        size = rate * ops.sqrt(1.0 - ops.power(BETA_2, steps)) / (1.0 - ops.power(BETA_1, steps))
        if "weight_decay" in self.reads:
            weight = weight - weight * values["weight_decay"] * rate
        return weight - first * size / (ops.sqrt(second) + EPSILON), {"first": first, "second": second}

    def _sgd(
        self, weight: Tensor, gradient: Tensor, moments: Weights, values: Tensors, steps: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        rate = values["learning_rate"]
        if not moments:
            return weight - rate * gradient, {}
        first = values["momentum"] * moments["first"] - rate * gradient
        return weight + first, {"first": first}


def _expand(per_replicate: Tensor, weight: Tensor) -> Tensor:
    """``[R]`` to ``[R, 1, ...]`` with as many axes as the weight."""
    from keras import ops

    return ops.reshape(per_replicate, (-1,) + (1,) * (len(weight.shape) - 1))
