"""Precision, recall and F1 of each entity type or class, with their spread over replicates."""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np

from seedbed.report.analysis.crossed_seeds import CrossedSeeds, mean_of_draws
from seedbed.report.analysis.results import finished_groups
from seedbed.report.analysis.scores import Scale, metric_columns, metric_scale, type_columns
from seedbed.report.sections.page_table import PageTable, TableCell, arm_cells, number_cell
from seedbed.report.statistics.paired import spread
from seedbed.report.wording import mean_count_text, sanitize, sentence

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

SCORES = ("precision", "recall", "f1")
_TITLES = {"precision": "precision", "recall": "recall", "f1": "F1"}

_NOTE = "mean over finished replicates, and sample standard deviation"


class Names(NamedTuple):
    """What the parts are that have scores of their own, and what is counted of each in the test examples."""

    part: str
    counted: str


_NAMES = {"test/micro_f1": Names("label", "examples"), "test/macro_f1": Names("class", "examples")}
"""By a score that only their task has; a set of labels has both. Others are entity types."""


def names_of(analysis: "Analysis") -> Names:
    """Return the names of entity types, classes or labels."""
    return next((names for score, names in _NAMES.items() if score in analysis.metrics), Names("type", "mentions"))


def section_title(analysis: "Analysis") -> str:
    """``Scores by type``, class or label."""
    return f"Scores by {names_of(analysis).part}"


class TypeRow(Protocol):
    """One type in one arm at one size: mean scores and mentions; ``precision_sd`` and ``recall_sd`` too."""

    n_train: int
    type: str
    arm: str
    support: float
    f1: float
    f1_sd: float


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
    tables = []
    for size in dict.fromkeys(summary["n_train"]):
        of_size = summary[summary["n_train"] == size]
        rows = cast("list[TypeRow]", list(of_size.itertuples()))
        tables += [_f1_table(analysis, int(size), rows), _score_table(analysis, int(size), rows)]
    return tables


def _f1_table(analysis: "Analysis", size: int, rows: Sequence[TypeRow]) -> PageTable:
    scale, with_mentions = metric_scale(analysis.table, "test/f1"), _has_mentions(rows)
    arms = [arm for arm in analysis.arms if any(row.arm == arm for row in rows)]
    lines = []
    for name, of_type in _by_type(rows).items():
        by_arm = {row.arm: row for row in of_type}
        supports = [row.support for row in of_type if np.isfinite(row.support)]
        mentions = [_mentions(float(np.mean(supports)) if supports else np.nan)] if with_mentions else []
        scores = (_score(by_arm[arm].f1, by_arm[arm].f1_sd, scale) for arm in arms)
        lines.append((TableCell(sanitize(name, 60)), *mentions, *scores))
    part, counted = names_of(analysis)
    header = (part, *([counted] if with_mentions else []), *(analysis.labels[arm] for arm in arms))
    return PageTable(analysis.sized(size), header, tuple(lines), f"F1 in %: {_NOTE}. {_counts(counted)}")


def _score_table(analysis: "Analysis", size: int, rows: Sequence[TypeRow]) -> PageTable:
    scale, arms = metric_scale(analysis.table, "test/f1"), arm_cells(analysis)
    with_mentions, lines = _has_mentions(rows), []
    for name, of_type in _by_type(rows).items():
        for row in of_type:
            scores = (_score(getattr(row, score), getattr(row, f"{score}_sd"), scale) for score in SCORES)
            mentions = [_mentions(row.support)] if with_mentions else []
            lines.append((TableCell(sanitize(name, 60)), arms[row.arm], *scores, *mentions))
    part, counted = names_of(analysis)
    header = (part, "arm", *_TITLES.values(), *([counted] if with_mentions else []))
    title = f"{analysis.sized(size)}: precision, recall and F1"
    return PageTable(title, header, tuple(lines), f"In %: {_NOTE}. {_counts(counted)}", folded=True)


def _counts(counted: str) -> str:
    return f"{sentence(counted)}: mean number per test set."


def _by_type(rows: Sequence[TypeRow]) -> dict[str, list[TypeRow]]:
    by_type: dict[str, list[TypeRow]] = {}
    for row in rows:
        by_type.setdefault(row.type, []).append(row)
    return by_type


def _has_mentions(rows: Sequence[TypeRow]) -> bool:
    return any(np.isfinite(row.support) for row in rows)


def _mentions(support: float) -> TableCell:
    return number_cell(support, mean_count_text(support))


def _score(mean: float, sd: float, scale: Scale) -> TableCell:
    text = scale.show(mean, 1) + (f" ± {scale.show(sd, 1)}" if np.isfinite(sd) else "")
    return number_cell(mean, text)
