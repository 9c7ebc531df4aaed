"""What the pictures show: scores as drawn, names that fit an axis, descriptions for those who cannot see."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from seedbed.report.analysis.comparisons import mean_score, scored_cells
from seedbed.report.analysis.scores import metric_label
from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.wording import count_examples, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

NAME_LENGTH = 24
Scores = dict[tuple[int, str], dict[int, float]]
"""By size and arm: replicate -> score as shown, in replicate order."""


def drawn_scores(analysis: "Analysis") -> Scores:
    """The finished scores of the primary metric."""
    groups, factor = {}, analysis.scales[analysis.metric].factor
    for n_train, arm, cells in finished_groups(analysis.table, analysis.arms):
        scored = cells[cells[analysis.metric].notna()].sort_values("replicate")
        groups[n_train, arm] = dict(zip(scored["replicate"], scored[analysis.metric] * factor, strict=True))
    return groups


def paired_scores(analysis: "Analysis") -> Scores:
    """By size, arm and replicate, or data seed where seeds are crossed: the scores that all arms have in common.

    A pair is what it is in the table of differences: cells on the same draw, and of crossed seeds the mean of the
    initialisations that all of the arms finished.
    """
    cells = scored_cells(analysis.table, analysis.metric, analysis.crossed)
    factor, groups = analysis.scales[analysis.metric].factor, {}
    for size in analysis.sizes:
        own = {arm: cells.get((arm, size), {}) for arm in analysis.arms}
        units: dict[int, list[tuple[int, ...]]] = {}
        for key in sorted(set.intersection(*map(set, own.values()))):
            if len({own[arm][key].draw for arm in analysis.arms}) == 1:
                units.setdefault(key[0], []).append(key)
        for arm in analysis.arms:
            groups[size, arm] = {unit: mean_score(own[arm], keys) * factor for unit, keys in units.items()}
    return groups


def complete_lines(scores: Scores, arms: Sequence[str], size: int) -> list[list[float]]:
    """Scores in order of the arms, for each replicate that all of them finished at ``size``."""
    return [[scores[size, arm][replicate] for arm in arms] for replicate in shared_replicates(scores, arms, size)]


def shared_replicates(scores: Scores, arms: Sequence[str], size: int) -> list[int]:
    """The replicates that all of the arms finished at ``size``, in order."""
    return sorted(set.intersection(*(set(scores.get((size, arm), {})) for arm in arms)))


def point_title(arm: str, size: int, replicate: int, score: float, unit: str = "replicate") -> str:
    """``glove, 200 examples, replicate 3: 64.2``, for a score as drawn."""
    return f"{sanitize(arm, 60)}, {count_examples(size)}, {unit} {replicate}: {score:.4g}"


def mean_title(row: NamedTuple, analysis: "Analysis") -> str:
    """``glove, 200 examples, mean 64.2, interval 60.1 to 68.0``, for a row of a summary."""
    scale = analysis.scales[analysis.metric]
    digits = 1 if scale.unit else scale.digits
    mean, low, high = (scale.show(value, digits) for value in (row.mean, row.ci_low, row.ci_high))
    between = "" if low == "–" else f", interval {low} to {high}"
    return f"{sanitize(row.arm, 60)}, {count_examples(row.n_train)}, mean {mean}{between}"


def axis_label(analysis: "Analysis") -> str:
    """The metric, with its unit where it has one."""
    return sanitize(metric_label(analysis.metric), 60) + (" (%)" if analysis.scales[analysis.metric].unit else "")


def short_names(arms: Sequence[str]) -> list[str]:
    """The arms' names, cut to fit an axis."""
    return [sanitize(arm, NAME_LENGTH) for arm in arms]


def centres(analysis: "Analysis", column: str) -> str:
    """In words: the ``mean`` or ``median`` of each arm at each size."""
    scale = analysis.scales[analysis.metric]
    rows = analysis.summaries[analysis.metric].to_dict("records")
    return "; ".join(
        f"{sanitize(row['arm'], 60)} at {count_examples(row['n_train'])}: {column} {scale.show(row[column], 1)}"
        for row in rows
        if row["n"]
    )


def rises(lines: list[list[float]], unit: str = "replicate") -> str:
    """In words: how many lines end higher than they start; each is a ``unit``."""
    rose = sum(line[-1] > line[0] for line in lines)
    return f"{rose} of {len(lines)} {unit}s are higher in the last arm than in the first"
