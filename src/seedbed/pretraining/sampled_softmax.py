"""Negative samples for sampled softmax."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

ROOM = 4.0
"""Standard deviations of the number of different words that a draw leaves room for."""


@dataclass(frozen=True)
class LogUniformSampler:
    """Draws up to ``number`` candidates from a vocabulary of ``words`` in order of frequency.

    Word k has the probability log((k + 2) / (k + 1)) / log(words + 1), close to Zipf's law, as in TensorFlow's
    log-uniform sampler. The number of tries is fixed and each word counts once, so that its expected count is known.
    Drawing until there are ``number`` different words, as TensorFlow does, makes the partition a few per cent too
    large. Unused slots have an infinite expected count, and so no weight.
    """

    words: int
    number: int

    @property
    def is_full(self) -> bool:
        """Whether every word is drawn, so that the loss is the full softmax."""
        return self.number >= self.words

    @cached_property
    def log_expected(self) -> NDArray[np.float32]:
        """The log probability of each word to be among the candidates."""
        return np.log(self._inclusion(self.tries)).astype(np.float32)

    @cached_property
    def tries(self) -> int:
        """The largest number of tries whose different words fit into ``number``."""
        low, high = 1, 2
        while self._fits(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(middle) else (low, middle)
        return low

    def draw(self, seed: int, step: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return candidates ``[number]`` and the logs of their expected counts; a function of seed and step."""
        if self.is_full:
            return np.arange(self.words, dtype=np.int32), np.zeros(self.words, np.float32)
        samples = np.exp(np.random.default_rng([seed, step, 1]).random(self.tries) * np.log(self.words + 1)) - 1
        unique = np.unique(np.clip(samples.astype(np.int64), 0, self.words - 1))[: self.number]
        candidates, expected = np.zeros(self.number, np.int32), np.full(self.number, np.inf, np.float32)
        candidates[: len(unique)], expected[: len(unique)] = unique, self.log_expected[unique]
        return candidates, expected

    def expected(self, words: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the logs of the expected counts of these words."""
        return np.zeros(np.shape(words), np.float32) if self.is_full else self.log_expected[words]

    @cached_property
    def _log_miss(self) -> NDArray[np.float64]:
        """The log probability that one try is not this word."""
        return np.log1p(-np.log1p(1 / (np.arange(self.words) + 1.0)) / np.log(self.words + 1))

    def _inclusion(self, tries: int) -> NDArray[np.float64]:
        return -np.expm1(tries * self._log_miss)

    def _fits(self, tries: int) -> bool:
        p = self._inclusion(tries)
        return bool(p.sum() + ROOM * np.sqrt((p * (1 - p)).sum()) <= self.number)
