"""Summary statistics of each arm, and missing cells."""

from itertools import islice, product
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import mean_of_draws
from seedbed.report.analysis.results import Results
from seedbed.report.statistics.paired import spread
from seedbed.report.statistics.second_opinions import interquartile_mean
from seedbed.report.statistics.sign_flips import sign_flip_interval

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SUMMARY_COLUMNS = (
    "n_train", "arm", "n", "mean", "sd", "median", "ci_low", "ci_high", "seconds", "peak_mb", "ci_level", "iqm",
)  # fmt: skip


def summarise_arms(results: Results, metric: str) -> "DataFrame":
    """Return a row per arm and size: number finished, mean, sample sd, median and interval.

    The interval is that of `sign_flip_interval`, ``ci_level`` its coverage, ``iqm`` the interquartile mean.
    With crossed seeds they are statistics of the means of draws, and ``n`` still counts cells. ``seconds`` is the
    mean of a cell, ``peak_mb`` the largest of any; NaN where the table has none.
    """
    import pandas as pd

    rows = []
    for n_train, arm, cells in results.groups:
        finished = int(cells[metric].notna().sum())
        scores = mean_of_draws(cells, metric, results.crossed).sort_values().to_numpy()
        mean, deviation = spread(scores)
        low, high, coverage = sign_flip_interval(scores)
        median = float(pd.Series(scores).median()) if scores.size else float("nan")
        iqm = interquartile_mean(scores)
        costs = _of(cells, "seconds").mean(), _of(cells, "peak_mb").max()
        rows.append((n_train, arm, finished, mean, deviation, median, low, high, *costs, coverage, iqm))
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


MOST_MISSING = 10_000
"""Most missing cells listed; a sparse table of many arms implies millions."""


def missing_cells(results: Results) -> list[tuple[str, int, int]]:
    """Return cells (arm, n_train, replicate) that arms, sizes and replicates imply and the table lacks.

    The first MOST_MISSING of them.
    """
    table, arms = results.table, results.arms
    present = set(zip(table["arm"], table["n_train"], table["replicate"], strict=True))
    sizes, replicates = sorted(set(table["n_train"])), sorted(set(table["replicate"]))
    implied = product(arms, map(int, sizes), map(int, replicates))
    return list(islice((cell for cell in implied if cell not in present), MOST_MISSING))


def _of(cells: "DataFrame", name: str) -> "Series":
    import pandas as pd

    return cells[name] if name in cells.columns else pd.Series([], dtype="float64")
