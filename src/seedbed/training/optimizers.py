"""Adam, AdamW and SGD on weights with a replicate axis, with gradients clipped for each replicate.

The update rules are those of ``keras.optimizers``, which cannot be used here: they have one step counter and one
gradient norm for all replicates.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.training.settings import Training
from seedbed.types import Tensor, Tree

Weights = Mapping[str, Tensor]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


@dataclass(frozen=True)
class Optimizer:
    """The update rule of a training step: all that the compiled step reads of ``Training``.

    The learning rate is an input of the step, so arms that differ in it share a compiled program.
    """

    optimizer: str
    momentum: float
    weight_decay: float
    clip_norm: float | None
    clip_by: str

    @classmethod
    def from_settings(cls, settings: Training) -> "Optimizer":
        """The optimizer of an arm."""
        return cls(
            settings.optimizer, settings.momentum, settings.weight_decay, settings.clip_norm, settings.clip_by
        )  # fmt: skip

    def initial_state(self, weights: Weights) -> dict[str, Tree]:
        """Return the state before the first step: step counters ``[R]``, and moments shaped like the weights."""
        from keras import ops

        replicates = next(iter(weights.values())).shape[0]
        moments = {"sgd": ["first"] if self.momentum else []}.get(self.optimizer, ["first", "second"])
        state = {"steps": ops.zeros((replicates,), "float32")}
        return state | {moment: {name: ops.zeros_like(w) for name, w in weights.items()} for moment in moments}

    def apply(
        self,
        weights: Weights,
        gradients: Weights,
        state: Mapping[str, Tree],
        rate: Tensor,
        active: Tensor | None = None,
    ) -> tuple[dict[str, Tensor], dict[str, Tree]]:
        """Return weights and state after one step.

        ``rate``: learning rates ``[R]``. Replicates whose ``active [R]`` is false keep their weights and state.
        """
        from keras import ops

        update = self._sgd if self.optimizer == "sgd" else self._adam
        gradients = self.clip(gradients)
        steps = state["steps"] + 1.0
        new_weights: dict[str, Tensor] = {}
        new_state: dict[str, Tree] = {moment: {} for moment in state if moment != "steps"} | {"steps": steps}
        for name, weight in weights.items():
            old_moments = {moment: state[moment][name] for moment in state if moment != "steps"}
            new_weights[name], moments = update(
                weight, gradients[name], old_moments, _expand(rate, weight), _expand(steps, weight)
            )
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

    def clip(self, gradients: Weights) -> dict[str, Tensor]:
        """Return gradients whose norm is at most ``clip_norm`` in each replicate: of all weights, or of each weight."""
        from keras import ops

        if self.clip_norm is None:
            return dict(gradients)
        squares = {name: ops.sum(ops.square(g), axis=tuple(range(1, len(g.shape)))) for name, g in gradients.items()}
        total = sum(squares.values())
        factors = {
            name: self.clip_norm
            / ops.maximum(ops.sqrt(total if self.clip_by == "replicate" else square), self.clip_norm)
            for name, square in squares.items()
        }
        return {name: g * _expand(factors[name], g) for name, g in gradients.items()}

    def _adam(
        self, weight: Tensor, gradient: Tensor, moments: Weights, rate: Tensor, steps: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Kingma & Ba (2015); with ``weight_decay``, Loshchilov & Hutter (2019), as Keras implements them."""
        from keras import ops

        first = moments["first"] + (gradient - moments["first"]) * (1.0 - BETA_1)
        second = moments["second"] + (ops.square(gradient) - moments["second"]) * (1.0 - BETA_2)
        size = rate * ops.sqrt(1.0 - ops.power(BETA_2, steps)) / (1.0 - ops.power(BETA_1, steps))
        if self.optimizer == "adamw" and self.weight_decay:
            weight = weight - weight * self.weight_decay * rate
        return weight - first * size / (ops.sqrt(second) + EPSILON), {"first": first, "second": second}

    def _sgd(
        self, weight: Tensor, gradient: Tensor, moments: Weights, rate: Tensor, steps: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        if not moments:
            return weight - rate * gradient, {}
        first = self.momentum * moments["first"] - rate * gradient
        return weight + first, {"first": first}


def _expand(per_replicate: Tensor, weight: Tensor) -> Tensor:
    """``[R]`` to ``[R, 1, ...]`` with as many axes as the weight."""
    from keras import ops

    return ops.reshape(per_replicate, (-1,) + (1,) * (len(weight.shape) - 1))
