"""Precision, recall and F1 of each entity type or class, with their spread over replicates."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.crossed_seeds import CrossedSeeds, mean_of_draws
from seedbed.report.analysis.scores import Scale, metric_columns, metric_scale, type_columns
from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.sections.page_table import PageTable, TableCell, arm_cell, arm_indices, number_cell
from seedbed.report.statistics.paired import spread
from seedbed.report.wording import count_examples, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

SCORES = ("precision", "recall", "f1")
_HEADS = {"precision": "precision", "recall": "recall", "f1": "F1"}

NOTE = "F1 in %: mean over finished replicates, and sample standard deviation. Mentions: in a test set, on average."
_ALL = "In %: mean over finished replicates, and sample standard deviation. Mentions: in a test set, on average."


def summarise_type_scores(table: "DataFrame", arms: Sequence[str], crossed: CrossedSeeds | None = None) -> "DataFrame":
    """A row a size, type and arm: ``n_train type arm support``, and mean and ``_sd`` of each of `SCORES`.

    Where seeds are crossed, over the means of draws. NaN where a table lacks a column; no rows where it has no types.
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
    """For each size F1 with an arm a column, and folded all three scores with an arm and type a row."""
    found = summarise_type_scores(analysis.table, analysis.arms, analysis.crossed)
    if found.empty:
        return []
    tables = []
    for size, here in found.groupby("n_train", sort=True):
        tables += [_side_by_side(analysis, int(size), here), _one_below_the_other(analysis, int(size), here)]
    return tables


def _side_by_side(analysis: "Analysis", size: int, here: "DataFrame") -> PageTable:
    scale = metric_scale(analysis.table, "test/f1")
    arms = [arm for arm in analysis.arms if arm in set(here["arm"])]
    rows = []
    for name, own in _by_type(here):
        scores = {row.arm: row for row in own.itertuples()}
        entries = (_score(scores[arm].f1, scores[arm].f1_sd, scale) for arm in arms)
        rows.append((TableCell(sanitize(name, 60)), *_mentions(own["support"].mean(), here), *entries))
    header = ("type", *(["mentions"] if here["support"].notna().any() else []), *(sanitize(arm, 60) for arm in arms))
    return PageTable(count_examples(size), header, tuple(rows), NOTE)


def _one_below_the_other(analysis: "Analysis", size: int, here: "DataFrame") -> PageTable:
    scale, places = metric_scale(analysis.table, "test/f1"), arm_indices(analysis)
    rows = []
    for name, own in _by_type(here):
        for row in own.itertuples():
            entries = (_score(getattr(row, score), getattr(row, f"{score}_sd"), scale) for score in SCORES)
            key = TableCell(sanitize(name, 60)), arm_cell(row.arm, places)
            rows.append((*key, *entries, *_mentions(row.support, here)))
    header = ("type", "arm", *_HEADS.values(), *(["mentions"] if here["support"].notna().any() else []))
    title = f"{count_examples(size)}: precision, recall and F1"
    return PageTable(title, header, tuple(rows), _ALL, folded=True)


def _by_type(here: "DataFrame") -> Iterator[tuple[str, "DataFrame"]]:
    return iter(here.groupby("type", sort=False))


def _mentions(support: float, here: "DataFrame") -> list[TableCell]:
    if not here["support"].notna().any():
        return []
    return [number_cell(support, f"{support:.0f}" if np.isfinite(support) else "–")]


def _score(mean: float, deviation: float, scale: Scale) -> TableCell:
    text = scale.show(mean, 1) + (f" ± {scale.show(deviation, 1)}" if np.isfinite(deviation) else "")
    return number_cell(mean, text)
