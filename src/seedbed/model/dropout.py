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


def draw_masks(
    masks: Mapping[str, Mask], batch: int, streams: Sequence[np.random.Generator | None]
) -> dict[str, NDArray[np.float32]]:
    """Draw each mask for one step: name to float32 ``[R, batch, width]``, scaled by ``1 / (1 - rate)``.

    ``streams``: a generator for each replicate, or None for one without examples in this step.
    """
    drawn = {}
    for name, mask in masks.items():
        if mask.rate == 0.0:
            continue
        values = np.zeros((len(streams), batch, mask.width), np.float32)
        for row, stream in zip(values, streams, strict=True):
            if stream is not None:
                stream.random(dtype=np.float32, out=row)
        drawn[name] = (values >= mask.rate) * np.float32(1.0 / (1.0 - mask.rate))
    return drawn
