"""Tensors of a safetensors file as NumPy arrays; nothing is unpickled."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.data.compressed_files import read_head
from seedbed.data.file_formats import detect_format
from seedbed.errors import InputError, one_line
from seedbed.readable import open_regular, parse_json, read_bytes, regular, shaped

DTYPES: Mapping[str, np.dtype] = {
    **{f"F{8 * size}": np.dtype(f"<f{size}") for size in (2, 4, 8)},
    **{f"I{8 * size}": np.dtype(f"<i{size}") for size in (1, 2, 4, 8)},
    "BF16": np.dtype("<u2"),
}
"""Types of tensors that are read, with their bytes as NumPy reads them."""

METADATA = "__metadata__"
"""The key of the header with texts about the file."""

HEADER_BYTES = 100 << 20
"""Of the names and shapes of tensors, as the library limits them."""

CONVERT = (
    "python -c \"import torch; from safetensors.torch import save_file; save_file(torch.load('{}', weights_only=True), "
    "'{}')\""
)
"""The command that converts pickled weights."""

Tensors = Mapping[str, Mapping[str, Any]]
"""By name, the ``dtype``, ``shape`` and ``data`` (bytes) of a tensor."""


def read_tensors(path: Path) -> Tensors:
    """Return the tensors of a file, not yet converted; raises InputError."""
    from safetensors import SafetensorError, deserialize

    head = read_head(path)
    try:
        _refuse_header(path, head, regular(path).st_size, partial(_header_in, path))
        return dict(deserialize(read_bytes(path)))
    except (ValueError, SafetensorError) as error:
        kind = detect_format(head)
        reason = f"it is {kind.name}" if kind and "safetensors" not in kind.name else one_line(error)
        raise InputError(f"{path}: cannot be read as safetensors: {reason}{_advice(path, head)}") from error


def tensors_in(content: bytes, where: str) -> dict[str, np.ndarray]:
    """Return the arrays of the content of a file, by name; raises InputError with ``where`` it is from."""
    from safetensors import SafetensorError, deserialize

    try:
        _refuse_header(Path(where), content[:8], len(content), lambda length: content[8 : 8 + length])
        tensors = dict(deserialize(content))
    except (ValueError, SafetensorError) as error:
        raise InputError(f"{where}: cannot be read as safetensors: {one_line(error)}") from error
    return {name: to_array(Path(where), name, tensor) for name, tensor in tensors.items()}


def _header_in(path: Path, length: int) -> bytes:
    with open_regular(path) as stream:
        stream.seek(8)
        return stream.read(length)


def _refuse_header(path: Path, head: bytes, size: int, read: Callable[[int], bytes]) -> None:
    """Raise ValueError where the header, or the tensors that it declares, are not in the file: it is not read then."""
    length = int.from_bytes(head[:8], "little")
    if len(head) < 8 or length > min(size - 8, HEADER_BYTES):
        raise ValueError(f"it declares a header of {length:,} bytes, and has {size:,}")
    header = parse_json(read(length), path)
    tensor = {"dtype": str, "shape": [int], "data_offsets": [int]}
    tensors = (
        {name: value for name, value in header.items() if name != METADATA} if isinstance(header, dict) else header
    )
    shaped(tensors, {str: tensor}, path)
    end = max((offset for value in tensors.values() for offset in value["data_offsets"]), default=0)
    if end != size - 8 - length:
        raise ValueError(f"its tensors have {end:,} bytes, and it has {size - 8 - length:,} for them")


def to_array(path: Path, name: str, tensor: Mapping[str, Any]) -> np.ndarray:
    """Return a tensor in its type, bfloat16 as float32; raises InputError for other types."""
    if tensor["dtype"] not in DTYPES:
        raise InputError(f"{path}: {name} is of type {tensor['dtype']}, which must be one of {', '.join(DTYPES)}")
    array = np.frombuffer(tensor["data"], DTYPES[tensor["dtype"]]).reshape(tensor["shape"])
    if tensor["dtype"] == "BF16":  # the upper half of a float32
        return (array.astype("<u4") << 16).view("<f4")
    return array


def to_float32(path: Path, name: str, tensor: Mapping[str, Any]) -> np.ndarray:
    """Return a tensor as float32; raises InputError where a number is not finite."""
    with np.errstate(over="ignore"):
        array = to_array(path, name, tensor).astype(np.float32)
    if not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(np.atleast_1d(array)))[0, 0])
        raise InputError(f"{path}: {name} has a number that is not finite in row {row}")
    return array


def _advice(path: Path, head: bytes) -> str:
    pickled = head.startswith((b"\x80", b"PK"))  # a PyTorch file is a zip with a pickle
    return f"; if it is a PyTorch file: {CONVERT.format(path.name, 'model.safetensors')}" if pickled else ""
