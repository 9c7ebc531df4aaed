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
UNUSED: Mapping[str, float | None] = {
    "momentum": 0.0, "weight_decay": 0.0, "clip_norm": None, "clip_value": None, "ema_decay": None,
}  # fmt: skip
"""The values with which a number does nothing: if all members have them, the step does not read it."""


@dataclass(frozen=True)
class Optimizer:
    """The update rule of a training step: all that the compiled step reads of ``Training``.

    Numbers are inputs of the step, `values`, so arms and members that differ in them share a compiled program.
    ``reads``: those beside the learning rate that at least one member uses. ``accumulate``: the batches of a step.
    """

    optimizer: str
    clip_by: str
    reads: tuple[str, ...] = ()
    accumulate: int = 1

    @classmethod
    def from_settings(cls, settings: Training | Sequence[Training]) -> "Optimizer":
        """The optimizer of an arm, or of the members of a group."""
        members = [settings] if isinstance(settings, Training) else settings
        reads = tuple(name for name, unused in UNUSED.items() if any(getattr(m, name) != unused for m in members))
        return cls(members[0].optimizer, members[0].clip_by, reads, members[0].accumulate)

    def values(self, members: Sequence[Training]) -> dict[str, NDArray[np.float32]]:
        """Return the arrays ``[R]`` of the numbers that a step reads, without the learning rate."""
        rows = {name: [getattr(member, name) for member in members] for name in self.reads}
        return {
            name: np.array([np.inf if value is None else value for value in row], np.float32)
            for name, row in rows.items()
        }

    def initial_state(self, weights: Weights) -> dict[str, Tree]:
        """Return the state before the first step: step counters ``[R]``, and moments shaped like the weights.

        Those of NumPy arrays are NumPy arrays, in the memory of the host.
        With ``ema_decay`` also ``average``; with ``accumulate`` the number of ``waiting`` batches ``[R]`` and the sum
        of their ``gradients``.
        """
        from keras import ops

        replicates = next(iter(weights.values())).shape[0]
        moments = {"sgd": ["first"] if "momentum" in self.reads else []}.get(self.optimizer, ["first", "second"])
        zeros = [*moments, *(["gradients"] if self.accumulate > 1 else [])]
        state: dict[str, Tree] = {"steps": ops.zeros((replicates,), "float32")}
        state |= {part: {name: _zeros_like(w) for name, w in weights.items()} for part in zeros}
        if self.accumulate > 1:
            state["waiting"] = ops.zeros((replicates,), "float32")
        if "ema_decay" in self.reads:
            state["average"] = dict(weights)
        return state

    def apply(
        self,
        weights: Weights,
        gradients: Weights,
        state: Mapping[str, Tree],
        values: Tensors,
        active: Tensor | None = None,
    ) -> tuple[dict[str, Tensor], dict[str, Tree]]:
        """Return weights and state after one batch.

        ``values``: ``learning_rate`` and those of `values`, ``[R]`` each. Replicates whose ``active [R]`` is false keep
        their weights and state.
        """
        from keras import ops

        if self.accumulate == 1:
            return self._step(weights, gradients, state, values, active)
        active = ops.ones_like(state["waiting"]) > 0 if active is None else active
        waiting = state["waiting"] + ops.cast(active, "float32")
        due = ops.logical_and(active, waiting >= self.accumulate)
        total = {
            name: old + ops.where(_expand(active, old), gradients[name], 0.0) / self.accumulate
            for name, old in state["gradients"].items()
        }
        new_weights, new_state = self._step(weights, total, state, values, due)
        rest = {name: ops.where(_expand(due, own), 0.0, own) for name, own in total.items()}
        return new_weights, new_state | {"gradients": rest, "waiting": ops.where(due, 0.0, waiting)}

    def _step(
        self, weights: Weights, gradients: Weights, state: Mapping[str, Tree], values: Tensors, active: Tensor | None
    ) -> tuple[dict[str, Tensor], dict[str, Tree]]:
        """Return weights and state after one step of the replicates that are active."""
        from keras import ops

        def where_active(new: Tensor, old: Tensor) -> Tensor:
            return new if active is None else ops.where(_expand(active, new), new, old)

        update = self._sgd if self.optimizer == "sgd" else self._adam
        gradients = self.clip(gradients, values)
        steps = state["steps"] + 1.0
        moments = [part for part in ("first", "second") if part in state]
        new_weights: dict[str, Tensor] = {}
        new_state: dict[str, Tree] = {part: {} for part in moments}
        for name, weight in weights.items():
            new, own = update(
                weight, gradients[name], {part: state[part][name] for part in moments},
                {key: _expand(row, weight) for key, row in values.items()}, _expand(steps, weight),
            )  # fmt: skip
            new_weights[name] = where_active(new, weight)
            for part, value in own.items():
                new_state[part][name] = where_active(value, state[part][name])
        if "average" in state:
            share = self._share_of_new(steps, values["ema_decay"])
            new_state["average"] = {
                name: where_active(old + (new_weights[name] - old) * _expand(share, old), old)
                for name, old in state["average"].items()
            }
        return new_weights, new_state | {"steps": where_active(steps, state["steps"])}

    @staticmethod
    def _share_of_new(steps: Tensor, decay: Tensor) -> Tensor:
        """Return ``1 - d`` of `Training`, ``[R]``; 1 for a replicate that averages nothing."""
        from keras import ops

        limited = ops.minimum(decay, (1.0 + steps) / (10.0 + steps))
        return ops.where(ops.isinf(decay), 1.0, 1.0 - limited)

    def clip(self, gradients: Weights, values: Tensors) -> dict[str, Tensor]:
        """Return gradients whose norm is at most ``clip_norm`` in each replicate: of all weights, or of each weight.

        Before, each number is limited to ``clip_value``. Both may be infinite.
        """
        from keras import ops

        if "clip_value" in self.reads:
            most = values["clip_value"]
            gradients = {name: ops.clip(g, -_expand(most, g), _expand(most, g)) for name, g in gradients.items()}
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


def _zeros_like(weight: Tensor) -> Tensor:
    from keras import ops

    return np.zeros_like(weight) if isinstance(weight, np.ndarray) else ops.zeros_like(weight)


def _expand(per_replicate: Tensor, weight: Tensor) -> Tensor:
    """``[R]`` to ``[R, 1, ...]`` with as many axes as the weight."""
    from keras import ops

    return ops.reshape(per_replicate, (-1,) + (1,) * (len(weight.shape) - 1))
