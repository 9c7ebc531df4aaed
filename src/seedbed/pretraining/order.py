"""The order in which documents are read."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seedbed.pretraining.shards import Part, read_shard

AT_ONCE = 4
"""Shards whose documents are shuffled together: what is in memory of the corpus."""


def shuffled(folder: Path, part: Part, seed: int, skip: int = 0) -> Iterator[str]:
    """The documents of all epochs, without end, each epoch in an order of its own; ``skip``: leave out so many.

    Shards are shuffled, and the documents of ``AT_ONCE`` of them together.
    """
    names = list(part.files)
    epoch, skip = divmod(skip, part.documents)
    while True:
        order = np.random.default_rng([seed, epoch, 2]).permutation(len(names))
        for begin in range(0, len(order), AT_ONCE):
            group = [names[n] for n in order[begin : begin + AT_ONCE]]
            number = sum(part.files[name] for name in group)
            if skip >= number:
                skip -= number
                continue
            texts = [text for name in group for text in read_shard(folder / name)]
            for n in np.random.default_rng([seed, epoch, 3, begin]).permutation(number)[skip:]:
                yield texts[n]
            del texts  # before the next ones are read
            skip = 0
        epoch += 1


def in_turn(folder: Path, part: Part) -> Iterator[str]:
    """The documents once, as they are."""
    for name in part.files:
        yield from read_shard(folder / name)
