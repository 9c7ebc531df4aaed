"""Heat strips: the probability of every tag at every token as a table of whole percents, shaded by size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.report.wording import sanitize


@dataclass(frozen=True)
class Cell:
    """A field: the percent as text, blank below one half, and its shade from 0 to 10; ``gold`` marks the right tag."""

    text: str
    shade: int
    gold: bool = False


@dataclass(frozen=True)
class Row:
    """A tag with a field for each token; ``blank`` where all are."""

    label: str
    cells: tuple[Cell, ...]
    blank: bool


@dataclass(frozen=True)
class Strip:
    """A table with its title; ``epochs`` is 0, or how many epochs ``steps`` has.

    ``steps``: 255ths as two hexadecimal digits each, epoch by epoch and there row by row, for the page's script.
    """

    title: str
    header: tuple[str, ...]
    gold: tuple[str, ...]
    rows: tuple[Row, ...]
    epochs: int = 0
    steps: str = ""


def strip_of(
    title: str,
    tokens: Sequence[str],
    gold: Sequence[str],
    labels: Sequence[str],
    class_probabilities: NDArray[np.float64],
) -> Strip:
    """The strip of one example from fractions ``[tokens, labels]``."""
    rows = []
    for column, label in enumerate(labels):
        cells = tuple(
            _cell(share, label == tag) for share, tag in zip(class_probabilities[:, column], gold, strict=True)
        )
        rows.append(Row(label, cells, not any(cell.text or cell.gold for cell in cells)))
    return Strip(title, tuple(tokens), tuple(gold), tuple(rows))


def tracked_strip(
    title: str, tokens: Sequence[str], gold: Sequence[str], labels: Sequence[str], values: NDArray[np.uint8]
) -> Strip:
    """A strip that shows the last epoch and holds all of them, from 255ths ``[epochs, tokens, labels]``."""
    last = strip_of(title, tokens, gold, labels, values[-1] / 255)
    steps = values.transpose(0, 2, 1).tobytes().hex()
    return Strip(last.title, last.header, last.gold, last.rows, len(values), steps)


def word(token: str) -> str:
    """A token as it is shown."""
    return sanitize(token, 80)


def _cell(share: float, gold: bool) -> Cell:
    percent = int(np.floor(100 * share + 0.5))
    return Cell(str(percent) if percent else "", int(np.ceil(percent / 10)), gold)
