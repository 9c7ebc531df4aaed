"""Counts of lower-cased words and pairs of adjacent words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Codes = NDArray[np.int64]
_HALF = 32


class Ngrams:
    """Unigrams and bigrams of the tokens of a corpus, encoded once for all draws that contain an example."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._codes: dict[str, Codes] = {}

    def codes(self, example: Example) -> Codes:
        """Return a code for each word and each pair of adjacent words; the upper bits hold the first word."""
        codes = self._codes.get(example.id)
        if codes is None:
            numbers = self._words
            lowered = map(str.lower, example.tokens)
            words = np.array([numbers.setdefault(word, len(numbers) + 1) for word in lowered], np.int64)
            first = words << _HALF
            codes = self._codes[example.id] = np.concatenate([first, first[:-1] | words[1:]])
        return codes

    def vocabulary(self, examples: Sequence[Example]) -> Codes:
        """Return the distinct codes of these examples, sorted."""
        return np.unique(np.concatenate([self.codes(example) for example in examples]))

    def words(self, vocabulary: Codes) -> list[list[str]]:
        """Return the words of each code, one or two."""
        by_number = dict(enumerate(self._words, 1))
        pairs = zip((vocabulary >> _HALF).tolist(), (vocabulary & ((1 << _HALF) - 1)).tolist(), strict=True)
        return [[by_number[first], by_number[second]] if second else [by_number[first]] for first, second in pairs]

    def counts(self, examples: Sequence[Example], vocabulary: Codes) -> "csr_matrix":
        """Return the counts ``[examples, vocabulary]``; n-grams outside the vocabulary are ignored."""
        from scipy.sparse import csr_matrix

        coded = [self.codes(example) for example in examples]
        rows = np.repeat(np.arange(len(coded)), [len(codes) for codes in coded])
        codes = np.concatenate(coded)
        columns = np.searchsorted(vocabulary, codes).clip(max=len(vocabulary) - 1)
        known = vocabulary[columns] == codes
        ones = np.ones(int(known.sum()))
        return csr_matrix((ones, (rows[known], columns[known])), shape=(len(coded), len(vocabulary)))
