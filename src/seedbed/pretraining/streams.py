"""Documents end to end in streams, cut into blocks of steps; a stream goes on where it was in the next block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seedbed.embeddings.bilm.characters import FIRST, LAST
from seedbed.embeddings.bilm.token_table import UNKNOWN
from seedbed.pretraining.shards import sentences_of

STATES = ("document", "sentence", "carried")
"""Where the state begins anew: with each document, with each sentence, or nowhere, as ELMo was trained."""


class Running(NamedTuple):
    """A document in a stream: its text, and of each direction the words, and the numbers of those that follow them.

    ``begins``: whether the state begins anew. Both directions begin their sentences at the same step.
    """

    text: str
    words: tuple[Sequence[str], Sequence[str]]
    targets: tuple[Sequence[int], Sequence[int]]
    begins: Sequence[bool]


@dataclass(frozen=True)
class Mark:
    """Where the streams are: documents taken so far, and of each stream its document and the step in it."""

    taken: int
    at: tuple[tuple[Running | None, int], ...]

    def record(self) -> dict[str, Any]:
        """As JSON can have it."""
        return {"taken": self.taken, "at": [[running.text if running else "", step] for running, step in self.at]}


class Block(NamedTuple):
    """``words`` and ``targets``: of each step, direction and stream ``[T, 2, B]``; words by their row in ``types``.

    ``keep [T, B]`` is 0 where the state begins anew; ``real [T, B]`` is false where a stream has ended. ``mark``: where
    the streams are after it.
    """

    types: list[str]
    words: np.ndarray
    targets: np.ndarray
    keep: np.ndarray
    real: np.ndarray
    mark: Mark


class Feed:
    """Blocks of ``steps`` and ``streams``. ``documents``: texts as shards have them, without end or with one."""

    def __init__(
        self, documents: Iterator[str], numbers: Mapping[str, int], streams: int, steps: int, state: str = "document",
        record: Mapping[str, Any] | None = None,
    ):  # fmt: skip
        self.documents, self.numbers, self.steps, self.state = documents, numbers, steps, state
        self.taken = 0
        self.at: list[tuple[Running | None, int]] = [(None, 0)] * streams
        if record:
            self.taken = record["taken"]
            self.at = [(self._running(text) if text else None, step) for text, step in record["at"]]

    def blocks(self) -> Iterator[Block]:
        """Blocks until all streams have ended."""
        while True:
            block = self._block()
            if not block.real.any():
                return
            yield block

    def _block(self) -> Block:
        size = self.steps, 2, len(self.at)
        words, targets = np.zeros(size, np.int32), np.zeros(size, np.int32)
        keep, real = np.ones((size[0], size[2]), np.float32), np.zeros((size[0], size[2]), bool)
        types = {FIRST: 0}
        for stream in range(size[2]):
            done = 0
            while done < self.steps:
                running, step = self._going(stream)
                if running is None:
                    break
                taken = min(self.steps - done, len(running.begins) - step)
                own, these = slice(done, done + taken), slice(step, step + taken)
                for direction in (0, 1):
                    words[own, direction, stream] = [
                        types.setdefault(word, len(types)) for word in running.words[direction][these]
                    ]
                    targets[own, direction, stream] = running.targets[direction][these]
                keep[own, stream] = [not begins for begins in running.begins[these]]
                real[own, stream] = True
                self.at[stream] = running, step + taken
                done += taken
        return Block(list(types), words, targets, keep, real, Mark(self.taken, tuple(self.at)))

    def _going(self, stream: int) -> tuple[Running | None, int]:
        """The document of a stream, with a step that is still to be done; None where there is no more."""
        running, step = self.at[stream]
        if running is None or step == len(running.begins):
            text = next(self.documents, None)
            self.taken += text is not None
            running, step = (None if text is None else self._running(text)), 0
            self.at[stream] = running, step
        return running, step

    def _running(self, text: str) -> Running:
        words: tuple[list[str], list[str]] = [], []
        targets: tuple[list[int], list[int]] = [], []
        begins: list[bool] = []
        unknown = self.numbers[UNKNOWN]
        for n, sentence in enumerate(sentences_of(text)):
            for direction, own in enumerate((sentence, sentence[::-1])):
                first, last = (FIRST, LAST)[:: -1 if direction else 1]
                words[direction].extend((first, *own))
                targets[direction].extend([self.numbers.get(word, unknown) for word in own])
                targets[direction].append(self.numbers[last])
            new = self.state == "sentence" or (self.state == "document" and n == 0)
            begins.extend((new, *[False] * len(sentence)))
        return Running(text, words, targets, begins)
