"""Type aliases that several parts share."""

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""An array of TensorFlow, JAX or NumPy: the three have no type in common that a type checker knows."""

Tree: TypeAlias = Any
"""Nested dicts, lists and tuples of tensors."""
