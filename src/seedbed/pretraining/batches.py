"""Blocks as the network takes them; made ahead, while the device computes."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.sampled_softmax import LogUniform
from seedbed.pretraining.streams import Block

AHEAD = 2

Item = TypeVar("Item")


def inputs(block: Block, characters: Characters) -> dict[str, Any]:
    """What the states need: ``classes`` (see ``words``), ``tokens [T, 2, B]`` as rows of them, ``keep [T, B, 1]``."""
    classes, rows = characters.classes(block.types)
    return {"classes": classes, "tokens": rows[block.words], "keep": block.keep[:, :, None]}


def batch(
    block: Block, step: int, characters: Characters, candidates: LogUniform, architecture: Architecture,
    dropout: float, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """A batch of ``programs.fitting``; what is random in it depends on the seed and the step alone."""
    chosen, expected = candidates.draw(seed, step)
    made = inputs(block, characters) | {
        "targets": block.targets,
        "candidates": chosen,
        "expected_targets": candidates.expected(block.targets),
        "expected_candidates": expected,
    }
    if dropout:
        size = (architecture.layers + 1, *block.targets.shape, architecture.projection)
        made["masks"] = np.random.default_rng([seed, step, 4]).random(size, np.float32) >= dropout
    return made


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The items, some of them made before they are asked for, in a thread; its errors are raised here."""
    made: queue.Queue = queue.Queue(AHEAD)
    over = threading.Event()
    end = object()

    def put(item: Any) -> bool:
        while not over.is_set():
            try:
                made.put(item, timeout=0.1)
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
        except BaseException as error:  # raised by whoever reads
            put((end, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is end:
                return
            yield item
    finally:
        over.set()
        thread.join()
