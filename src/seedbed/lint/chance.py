"""Trained arms that are not better than chance, on draws from which others learn, and replicates that never left it."""

from collections.abc import Iterator

from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.chance import arms_at_chance, chance_level
from seedbed.report.analysis.stayed_at_chance import CellAtChance, cells_at_chance
from seedbed.report.sections.notices import with_interval
from seedbed.report.sections.page_table import score_text
from seedbed.report.wording import join_limited, plural, sanitize


def arm_at_chance(study: Analysis) -> Iterator[str]:
    """Yield arms trained in epochs that are not better than chance at the largest size, while others are better.

    Others: an arm that is separated from it, or the best floor.
    """
    ranking = study.ranking
    chance = None if ranking is None else chance_level(study, ranking.n_train)
    if ranking is None or chance is None:
        return
    for row in arms_at_chance(study, ranking.n_train):
        if _trained(study, row.arm) and (better := _better(study, row.arm)):
            yield (
                f"{with_interval(study, row)} at {study.sized(ranking.n_train)} is not better than chance "
                f"({score_text(chance.level, study.scale)}), but {better} is; training.learning_rate may be wrong"
            )


def stayed_at_chance(study: Analysis) -> Iterator[str]:
    """Yield, for each arm and size, the replicates that never left chance."""
    groups: dict[tuple[str, int], list[CellAtChance]] = {}
    for cell in cells_at_chance(study):
        groups.setdefault((cell.arm, cell.n_train), []).append(cell)
    for (arm, n_train), cells in groups.items():
        numbers = join_limited([cell.replicate for cell in cells])
        epochs = sorted(cell.epochs for cell in cells)
        span = f"{epochs[0]:,}" if epochs[0] == epochs[-1] else f"{epochs[0]:,} to {epochs[-1]:,}"
        chance = cells[0].chance
        what = "found no entity" if chance is None else (
            f"kept the loss of chance ({min(cell.lowest for cell in cells):.2f}; chance is {chance:.2f})")  # fmt: skip
        yield (
            f"{sanitize(arm, 60)} at {study.sized(n_train)}: {plural(len(cells), 'replicate')} {numbers} never left "
            f"chance: {span} {plural(epochs[-1], 'epoch')} {what}; raise training.min_steps, training.patience or "
            "training.learning_rate"
        )


def _trained(study: Analysis, arm: str) -> bool:
    """Return whether an arm was trained in epochs."""
    if "epochs" not in study.table.columns:
        return False
    return bool((study.table.loc[study.table["arm"] == arm, "epochs"] >= 1).any())


def _better(study: Analysis, arm: str) -> str:
    """Return an arm that is clearly better, or ``the floor`` if that is; empty if neither is."""
    ranking, gain = study.ranking, study.scale.gain
    for test in () if ranking is None else (ranking.test(row.arm, arm) for row in ranking.arms):
        if test is not None and test.separated and gain(test.difference) > 0:
            return study.labels[test.arm]
    against = None if study.floor is None or ranking is None else study.floor.comparison(ranking.n_train, arm)
    is_worse = against is not None and max(gain(against.paired.ci_low), gain(against.paired.ci_high)) < 0
    return "the floor" if is_worse else ""
