"""Which draws the members of a group read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


class Reader(Protocol):
    """A member of a group: the number of the draw that it reads, and whether it has stopped."""

    source: int
    stopped: bool


T = TypeVar("T")
R = TypeVar("R", bound=Reader)


@dataclass(frozen=True)
class Sources:
    """The draws that the rows of a group read, each once.

    ``held``: their numbers in the data, one row of a batch each. ``source``: int32 ``[R]``, the row of the batch that
    each member reads; None where each reads its own, in order.
    """

    held: tuple[int, ...]
    source: NDArray[np.int32] | None

    @classmethod
    def of(cls, rows: Sequence[Reader], shared: bool) -> "Sources":
        """Return the draws of these members. ``shared``: whether several members may read one."""
        numbers = [r.source for r in rows]
        if not shared:
            return cls(tuple(numbers), None)
        held = tuple(sorted(set(numbers)))
        return cls(held, np.array([held.index(number) for number in numbers], np.int32))

    @cached_property
    def arrays(self) -> dict[str, NDArray[np.int32]]:
        """The arrays of `seedbed.model.readers.Readers`; none where each member reads its own row."""
        if self.source is None:
            return {}
        rank = np.array([np.count_nonzero(self.source[:n] == row) for n, row in enumerate(self.source)], np.int32)
        slots = np.zeros((len(self.held), rank.max() + 1), np.int32)
        slots[self.source, rank] = np.arange(len(rank))
        return {"source": self.source, "slots": slots, "slot": self.source * np.int32(slots.shape[1]) + rank}

    def readers(self, rows: Sequence[R]) -> list[R]:
        """Return a member for each row of a batch, one that still trains if there is one."""
        if self.source is None:
            return list(rows)
        by_source = {r.source: r for r in rows} | {r.source: r for r in rows if not r.stopped}
        return [by_source[number] for number in self.held]

    def of_members(self, values: Sequence[T]) -> list[T]:
        """Return the value of each member, from those of the rows of a batch."""
        return list(values) if self.source is None else [values[n] for n in self.source.tolist()]

    def kept(self, earlier: "Sources") -> list[int]:
        """Return the places of these draws among those held before."""
        return [earlier.held.index(number) for number in self.held]
