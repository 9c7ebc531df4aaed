"""Words and pairs of neighbouring words, lower-cased, as numbers; and how often texts have them."""

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
    """Uni- and bigrams of a corpus's own tokens, numbered once an example for all draws that it is in."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._codes: dict[str, Codes] = {}

    def codes(self, example: Example) -> Codes:
        """A number for each word, and one for each pair of neighbours: the first in the upper half of the bits."""
        found = self._codes.get(example.id)
        if found is None:
            numbers = self._words
            words = [numbers.setdefault(token.lower(), len(numbers) + 1) for token in example.tokens]
            words = np.array(words, np.int64)
            first = words << _HALF
            found = self._codes[example.id] = np.concatenate([first, first[:-1] | words[1:]])
        return found

    def vocabulary(self, examples: Sequence[Example]) -> Codes:
        """The numbers of all n-grams of these examples, each once, ascending."""
        return np.unique(np.concatenate([self.codes(example) for example in examples]))

    def counts(self, examples: Sequence[Example], vocabulary: Codes) -> "csr_matrix":
        """``[examples, vocabulary]``: how often each example has each n-gram, of those in the vocabulary."""
        from scipy.sparse import csr_matrix

        coded = [self.codes(example) for example in examples]
        rows = np.repeat(np.arange(len(coded)), [len(own) for own in coded])
        codes = np.concatenate(coded)
        columns = np.searchsorted(vocabulary, codes).clip(max=len(vocabulary) - 1)
        known = vocabulary[columns] == codes
        ones = np.ones(int(known.sum()))
        return csr_matrix((ones, (rows[known], columns[known])), shape=(len(coded), len(vocabulary)))
