"""Grids of scores with holes, and what is whole of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    pass


def whole_part(grid: ArrayLike) -> tuple[list[int], list[int]]:
    """(rows, columns) that have no hole (NaN) where they cross: always what lacks the largest share goes first.

    Of a row and a column that lack the same share, the row goes; of two rows the first.
    """
    holes = np.isnan(np.asarray(grid, dtype=float))
    rows, columns = list(range(holes.shape[0])), list(range(holes.shape[1]))
    while rows and columns and holes[np.ix_(rows, columns)].any():
        left = holes[np.ix_(rows, columns)]
        by_row, by_column = left.mean(axis=1), left.mean(axis=0)
        if by_row.max() >= by_column.max():
            del rows[int(by_row.argmax())]
        else:
            del columns[int(by_column.argmax())]
    return rows, columns


T = TypeVar("T")


def spread_out(values: Sequence[T], most: int) -> list[T]:
    """``most`` of the values at even distances, the first and the last among them; all where there are no more."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]
