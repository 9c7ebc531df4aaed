"""The words that stand against the right one in sampled softmax."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

ROOM = 4.0
"""Standard deviations of the number of different words that a draw leaves room for."""


@dataclass(frozen=True)
class LogUniform:
    """Draws words of a vocabulary in order of frequency.

    Word k has the probability log((k + 2) / (k + 1)) / log(words + 1), near Zipf's law, as in TensorFlow's log-uniform
    sampler. It draws a fixed number of times and each word counts once, so that its expected count is known. To draw
    until there are ``number`` different ones, as TensorFlow does, makes the partition some per cent too large. The
    places of ``number`` that are left over have a word that is expected infinitely often, and so weighs nothing.
    """

    words: int
    number: int

    @property
    def all(self) -> bool:
        """Whether every word is drawn, so that the loss is the full softmax."""
        return self.number >= self.words

    @cached_property
    def log_expected(self) -> np.ndarray:
        """The logarithm of the probability of each word to be among the candidates, float32."""
        return np.log(self._drawn(self.tries)).astype(np.float32)

    @cached_property
    def tries(self) -> int:
        """How often is drawn: as often as leaves room in ``number``."""
        least, most = 1, 2
        while self._fits(most):
            least, most = most, 2 * most
        while most - least > 1:
            middle = (least + most) // 2
            least, most = (middle, most) if self._fits(middle) else (least, middle)
        return least

    def draw(self, seed: int, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Candidates ``[number]``, int32, and the logarithms of their expected counts; the same for the same step."""
        if self.all:
            return np.arange(self.words, dtype=np.int32), np.zeros(self.words, np.float32)
        drawn = np.exp(np.random.default_rng([seed, step, 1]).random(self.tries) * np.log(self.words + 1)) - 1
        found = np.unique(np.clip(drawn.astype(np.int64), 0, self.words - 1))[: self.number]
        chosen, expected = np.zeros(self.number, np.int32), np.full(self.number, np.inf, np.float32)
        chosen[: len(found)], expected[: len(found)] = found, self.log_expected[found]
        return chosen, expected

    def expected(self, words: np.ndarray) -> np.ndarray:
        """The logarithms of the expected counts of these words."""
        return np.zeros(np.shape(words), np.float32) if self.all else self.log_expected[words]

    @cached_property
    def _never(self) -> np.ndarray:
        """The logarithm of the probability that one try is not this word."""
        return np.log1p(-np.log1p(1 / (np.arange(self.words) + 1.0)) / np.log(self.words + 1))

    def _drawn(self, tries: int) -> np.ndarray:
        return -np.expm1(tries * self._never)

    def _fits(self, tries: int) -> bool:
        p = self._drawn(tries)
        return bool(p.sum() + ROOM * np.sqrt((p * (1 - p)).sum()) <= self.number)
