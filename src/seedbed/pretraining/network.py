"""The network in training: words from characters, both directions, and the loss by sampled or full softmax."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seedbed.embeddings.bilm.network import convolved, product, projected
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.pretraining.lstm import layer

Weights = Mapping[str, Any]

MATRICES = ("filters", "highway_", "projection")
"""What the names of those matrices begin with whose products are taken in lower precision."""


def words_of(cnn: CharCnn, held: str) -> Callable:
    """A function of ``(weights, classes)`` that returns the vectors of a block's words, ``[N, P]``.

    ``classes``: windows of words of like length, see ``pretraining.words``.
    """
    from keras import ops

    features, through = convolved(cnn), projected(cnn)
    widest = max(width for width, _ in cnn.filters)

    def function(weights: Weights, classes: Sequence) -> Any:
        lower = {
            name: ops.cast(weight, held) if len(weight.shape) == 2 and name.startswith(MATRICES) else weight
            for name, weight in weights.items()
        }
        lower["filters"] = ops.concatenate(
            [
                ops.pad(lower[f"filters_{n}"], ((0, (widest - width) * cnn.dim), (0, 0)))
                for n, (width, _) in enumerate(cnn.filters)
            ],
            axis=1,
        )
        found = [features(lower, *windows) for windows in classes]
        return through(lower, ops.concatenate(found, axis=0))

    return function


def states_of(architecture: Architecture, steps: int, held: str) -> Callable:
    """A function of ``(weights, x [T, 2, B, P], keep [T, B, 1], state, masks)``: outputs and the state after them.

    Outputs are a pair, of each direction the layers ``[T, B, P]``, lowest first. ``state``: of each layer ``h [2, B,
    P]`` and ``c [2, B, U]``. ``masks [layers + 1, T, 2, B, P]``, true where dropout keeps, with ``scale``, or None: of
    each layer's input, and of the outcome of the last, as in bilm-tf.
    """
    from keras import ops

    run = layer(architecture, steps, held)

    def function(weights: Weights, x: Any, keep: Any, state: Sequence, masks: Any = None, scale: Any = None) -> tuple:
        def dropped(x, layer, direction):
            return x if masks is None else ops.where(masks[layer, :, direction], x * scale, 0.0)

        after: list[list] = [[] for _ in state]
        outputs = []
        for direction in (0, 1):
            below, own = x[:, direction], []
            for n in range(architecture.layers):
                below = dropped(below, n, direction)
                h, c = (ops.stop_gradient(part[direction]) for part in state[2 * n : 2 * n + 2])
                states, last = run(
                    below, h, c, keep, weights[f"gates_{n}"][direction], weights[f"project_{n}"][direction]
                )
                after[2 * n].append(states[-1])
                after[2 * n + 1].append(last)
                below = states + below if architecture.skip and n else states
                own.append(below)
            own[-1] = dropped(own[-1], architecture.layers, direction)
            outputs.append(own)
        return outputs, tuple(ops.stop_gradient(ops.stack(part)) for part in after)

    return function


def sampled_losses(
    outputs: Any, softmax: Any, bias: Any, targets: Any, candidates: Any, expected: tuple, held: str
) -> Any:
    """Losses ``[N]`` of ``outputs [N, P]`` where only ``candidates [n]`` stand against the targets ``[N]``.

    ``expected``: the logarithms of how often each target and each candidate is expected among the candidates, taken
    off, so that their softmax estimates the full one (Jean et al. 2015; bilm-tf). A candidate that is the target
    itself does not count.
    """
    from keras import ops

    of_targets, of_candidates = expected
    true = ops.sum(outputs * ops.take(softmax, targets, axis=0), axis=-1) + ops.take(bias, targets) - of_targets
    rows = ops.cast(ops.take(softmax, candidates, axis=0), held)
    others = product(outputs, ops.transpose(rows)) + (ops.take(bias, candidates) - of_candidates)
    others = ops.where(ops.equal(targets[:, None], candidates[None]), -1e9, others)
    most = ops.stop_gradient(ops.maximum(ops.max(others, axis=-1), true))
    total = ops.sum(ops.exp(others - most[:, None]), axis=-1) + ops.exp(true - most)
    return ops.log(total) + most - true


def full_losses(outputs: Any, softmax: Any, bias: Any, targets: Any, held: str) -> Any:
    """Losses ``[N]`` over the whole vocabulary."""
    from keras import ops

    logits = product(outputs, ops.transpose(ops.cast(softmax, held))) + bias
    true = ops.sum(outputs * ops.take(softmax, targets, axis=0), axis=-1) + ops.take(bias, targets)
    return ops.logsumexp(logits, axis=-1) - true
