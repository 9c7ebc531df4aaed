"""The floor of a study: the scores of simple methods on each of its draws, as a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.cells import FLOOR_COLUMNS, Row, metric_order
from seedbed.comparison.plan import PlannedCell
from seedbed.floor.floors import FLOORS, VERSION, Floors

if TYPE_CHECKING:
    from pandas import DataFrame

FILE = "floor.csv"
"""The table in the output folder, and the artifact of a parent run that contains it."""

FloorKey = tuple[str, str, str]
"""Corpus, draw and name of a floor."""
FloorScores = dict[FloorKey, dict[str, float]]


def known_floors(tables: "Iterable[DataFrame]") -> FloorScores:
    """Return the floors in these tables that were computed by the present version."""
    known: FloorScores = {}
    for table in tables:
        metrics = [name for name in table.columns if name not in FLOOR_COLUMNS]
        for row in table[table["version"] == VERSION].to_dict("records"):
            scores = {name: row[name] for name in metrics if row[name] == row[name]}
            known.setdefault((row["corpus"], row["draw"], row["floor"]), scores)
    return known


def missing_floors(cells: Sequence[PlannedCell], known: FloorScores) -> dict[FloorKey, PlannedCell]:
    """Return the floors of these cells' draws that are not known, with a cell of each; none without test examples."""
    return {key: planned for key, planned in _cells_by_floor(cells).items() if key not in known}


def compute(
    missing: Mapping[FloorKey, PlannedCell], on_progress: Callable[[int], None] = lambda done: None
) -> FloorScores:
    """Return the scores of these floors; ``on_progress`` is called with the number done."""
    floors: dict[str, Floors] = {}
    scores: FloorScores = {}
    for key, planned in missing.items():
        corpus, _, name = key
        scores[key] = floors.setdefault(corpus, Floors(planned.corpus)).scores(planned.draw, name)
        on_progress(len(scores))
    return scores


def floor_table(cells: Sequence[PlannedCell], scores: FloorScores) -> "DataFrame":
    """Return the table of ``FLOOR_COLUMNS`` and metrics: a row per floor, data set, size, replicate and draw."""
    import pandas as pd

    rows: dict[tuple[object, ...], Row] = {}
    for planned in cells:
        cell = planned.cell
        for name in FLOORS[planned.corpus.task]:
            key = (planned.corpus.digest, cell.draw, name)
            if key in scores:
                values = (cell.dataset, cell.n_train, cell.replicate, cell.draw, name, key[0], VERSION, cell.data)
                rows[values] = dict(zip(FLOOR_COLUMNS, values, strict=True)) | scores[key]
    metrics = {name for row in rows.values() for name in row if name not in FLOOR_COLUMNS}
    return pd.DataFrame(list(rows.values()), columns=[*FLOOR_COLUMNS, *sorted(metrics, key=metric_order)])


def _cells_by_floor(cells: Sequence[PlannedCell]) -> dict[FloorKey, PlannedCell]:
    return {
        (planned.corpus.digest, planned.draw.digest, name): planned
        for planned in cells
        if planned.draw.test
        for name in FLOORS[planned.corpus.task]
    }
