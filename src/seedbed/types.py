"""Names for types that several parts share."""

from typing import Any, TypeAlias

Tensor: TypeAlias = Any
"""An array of the Keras backend, TensorFlow's or JAX's, or a NumPy array: they share no type that a checker knows."""

Tree: TypeAlias = Any
"""Nested dicts, lists and tuples of tensors."""
