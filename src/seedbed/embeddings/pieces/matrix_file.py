"""The matrix of a static token model, from a safetensors file of model2vec, sentence-transformers or WordLlama."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seedbed.data.compressed_files import read_head
from seedbed.data.file_formats import detect_format
from seedbed.errors import InputError, one_line

MATRICES = ("embeddings", "embedding.weight")
"""Names of the matrix: of model2vec; of sentence-transformers and WordLlama. Otherwise it is the only matrix."""

DTYPES = {
    **{f"F{8 * size}": np.dtype(f"<f{size}") for size in (2, 4, 8)},
    **{f"I{8 * size}": np.dtype(f"<i{size}") for size in (1, 2, 4, 8)},
    "BF16": np.dtype("<u2"),
}
"""Types of tensors that are read, with their bytes as NumPy reads them."""

CONVERT = (
    "python -c \"import torch; from safetensors.torch import save_file; save_file(torch.load('{}', weights_only=True), "
    "'{}')\""
)
"""The command that converts pickled weights."""


@dataclass(frozen=True)
class TokenMatrix:
    """Vectors float32 ``[rows, dim]``; per token the ``rows`` int64 (None: the id itself) and ``factors`` float32."""

    vectors: np.ndarray
    rows: np.ndarray | None = None
    factors: np.ndarray | None = None


def read_matrix(path: Path, tokens: int) -> TokenMatrix:
    """Return the matrix, checked against the number of tokens of the tokenizer; raises InputError.

    Tensors: the matrix, ``mapping`` (row of each token) and ``weights`` (factor of each token), as in model2vec.
    """
    tensors = _tensors(path)
    name = _matrix_name(path, tensors)
    vectors = _finite(path, name, tensors)
    rows = _array(path, "mapping", tensors) if "mapping" in tensors else None
    factors = _finite(path, "weights", tensors) if "weights" in tensors else None
    fits = {name: None if rows is not None else vectors, "mapping": rows, "weights": factors}
    for tensor, array in fits.items():
        if array is not None and len(array) != tokens:
            raise InputError(
                f"{path}: {tensor} has {len(array):,} rows, and the tokenizer {tokens:,} tokens: they do not belong "
                "together"
            )
    if rows is not None:
        if rows.dtype.kind != "i" or rows.ndim != 1:
            raise InputError(f"{path}: mapping must be a list of whole numbers, the row of each token")
        if not 0 <= rows.min() <= rows.max() < len(vectors):
            raise InputError(f"{path}: mapping has rows from {rows.min()} to {rows.max()}, {name} has {len(vectors):,}")
        rows = rows.astype(np.int64)
    return TokenMatrix(vectors, rows, factors)


def _tensors(path: Path) -> Mapping[str, Mapping]:
    """Return type, shape and bytes of each tensor."""
    from safetensors import SafetensorError, deserialize

    head = read_head(path)
    try:
        return dict(deserialize(path.read_bytes()))
    except (OSError, SafetensorError) as error:
        kind = detect_format(head)
        reason = f"it is {kind.name}" if kind and "safetensors" not in kind.name else one_line(error)
        raise InputError(f"{path}: cannot be read as safetensors: {reason}{_advice(path, head)}") from error


def _advice(path: Path, head: bytes) -> str:
    pickled = head.startswith((b"\x80", b"PK"))  # a PyTorch file is a zip with a pickle
    return f"; if it is a PyTorch file: {CONVERT.format(path.name, 'model.safetensors')}" if pickled else ""


def _matrix_name(path: Path, tensors: Mapping[str, Mapping]) -> str:
    matrices = [name for name, tensor in tensors.items() if len(tensor["shape"]) == 2]
    named = [name for name in MATRICES if name in matrices]
    if named:
        return named[0]
    if len(matrices) == 1:
        return matrices[0]
    raise InputError(
        f"{path}: has {len(matrices)} matrices, and none is named {' or '.join(MATRICES)}: it has no static tokens"
    )


def _finite(path: Path, name: str, tensors: Mapping[str, Mapping]) -> np.ndarray:
    """Return a tensor as float32; raises InputError where a number is not finite."""
    with np.errstate(over="ignore"):
        array = _array(path, name, tensors).astype(np.float32)
    if not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0, 0])
        raise InputError(f"{path}: {name} has a number that is not finite in row {row}")
    return array


def _array(path: Path, name: str, tensors: Mapping[str, Mapping]) -> np.ndarray:
    tensor = tensors[name]
    if tensor["dtype"] not in DTYPES:
        raise InputError(f"{path}: {name} is of type {tensor['dtype']}, which must be one of {', '.join(DTYPES)}")
    array = np.frombuffer(tensor["data"], DTYPES[tensor["dtype"]]).reshape(tensor["shape"])
    if tensor["dtype"] == "BF16":  # the upper half of a float32
        return (array.astype("<u4") << 16).view("<f4")
    return array
