"""Static token models: a tokenizer and a vector for each token, as of model2vec and WordLlama."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from seedbed.data.hashes import file_sha256
from seedbed.data.sources import INSIDE, Status, find, in_package, locate, status
from seedbed.embeddings.checks import check_choices
from seedbed.embeddings.json_object import read_json_object
from seedbed.embeddings.pieces.features import PieceEmbedding
from seedbed.embeddings.pieces.matrix_file import read_matrix
from seedbed.embeddings.pieces.tokenizer_file import JsonTokenizer
from seedbed.embeddings.pieces.vectors import PieceVectors
from seedbed.embeddings.safetensors_file import CONVERT
from seedbed.errors import InputError
from seedbed.readable import exists

PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl")
"""Files with pickled weights, which are never opened."""

MAX_LENGTH = 512
"""Most pieces of a text in model2vec, where ``config.json`` does not say."""

UNKNOWN_PIECES = ("drop", "keep")


@dataclass(frozen=True)
class StaticTokens(PieceEmbedding):
    """A folder of the files ``weights``, ``tokenizer`` and ``config``, as model2vec writes it.

    The folder is ``path``, which may be inside a Python package (``package:NAME/FOLDER``); where that is empty, each
    file is looked for in the installed ``package`` (``DISTRIBUTION:FOLDER``), in ``$SEEDBED_DATA/FOLDER``, in the
    user's cache, and last below ``url``. See ``conf/embedding/static_tokens.yaml`` for the other keys.
    """

    name: str = "static_tokens"
    path: str = ""
    folder: str = ""
    package: str = ""
    url: str = ""
    weights: str = "model.safetensors"
    weights_sha256: str = ""
    tokenizer: str = "tokenizer.json"
    tokenizer_sha256: str = ""
    config: str = "config.json"
    normalize: bool | None = None
    max_length: int | None = None
    unknown: str = "drop"
    trainable: bool = False

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "path", "folder", "package", "url", "weights", "weights_sha256", "tokenizer", "tokenizer_sha256",
        "config", "normalize", "max_length",
    )  # fmt: skip
    """Fields left out of fingerprints: ``content`` has the digests of the files and the values that apply instead."""

    def __post_init__(self):
        check_choices(self, {"unknown": UNKNOWN_PIECES})
        if self.max_length is not None and self.max_length < 0:
            raise InputError(f"embedding.max_length={self.max_length}: must be at least 0")
        for key in ("weights", "tokenizer"):
            if not getattr(self, key):
                raise InputError(f"embedding.{key} is empty: name the file inside the folder")

    def content(self) -> Mapping[str, str]:
        """Return the digests of the files, and how texts are cut and normalized."""
        paths = {key: self._file(key) for key in ("weights", "tokenizer")}
        normalize, max_length = self._reading()
        return {key: file_sha256(path) for key, path in paths.items()} | {
            "reading": f"normalize={normalize} max_length={max_length}"
        }

    def open(self) -> PieceVectors:
        """Return the tokenizer with its matrix; raises InputError."""
        weights, tokenizer = self._file("weights"), self._file("tokenizer")
        digests = file_sha256(weights), file_sha256(tokenizer)
        return _opened(weights, tokenizer, digests, self.unknown == "drop", *self._reading())

    def status(self) -> list[Status]:
        """Return where the files are, without fetching them; of no file where the settings name no source."""
        if not (self.path or self.folder or self.package):
            return []
        return [
            status(self.folder, [name], self._inside(name), f"{self.path}/{name}" if self.path else "", verify=False)
            for name in (self.weights, self.tokenizer)
        ]

    def _reading(self) -> tuple[bool, int]:
        """Return whether vectors of texts are normalized, and the most pieces of a text (0: all)."""
        config = self._config() if self.normalize is None or self.max_length is None else {}
        normalize = config.get("normalize", False) if self.normalize is None else self.normalize
        most = config.get("max_length", MAX_LENGTH) if self.max_length is None else self.max_length
        if not isinstance(normalize, bool) or not (most is None or (type(most) is int and most >= 0)):
            raise InputError(
                f"{self._file('config')}: normalize must be true or false, and max_length a whole number or null, not "
                f"{normalize!r} and {most!r}"
            )
        return normalize, most or 0

    def _config(self) -> dict:
        """Return what the config file says; nothing where there is none."""
        if not self.config:
            return {}
        if self.path and not exists(self._root() / self.config):
            return {}
        if not self.path and not self.url and not find(self.folder, [self.config], self._inside(self.config)):
            return {}
        return read_json_object(self._file("config"))

    def _file(self, key: str) -> Path:
        """Return the path of a file, downloaded if needed; raises InputError."""
        name, sha256 = getattr(self, key), getattr(self, f"{key}_sha256", "")
        if self.path:
            path = self._root() / name
            if not exists(path):
                raise InputError(_missing(path, key))
        elif self.package or self.folder:
            url = f"{self.url.rstrip('/')}/{name}" if self.url else ""
            path = locate(self.folder, [name], url, sha256, self._inside(name))
        else:
            raise InputError(
                f"embedding.path is empty: {self.name} needs a folder with {self.weights} and {self.tokenizer}"
            )
        if sha256 and file_sha256(path) != sha256:
            raise InputError(f"{path}: not the file of embedding.{key}_sha256={sha256}")
        return path

    def _root(self) -> Path:
        """Return the folder at ``path``; raises InputError."""
        if self.path.startswith(INSIDE):
            return in_package(self.path)
        root = Path(self.path).expanduser()
        if not exists(root):
            raise InputError(f"embedding.path={self.path}: there is no such folder")
        if not root.is_dir():
            raise InputError(
                f"embedding.path={self.path}: is a file; name the folder, and the file by embedding.weights"
            )
        return root

    def _inside(self, name: str) -> str:
        return f"{self.package.rstrip('/')}/{name}" if self.package else ""


def _missing(path: Path, key: str) -> str:
    """Return what is wrong where a file is not in the folder, and what to type."""
    pickled = sorted(file.name for pattern in PICKLED for file in path.parent.glob(pattern))
    if key == "weights" and pickled:
        command = CONVERT.format(path.parent / pickled[0], path)
        return f"{path.parent / pickled[0]}: pickled weights are never opened, as they can run any code; {command}"
    nested = "0_StaticEmbedding"
    if exists(path.parent / nested / path.name):
        return f"{path}: there is no such file; embedding.path={path.parent / nested} has one"
    return f"{path}: there is no such file; embedding.{key} names another one in that folder"


@lru_cache(maxsize=2)
def _opened(
    weights: Path, tokenizer: Path, digests: tuple[str, str], drop_unknown: bool, normalize: bool, max_length: int
) -> PieceVectors:
    """Return the opened files; kept, as arms and data sets share a model. ``digests``: a changed file is read again."""
    pieces = JsonTokenizer(tokenizer)
    matrix = read_matrix(weights, pieces.size)
    return PieceVectors(pieces, matrix, drop_unknown, normalize, max_length)
