"""Precision, recall and F1 of each entity type or class, with their spread over replicates."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.answers import count_examples
from seedbed.report.crossing import Crossing, mean_of_draws
from seedbed.report.entries import Entry, PageTable, arm_entry, number_entry, places_of
from seedbed.report.scores import Scale, metric_columns, scale_of, type_columns
from seedbed.report.statistics.paired import spread
from seedbed.report.summaries import finished_groups
from seedbed.report.wording import plain

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.study import Study

SCORES = ("precision", "recall", "f1")
_HEADS = {"precision": "precision", "recall": "recall", "f1": "F1"}

NOTE = "F1 in %: mean over finished replicates, and sample standard deviation. Mentions: in a test set, on average."
_ALL = "In %: mean over finished replicates, and sample standard deviation. Mentions: in a test set, on average."


def summarise_type_scores(table: "DataFrame", arms: Sequence[str], crossing: Crossing | None = None) -> "DataFrame":
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
            values = mean_of_draws(cells, column, crossing).to_numpy() if column in columns else np.zeros(0)
            row[score], row[f"{score}_sd"] = spread(values)
        rows.append(row)
    names = ["n_train", "type", "arm", "support", *(part for score in SCORES for part in (score, f"{score}_sd"))]
    return pd.DataFrame(rows, columns=names)


def type_tables(study: "Study") -> list[PageTable]:
    """For each size F1 with an arm a column, and folded all three scores with an arm and type a row."""
    found = summarise_type_scores(study.table, study.arms, study.crossing)
    if found.empty:
        return []
    tables = []
    for size, here in found.groupby("n_train", sort=True):
        tables += [_side_by_side(study, int(size), here), _one_below_the_other(study, int(size), here)]
    return tables


def _side_by_side(study: "Study", size: int, here: "DataFrame") -> PageTable:
    scale = scale_of(study.table, "test/f1")
    arms = [arm for arm in study.arms if arm in set(here["arm"])]
    rows = []
    for name, own in _by_type(here):
        scores = {row.arm: row for row in own.itertuples()}
        entries = (_score(scores[arm].f1, scores[arm].f1_sd, scale) for arm in arms)
        rows.append((Entry(plain(name, 60)), *_mentions(own["support"].mean(), here), *entries))
    heads = ("type", *(["mentions"] if here["support"].notna().any() else []), *(plain(arm, 60) for arm in arms))
    return PageTable(count_examples(size), heads, tuple(rows), NOTE)


def _one_below_the_other(study: "Study", size: int, here: "DataFrame") -> PageTable:
    scale, places = scale_of(study.table, "test/f1"), places_of(study)
    rows = []
    for name, own in _by_type(here):
        for row in own.itertuples():
            entries = (_score(getattr(row, score), getattr(row, f"{score}_sd"), scale) for score in SCORES)
            key = Entry(plain(name, 60)), arm_entry(row.arm, places)
            rows.append((*key, *entries, *_mentions(row.support, here)))
    heads = ("type", "arm", *_HEADS.values(), *(["mentions"] if here["support"].notna().any() else []))
    title = f"{count_examples(size)}: precision, recall and F1"
    return PageTable(title, heads, tuple(rows), _ALL, folded=True)


def _by_type(here: "DataFrame") -> Iterator[tuple[str, "DataFrame"]]:
    return iter(here.groupby("type", sort=False))


def _mentions(support: float, here: "DataFrame") -> list[Entry]:
    if not here["support"].notna().any():
        return []
    return [number_entry(support, f"{support:.0f}" if np.isfinite(support) else "–")]


def _score(mean: float, deviation: float, scale: Scale) -> Entry:
    text = scale.show(mean, 1) + (f" ± {scale.show(deviation, 1)}" if np.isfinite(deviation) else "")
    return number_entry(mean, text)
