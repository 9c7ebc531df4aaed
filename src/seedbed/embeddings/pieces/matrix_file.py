"""The matrix of a static token model, from a safetensors file of model2vec, sentence-transformers or WordLlama."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seedbed.embeddings.safetensors_file import Tensors, read_tensors, to_array, to_float32
from seedbed.errors import InputError

MATRICES = ("embeddings", "embedding.weight")
"""Names of the matrix: of model2vec; of sentence-transformers and WordLlama. Otherwise it is the only matrix."""


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
    tensors = read_tensors(path)
    name = _matrix_name(path, tensors)
    vectors = to_float32(path, name, tensors[name])
    rows = to_array(path, "mapping", tensors["mapping"]) if "mapping" in tensors else None
    factors = to_float32(path, "weights", tensors["weights"]) if "weights" in tensors else None
    fits = {name: None if rows is not None else vectors, "mapping": rows, "weights": factors}
    for tensor, array in fits.items():
        if array is not None and array.shape[:1] != (tokens,):
            number = f"{array.shape[0]:,}" if array.ndim else "no"
            raise InputError(
                f"{path}: {tensor} has {number} rows, and the tokenizer {tokens:,} tokens: they do not belong together"
            )
    if factors is not None and factors.ndim != 1:
        raise InputError(f"{path}: weights must be a list of numbers, the factor of each token")
    if rows is not None:
        if rows.dtype.kind != "i" or rows.ndim != 1:
            raise InputError(f"{path}: mapping must be a list of whole numbers, the row of each token")
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(vectors):
            raise InputError(f"{path}: mapping has rows from {rows.min()} to {rows.max()}, {name} has {len(vectors):,}")
        rows = rows.astype(np.int64)
    return TokenMatrix(vectors, rows, factors)


def _matrix_name(path: Path, tensors: Tensors) -> str:
    matrices = [name for name, tensor in tensors.items() if len(tensor["shape"]) == 2]
    named = [name for name in MATRICES if name in matrices]
    if named:
        return named[0]
    if len(matrices) == 1:
        return matrices[0]
    raise InputError(
        f"{path}: has {len(matrices)} matrices, and none is named {' or '.join(MATRICES)}: it has no static tokens"
    )
