"""How a text gets its vector, as the folder of a model says for sentence-transformers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seedbed.embeddings.json_object import read_json_object
from seedbed.embeddings.transformers.folder import LOWER, MODULES, POOLING
from seedbed.errors import InputError
from seedbed.readable import exists, read_json

POOLINGS = ("auto", "mean", "first", "max")
MODES = {
    "pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "first", "pooling_mode_max_tokens": "max",
    "mean": "mean", "cls": "first", "max": "max",
}  # fmt: skip
"""Keys of ``1_Pooling/config.json`` that are true, or values of its ``pooling_mode``."""

FEWEST = 1e-12
"""The norm that a vector is divided by is at least this, as in PyTorch."""


@dataclass(frozen=True)
class TextPooling:
    """``mode``: mean, first or max of the last layer; ``prompt``: put before each text; ``lower``: lower case first."""

    mode: str
    normalize: bool
    prompt: str = ""
    lower: bool = False

    def text(self, tokens: Sequence[str]) -> str:
        """Return the text of tokens, as the model reads it."""
        text = self.prompt + " ".join(tokens)
        return text.lower() if self.lower else text

    def joined(self, parts: Sequence[np.ndarray], pieces: int) -> np.ndarray:
        """Return the vector float32 ``[width]`` of a text from those of its windows, with ``pieces`` pieces in all."""
        vector = parts[0]
        if self.mode == "max":
            vector = np.max(parts, axis=0)
        elif self.mode == "mean":
            vector = np.asarray(np.sum(parts, axis=0, dtype=np.float32) / np.float32(max(pieces, 1)))
        if not pieces:  # an empty text, and a tokenizer without special tokens
            vector = np.zeros_like(vector)
        if self.normalize:
            vector = vector / np.float32(max(float(np.linalg.norm(vector)), FEWEST))
        return vector.astype(np.float32, copy=False)


def text_pooling(folder: Path, pooling: str, normalize: bool | None, prompt: str) -> TextPooling:
    """Return the pooling of a model's folder; raises InputError where it is one that is not supported.

    ``pooling=auto``: as ``1_Pooling/config.json`` says, mean where there is none; ``normalize=None``: if
    ``modules.json`` has such a module.
    """
    types = _module_types(folder)
    if pooling == "auto" and any(kind.endswith(".Dense") for kind in types):
        raise InputError(f"{folder / MODULES}: has a Dense module, which is not supported; set embedding.pooling=mean")
    lower = exists(folder / LOWER) and bool(read_json_object(folder / LOWER).get("do_lower_case"))
    return TextPooling(
        mode=_mode(folder, bool(prompt)) if pooling == "auto" else pooling,
        normalize=any(kind.endswith(".Normalize") for kind in types) if normalize is None else normalize,
        prompt=prompt,
        lower=lower,
    )


def _mode(folder: Path, has_prompt: bool) -> str:
    path = folder / POOLING
    if not exists(path):
        return "mean"
    config = read_json_object(path)
    if has_prompt and config.get("include_prompt") is False:
        raise InputError(f"{path}: include_prompt=false is not supported; set embedding.pooling, or no prompt")
    stated = config.get("pooling_mode")
    flags = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    modes = [stated] if stated else flags
    if len(modes) != 1 or str(modes[0]) not in MODES:
        raise InputError(f"{path}: pooling by {' and '.join(map(str, modes)) or 'nothing'} is not supported; set "
                         "embedding.pooling=mean, first or max")  # fmt: skip
    return MODES[str(modes[0])]


def _module_types(folder: Path) -> list[str]:
    path = folder / MODULES
    if not exists(path):
        return []
    modules = read_json(path)
    if not isinstance(modules, list) or not all(isinstance(module, dict) and "type" in module for module in modules):
        raise InputError(f"{path}: is not a list of modules, each with its type")
    return [str(module["type"]) for module in modules]
