"""Documents end to end in parallel streams, cut into blocks of steps; a stream continues in the next block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.bilm.characters import FIRST, LAST
from seedbed.embeddings.bilm.token_table import UNKNOWN
from seedbed.pretraining.progress import Record
from seedbed.pretraining.shards import sentences_of

STATES = ("document", "sentence", "carried")
"""Where the recurrent state is reset: with each document, with each sentence, or never, as ELMo was trained."""


class RunningDocument(NamedTuple):
    """A document in a stream: its text, and by direction the words and the numbers of those that follow them.

    ``resets``: of each step, whether the state is reset. Both directions begin their sentences at the same step.
    """

    text: str
    words: tuple[Sequence[str], Sequence[str]]
    targets: tuple[Sequence[int], Sequence[int]]
    resets: Sequence[bool]


@dataclass(frozen=True)
class StreamPositions:
    """Where the streams are: the number of documents read, and of each stream its document and the step in it."""

    documents: int
    streams: tuple[tuple[RunningDocument | None, int], ...]

    def to_record(self) -> Record:
        """Return the positions as JSON, as checkpoints have them."""
        texts = [[document.text if document else "", step] for document, step in self.streams]
        return {"taken": self.documents, "at": texts}


class Block(NamedTuple):
    """``words`` and ``targets`` by step, direction and stream ``[T, 2, B]``; words by their row in ``types``.

    ``keep [T, B]`` is 0 where the state is reset; ``real [T, B]`` is false where a stream has ended. ``positions``: of
    the streams after the block.
    """

    types: list[str]
    words: NDArray[np.int32]
    targets: NDArray[np.int32]
    keep: NDArray[np.float32]
    real: NDArray[np.bool_]
    positions: StreamPositions


class Streams:
    """Blocks of ``steps`` from ``streams`` parallel streams. ``documents``: texts as in shards, finite or endless.

    ``record``: positions from which to continue, as ``StreamPositions.to_record`` returns them.
    """

    def __init__(
        self, documents: Iterator[str], numbers: Mapping[str, int], streams: int, steps: int, state: str = "document",
        record: Record | None = None,
    ):  # fmt: skip
        self.documents, self.numbers, self.steps, self.state = documents, numbers, steps, state
        self.documents_read = 0
        self.positions: list[tuple[RunningDocument | None, int]] = [(None, 0)] * streams
        if record:
            self.documents_read = record["taken"]
            self.positions = [(self._encode(text) if text else None, step) for text, step in record["at"]]

    def blocks(self) -> Iterator[Block]:
        """Blocks until all streams have ended."""
        while True:
            block = self._block()
            if not block.real.any():
                return
            yield block

    def _block(self) -> Block:
        size = self.steps, 2, len(self.positions)
        words, targets = np.zeros(size, np.int32), np.zeros(size, np.int32)
        keep, real = np.ones((size[0], size[2]), np.float32), np.zeros((size[0], size[2]), bool)
        types = {FIRST: 0}
        for stream in range(size[2]):
            filled = 0
            while filled < self.steps:
                document, step = self._current(stream)
                if document is None:
                    break
                length = min(self.steps - filled, len(document.resets) - step)
                to, source = slice(filled, filled + length), slice(step, step + length)
                for direction in (0, 1):
                    words[to, direction, stream] = [
                        types.setdefault(word, len(types)) for word in document.words[direction][source]
                    ]
                    targets[to, direction, stream] = document.targets[direction][source]
                keep[to, stream] = [not reset for reset in document.resets[source]]
                real[to, stream] = True
                self.positions[stream] = document, step + length
                filled += length
        positions = StreamPositions(self.documents_read, tuple(self.positions))
        return Block(list(types), words, targets, keep, real, positions)

    def _current(self, stream: int) -> tuple[RunningDocument | None, int]:
        """The document of a stream and its next step; None where there are no more documents."""
        document, step = self.positions[stream]
        if document is None or step == len(document.resets):
            text = next(self.documents, None)
            self.documents_read += text is not None
            document, step = (None if text is None else self._encode(text)), 0
            self.positions[stream] = document, step
        return document, step

    def _encode(self, text: str) -> RunningDocument:
        words: tuple[list[str], list[str]] = [], []
        targets: tuple[list[int], list[int]] = [], []
        resets: list[bool] = []
        unknown = self.numbers[UNKNOWN]
        for n, sentence in enumerate(sentences_of(text)):
            for direction, tokens in enumerate((sentence, sentence[::-1])):
                first, last = (FIRST, LAST)[:: -1 if direction else 1]
                words[direction].extend((first, *tokens))
                targets[direction].extend([self.numbers.get(word, unknown) for word in tokens])
                targets[direction].append(self.numbers[last])
            reset = self.state == "sentence" or (self.state == "document" and n == 0)
            resets.extend((reset, *[False] * len(sentence)))
        return RunningDocument(text, words, targets, resets)
