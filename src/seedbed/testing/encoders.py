"""Checks of an encoder."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from seedbed.model.dropout import Mask, draw_masks
from seedbed.model.encoders import Encoder
from seedbed.model.tasks import Classification, Tagging
from seedbed.model.weights import Weight, generator, initialize
from seedbed.testing.checks import Check, require, require_close, require_finite, run
from seedbed.testing.gradients import require_gradients
from seedbed.testing.samples import require_same_alone, require_same_outcome, train_samples
from seedbed.testing.settings import settings_checks

REPLICATES, TOKENS, EXAMPLES, WIDTH = 3, 7, 4, 5
LENGTHS = np.array([[7, 3, 1, 5], [2, 7, 6, 4], [1, 1, 7, 2]], np.int32)
HEADS = {False: Classification(), True: Tagging()}


def check_encoder(encoder: Encoder) -> None:
    """Run all checks of an encoder. Raises AssertionError for the first that fails."""
    run(encoder_checks(encoder))


def encoder_checks(encoder: Encoder) -> Iterator[Check]:
    """Yield the checks of an encoder; give it small sizes, and dropout where it has some."""
    yield from settings_checks(encoder)
    yield Check("weights and masks", lambda: _parts(encoder))
    for per_token in (False, True) if encoder.tags else (False,):
        kind = HEADS[per_token].kind
        yield Check(f"{kind}: shape and type", partial(_shape, encoder, per_token))
        yield Check(f"{kind}: padding changes nothing", partial(_padding, encoder, per_token))
        yield Check(f"{kind}: other examples change nothing", partial(_company, encoder, per_token))
        yield Check(f"{kind}: other replicates change nothing", partial(_replicates, encoder, per_token))
        yield Check(f"{kind}: dropout masks are applied", partial(_masked, encoder, per_token))
        yield Check(f"{kind}: a replicate alone trains as in a group", partial(_alone, encoder, per_token))
    yield Check("gradients reach every weight", lambda: _gradients(encoder))
    yield Check("same seeds, same numbers", lambda: _seeds(encoder))


def _batch() -> tuple[np.ndarray, np.ndarray]:
    """Vectors ``[R, T, B, D]``, zero on padding, and what is real, ``[R, T, B, 1]``."""
    rng = np.random.default_rng(1)
    real = (np.arange(TOKENS)[None, :, None] < LENGTHS[:, None, :]).astype(np.float32)[..., None]
    return rng.normal(size=(REPLICATES, TOKENS, EXAMPLES, WIDTH)).astype(np.float32) * real, real


def _weights(encoder: Encoder) -> dict[str, np.ndarray]:
    return initialize(encoder.weights(WIDTH), range(REPLICATES))


def _encode(
    encoder: Encoder, weights: Mapping[str, np.ndarray], x: np.ndarray, real: np.ndarray, per_token: bool,
    dropout: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray:  # fmt: skip
    from keras import ops

    tensors = {name: ops.convert_to_tensor(value) for name, value in weights.items()}
    drawn = {name: ops.convert_to_tensor(value) for name, value in (dropout or {}).items()}
    y = encoder.encode(tensors, ops.convert_to_tensor(x), ops.convert_to_tensor(real), drawn, per_token)
    return ops.convert_to_numpy(y) * (real if per_token else 1.0)


def _parts(encoder: Encoder) -> None:
    weights, drawn, width = encoder.weights(WIDTH), encoder.masks(WIDTH), encoder.width(WIDTH)
    require(all(isinstance(weight, Weight) for weight in weights.values()), "weights(width) must hold Weight objects")
    require(all(isinstance(mask, Mask) for mask in drawn.values()), "masks(width) must hold Mask objects")
    require(isinstance(width, int) and width > 0, f"width({WIDTH}) is {width!r}, expected a number above 0")
    for head in (Classification(hidden=1), Tagging(hidden=1)):
        common = {*weights} & {*head.weights(width, 2)} | {*drawn} & {*head.masks(width)} | {*weights} & {"table"}
        require(not common, f"the names {', '.join(sorted(common))} belong to the task or the embedding: rename them")


def _shape(encoder: Encoder, per_token: bool) -> None:
    x, real = _batch()
    y = _encode(encoder, _weights(encoder), x, real, per_token)
    axes = (REPLICATES, TOKENS, EXAMPLES) if per_token else (REPLICATES, EXAMPLES)
    expected = [*axes, encoder.width(WIDTH)]
    require(list(y.shape) == expected, f"the output has shape {list(y.shape)}, expected {expected}")
    require(y.dtype == np.float32, f"the output is of type {y.dtype}, expected that of the input, float32")
    require_finite(y, "the output")


def _padding(encoder: Encoder, per_token: bool) -> None:
    x, real = _batch()
    weights = _weights(encoder)
    further = [(0, 0), (0, 5), (0, 0), (0, 0)]
    short = _encode(encoder, weights, x, real, per_token)
    long = _encode(encoder, weights, np.pad(x, further), np.pad(real, further), per_token)
    require_close(long[:, :TOKENS] if per_token else long, short, "the output with five more tokens of padding")
    for r in range(REPLICATES):
        for b, length in enumerate(LENGTHS[r].tolist()):
            tokens = max(length, 2)  # Keras warns of a softmax over one token
            chosen = np.s_[:, :tokens, b : b + 1]
            alone = _encode(encoder, weights, x[chosen], real[chosen], per_token)[r]
            with_padding = short[r, :tokens, b] if per_token else short[r, b]
            require_close(alone[:, 0] if per_token else alone[0], with_padding, "the output without any padding")


def _company(encoder: Encoder, per_token: bool) -> None:
    x, real = _batch()
    weights = _weights(encoder)
    y = _encode(encoder, weights, x, real, per_token)
    order = [2, 0]
    some = _encode(encoder, weights, x[:, :, order], real[:, :, order], per_token)
    require_close(some, y[..., order, :], "the output of examples in another batch")


def _replicates(encoder: Encoder, per_token: bool) -> None:
    x, real = _batch()
    weights = _weights(encoder)
    y = _encode(encoder, weights, x, real, per_token)
    for r in range(REPLICATES):
        own = {name: value[r : r + 1] for name, value in weights.items()}
        alone = _encode(encoder, own, x[r : r + 1], real[r : r + 1], per_token)
        require_close(alone[0], y[r], f"the output of replicate {r} alone")


def _masked(encoder: Encoder, per_token: bool) -> None:
    """Masks of ones change nothing; those that are drawn change something, if any has a rate above 0."""
    x, real = _batch()
    weights, declared = _weights(encoder), encoder.masks(WIDTH)
    y = _encode(encoder, weights, x, real, per_token)
    ones = {name: np.ones((REPLICATES, EXAMPLES, mask.width), np.float32) for name, mask in declared.items()}
    require_close(_encode(encoder, weights, x, real, per_token, ones), y, "the output with masks of ones")
    drawn = draw_masks(declared, EXAMPLES, [generator(seed, "dropout") for seed in range(REPLICATES)])
    for name, mask in drawn.items():
        changed = _encode(encoder, weights, x, real, per_token, {name: mask})
        require_finite(changed, f"the output with the mask {name}")
        require(bool((changed != y).any()), f"the mask {name} is declared and changes nothing")


def _alone(encoder: Encoder, per_token: bool) -> None:
    require_same_alone(lambda replicates: train_samples(encoder, HEADS[per_token], replicates))


def _gradients(encoder: Encoder) -> None:
    """Of the outputs for one vector a sequence and, where it tags, for one a token, taken together."""
    x, real = _batch()
    kinds: Sequence[bool] = (False, True) if encoder.tags else (False,)

    def outputs(weights: Mapping[str, np.ndarray]) -> list[object]:
        return [encoder.encode(weights, x, real, {}, per_token) for per_token in kinds]

    require_gradients(outputs, _weights(encoder))


def _seeds(encoder: Encoder) -> None:
    first, second = (train_samples(encoder, HEADS[False], [3, 4]) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        require_same_outcome(one, other, "two trainings with the same seeds", tolerance=0.0)
    require(first[0].history != first[1].history, "two replicates with different seeds have the same history")
