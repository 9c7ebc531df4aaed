"""The floor of a study: what simple methods reach on each of its draws, as a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seedbed.comparison.plan import Planned
from seedbed.floor.floors import FLOORS, VERSION, Floors
from seedbed.results import FLOOR_COLUMNS, metric_order

FILE = "floor.csv"
"""The table in the output folder, and the artifact of a parent run that holds it."""

Found = dict[tuple[str, str, str], dict[str, float]]
"""Corpus, draw and name of a floor to its scores."""


def known_floors(tables: Iterable[Any]) -> Found:
    """What tables of floors hold, as far as it was computed as it would be now."""
    found: Found = {}
    for table in tables:
        metrics = [name for name in table.columns if name not in FLOOR_COLUMNS]
        for row in table[table["version"] == VERSION].to_dict("records"):
            scores = {name: row[name] for name in metrics if row[name] == row[name]}
            found.setdefault((row["corpus"], row["draw"], row["floor"]), scores)
    return found


def missing_floors(cells: Sequence[Planned], known: Found) -> dict[tuple[str, str, str], Planned]:
    """The floors of these cells' draws that are not known, each with a cell that has it; none without test examples."""
    return {key: planned for key, planned in _floors(cells).items() if key not in known}


def compute(missing: Mapping[tuple[str, str, str], Planned], watch: Callable[[int], None] = lambda done: None) -> Found:
    """The scores of these floors; ``watch`` is told how many are done."""
    floors: dict[str, Floors] = {}
    found: Found = {}
    for key, planned in missing.items():
        corpus, _, name = key
        own = floors.setdefault(corpus, Floors(planned.corpus))
        found[key] = own.scores(planned.draw, name)
        watch(len(found))
    return found


def floor_table(cells: Sequence[Planned], found: Found) -> Any:
    """A DataFrame of ``FLOOR_COLUMNS`` and metrics: a row for each floor of each data set, size, replicate and draw."""
    import pandas as pd

    rows: dict[tuple, dict[str, Any]] = {}
    for planned in cells:
        cell = planned.cell
        for name in FLOORS[planned.corpus.task]:
            key = (planned.corpus.digest, cell.draw, name)
            if key in found:
                which = (cell.dataset, cell.n_train, cell.replicate, cell.draw, name, key[0], VERSION, cell.data)
                rows[which] = dict(zip(FLOOR_COLUMNS, which, strict=True)) | found[key]
    metrics = {name for row in rows.values() for name in row if name not in FLOOR_COLUMNS}
    return pd.DataFrame(list(rows.values()), columns=[*FLOOR_COLUMNS, *sorted(metrics, key=metric_order)])


def _floors(cells: Sequence[Planned]) -> dict[tuple[str, str, str], Planned]:
    return {
        (planned.corpus.digest, planned.draw.digest, name): planned
        for planned in cells
        if planned.draw.test
        for name in FLOORS[planned.corpus.task]
    }
