"""The embedding of a saved model, opened once and used for any number of texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.devices import select_device
from seedbed.embeddings.contextual import ContextualFeatures
from seedbed.embeddings.elmo import Elmo
from seedbed.embeddings.features import (
    EmbeddingSettings,
    Features,
    Positions,
    quiet,
)
from seedbed.embeddings.layer_cache.entries import to_float16
from seedbed.embeddings.layers import LanguageModel, Sentence
from seedbed.embeddings.lookup import UNKNOWN, Lookup
from seedbed.embeddings.mix import mix_of, penalties
from seedbed.embeddings.pieces.features import PieceEmbedding
from seedbed.embeddings.pieces.vectors import PieceVectors
from seedbed.embeddings.precomputed import Precomputed
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack, Stacked, key_of, leaves
from seedbed.embeddings.static import Static
from seedbed.embeddings.text_features import TextFeatures
from seedbed.embeddings.transformer import PooledTexts, Transformer
from seedbed.errors import InputError
from seedbed.saved_models.word_tables import Opened, TableRows, Tables, Watch, WordRows, Words
from seedbed.word_forms.key_table import SavedTable


def trains_weights(embedding: EmbeddingSettings) -> bool:
    """Whether an embedding, or a part of a stack, has trained weights that only the backend reads."""
    return bool(penalties(embedding)) or any(getattr(one, "trains_network", False) for _, one in leaves(embedding))


def refuse_unusable(embedding: EmbeddingSettings) -> None:
    """Raise InputError for an embedding that has vectors of known texts only, or a stack with such a part."""
    for part, one in leaves(embedding):
        if isinstance(one, Precomputed):
            raise InputError(
                f"{key_of(part)}: precomputed vectors are those of known texts, so no model of them can predict "
                "others; leave the arm out, or use tracking.save_model=false"
            )


class OpenedPieces(PieceEmbedding):
    """Vectors of pieces with the tokenizer and the matrix in memory."""

    trainable = False

    def __init__(self, settings: PieceEmbedding):
        self._model = settings.open()

    def open(self) -> PieceVectors:
        """Return the model."""
        return self._model

    def content(self) -> Mapping[str, str]:
        """Return nothing: the files were checked when the model was loaded."""
        return {}


class Contextual:
    """A contextual model that stays open. Its vectors go through float16 as in training, and to no cache.

    The backend, which most models need not, is started when it is opened.
    """

    def __init__(self, settings: Elmo | Transformer):
        self.settings = settings

    @cached_property
    def _model(self) -> LanguageModel:
        select_device("auto")
        return self.settings.open()

    @cached_property
    def _texts(self) -> LanguageModel:
        assert isinstance(self.settings, Transformer)
        select_device("auto")
        return PooledTexts(self.settings, self.settings.text_pooling()).open()

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int], watch: Watch = quiet
    ) -> ContextualFeatures:
        """Return the mixed layers of the tokens, brought by each batch."""
        settings, layout = self.settings, self._model.layout
        mix = mix_of(settings.mix, layout, settings.layer_norm, settings.mix_l2)
        sentences = [example.tokens for example in examples]
        rows = [mix.read(halves) for halves in self._rows(self._model, sentences)]
        return ContextualFeatures(mix, [{}] * len(draws), list(map(len, sentences)), rows.__getitem__)

    def text_features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int], watch: Watch = quiet
    ) -> TextFeatures:
        """Return a vector of each text."""
        from seedbed.embeddings.transformers.vectors import TextVectors

        rows = self._rows(self._texts, [(" ".join(example.tokens),) for example in examples])
        return TextFeatures(np.concatenate([TextVectors.whole(halves) for halves in rows]), [{}])

    def _rows(self, model: LanguageModel, sentences: Sequence[Sentence]) -> list[NDArray[np.float16]]:
        distinct = list(dict.fromkeys(tuple(sentence) for sentence in sentences))
        rows: dict[tuple[str, ...], NDArray[np.float16]] = {}
        for positions, arrays in model.batches(distinct):
            for position, array in zip(positions, arrays, strict=True):
                rows[distinct[position]] = to_float16(array, self.settings.name_of_model(), distinct[position])
        return [rows[tuple(sentence)] for sentence in sentences]


@dataclass(frozen=True)
class Stored:
    """What is stored of an embedding besides its settings, by the name of a part (empty: the embedding itself).

    ``tables``: of each replicate; ``words``: of a static file; ``content``: digests of the files as they were.
    """

    tables: Mapping[str, Sequence[SavedTable]]
    words: Mapping[str, WordRows]
    content: Mapping[str, Mapping[str, str]]


def opened(
    embedding: Any, stored: Stored, where: str, log: Callable[[str], None], part: str = ""
) -> Opened:  # Any: settings of an embedding
    """Return the embedding of a model, ready for any texts. Raises InputError where its files are missing or changed.

    ``where``: the model, for messages. ``log`` is told of a file without which only some words are known.
    """
    if isinstance(embedding, Stack):
        prefix = f"{part}/" if part else ""
        parts = {name: opened(one, stored, where, log, f"{prefix}{name}") for name, one in embedding.parts.items()}
        return Stack(parts)
    if hasattr(embedding, "opened"):
        return embedding.opened(stored.tables.get(part, ()))
    if part in stored.tables:
        has_file = bool(stored.content.get(part)) and embedding.trainable
        others = replace(embedding, trainable=False) if has_file else None
        source = None if others is None else _frozen(others, stored, where, log, part)
        return Tables(stored.tables[part], source)
    if isinstance(embedding, Random) or (isinstance(embedding, Static) and embedding.trainable):
        raise InputError(f"{where}: damaged: it has no table of the words of {key_of(part)}")
    return _frozen(embedding, stored, where, log, part)


def _frozen(
    embedding: Any, stored: Stored, where: str, log: Callable[[str], None], part: str
) -> Opened:  # Any: settings of an embedding
    kept, expected = stored.words.get(part), stored.content.get(part, {})
    if kept is not None and kept.whole:
        return Words(embedding, kept, use_file=False)
    try:
        if dict(embedding.content()) != dict(expected):
            raise InputError(f"{key_of(part)}: its files are other ones than those that the model was trained with")
    except InputError as error:
        if kept is None:
            raise InputError(f"{where}: {error}") from error
        log(f"{where}: {error}; only the {len(kept.words):,} words in the model's folder are known")
        return Words(embedding, kept, use_file=False)
    if isinstance(embedding, Static):
        return Words(embedding, None, use_file=True)
    if isinstance(embedding, PieceEmbedding):
        return OpenedPieces(embedding)
    if isinstance(embedding, Elmo | Transformer):
        return Contextual(embedding)
    return embedding


def knows(features: Features, position: int) -> bool:
    """Whether a vector of the example at this position is known, and not that of an unknown word."""
    if isinstance(features, Stacked):
        return any(knows(part, position) for part in features.parts.values())
    if isinstance(features, TableRows):
        return bool(features.known[features.index.tokens[position]].any())
    if isinstance(features, Lookup):
        return bool((features.rows[features.index.tokens[position]] != UNKNOWN).any())
    if isinstance(features, TextFeatures):
        return bool(features.arrays.shared["table"][1 + position].any())
    return True


def features_of(embedding: Any, examples: Sequence[Example], of_texts: bool) -> Features:  # Any: as above
    """Return the features of some texts; ``of_texts``: one vector for each."""
    make = embedding.text_features if of_texts else embedding.features
    features: Features = make(examples, [{"test": range(len(examples))}], [0])
    return features
