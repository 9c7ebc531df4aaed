"""The part of a large study that the pictures show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.statistics.grids import T, spread_out

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


MOST_ARMS = 16
"""Arms in a picture."""


MOST_PANELS, MOST_SIZES = 9, 60
"""Sizes in a picture that has a panel a size, and in one that has them on an axis."""


def drawn_part(analysis: "Analysis", most_sizes: int) -> tuple["Analysis", str]:
    """The arms and sizes of a study that fit a picture, and what follows its title where some do not.

    Of the arms the first, which is the baseline, and those that are best at the largest size where they have a score.
    """
    arms, sizes = _best_arms(analysis), spread_out(analysis.sizes, most_sizes)
    if len(arms) == len(analysis.arms) and len(sizes) == len(analysis.sizes):
        return analysis, ""
    said = []
    if len(arms) < len(analysis.arms):
        said.append(f"the first and the best {len(arms) - 1} of {len(analysis.arms):,} arms")
    if len(sizes) < len(analysis.sizes):
        said.append(f"{len(sizes)} of {len(analysis.sizes):,} sizes")
    tables = {name: _within(table, arms, sizes) for name, table in analysis.summaries.items()}
    part = replace(
        analysis, arms=tuple(arms), sizes=tuple(sizes), table=_within(analysis.table, arms, sizes), summaries=tables
    )
    return part, f"; {' and '.join(said)}"


def _best_arms(analysis: "Analysis") -> list[str]:
    if len(analysis.arms) <= MOST_ARMS:
        return list(analysis.arms)
    summary = analysis.summaries[analysis.metric]
    last = summary[summary["mean"].notna()].drop_duplicates("arm", keep="last")
    ranked = last.sort_values("mean", ascending=not analysis.scales[analysis.metric].higher_is_better, kind="stable")[
        "arm"
    ]
    best = [arm for arm in ranked if arm != analysis.arms[0]][: MOST_ARMS - 1]
    return [arm for arm in analysis.arms if arm in {analysis.arms[0], *best}]


def _within(table: T, arms: Sequence[str], sizes: Sequence[int]) -> T:
    return table[table["arm"].isin(arms) & table["n_train"].isin(sizes)].reset_index(drop=True)
