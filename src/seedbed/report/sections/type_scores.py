"""Precision, recall and F1 of each entity type or class, with their spread over replicates."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.crossed_seeds import CrossedSeeds, mean_of_draws
from seedbed.report.analysis.scores import Scale, metric_columns, metric_scale, type_columns
from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.sections.page_table import PageTable, TableCell, arm_cells, number_cell
from seedbed.report.statistics.paired import spread
from seedbed.report.wording import count_examples, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

SCORES = ("precision", "recall", "f1")
_TITLES = {"precision": "precision", "recall": "recall", "f1": "F1"}

_F1_NOTE = "F1 in %: mean over finished replicates, and sample standard deviation. Mentions: in a test set, on average."
_NOTE = "In %: mean over finished replicates, and sample standard deviation. Mentions: in a test set, on average."


def summarise_type_scores(table: "DataFrame", arms: Sequence[str], crossed: CrossedSeeds | None = None) -> "DataFrame":
    """Return one row per size, type and arm: ``n_train type arm support``, mean and ``_sd`` of each of `SCORES`.

    With crossed seeds over the means of draws. NaN for a missing column; no rows without types.
    """
    import pandas as pd

    columns = set(metric_columns(table))
    types, rows = sorted(type_columns(table)), []
    groups = list(finished_groups(table, arms)) if types else []
    for (n_train, arm, cells), name in product(groups, types):
        row = {"n_train": n_train, "type": name, "arm": arm, "support": np.nan}
        if (support := f"test/support/{name}") in columns:
            row["support"] = cells[support].mean()
        for score in SCORES:
            column = f"test/{score}/{name}"
            values = mean_of_draws(cells, column, crossed).to_numpy() if column in columns else np.zeros(0)
            row[score], row[f"{score}_sd"] = spread(values)
        rows.append(row)
    names = ["n_train", "type", "arm", "support", *(part for score in SCORES for part in (score, f"{score}_sd"))]
    return pd.DataFrame(rows, columns=names)


def type_tables(analysis: "Analysis") -> list[PageTable]:
    """Return for each size F1 by type and arm, and folded all three scores."""
    summary = summarise_type_scores(analysis.table, analysis.arms, analysis.crossed)
    if summary.empty:
        return []
    tables = []
    for size, rows in summary.groupby("n_train", sort=True):
        tables += [_f1_table(analysis, int(size), rows), _score_table(analysis, int(size), rows)]
    return tables


def _f1_table(analysis: "Analysis", size: int, table: "DataFrame") -> PageTable:
    scale = metric_scale(analysis.table, "test/f1")
    arms = [arm for arm in analysis.arms if arm in set(table["arm"])]
    rows = []
    for name, of_type in _by_type(table):
        scores = {row.arm: row for row in of_type.itertuples()}
        entries = (_score(scores[arm].f1, scores[arm].f1_sd, scale) for arm in arms)
        rows.append((TableCell(sanitize(name, 60)), *_mentions(of_type["support"].mean(), table), *entries))
    mentions = ["mentions"] if table["support"].notna().any() else []
    header = ("type", *mentions, *(analysis.labels[arm] for arm in arms))
    return PageTable(count_examples(size), header, tuple(rows), _F1_NOTE)


def _score_table(analysis: "Analysis", size: int, table: "DataFrame") -> PageTable:
    scale, arms = metric_scale(analysis.table, "test/f1"), arm_cells(analysis)
    rows = []
    for name, of_type in _by_type(table):
        for row in of_type.itertuples():
            entries = (_score(getattr(row, score), getattr(row, f"{score}_sd"), scale) for score in SCORES)
            key = TableCell(sanitize(name, 60)), arms[row.arm]
            rows.append((*key, *entries, *_mentions(row.support, table)))
    header = ("type", "arm", *_TITLES.values(), *(["mentions"] if table["support"].notna().any() else []))
    title = f"{count_examples(size)}: precision, recall and F1"
    return PageTable(title, header, tuple(rows), _NOTE, folded=True)


def _by_type(table: "DataFrame") -> Iterator[tuple[str, "DataFrame"]]:
    return iter(table.groupby("type", sort=False))


def _mentions(support: float, table: "DataFrame") -> list[TableCell]:
    if not table["support"].notna().any():
        return []
    return [number_cell(support, f"{support:.0f}" if np.isfinite(support) else "–")]


def _score(mean: float, sd: float, scale: Scale) -> TableCell:
    text = scale.show(mean, 1) + (f" ± {scale.show(sd, 1)}" if np.isfinite(sd) else "")
    return number_cell(mean, text)
