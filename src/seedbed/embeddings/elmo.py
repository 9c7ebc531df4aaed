"""ELMo: vectors of a token in its sentence, from the layers of a bidirectional language model (Peters et al. 2018)."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from seedbed.data.corpus import Example
from seedbed.data.hashes import file_sha256
from seedbed.data.sources import locate
from seedbed.embeddings.features import Embedded, Positions, quiet
from seedbed.embeddings.layers import LanguageModel, Layout
from seedbed.embeddings.mix import mix_of
from seedbed.embeddings.streamed import Streamed
from seedbed.errors import InputError

SOURCES = ("bilm", "hub")
SIGNATURES = ("tokens", "default")
PRECISIONS = ("float32", "bfloat16", "auto")
STATES = ("fresh", "carried")
MIXES = ("layer0", "layer1", "layer2", "average", "learned")
VECTORS_VERSION = 1
"""Part of a model's digest: raised when the same files give other vectors than before."""


@dataclass(frozen=True)
class Elmo:
    """The layers of a biLM, mixed: see ``conf/embedding/elmo.yaml`` for the keys.

    ``options`` and ``weights`` are paths, or URLs whose file is first looked for in ``folder``.
    """

    source: str = "bilm"
    options: str = ""
    options_sha256: str = ""
    weights: str = ""
    weights_sha256: str = ""
    folder: str = ""
    token_embeddings: str = ""
    vocabulary: str = ""
    handle: str = ""
    signature: str = "tokens"
    mix: str = "learned"
    layer_norm: bool = False
    mix_l2: float = 0.0
    precision: str = "float32"
    state: str = "fresh"
    max_tokens: int = 1000
    cache: bool = True
    cache_gb: float = 20.0

    PLACES: ClassVar[tuple[str, ...]] = (
        "source", "options", "options_sha256", "weights", "weights_sha256", "folder", "token_embeddings", "vocabulary",
        "handle", "signature", "precision", "state", "max_tokens", "cache", "cache_gb",
    )  # fmt: skip
    """What says where the vectors come from: ``content`` says what they are."""

    def __post_init__(self):
        for key, known in (
            ("source", SOURCES), ("signature", SIGNATURES), ("precision", PRECISIONS), ("state", STATES),
        ):  # fmt: skip
            if getattr(self, key) not in known:
                raise InputError(f"embedding.{key}={getattr(self, key)}: must be one of {', '.join(known)}")
        if self.mix not in MIXES and not re.fullmatch(r"layer\d+", self.mix):
            raise InputError(f"embedding.mix={self.mix}: must be one of {', '.join(MIXES)}")
        if self.mix_l2 < 0:
            raise InputError(f"embedding.mix_l2={self.mix_l2}: must be at least 0")
        if self.mix_l2 and self.mix != "learned":
            raise InputError(f"embedding.mix_l2={self.mix_l2}: weighs on learned weights, and mix={self.mix} has none")
        if self.max_tokens < 1:
            raise InputError(f"embedding.max_tokens={self.max_tokens}: must be at least 1")
        if self.cache_gb <= 0:
            raise InputError(f"embedding.cache_gb={self.cache_gb}: must be above 0; cache=false does without one")
        if bool(self.token_embeddings) != bool(self.vocabulary):
            raise InputError("embedding.token_embeddings: goes with embedding.vocabulary, one word for each vector")

    def name_of_model(self) -> str:
        """What people call the model: the folder of its files, or the end of its handle."""
        if self.source == "hub":
            return "/".join(self.handle.rstrip("/").split("/")[-3:])
        return self.folder or Path(self.weights).stem

    def files(self) -> dict[str, Path]:
        """The files of a biLM, by key; downloaded where they are URLs. Raises InputError."""
        found = {key: self._file(key, getattr(self, f"{key}_sha256")) for key in ("options", "weights")}
        if self.token_embeddings:
            found |= {key: self._file(key, "") for key in ("token_embeddings", "vocabulary")}
        return found

    def _file(self, key: str, sha256: str) -> Path:
        given = getattr(self, key)
        if not given:
            raise InputError(f"embedding.{key}: name the file, or take a model with one, such as embedding=elmo_small")
        if "://" not in given:
            path = locate("", [], path=given)
            if sha256 and file_sha256(path) != sha256:
                raise InputError(f"{path}: not the file of embedding.{key}_sha256={sha256}")
            return path
        return locate(self.folder, [urlsplit(given).path.rpartition("/")[2]], given, sha256)

    def _module(self) -> Path:
        """The folder of a hub module; one of an URL is looked for under a name of its own, such as google-elmo-3."""
        from seedbed.embeddings.hub.module import resolve

        if not self.handle:
            raise InputError("embedding.handle: name the hub module: an URL, a folder or an archive")
        return resolve(self.handle, "hub/" + self.name_of_model().replace("/", "-"))

    def digest(self) -> str:
        """sha256 of what determines the vectors of a sentence: the files, the precision; needs no model."""
        if self.source == "hub":
            from seedbed.embeddings.hub.module import digest

            parts = {"module": digest(self._module())}
        else:
            from seedbed.embeddings.bilm.precision import resolve_precision

            parts = {key: file_sha256(path) for key, path in self.files().items()}
            parts["precision"] = resolve_precision(self.precision)
        whole = json.dumps([VECTORS_VERSION, self.source, parts], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()

    def layout_hint(self) -> Layout | None:
        """The layers of the model, where that can be said without opening it."""
        if self.source == "hub":
            return None
        from seedbed.embeddings.bilm.options import read_options

        return read_options(self.files()["options"]).layout

    def open(self) -> LanguageModel:
        """The model, its weights in memory. Raises InputError."""
        if self.source == "hub":
            from seedbed.embeddings.hub.module import open_module

            return open_module(self._module(), self.signature)
        from seedbed.embeddings.bilm.model import open_bilm

        return open_bilm(**self.files(), precision=self.precision)

    def content(self) -> Mapping[str, str]:
        """The digest of the model."""
        if self.state != "fresh":
            raise InputError(
                "embedding.state=carried: the vectors of a sentence would depend on those before it; "
                "it is for `seedbed embed input=...`"
            )
        return {"model": self.digest()}

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Streamed:  # fmt: skip
        """The layers of the examples that are drawn, from the cache; what it lacks is computed first."""
        from seedbed.embeddings.layer_cache.stored import stored_layers

        drawn = sorted({position for draw in draws for split in draw.values() for position in split})
        sentences = [examples[position].tokens for position in drawn]
        self.refuse_long([(examples[position].id, len(examples[position].tokens)) for position in drawn])
        layers = stored_layers(sentences, self, watch)
        mix = mix_of(self.mix, layers.layout, self.layer_norm, self.mix_l2)
        return Streamed(layers, {position: n for n, position in enumerate(drawn)}, mix, len(draws))

    def refuse_long(self, lengths: Sequence[tuple[str, int]]) -> None:
        """Raises InputError where one of these named sentences has more tokens than ``max_tokens``."""
        for name, tokens in lengths:
            if tokens > self.max_tokens:
                raise InputError(
                    f"{name}: {tokens} tokens, and embedding.max_tokens={self.max_tokens}; raise it, or cut the "
                    "texts with dataset.max_tokens"
                )
