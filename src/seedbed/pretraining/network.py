"""The network in training: token vectors from characters, both directions, and the loss by sampled or full softmax."""

from collections.abc import Callable, Mapping, Sequence

from seedbed.embeddings.bilm.network import convolved, product, projected
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.pretraining.lstm import lstm_layer
from seedbed.types import Tensor

Weights = Mapping[str, Tensor]

MATRICES = ("filters", "highway_", "projection")
"""Prefixes of the names of matrices whose products are computed in lower precision."""


def token_network(cnn: CharCnn, precision: str) -> Callable:
    """Return a function of ``(weights, classes)``: the vectors of a block's words, ``[N, P]``.

    ``classes``: windows of words of similar length, see ``pretraining.characters``.
    """
    from keras import ops

    features, project = convolved(cnn), projected(cnn)
    widest = max(width for width, _ in cnn.filters)

    def function(weights: Weights, classes: Sequence[Sequence[Tensor]]) -> Tensor:
        cast = {
            name: ops.cast(weight, precision) if len(weight.shape) == 2 and name.startswith(MATRICES) else weight
            for name, weight in weights.items()
        }
        cast["filters"] = ops.concatenate(
            [
                ops.pad(cast[f"filters_{n}"], ((0, (widest - width) * cnn.dim), (0, 0)))
                for n, (width, _) in enumerate(cnn.filters)
            ],
            axis=1,
        )
        return project(cast, ops.concatenate([features(cast, *windows) for windows in classes], axis=0))

    return function


def recurrent_outputs(architecture: Architecture, steps: int, precision: str) -> Callable:
    """Return a function of ``(weights, x [T, 2, B, P], keep [T, B, 1], state, masks)``: outputs and the state after.

    Outputs are a pair, of each direction the layers ``[T, B, P]``, lowest first. ``state``: of each layer ``h [2, B,
    P]`` and ``c [2, B, U]``. ``masks [layers + 1, T, 2, B, P]``, true where dropout keeps, with ``scale``, or None: of
    each layer's input, and of the output of the last, as in bilm-tf.
    """
    from keras import ops

    run = lstm_layer(architecture, steps, precision)

    def function(
        weights: Weights, x: Tensor, keep: Tensor, state: Sequence[Tensor], masks: Tensor = None, scale: Tensor = None
    ) -> tuple[list[list[Tensor]], tuple[Tensor, ...]]:
        def dropped(x: Tensor, layer: int, direction: int) -> Tensor:
            return x if masks is None else ops.where(masks[layer, :, direction], x * scale, 0.0)

        after: list[list[Tensor]] = [[] for _ in state]
        outputs = []
        for direction in (0, 1):
            below, layers = x[:, direction], []
            for n in range(architecture.layers):
                below = dropped(below, n, direction)
                h, c = (ops.stop_gradient(part[direction]) for part in state[2 * n : 2 * n + 2])
                states, last = run(
                    below, h, c, keep, weights[f"gates_{n}"][direction], weights[f"project_{n}"][direction]
                )
                after[2 * n].append(states[-1])
                after[2 * n + 1].append(last)
                below = states + below if architecture.skip and n else states
                layers.append(below)
            layers[-1] = dropped(layers[-1], architecture.layers, direction)
            outputs.append(layers)
        return outputs, tuple(ops.stop_gradient(ops.stack(part)) for part in after)

    return function


def sampled_losses(
    outputs: Tensor, softmax: Tensor, bias: Tensor, targets: Tensor, candidates: Tensor,
    expected: tuple[Tensor, Tensor], precision: str,
) -> Tensor:  # fmt: skip
    """Return losses ``[N]`` of ``outputs [N, P]`` against the targets ``[N]`` with ``candidates [n]`` as negatives.

    ``expected``: the logs of the expected counts of each target and each candidate among the candidates. They are
    subtracted, so that their softmax estimates the full one (Jean et al. 2015; bilm-tf). A candidate that is the target
    itself is ignored.
    """
    from keras import ops

    of_targets, of_candidates = expected
    true = ops.sum(outputs * ops.take(softmax, targets, axis=0), axis=-1) + ops.take(bias, targets) - of_targets
    rows = ops.cast(ops.take(softmax, candidates, axis=0), precision)
    others = product(outputs, ops.transpose(rows)) + (ops.take(bias, candidates) - of_candidates)
    others = ops.where(ops.equal(targets[:, None], candidates[None]), -1e9, others)
    largest = ops.stop_gradient(ops.maximum(ops.max(others, axis=-1), true))
    total = ops.sum(ops.exp(others - largest[:, None]), axis=-1) + ops.exp(true - largest)
    return ops.log(total) + largest - true


def full_losses(outputs: Tensor, softmax: Tensor, bias: Tensor, targets: Tensor, precision: str) -> Tensor:
    """Return losses ``[N]`` over the whole vocabulary."""
    from keras import ops

    logits = product(outputs, ops.transpose(ops.cast(softmax, precision))) + bias
    true = ops.sum(outputs * ops.take(softmax, targets, axis=0), axis=-1) + ops.take(bias, targets)
    return ops.logsumexp(logits, axis=-1) - true
