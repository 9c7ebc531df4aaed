"""Blocks as inputs of the network, prepared in a thread while the device computes."""

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar, cast

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.network import Tensor
from seedbed.pretraining.sampled_softmax import LogUniformSampler
from seedbed.pretraining.streams import Block

PREFETCHED = 2

Item = TypeVar("Item")

Batch = dict[str, Tensor]
"""Arrays by name; ``classes`` is a list of tuples of arrays."""


def block_inputs(block: Block, characters: Characters) -> Batch:
    """Return the network's inputs: ``classes`` (see ``characters``), ``tokens [T, 2, B]`` as their rows, and ``keep``.

    ``keep`` is ``[T, B, 1]``.
    """
    classes, rows = characters.classes(block.types)
    return {"classes": classes, "tokens": rows[block.words], "keep": block.keep[:, :, None]}


def training_batch(
    block: Block, step: int, characters: Characters, sampler: LogUniformSampler, architecture: Architecture,
    dropout: float, seed: int,
) -> Batch:  # fmt: skip
    """Return a batch of ``programs.training_step``; everything random in it is a function of seed and step."""
    candidates, expected = sampler.draw(seed, step)
    arrays = block_inputs(block, characters) | {
        "targets": block.targets,
        "candidates": candidates,
        "expected_targets": sampler.expected(block.targets),
        "expected_candidates": expected,
    }
    if dropout:
        size = (architecture.layers + 1, *block.targets.shape, architecture.projection)
        arrays["masks"] = np.random.default_rng([seed, step, 4]).random(size, np.float32) >= dropout
    return arrays


def prefetch(items: Iterable[Item]) -> Generator[Item, None, None]:
    """The items, some of them computed ahead in a thread; its errors are raised here."""
    ready: queue.Queue[tuple[object, BaseException | None]] = queue.Queue(PREFETCHED)
    closed = threading.Event()
    end = object()

    def put(entry: tuple[object, BaseException | None]) -> bool:
        while not closed.is_set():
            try:
                ready.put(entry, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((end, None))
        except BaseException as error:  # raised by the reader
            put((end, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is end:
                return
            yield cast("Item", item)
    finally:
        closed.set()
        thread.join()
