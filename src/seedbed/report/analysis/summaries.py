"""Each arm by itself: mean and spread, scores by type, cells that are missing."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import CrossedSeeds, mean_of_draws
from seedbed.report.statistics.paired import spread
from seedbed.report.statistics.second_opinions import interquartile_mean
from seedbed.report.statistics.sign_flips import sign_flip_interval

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SUMMARY_COLUMNS = (
    "n_train", "arm", "n", "mean", "sd", "median", "ci_low", "ci_high", "seconds", "peak_mb", "ci_level", "iqm",
)  # fmt: skip


def summarise_arms(
    table: "DataFrame", metric: str, arms: Sequence[str], crossed: CrossedSeeds | None = None
) -> "DataFrame":
    """A row an arm and size, for a checked table: how many finished, their mean, sample sd, median and interval.

    The interval is that of `sign_flip_interval`, ``ci_level`` what it covers, ``iqm`` the interquartile mean.
    Where seeds are crossed, all of these are of the means of draws, and ``n`` still counts cells. ``seconds`` is the
    mean of a cell, ``peak_mb`` the largest of any; NaN where the table has none.
    """
    import pandas as pd

    rows = []
    for n_train, arm, cells in finished_groups(table, arms):
        finished = int(cells[metric].notna().sum())
        scores = mean_of_draws(cells, metric, crossed).sort_values().to_numpy()
        mean, deviation = spread(scores)
        low, high, covered = sign_flip_interval(scores)
        median = float(pd.Series(scores).median()) if scores.size else float("nan")
        iqm = interquartile_mean(scores)
        costs = _of(cells, "seconds").mean(), _of(cells, "peak_mb").max()
        rows.append((n_train, arm, finished, mean, deviation, median, low, high, *costs, covered, iqm))
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


MOST_MISSING = 10_000
"""So many missing cells are listed; a sparse table of many arms implies millions."""


def missing_cells(table: "DataFrame", arms: Sequence[str]) -> list[tuple[str, int, int]]:
    """Cells (arm, n_train, replicate) that the arms, sizes and replicates of the table imply and it has no row for.

    The first MOST_MISSING of them.
    """
    there = set(zip(table["arm"], table["n_train"], table["replicate"], strict=True))
    sizes, replicates = sorted(set(table["n_train"])), sorted(set(table["replicate"]))
    implied = product(arms, map(int, sizes), map(int, replicates))
    return list(islice((cell for cell in implied if cell not in there), MOST_MISSING))


def finished_groups(table: "DataFrame", arms: Sequence[str]) -> Iterator[tuple[int, str, "DataFrame"]]:
    """(n_train, arm, its finished cells), by size and then order of ``arms``; those never tried are left out."""
    places = {arm: place for place, arm in enumerate(arms)}
    tried = {key for key in zip(table["n_train"], table["arm"], strict=True) if key[1] in places}
    finished = table[table["status"] == "finished"]
    groups = dict(list(finished.groupby(["n_train", "arm"], sort=False)))
    for n_train, arm in sorted(tried, key=lambda key: (key[0], places[key[1]])):
        yield int(n_train), arm, groups.get((n_train, arm), finished.iloc[:0])


def _of(cells: "DataFrame", name: str) -> "Series":
    import pandas as pd

    return cells[name] if name in cells.columns else pd.Series([], dtype="float64")
