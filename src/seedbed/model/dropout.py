"""Dropout masks from the random stream of each replicate.

A mask is drawn once for a sequence and applies to all its tokens (variational dropout, Gal & Ghahramani 2016, as in
Keras's recurrent layers), so it does not depend on the length to which a batch is padded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Mask:
    """One dropout mask of an arm: its width, and the rate of features that it sets to zero."""

    width: int
    rate: float


Masks = Mapping[str, Mask]

WORDS = "words"
"""The name of the mask of `draw_word_masks`."""


def mask_names(members: Sequence[Masks]) -> tuple[str, ...]:
    """Return the names of the masks that at least one member has a rate for."""
    return tuple(name for name in members[0] if any(masks[name].rate for masks in members))


def draw_masks(
    masks: Masks | Sequence[Masks],
    batch: int,
    streams: Sequence[np.random.Generator | None],
    names: Sequence[str] | None = None,
) -> dict[str, NDArray[np.float32]]:
    """Draw each mask for one step: name to float32 ``[R, batch, width]``, scaled by ``1 / (1 - rate)``.

    ``masks``: of all replicates, or of each. ``names``: those to return, by default `mask_names`; a replicate without
    a rate for one gets ones. ``streams``: a generator for each replicate, or None for one without examples in this
    step. Replicates with one and the same generator get the same uniform numbers, each with its own rate as threshold.
    """
    members = [masks] * len(streams) if isinstance(masks, Mapping) else masks
    drawn = {}
    for name in mask_names(members) if names is None else names:
        rates = np.array([own[name].rate for own in members], np.float32)[:, None, None]
        scales = np.array([1.0 / (1.0 - own[name].rate) for own in members], np.float32)[:, None, None]
        values = np.zeros((len(streams), batch, members[0][name].width), np.float32)
        rows: dict[int, NDArray[np.float32]] = {}
        for row, stream, rate in zip(values, streams, rates, strict=True):
            if stream is None or not rate:
                continue
            if id(stream) in rows:
                row[:] = rows[id(stream)]
            else:
                rows[id(stream)] = stream.random(dtype=np.float32, out=row)
        drawn[name] = (values >= rates) * scales
    return drawn


def draw_word_masks(
    rates: Sequence[float],
    lengths: NDArray[np.int32],
    tokens: int,
    streams: Sequence[np.random.Generator | None],
) -> NDArray[np.float32]:
    """Draw which tokens of one step are dropped: 0 for these and 1 for others, float32 ``[R, tokens, B, 1]``.

    ``rates``: of each replicate; ``lengths [R, B]``: the numbers of tokens of its examples. One uniform number is drawn
    for each token, example by example, so padding takes none from the ``streams``, which are as in `draw_masks`. What
    is kept is not scaled, as in Flair.
    """
    masks = np.ones((len(streams), lengths.shape[1], tokens), np.float32)
    drawn: dict[int, NDArray[np.float32]] = {}
    for row, stream, rate, own in zip(masks, streams, rates, lengths, strict=True):
        if stream is None or not rate:
            continue
        if id(stream) not in drawn:
            drawn[id(stream)] = stream.random(int(own.sum()), dtype=np.float32)
        row[np.arange(tokens) < own[:, None]] = drawn[id(stream)] >= np.float32(rate)
    return masks.swapaxes(1, 2)[..., None]
