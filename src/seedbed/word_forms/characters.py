"""Vectors of words from their characters, trained with the encoder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import count_bucket, shape_bucket
from seedbed.data.corpus import Example
from seedbed.embeddings.checks import check_choices, check_dim
from seedbed.embeddings.features import Arrays, Embedded, Positions, TokenIndex, quiet, token_index
from seedbed.model.weights import initialize
from seedbed.types import Tensor
from seedbed.word_forms.character_networks import CharacterBiLSTM, CharacterCNN, CharacterNetwork
from seedbed.word_forms.forms import WordForms, require_at_least, require_sizes
from seedbed.word_forms.key_table import KeyTable, SavedTable
from seedbed.word_forms.spelling import Spelling, characters_of

NETWORKS = ("cnn", "bilstm")


class CharacterFeatures(WordForms):
    """The features of characters: the words of each batch, each once, and their characters."""

    def __init__(
        self, network: CharacterNetwork, index: TokenIndex, spelling: Spelling, keys: KeyTable,
        weights: Mapping[str, NDArray[np.float32]],
    ):  # fmt: skip
        self._spelling = spelling
        arrays = Arrays(trained={"table": keys.table, **weights})
        super().__init__(index, network, network.width, keys, arrays, len(keys.known), "characters")

    def inputs(
        self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]
    ) -> dict[str, Tensor]:
        """Return ``words`` int32 ``[R, T, B]`` and ``characters`` int32 ``[R, L, K]``: see `CharacterNetwork`."""
        words = np.zeros((len(replicates), *shape), np.int32)
        distinct = []
        for own, chosen in zip(words, positions, strict=True):
            tokens = [self.index.tokens[position] for position in chosen]
            found, number = np.unique(np.concatenate([*tokens, np.zeros(0, np.int32)]), return_inverse=True)
            distinct.append(found)
            parts = np.split(number.reshape(-1), np.cumsum([len(own_tokens) for own_tokens in tokens])[:-1])
            for column, part in enumerate(parts[: len(tokens)]):
                own[: len(part), column] = part
        spelled = [self._spelling.of_words[own] for own in distinct]
        longest = max((int((own >= 0).sum(axis=1).max(initial=1)) for own in spelled), default=1)
        most = count_bucket(max(1, *(len(own) for own in distinct)))
        characters = np.full((len(replicates), shape_bucket(longest), most), -1, np.int32)
        for into, replicate, own in zip(characters, replicates, spelled, strict=True):
            rows = np.where(own >= 0, self.rows(replicate)[own], -1)[:, :longest]
            into[: rows.shape[1], : len(rows)] = rows.T
        return {"words": words, "characters": characters}


@dataclass(frozen=True)
class Characters:
    """A CNN or a BiLSTM over the characters of a word, trained in each replicate.

    ``network=cnn``: ``filters`` of each of the ``widths``; ``bilstm``: ``units`` in each direction. ``dim``: width of
    the vector of a character. Characters that occur ``min_count`` times in the training tokens of a draw have a vector;
    all others share one. Of a word of more than ``max_characters``, the first and the last half of as many are read.
    """

    network: str = "cnn"
    dim: int = 30
    filters: int = 30
    widths: list[int] = field(default_factory=lambda: [3])
    units: int = 25
    max_characters: int = 30
    min_count: int = 1

    trains_network: ClassVar[bool] = True
    """Weights are trained that only the backend reads."""

    def __post_init__(self) -> None:
        check_choices(self, {"network": NETWORKS})
        check_dim(self.dim)
        require_at_least(1, filters=self.filters, units=self.units, min_count=self.min_count)
        require_at_least(2, max_characters=self.max_characters)
        require_sizes("widths", self.widths or [0], "[2, 3, 4]")

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> CharacterFeatures:  # fmt: skip
        """Return new tables of characters and new weights of the network for each replicate."""
        index = token_index(tuple(examples))
        spelling = characters_of(index, self.max_characters)
        keys = KeyTable.drawn(
            spelling.keys, spelling.of_words, index, draws, seeds, self.dim, self.min_count, "characters/table"
        )
        network = self._network()
        return CharacterFeatures(network, index, spelling, keys, initialize(network.weights(), seeds))

    def opened(self, tables: Sequence[SavedTable]) -> "TrainedCharacters":
        """Return the embedding of trained replicates, for any texts."""
        return TrainedCharacters(self, tables)

    def content(self) -> Mapping[str, str]:
        """Return nothing: the vectors come from no file."""
        return {}

    def _network(self) -> CharacterNetwork:
        if self.network == "cnn":
            return CharacterCNN(self.dim, self.filters, tuple(self.widths))
        return CharacterBiLSTM(self.dim, self.units)


class TrainedCharacters:
    """Characters of a saved model: its tables of characters; the other weights are those of the model."""

    def __init__(self, settings: Characters, tables: Sequence[SavedTable]):
        self.settings, self.tables = settings, tables

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> CharacterFeatures:  # fmt: skip
        """Return the features of these texts, with the tables of all replicates."""
        index = TokenIndex(examples)
        spelling = characters_of(index, self.settings.max_characters)
        keys = KeyTable.restored(spelling.keys, self.tables)
        return CharacterFeatures(self.settings._network(), index, spelling, keys, {})
