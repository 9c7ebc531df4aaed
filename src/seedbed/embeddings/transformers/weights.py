"""The weights of an encoder from ``model.safetensors``, each checked against the config; nothing is unpickled."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from seedbed.embeddings.safetensors_file import read_tensors, to_float32
from seedbed.embeddings.transformers.architecture import FAMILIES, Architecture
from seedbed.errors import InputError

WORDS = "embeddings.word_embeddings.weight"
"""A tensor of every architecture: what stands before its name stands before all names."""

OLD_NAMES = {"weight": "gamma", "bias": "beta"}
"""Of layer norms in models that were converted from TensorFlow."""

Arrays = dict[str, np.ndarray]


class Tensors:
    """The tensors of a file by their names without the prefix of the model; raises InputError."""

    def __init__(self, path: Path):
        self._tensors = read_tensors(path)
        self.path = path
        prefixes = [name.removesuffix(WORDS) for name in self._tensors if name.endswith(WORDS)]
        self.prefix = min(prefixes, key=len, default="")

    def rows(self, name: str) -> int:
        """Return the rows of a tensor, 1 where it is missing."""
        tensor = self._tensors.get(self.prefix + name)
        return int(tensor["shape"][0]) if tensor and tensor["shape"] else 1

    def array(self, name: str, *shape: int) -> np.ndarray:
        """Return a tensor as float32 after checking its shape."""
        tensor = self._tensors.get(self.prefix + name)
        if tensor is None:
            module, _, kind = name.rpartition(".")
            tensor = self._tensors.get(f"{self.prefix}{module}.{OLD_NAMES.get(kind, kind)}")
        if tensor is None:
            raise InputError(f"{self.path}: has no tensor {self.prefix}{name}")
        if tuple(tensor["shape"]) != shape:
            raise InputError(f"{self.path}: {name} is {list(tensor['shape'])}, and by config.json {list(shape)}")
        return to_float32(self.path, name, tensor)


def read_weights(path: Path, architecture: Architecture) -> Arrays:
    """Return the arrays that ``network`` takes, float32; raises InputError.

    Query, key and value are one matrix, with the scale of attention in the query. The rows of positions have the token
    type 0 added, and start with the first piece. Vectors are ``[1, width]``.
    """
    tensors, family, width = Tensors(path), FAMILIES[architecture.family], architecture.width
    positions = tensors.array("embeddings.position_embeddings.weight", architecture.positions, width)
    if family.types:
        positions = positions + _token_type(tensors, width)
    arrays = {
        "pieces": tensors.array(WORDS, architecture.vocabulary, width),
        "positions": positions[architecture.first_position :],
        **_norm(tensors, "norm", family.tensors["norm"], width),
    }
    if family.relative:
        arrays["relative"] = tensors.array(f"{family.relative}.weight", architecture.buckets, architecture.heads)
    for layer in range(architecture.layers):
        arrays |= _layer(tensors, architecture, layer)
    return arrays


def _layer(tensors: Tensors, architecture: Architecture, layer: int) -> Arrays:
    width, inner = architecture.width, architecture.inner
    name = {key: text.format(layer) for key, text in FAMILIES[architecture.family].tensors.items()}
    dense = {key: _dense(tensors, name[key], width, width) for key in ("q", "k", "v", "out")}
    dense |= {"up": _dense(tensors, name["up"], width, inner), "down": _dense(tensors, name["down"], inner, width)}
    scale = np.float32((width // architecture.heads) ** -0.5)
    dense["q"] = tuple(array * scale for array in dense["q"])
    qkv = [np.concatenate(parts, axis=-1) for parts in zip(*(dense.pop(key) for key in "qkv"), strict=True)]
    arrays = {f"qkv_{layer}": qkv[0], f"qkv_bias_{layer}": qkv[1]}
    for key, (kernel, bias) in dense.items():
        arrays |= {f"{key}_{layer}": kernel, f"{key}_bias_{layer}": bias}
    for key in ("attention_norm", "layer_norm"):
        arrays |= _norm(tensors, f"{key}_{layer}", name[key], width)
    return arrays


def _dense(tensors: Tensors, name: str, inputs: int, outputs: int) -> tuple[np.ndarray, ...]:
    """Return kernel ``[inputs, outputs]`` and bias ``[1, outputs]``; PyTorch stores kernels transposed."""
    kernel = np.ascontiguousarray(tensors.array(f"{name}.weight", outputs, inputs).T)
    return kernel, tensors.array(f"{name}.bias", outputs)[None]


def _norm(tensors: Tensors, key: str, name: str, width: int) -> Mapping[str, np.ndarray]:
    return {
        f"{key}_scale": tensors.array(f"{name}.weight", width)[None],
        f"{key}_bias": tensors.array(f"{name}.bias", width)[None],
    }


def _token_type(tensors: Tensors, width: int) -> np.ndarray:
    """Return the row of token type 0, that of all pieces."""
    name = "embeddings.token_type_embeddings.weight"
    return tensors.array(name, tensors.rows(name), width)[:1]
