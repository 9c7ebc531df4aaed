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
