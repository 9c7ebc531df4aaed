"""Type aliases that several parts share."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""An array of TensorFlow, JAX or NumPy: the three have no type in common that a type checker knows."""

Tensors: TypeAlias = Mapping[str, Tensor]

Tree: TypeAlias = Any
"""Nested dicts, lists and tuples of tensors."""
