"""Checks of a task: the head on top of an encoder."""

from collections.abc import Iterator, Mapping

import numpy as np

from seedbed.metrics import PRIMARY
from seedbed.model.decoding import CRF
from seedbed.model.dropout import Mask, draw_masks
from seedbed.model.encoders import CNN
from seedbed.model.tasks import Head, decoding_of
from seedbed.model.weights import Weight, generator, initialize
from seedbed.testing.checks import Check, require, require_close, require_finite, run
from seedbed.testing.gradients import require_gradients
from seedbed.testing.samples import require_same_alone, train_samples
from seedbed.testing.settings import settings_checks

REPLICATES, TOKENS, EXAMPLES, WIDTH = 3, 5, 4, 6
LABELS = ("O", "B-x", "I-x")
ENCODER = CNN(filters=6, widths=[2, 3])


def check_task(task: Head) -> None:
    """Run all checks of a task. Raises AssertionError for the first that fails."""
    run(task_checks(task))


def task_checks(task: Head) -> Iterator[Check]:
    """Yield the checks of a task; give it a hidden layer and dropout where it has them."""
    yield from settings_checks(task)
    yield Check("kind and scores", lambda: _kind(task))
    yield Check("weights and masks", lambda: _parts(task))
    yield Check("shape and type", lambda: _shape(task))
    yield Check("other examples change nothing", lambda: _company(task))
    yield Check("other replicates change nothing", lambda: _replicates(task))
    yield Check("dropout masks are applied", lambda: _masked(task))
    yield Check("gradients reach every weight", lambda: _gradients(task))
    yield Check("a replicate alone trains as in a group", lambda: _alone(task))
    yield Check("cells have the scores that the task names", lambda: _scores(task))


def _kind(task: Head) -> None:
    require(task.kind in PRIMARY, f"kind is {task.kind!r}, expected one of {', '.join(PRIMARY)}")
    require(task.per_token == (task.kind == "tagging"), f"per_token={task.per_token} does not go with {task.kind}")
    require(PRIMARY[task.kind] in task.scores, f"scores must have {PRIMARY[task.kind]}, the score of {task.kind}")


def _parts(task: Head) -> None:
    weights, declared = task.weights(WIDTH, _classes(task)), task.masks(WIDTH)
    require(all(isinstance(weight, Weight) for weight in weights.values()), "weights() must hold Weight objects")
    require(all(isinstance(mask, Mask) for mask in declared.values()), "masks() must hold Mask objects")
    common = {*weights} & {"table"} | {*ENCODER.weights(WIDTH)} & {*weights}
    require(not common, f"the names {', '.join(sorted(common))} belong to an encoder or an embedding: rename them")


def _inputs(task: Head) -> np.ndarray:
    shape = (REPLICATES, TOKENS, EXAMPLES, WIDTH) if task.per_token else (REPLICATES, EXAMPLES, WIDTH)
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def _classes(task: Head) -> int:
    decoding = decoding_of(task, LABELS)
    return len(LABELS if decoding is None else decoding.tags.inside)


def _weights(task: Head) -> dict[str, np.ndarray]:
    return initialize(task.weights(WIDTH, _classes(task)), range(REPLICATES))


def _logits(
    task: Head, weights: Mapping[str, np.ndarray], x: np.ndarray, dropout: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    from keras import ops

    tensors = {name: ops.convert_to_tensor(value) for name, value in weights.items()}
    drawn = {name: ops.convert_to_tensor(value) for name, value in (dropout or {}).items()}
    return ops.convert_to_numpy(task.logits(tensors, ops.convert_to_tensor(x), drawn))


def _shape(task: Head) -> None:
    x = _inputs(task)
    y = _logits(task, _weights(task), x)
    expected = [*x.shape[:-1], _classes(task)]
    require(list(y.shape) == expected, f"the logits have shape {list(y.shape)}, expected {expected}")
    require(y.dtype == np.float32, f"the logits are of type {y.dtype}, expected that of the input, float32")
    require_finite(y, "the logits")


def _company(task: Head) -> None:
    x, weights = _inputs(task), _weights(task)
    y = _logits(task, weights, x)
    require_close(_logits(task, weights, x[..., [2, 0], :]), y[..., [2, 0], :], "the logits in another batch")


def _replicates(task: Head) -> None:
    x, weights = _inputs(task), _weights(task)
    y = _logits(task, weights, x)
    for r in range(REPLICATES):
        own = {name: value[r : r + 1] for name, value in weights.items()}
        require_close(_logits(task, own, x[r : r + 1])[0], y[r], f"the logits of replicate {r} alone")


def _masked(task: Head) -> None:
    x, weights, declared = _inputs(task), _weights(task), task.masks(WIDTH)
    y = _logits(task, weights, x)
    ones = {name: np.ones((REPLICATES, EXAMPLES, mask.width), np.float32) for name, mask in declared.items()}
    require_close(_logits(task, weights, x, ones), y, "the logits with masks of ones")
    drawn = draw_masks(declared, EXAMPLES, [generator(seed, "dropout") for seed in range(REPLICATES)])
    for name, mask in drawn.items():
        changed = _logits(task, weights, x, {name: mask})
        require(bool((changed != y).any()), f"the mask {name} is declared and changes nothing")


def _gradients(task: Head) -> None:
    """Of the logits, and of the losses of sentences for the weights of a CRF."""
    x, decoding = _inputs(task), decoding_of(task, LABELS)
    targets, mask = np.zeros(x.shape[:-1], np.int32), np.ones((*x.shape[:-1], 1), np.float32)

    def outputs(weights: Mapping[str, np.ndarray]) -> list[object]:
        logits = task.logits(weights, x, {})
        if decoding is None or decoding.decoder != CRF:
            return [logits]
        return [logits, decoding.losses(weights, logits, targets, mask)]

    require_gradients(outputs, _weights(task))


def _alone(task: Head) -> None:
    require_same_alone(lambda replicates: train_samples(ENCODER, task, replicates))


def _scores(task: Head) -> None:
    (outcome,) = train_samples(ENCODER, task, [0])
    names = {name.removeprefix("test/") for name in outcome.metrics if name.startswith("test/")}
    scores = {name for name in names if "/" not in name}
    require(scores >= set(task.scores), f"scores without a value: {', '.join(sorted(set(task.scores) - scores))}")
