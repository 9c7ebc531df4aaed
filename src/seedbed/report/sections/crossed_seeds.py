"""Sentences on crossed seeds: draws with several initializations each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import (
    CrossedSeeds,
    seed_problems,
    single_draw_initializations,
    unit_of,
)
from seedbed.report.wording import count, number_word, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


def initializations_per_draw(crossed: CrossedSeeds) -> str:
    """``three initializations``, or ``up to three initializations``."""
    prefix = "" if crossed.min_initializations == crossed.max_initializations else "up to "
    return prefix + count(crossed.max_initializations, "initialization")


def count_replicates(crossed: CrossedSeeds | None, replicates: int) -> str:
    """``ten replicates``, or ``ten draws of three initializations each``."""
    if crossed is None:
        return count(replicates, "replicate")
    return f"{count(crossed.n_draws, 'draw')} of {initializations_per_draw(crossed)} each"


def count_pairs(crossed: CrossedSeeds | None, number: int) -> str:
    """``ten paired replicates``, or ``ten paired draws, the mean of three initializations each``."""
    pairs = count(number, f"paired {unit_of(crossed)}")
    return f"{pairs}, the mean of {initializations_per_draw(crossed)} each" if crossed else pairs


def seed_warnings(analysis: "Analysis") -> Iterator[str]:
    """Yield warnings on finished cells whose seeds are missing, where draws are paired, or duplicated."""
    problems, crossed = seed_problems(analysis.table), analysis.crossed
    if crossed and (number := problems.n_without_seeds):
        verb = "has" if number == 1 else "have"
        yield f"{sentence(count(number, 'finished cell'))} {verb} no seeds: left out where draws are compared."
    if number := problems.n_duplicates:
        subject = f"{sentence(count(number, 'cell'))} {'has' if number == 1 else 'have'} the seeds of another"
        effect = "averaged within their draw" if crossed else "counted as replicates, though they are not independent"
        yield f"{subject} cell of the same arm and size: {effect}."


def single_draw_warnings(analysis: "Analysis") -> Iterator[str]:
    """Yield a warning if all replicates are initializations of one draw."""
    if number := single_draw_initializations(analysis.table):
        yield (
            f"All {number_word(number)} initializations are of one draw: intervals and p do not generalize to other "
            "training or test examples."
        )
