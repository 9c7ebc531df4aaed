"""Encoders of the transformer family, frozen: all layers of the words of a text, or one vector for each text."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from seedbed.data.corpus import Example
from seedbed.data.hashes import file_sha256
from seedbed.data.sources import Status
from seedbed.embeddings.checks import check_choices, check_contextual
from seedbed.embeddings.contextual import ContextualFeatures, contextual_features
from seedbed.embeddings.features import Embedded, Positions, quiet, token_index
from seedbed.embeddings.layers import LanguageModel
from seedbed.embeddings.mix import layer_of
from seedbed.embeddings.text_features import TextFeatures
from seedbed.embeddings.transformers.architecture import Architecture, read_architecture
from seedbed.embeddings.transformers.counting import Counts, count_texts, count_words
from seedbed.embeddings.transformers.folder import CONFIG, TOKENIZER, WEIGHTS, folder_status, locate_folder, model_files
from seedbed.embeddings.transformers.pieces import PieceTokenizer, open_tokenizer
from seedbed.embeddings.transformers.pooling import POOLINGS, TextPooling, text_pooling
from seedbed.embeddings.transformers.spans import LONG, Reading
from seedbed.errors import InputError

MIXES = ("layer0", "layer1", "last", "average", "learned")
WORDS = ("first", "mean")
VECTORS_VERSION = 1
"""Part of a model's digest: raised when the same files give other vectors than before."""


@dataclass(frozen=True)
class Transformer:
    """A BERT, RoBERTa, DistilBERT, MiniLM or MPNet encoder: see ``conf/embedding/transformer.yaml`` for the keys.

    The model is the folder ``path``, else one inside the installed distribution ``package`` (``DISTRIBUTION:FOLDER``),
    else ``revision`` of the model ``hub`` of the Hugging Face hub. ``sha256``: the expected ones, by file name.
    """

    path: str = ""
    package: str = ""
    hub: str = ""
    revision: str = "main"
    sha256: dict[str, str] = field(default_factory=dict)
    mix: str = "last"
    layer_norm: bool = False
    mix_l2: float = 0.0
    word: str = "mean"
    max_length: int = 512
    long: str = "window"
    overlap: int = 64
    pooling: str = "auto"
    normalize: bool | None = None
    prompt: str = ""
    cache: bool = True
    cache_gb: float = 20.0
    table_gb: float | None = None

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = (
        "path", "package", "hub", "revision", "sha256", "pooling", "normalize", "cache", "cache_gb", "table_gb",
    )  # fmt: skip
    """Fields left out of fingerprints: ``content`` has the digests of the model and of its pooling instead."""
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("mix_l2",)
    state: ClassVar[str] = "fresh"
    max_tokens: ClassVar[None] = None
    """No limit: long texts are cut or read in windows."""

    def __post_init__(self):
        check_choices(self, {"word": WORDS, "long": LONG, "pooling": POOLINGS})
        check_contextual(self, MIXES)
        if self.max_length < 3:
            raise InputError(f"embedding.max_length={self.max_length}: must be at least 3")
        if not 0 <= self.overlap < self.max_length:
            raise InputError(f"embedding.overlap={self.overlap}: must be at least 0, and below max_length")

    @property
    def name(self) -> str:
        """What people call the model."""
        return self.name_of_model()

    def status(self) -> Sequence[Status]:
        """Return the status of its files, without fetching them."""
        return folder_status(self.path, self.package, self.hub, self.revision)

    def name_of_model(self) -> str:
        """What people call the model: its name on the hub, or its folder."""
        if self.hub and not (self.path or self.package):
            return self.hub + f"@{self.revision}" * (self.revision != "main")
        return Path(self.path or self.package.partition(":")[2]).name.replace("__", "/")

    def folder(self) -> Path:
        """Return the folder of the model, downloaded if it is one of the hub; raises InputError."""
        return locate_folder(self.path, self.package, self.hub, self.revision)

    def files(self) -> dict[str, Path]:
        """Return the files of the model by name; raises InputError."""
        return model_files(self.folder(), self.sha256)

    def digest(self) -> str:
        """sha256 of what determines the layers of a word: files, and how texts are read; needs no model."""
        return self._digest("words", word=self.word)

    def open(self) -> LanguageModel:
        """Return the model of words, its weights in memory. Raises InputError."""
        return _open_words(self)

    def content(self) -> Mapping[str, str]:
        """Return the digests of the model, and of how a text gets its vector."""
        architecture = self._architecture()
        self._tokenizer(architecture)
        self._reading(architecture)
        if self.mix.startswith("layer"):
            layer_of(self.mix, architecture.layers + 1)  # fail before hours of computing
        return {"model": self.digest(), "texts": self._stated_pooling()}

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> ContextualFeatures:  # fmt: skip
        """Return the mixed layers of the words of all ``examples``; what the cache lacks is computed first."""

        def count() -> Counts:
            return count_words(*self._read_with(), [example.tokens for example in examples])

        counts = token_index(tuple(examples)).derived((Transformer, "words", self.digest()), count)
        return contextual_features(self, examples, _reports(counts, draws), watch)

    def text_features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> TextFeatures:  # fmt: skip
        """Return a vector for each example; what the cache lacks is computed first."""
        from seedbed.embeddings.layer_cache.cached_layers import cached_layers
        from seedbed.embeddings.transformers.vectors import TextVectors

        texts = PooledTexts(self, self.text_pooling())
        sentences = [example.tokens for example in examples]
        number = hits = len(set(sentences))  # all are in memory, unless they are read

        def watch_texts(embedded: Embedded) -> None:
            watch(replace(embedded, unit="texts"))

        def read() -> tuple[np.ndarray, Counts]:
            nonlocal hits
            counts = count_texts(*self._read_with(), [texts.pooling.text(sentence) for sentence in sentences])
            layers = cached_layers([(" ".join(sentence),) for sentence in sentences], texts, watch_texts)
            hits = layers.filled.hits
            return np.concatenate([TextVectors.whole(layers.rows(n)) for n in range(len(sentences))]), counts

        vectors, counts = token_index(tuple(examples)).derived((Transformer, "texts", texts.digest()), read)
        watch_texts(Embedded(number, hits))
        reports = [{"embedding/cache_hit_rate": hits / max(number, 1), **report} for report in _reports(counts, draws)]
        return TextFeatures(vectors, reports)

    def text_pooling(self) -> TextPooling:
        """Return how a text gets its vector; raises InputError."""
        return text_pooling(self.folder(), self.pooling, self.normalize, self.prompt)

    def _digest(self, what: str, **parts: object) -> str:
        files = {name: file_sha256(path) for name, path in self.files().items()}
        overlap = self.overlap if self.long == "window" else None
        text = json.dumps(
            [VECTORS_VERSION, what, files, self.max_length, self.long, overlap, parts], sort_keys=True, default=str
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def _stated_pooling(self) -> str:
        try:
            return json.dumps(vars(self.text_pooling()), sort_keys=True)
        except InputError:  # no arm with vectors of words needs it
            return "unsupported"

    def _architecture(self) -> Architecture:
        return read_architecture(self.files()[CONFIG])

    def _tokenizer(self, architecture: Architecture) -> PieceTokenizer:
        path = self.files()[TOKENIZER]
        return open_tokenizer(path, file_sha256(path), architecture.vocabulary)

    def _reading(self, architecture: Architecture) -> Reading:
        if self.max_length > architecture.longest:
            raise InputError(
                f"embedding.max_length={self.max_length}: {self.name_of_model()} has {architecture.longest} positions"
            )
        special = self._tokenizer(architecture).special
        if self.max_length <= special or (self.long == "window" and self.overlap >= self.max_length - special):
            raise InputError(
                f"embedding.max_length={self.max_length}: {special} of these are special tokens, and "
                f"embedding.overlap={self.overlap} must be less than the rest"
            )
        return Reading(self.max_length, self.long, self.overlap)

    def _read_with(self) -> tuple[PieceTokenizer, Reading]:
        architecture = self._architecture()
        return self._tokenizer(architecture), self._reading(architecture)


class PooledTexts:
    """The settings of the vectors of texts, as the cache takes them; a sentence is one token, the text."""

    def __init__(self, settings: Transformer, pooling: TextPooling):
        self.settings, self.pooling = settings, pooling
        self.cache, self.cache_gb = settings.cache, settings.cache_gb

    def digest(self) -> str:
        """sha256 of what determines the vector of a text."""
        return self.settings._digest("texts", pooling=vars(self.pooling))

    def name_of_model(self) -> str:
        """Return a display name."""
        return f"{self.settings.name_of_model()}, texts"

    def open(self) -> LanguageModel:
        """Return the model of texts, its weights in memory."""
        from seedbed.embeddings.transformers.vectors import TextVectors

        return TextVectors(_encoder(self.settings), self.pooling)


def _open_words(settings: Transformer) -> LanguageModel:
    from seedbed.embeddings.transformers.vectors import WordVectors

    return WordVectors(_encoder(settings), settings.word)


def _encoder(settings: Transformer):
    from seedbed.embeddings.transformers.model import Encoder
    from seedbed.embeddings.transformers.weights import read_weights

    architecture = settings._architecture()
    arrays = read_weights(settings.files()[WEIGHTS], architecture)
    return Encoder(architecture, arrays, *settings._read_with())


def _reports(counts: Counts, draws: Sequence[Positions]) -> list[dict[str, float]]:
    """Return what was counted in the examples of each replicate, where it is not 0."""
    reports = []
    for draw in draws:
        positions = np.array([position for split in draw.values() for position in split], np.int64)
        numbers = {name: int(of_texts[positions].sum()) for name, of_texts in counts.items()}
        reports.append({f"embedding/{name}": float(number) for name, number in numbers.items() if number})
    return reports
