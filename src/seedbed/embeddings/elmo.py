"""ELMo: vectors of a token in its sentence, from the layers of a bidirectional language model (Peters et al. 2018)."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import numpy as np

from seedbed.data.corpus import Example
from seedbed.data.hashes import file_sha256
from seedbed.data.sources import locate
from seedbed.embeddings.bilm.options import read_options
from seedbed.embeddings.bilm.precision import PRECISIONS, resolve_precision
from seedbed.embeddings.checks import check_choices, check_contextual, check_lengths
from seedbed.embeddings.contextual import ContextualFeatures, contextual_features
from seedbed.embeddings.features import Embedded, Positions, quiet, token_index
from seedbed.embeddings.hub.hub_module import LAYERS, MOST_BYTES
from seedbed.embeddings.hub.opening import SIGNATURES
from seedbed.embeddings.layers import LanguageModel
from seedbed.embeddings.mix import layer_of
from seedbed.errors import InputError

SOURCES = ("bilm", "hub")
STATES = ("fresh", "carried")
MIXES = ("layer0", "layer1", "layer2", "average", "learned")
VECTORS_VERSION = 1
"""Part of a model's digest: raised when the same files give other vectors than before."""


@dataclass(frozen=True)
class Elmo:
    """The layers of a biLM, mixed: see ``conf/embedding/elmo.yaml`` for the keys.

    ``options`` and ``weights`` are paths, places inside a Python package (``package:NAME/FOLDER/FILE``), or URLs whose
    file is first looked for in ``folder``; where that is empty, in one that is named after the URL.
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
    table_gb: float | None = None
    trust: bool = False

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = (
        "source", "options", "options_sha256", "weights", "weights_sha256", "folder", "token_embeddings", "vocabulary",
        "handle", "signature", "precision", "state", "max_tokens", "cache", "cache_gb", "table_gb",
        "trust",
    )  # fmt: skip
    """Fields left out of fingerprints: ``content`` has the digest of the model instead."""
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("mix_l2",)

    def __post_init__(self):
        check_choices(self, {"source": SOURCES, "signature": SIGNATURES, "precision": PRECISIONS, "state": STATES})
        check_contextual(self, MIXES)
        if self.max_tokens < 1:
            raise InputError(f"embedding.max_tokens={self.max_tokens}: must be at least 1")
        for key, other in (("token_embeddings", "vocabulary"), ("vocabulary", "token_embeddings")):
            if getattr(self, key) and not getattr(self, other):
                raise InputError(f"embedding.{other}: is missing; it goes with embedding.{key}, a vector for each word")
        if self.source == "hub" and self.precision == "bfloat16":
            raise InputError("embedding.precision=bfloat16: of source=bilm; a hub module computes as it was saved")
        if self.source == "hub" and self.token_embeddings:
            raise InputError("embedding.token_embeddings: of source=bilm; a hub module has vectors of its own")

    def name_of_model(self) -> str:
        """What people call the model: its folder, or the end of its handle or of the path of its weights."""
        if self.source == "hub":
            return "/".join(self.handle.rstrip("/").split("/")[-3:])
        if "://" in self.weights and self.folder:
            return self.folder
        return "/".join(Path(urlsplit(self.weights).path).with_suffix("").parts[-2:])

    def files(self) -> dict[str, Path]:
        """The files of a biLM, by key; downloaded where they are URLs. Raises InputError."""
        try:
            paths = {"options": self._file("options", self.options_sha256)}
        except InputError as error:
            also = urlsplit(self.weights).path.rpartition("/")[2] if "://" in self.options and self.weights else ""
            raise InputError(f"{error}" + (f"; {also} likewise" if also else "")) from error
        paths["weights"] = self._file("weights", self.weights_sha256)
        if self.token_embeddings:
            paths |= {key: self._file(key, "") for key in ("token_embeddings", "vocabulary")}
        return paths

    def _file(self, key: str, sha256: str) -> Path:
        source = getattr(self, key)
        if not source:
            raise InputError(f"embedding.{key}: name the file, or take a model with one, such as embedding=elmo_small")
        if "://" not in source:
            path = locate("", [], path=source)
            if sha256 and file_sha256(path) != sha256:
                raise InputError(f"{path}: not the file of embedding.{key}_sha256={sha256}")
            return path
        # Many models have files of one name: without a folder, files of other URLs get other folders.
        folder = self.folder or "elmo/" + re.sub(r"[^\w.-]+", "-", source.partition("://")[2].rpartition("/")[0])
        return locate(folder, [urlsplit(source).path.rpartition("/")[2]], source, sha256)

    def _module(self) -> Path:
        """The folder of a hub module; one of an URL is searched for under its name, such as google-elmo-3.

        Raises InputError for one that is damaged, or not trusted; TensorFlow is only imported for a download.
        """
        from seedbed.embeddings.hub.locate import find_local_copy, resolve
        from seedbed.embeddings.hub.saved_model import refuse_damaged
        from seedbed.embeddings.hub.trust import require_trust, require_trust_to_download

        if not self.handle:
            raise InputError("embedding.handle: name the hub module: an URL, a folder or an archive")
        folder = "hub/" + self.name_of_model().replace("/", "-")
        if "://" in self.handle and find_local_copy(self.handle, folder) is None:
            require_trust_to_download(self.handle, self.trust)
        module = resolve(self.handle, folder)
        refuse_damaged(module)
        require_trust(module, self.handle, self.trust)
        return module

    def digest(self) -> str:
        """sha256 of what determines the vectors of a sentence: files, precision or signature; needs no model."""
        if self.source == "hub":
            from seedbed.embeddings.hub.saved_model import digest

            parts = {"module": digest(self._module()), "signature": self.signature}
        else:
            parts = {key: file_sha256(path) for key, path in self.files().items()}
            parts["precision"] = resolve_precision(self.precision)
        text = json.dumps([VECTORS_VERSION, self.source, parts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def check(self) -> None:
        """Raise InputError where the files are missing, damaged or not trusted, as far as that shows without a backend.

        So before a backend is imported, which takes seconds.
        """
        if self.source == "hub":
            self._module()
            return
        files = self.files()
        names = tuple(files[key] for key in ("options", "weights"))
        _checked(*names, tuple(map(file_sha256, names)), not self.token_embeddings)

    def open(self) -> LanguageModel:
        """The model, its weights in memory. Raises InputError."""
        if self.source == "hub":
            from seedbed.embeddings.hub.opening import open_module

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
        if self.mix.startswith("layer"):
            layer_of(self.mix, self._layers())  # fail before hours of computing
        self.check()
        return {"model": self.digest()}

    def _layers(self) -> int:
        """How many the model has, before it is opened."""
        if self.source == "hub":
            return len(LAYERS)
        return len(read_options(self.files()["options"]).layout.widths)

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> ContextualFeatures:  # fmt: skip
        """Return the mixed layers of all ``examples``; what the cache lacks is computed first."""
        check_lengths(self.max_tokens, [(example.id, len(example.tokens)) for example in examples])
        return contextual_features(self, examples, self._counts(examples, draws), watch)

    def _counts(self, examples: Sequence[Example], draws: Sequence[Positions]) -> list[dict[str, float]]:
        """Return what is counted of each replicate: tokens that are cut, as the model reads no more of them."""
        if self.token_embeddings:
            return [{} for _ in draws]
        most = MOST_BYTES
        if self.source == "bilm":
            characters = read_options(self.files()["options"]).characters
            most = most if characters is None else characters.columns - 2
        index = token_index(tuple(examples))
        is_cut = np.array([len(word.encode("utf-8", "ignore")) > most for word in index.words], bool)
        cut = [int(index.counts_in(draw)[is_cut].sum()) for draw in draws]
        return [{"embedding/cut_words": number} if number else {} for number in cut]


@lru_cache(maxsize=8)
def _checked(options: Path, weights: Path, digests: tuple[str, ...], characters: bool) -> None:
    """Check files once; ``digests``: changed ones are checked again."""
    from seedbed.embeddings.bilm.weights import check_weights

    check_weights(weights, read_options(options), characters)
