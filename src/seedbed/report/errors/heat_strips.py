"""Heat strips: the probability of each tag at each token as a table of rounded percentages, shaded by value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.label_sets import LabelSet, labels_of
from seedbed.report.wording import sanitize


@dataclass(frozen=True)
class Cell:
    """The percentage as text, empty below 0.5, and its shade from 0 to 10; ``gold`` marks the gold tag."""

    text: str
    shade: int
    gold: bool = False


@dataclass(frozen=True)
class Row:
    """A tag with one cell per token; ``blank`` if all cells are."""

    label: str
    cells: tuple[Cell, ...]
    blank: bool


@dataclass(frozen=True)
class Strip:
    """A table with its title; ``epochs``: the number of epochs in ``steps``, or 0.

    ``steps``: probabilities in 255ths as two hexadecimal digits, by epoch and row, for the script of the page.
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
    gold: Sequence[str | LabelSet],
    labels: Sequence[str],
    probabilities: NDArray[np.float64],
) -> Strip:
    """Return the strip of one example from probabilities ``[tokens, labels]``; ``gold``: of each."""
    rows = []
    for column, label in enumerate(labels):
        cells = tuple(
            _cell(probability, label in labels_of(tag))
            for probability, tag in zip(probabilities[:, column], gold, strict=True)
        )
        rows.append(Row(label, cells, not any(cell.text or cell.gold for cell in cells)))
    return Strip(title, tuple(tokens), tuple(map(str, gold)), tuple(rows))


def tracked_strip(
    title: str, tokens: Sequence[str], gold: Sequence[str | LabelSet], labels: Sequence[str], values: NDArray[np.uint8]
) -> Strip:
    """Return a strip that shows the last epoch and holds all of them, from 255ths ``[epochs, tokens, labels]``."""
    last = strip_of(title, tokens, gold, labels, values[-1] / 255)
    steps = values.transpose(0, 2, 1).tobytes().hex()
    return Strip(last.title, last.header, last.gold, last.rows, len(values), steps)


def token_text(token: str) -> str:
    """Return a token as shown on the page."""
    return sanitize(token, 80)


def _cell(probability: float, gold: bool) -> Cell:
    percent = int(np.floor(100 * probability + 0.5))
    return Cell(str(percent) if percent else "", int(np.ceil(percent / 10)), gold)
