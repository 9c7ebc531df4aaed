"""Complete parts of grids with missing scores, and evenly spaced selections."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

T = TypeVar("T")


def complete_grid(grid: ArrayLike) -> tuple[list[int], list[int]]:
    """Return the (rows, columns) of a grid without NaN, dropping first what has the largest share of NaN.

    Ties: a row is dropped before a column, and the first row before the others.
    """
    missing = np.isnan(np.asarray(grid, dtype=float))
    rows, columns = list(range(missing.shape[0])), list(range(missing.shape[1]))
    while rows and columns and missing[np.ix_(rows, columns)].any():
        remaining = missing[np.ix_(rows, columns)]
        by_row, by_column = remaining.mean(axis=1), remaining.mean(axis=0)
        if by_row.max() >= by_column.max():
            del rows[int(by_row.argmax())]
        else:
            del columns[int(by_column.argmax())]
    return rows, columns


def spread_out(values: Sequence[T], most: int) -> list[T]:
    """Return at most ``most`` values, evenly spaced, with the first and the last."""
    if len(values) <= most:
        return list(values)
    return [values[round(index * (len(values) - 1) / (most - 1))] for index in range(most)]
