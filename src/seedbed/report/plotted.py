"""What the pictures show: scores as drawn, names that fit an axis, descriptions for those who cannot see."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.report.answers import count_examples
from seedbed.report.scores import metric_label
from seedbed.report.summaries import finished_groups
from seedbed.report.wording import plain

if TYPE_CHECKING:
    from seedbed.report.study import Study

NAME_LENGTH = 24
Scores = dict[tuple[int, str], dict[int, float]]
"""By size and arm: replicate -> score as shown, in replicate order."""


def drawn_scores(study: "Study") -> Scores:
    """The finished scores of the primary metric."""
    groups, factor = {}, study.scales[study.metric].factor
    for n_train, arm, cells in finished_groups(study.table, study.arms):
        scored = cells[cells[study.metric].notna()].sort_values("replicate")
        groups[n_train, arm] = dict(zip(scored["replicate"], scored[study.metric] * factor, strict=True))
    return groups


def complete_lines(scores: Scores, arms: Sequence[str], size: int) -> list[list[float]]:
    """Scores in order of the arms, for each replicate that all of them finished at ``size``."""
    by_arm = [scores.get((size, arm), {}) for arm in arms]
    shared = sorted(set.intersection(*(set(found) for found in by_arm)))
    return [[found[replicate] for found in by_arm] for replicate in shared]


def axis_label(study: "Study") -> str:
    """The metric, with its unit where it has one."""
    return plain(metric_label(study.metric), 60) + (" (%)" if study.scales[study.metric].unit else "")


def short_names(arms: Sequence[str]) -> list[str]:
    """The arms' names, cut to fit an axis."""
    return [plain(arm, NAME_LENGTH) for arm in arms]


def centres(study: "Study", column: str) -> str:
    """In words: the ``mean`` or ``median`` of each arm at each size."""
    scale = study.scales[study.metric]
    rows = study.summaries[study.metric].to_dict("records")
    return "; ".join(
        f"{plain(row['arm'], 60)} at {count_examples(row['n_train'])}: {column} {scale.show(row[column], 1)}"
        for row in rows
        if row["n"]
    )


def rises(lines: list[list[float]]) -> str:
    """In words: how many lines end higher than they start."""
    rose = sum(line[-1] > line[0] for line in lines)
    return f"{rose} of {len(lines)} replicates are higher in the last arm than in the first"
