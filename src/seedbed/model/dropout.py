"""Dropout masks from each replicate's own stream, whose size depends on nothing but the arm.

A mask is drawn once for a sequence and holds for all its tokens (variational dropout, Gal & Ghahramani 2016, as
in Keras's recurrent layers), so it does not depend on how far a batch was padded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mask:
    """One dropout mask of an arm: its width, and the share of features that it sets to zero."""

    width: int
    rate: float


def masks(
    wanted: Mapping[str, Mask], batch: int, streams: Sequence[np.random.Generator | None]
) -> dict[str, np.ndarray]:
    """Draw each mask for one step: name to float32 ``[R, batch, width]``, scaled by ``1 / (1 - rate)``.

    ``streams`` has one generator a replicate; ``None`` (no example in this step) draws nothing.
    """
    drawn = {}
    for name, mask in wanted.items():
        if mask.rate == 0.0:
            continue
        values = np.zeros((len(streams), batch, mask.width), np.float32)
        for values_of_one, stream in zip(values, streams, strict=True):
            if stream is not None:
                stream.random(dtype=np.float32, out=values_of_one)
        drawn[name] = (values >= mask.rate) * np.float32(1.0 / (1.0 - mask.rate))
    return drawn
