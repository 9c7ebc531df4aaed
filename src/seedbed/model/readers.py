"""Products of vectors that several members of a group read with the weights of each member.

The vectors ``[G, ...]`` of a draw are in memory once. The weights ``[R, ...]`` of its readers are put side by side in K
slots, K being the most readers of a draw; empty slots repeat the weights of the first member.
"""

from dataclasses import dataclass

from seedbed.types import Tensor, Tensors


@dataclass(frozen=True)
class Readers:
    """Which members read which draw: int32 ``source [R]``, ``slots [G, K]`` (members) and ``slot [R]`` (in G * K)."""

    source: Tensor
    slots: Tensor
    slot: Tensor

    @classmethod
    def of(cls, members: Tensors) -> "Readers | None":
        """Return the readers of a batch; None where each member has its own row."""
        return cls(members["source"], members["slots"], members["slot"]) if "source" in members else None

    def expand(self, x: Tensor) -> Tensor:
        """Return an array ``[G, ...]`` of draws as one of their readers, ``[R, ...]``."""
        from keras import ops

        return ops.take(x, self.source, axis=0)

    def in_slots(self, weight: Tensor) -> Tensor:
        """Return a weight ``[R, ...]`` in slots: ``[G * K, ...]``."""
        from keras import ops

        return ops.take(weight, ops.reshape(self.slots, (-1,)), axis=0)

    def of_members(self, y: Tensor) -> Tensor:
        """Return an array in slots, ``[G * K, ...]``, as ``[R, ...]``."""
        from keras import ops

        return ops.take(y, self.slot, axis=0)


def slot_products(x: Tensor, weight: Tensor) -> Tensor:
    """Return the products of ``x [G, N, D]`` with weights in slots ``[G * K, D, F]``: ``[G * K, N, F]``."""
    from keras import ops

    g, n, d = ops.shape(x)
    filters = weight.shape[-1]
    y = ops.matmul(ops.expand_dims(x, 1), ops.reshape(weight, (g, -1, d, filters)))
    return ops.reshape(y, (-1, n, filters))
