"""Perplexity of held-out text, by direction."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture
from seedbed.pretraining.batches import block_inputs, prefetch
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.network import Weights
from seedbed.pretraining.programs import held_out_functions
from seedbed.pretraining.shards import Shards, documents_in_order
from seedbed.pretraining.sizes import character_cnn
from seedbed.pretraining.streams import Streams

STREAMS, STEPS = 32, 20

LOGITS = 1 << 24
"""Logits that are in memory at once."""


@dataclass(frozen=True)
class Perplexity:
    """``exp`` of the mean loss of a predicted word, by direction."""

    forward: float
    backward: float

    @property
    def mean(self) -> float:
        """The geometric mean of both directions, that of the mean of their losses."""
        return float(np.sqrt(self.forward * self.backward))


class HeldOutText:
    """The held-out text of a corpus; ``perplexity`` runs a model over it, with the softmax of all words."""

    def __init__(self, shards: Shards, numbers: Mapping[str, int], architecture: Architecture, state: str):
        self.shards, self.numbers, self.architecture, self.state = shards, numbers, architecture, state
        self.characters = Characters(character_cnn(architecture))
        outputs, losses = held_out_functions(architecture, STEPS)
        self._outputs, self._losses = backend.full_precision(outputs), backend.full_precision(losses)
        self.streams = min(STREAMS, shards.held_out.documents)

    def perplexity(self, weights: Weights) -> Perplexity:
        """Return the perplexity of the model with these weights."""
        rows = max(1, LOGITS // len(self.numbers))
        total, number = np.zeros(2), 0
        state = zero_state(self.architecture, self.streams)
        texts = documents_in_order(self.shards.folder, self.shards.held_out)
        streams = Streams(texts, self.numbers, self.streams, STEPS, self.state)
        for block, inputs in prefetch((block, block_inputs(block, self.characters)) for block in streams.blocks()):
            outputs, state = self._outputs(weights, state, inputs)
            real = block.real.reshape(-1)
            number += int(real.sum())
            for direction in (0, 1):
                targets = block.targets[:, direction].reshape(-1)
                losses = [
                    np.asarray(self._losses(weights, outputs[direction, at : at + rows], targets[at : at + rows]))
                    for at in range(0, len(targets), rows)
                ]
                total[direction] += np.concatenate(losses)[real].sum(dtype=np.float64)
        with np.errstate(over="ignore"):
            return Perplexity(*(float(np.exp(loss / number)) for loss in total))


def zero_state(architecture: Architecture, streams: int) -> tuple[np.ndarray, ...]:
    """Return zeros, of each layer ``h [2, B, P]`` and ``c [2, B, U]``."""
    widths = (architecture.projection, architecture.units) * architecture.layers
    return tuple(np.zeros((2, streams, width), np.float32) for width in widths)
