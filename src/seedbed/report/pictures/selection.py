"""The arms and sizes of a large table that the pictures show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.sections.rows import primary
from seedbed.report.statistics.grids import spread_out

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

MOST_ARMS = 16
"""Arms in a picture."""
MOST_PANELS, MOST_SIZES = 9, 60
"""Sizes in a picture with a panel per size, and in one with sizes on an axis."""


def drawn_part(analysis: "Analysis", most_sizes: int) -> tuple["Analysis", str]:
    """Return the analysis of the arms and sizes that fit a picture, and a suffix for its title if some are left out.

    The arms are the first, which is the baseline, and those that are best at the largest size where they have a score.
    """
    arms, sizes = _best_arms(analysis), spread_out(analysis.sizes, most_sizes)
    if len(arms) == len(analysis.arms) and len(sizes) == len(analysis.sizes):
        return analysis, ""
    notes = []
    if len(arms) < len(analysis.arms):
        notes.append(f"the first and the best {len(arms) - 1} of {len(analysis.arms):,} arms")
    if len(sizes) < len(analysis.sizes):
        notes.append(f"{len(sizes)} of {len(analysis.sizes):,} sizes")
    tables = {name: _within(table, arms, sizes) for name, table in analysis.summaries.items()}
    part = replace(
        analysis, arms=tuple(arms), sizes=tuple(sizes), table=_within(analysis.table, arms, sizes), summaries=tables
    )
    return part, f"; {' and '.join(notes)}"


def _best_arms(analysis: "Analysis") -> list[str]:
    if len(analysis.arms) <= MOST_ARMS:
        return list(analysis.arms)
    metric, scale = primary(analysis)
    summary = analysis.summaries[metric]
    last = summary[summary["mean"].notna()].drop_duplicates("arm", keep="last")
    ranked = last.sort_values("mean", ascending=not scale.higher_is_better, kind="stable")["arm"]
    best = [arm for arm in ranked if arm != analysis.arms[0]][: MOST_ARMS - 1]
    return [arm for arm in analysis.arms if arm in {analysis.arms[0], *best}]


def _within(table: "DataFrame", arms: Sequence[str], sizes: Sequence[int]) -> "DataFrame":
    return table[table["arm"].isin(arms) & table["n_train"].isin(sizes)].reset_index(drop=True)
