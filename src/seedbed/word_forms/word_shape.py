"""Vectors of words from their casing, digits, punctuation and affixes."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.embeddings.checks import check_dim
from seedbed.embeddings.features import Arrays, Embedded, Positions, TokenIndex, quiet, token_index
from seedbed.embeddings.lookup import ReplicateRows
from seedbed.errors import InputError
from seedbed.types import Tensor, Tensors
from seedbed.word_forms.forms import WordForms, require_at_least, require_sizes
from seedbed.word_forms.key_table import KeyTable, SavedTable
from seedbed.word_forms.spelling import affixes_of

Test = Callable[[str], bool]

CASING: Mapping[str, Test] = {
    "lower": str.islower,
    "upper": lambda word: word.isupper() and len(word) > 1,
    "capitalized": lambda word: word[:1].isupper() and not (word.isupper() and len(word) > 1),
    "mixed": lambda word: any(map(str.isupper, word[1:])) and not word.isupper(),
}
DIGITS: Mapping[str, Test] = {
    "digits": str.isdigit,
    "number": lambda word: any(map(str.isdigit, word)) and not any(map(str.isalpha, word)),
    "has_digit": lambda word: any(map(str.isdigit, word)),
}
PUNCTUATION: Mapping[str, Test] = {
    "punctuation": lambda word: bool(word) and all(unicodedata.category(c)[0] in "PS" for c in word),
    "hyphen": lambda word: "-" in word[1:-1],
    "apostrophe": lambda word: "'" in word or "’" in word,
}


@dataclass(frozen=True)
class ShapeVectors:
    """The shape of a word as zeros and ones, and the vectors of its ``affixes`` (names of inputs)."""

    tests: int
    affixes: tuple[str, ...]

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``shape [R, T, B]``, rows of ``shapes``, and for each affix rows of ``table`` to ``[R, T, B, width]``."""
        from keras import ops

        parts = [ops.take(constants["shapes"], inputs["shape"], axis=0)] if self.tests else []
        rows = ReplicateRows(trained=True)
        parts += [rows({"table": trained["table"]}, {}, {"ids": inputs[name]}) for name in self.affixes]
        return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]

    def penalty(self, trained: Tensors) -> Tensor:
        """Return 0."""
        return 0.0


class ShapeFeatures(WordForms):
    """The features of word shapes. ``of_words``: int32 ``[words, affixes]``, the affixes of each word by number."""

    def __init__(
        self, index: TokenIndex, tests: Sequence[Test], lengths: Sequence[int], keys: KeyTable | None, replicates: int
    ):
        self._affixes = [f"{kind}{n}" for n in lengths for kind in ("prefix", "suffix")]
        self._of_words = affixes_of(index, lengths).of_words
        shapes, self._shape = _shapes_of(index, tests)
        arrays = Arrays(trained={"table": keys.table} if keys else {}, shared={"shapes": shapes} if tests else {})
        width = len(tests) + (keys.table.shape[-1] * len(self._affixes) if keys else 0)
        embed = ShapeVectors(len(tests), tuple(self._affixes))
        super().__init__(index, embed, width, keys, arrays, replicates, "affixes")

    def inputs(
        self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]
    ) -> dict[str, Tensor]:
        """Return ``shape`` and each affix, int32 ``[R, T, B]``: see `ShapeVectors`."""
        names = [*(["shape"] if self.arrays.shared else []), *self._affixes]
        inputs = {name: np.zeros((len(replicates), *shape), np.int32) for name in names}
        for r, (replicate, chosen) in enumerate(zip(replicates, positions, strict=True)):
            rows = self.rows(replicate)[self._of_words] if self._affixes else self._of_words
            for column, position in enumerate(chosen):
                words = self.index.tokens[position]
                if self.arrays.shared:
                    inputs["shape"][r, : len(words), column] = self._shape[words]
                for n, name in enumerate(self._affixes):
                    inputs[name][r, : len(words), column] = rows[words, n]
        return inputs


def _shapes_of(index: TokenIndex, tests: Sequence[Test]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The distinct shapes ``[1 + shapes, tests]``, the first one zeros for padding, and the row of each word."""

    def make() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        shapes = np.array([[test(word) for test in tests] for word in index.words], np.float32)
        distinct, number = np.unique(shapes.reshape(len(index.words), len(tests)), axis=0, return_inverse=True)
        rows = (1 + number.reshape(-1)).astype(np.int32)
        return np.concatenate([np.zeros((1, len(tests)), np.float32), distinct]), rows

    return index.derived(("shapes", tuple(tests)), make)


@dataclass(frozen=True)
class WordShape:
    """Casing, digits and punctuation of a word as zeros and ones, and trained vectors of its prefixes and suffixes.

    ``affixes``: their lengths in characters, in lower case, ``[]`` for none: nothing is then trained. ``dim``: width of
    the vector of an affix. Affixes that occur ``min_count`` times in the training tokens of a draw have a vector; all
    others share one.
    """

    casing: bool = True
    digits: bool = True
    punctuation: bool = True
    affixes: list[int] = field(default_factory=lambda: [2, 3])
    dim: int = 8
    min_count: int = 2

    def __post_init__(self) -> None:
        check_dim(self.dim)
        require_at_least(1, min_count=self.min_count)
        require_sizes("affixes", self.affixes, "[2, 3]")
        if not (self._tests() or self.affixes):
            raise InputError("embedding.affixes=[]: with casing, digits and punctuation false, nothing is left to read")

    @property
    def trains_network(self) -> bool:
        """Whether weights are trained that only the backend reads."""
        return bool(self.affixes)

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> ShapeFeatures:  # fmt: skip
        """Return the shapes of all words, and for each replicate a new table of affixes."""
        index, keys = token_index(tuple(examples)), None
        if self.affixes:
            affixes = affixes_of(index, self.affixes)
            keys = KeyTable.drawn(
                affixes.keys, affixes.of_words, index, draws, seeds, self.dim, self.min_count, "affixes/table"
            )
        return ShapeFeatures(index, self._tests(), self.affixes, keys, len(draws))

    def opened(self, tables: Sequence[SavedTable]) -> "TrainedShapes":
        """Return the embedding of trained replicates, for any texts."""
        return TrainedShapes(self, tables)

    def content(self) -> Mapping[str, str]:
        """Return nothing: the vectors come from no file."""
        return {}

    def _tests(self) -> list[Test]:
        groups = [(self.casing, CASING), (self.digits, DIGITS), (self.punctuation, PUNCTUATION)]
        return [test for chosen, tests in groups if chosen for test in tests.values()]


class TrainedShapes:
    """Word shapes of a saved model, with its tables of affixes."""

    def __init__(self, settings: WordShape, tables: Sequence[SavedTable]):
        self.settings, self.tables = settings, tables

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> ShapeFeatures:  # fmt: skip
        """Return the features of these texts, with the tables of all replicates."""
        index, settings = TokenIndex(examples), self.settings
        keys = KeyTable.restored(affixes_of(index, settings.affixes).keys, self.tables) if settings.affixes else None
        return ShapeFeatures(index, settings._tests(), settings.affixes, keys, len(draws))
