"""The answer in sentences: the best arm at each size against the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from seedbed.report.analysis.analysis import best_arm, tested
from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.scores import metric_label
from seedbed.report.sections.crossed_seeds import count_pairs
from seedbed.report.sections.rows import ComparisonRow, comparison_rows, primary
from seedbed.report.statistics.grids import spread_out
from seedbed.report.statistics.settling import MOST_REPLICATES
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count, level_text, number_word, p_clause

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

Verdict = Literal["clear", "unsettled", "no clear difference", "too few"]
_ORDER: tuple[Verdict, ...] = ("clear", "unsettled", "no clear difference", "too few")
MOST_RIVALS, MOST_SENTENCES = 4, 12
"""Comparisons that get a sentence: per size, and in all (at least one per size). The table has all of them."""
MOST_SIZES = 24
"""Sizes that get sentences."""


@dataclass(frozen=True)
class Answer:
    """The result for one pair of arms at one size, in a sentence."""

    n_train: int
    verdict: Verdict
    text: str


def answers(analysis: "Analysis") -> list[Answer]:
    """Compare the best arm at each size with the others, or each arm with a named baseline, the closest first.

    An answer is ``clear`` if p, corrected for all comparisons, is at most 0.05, and ``unsettled`` if only the interval
    excludes zero.
    """
    results: list[Answer] = []
    if analysis.metric is None:
        return results
    corrected = tested(analysis) > 1
    comparisons = comparison_rows(analysis)
    rivals = max(1, min(MOST_RIVALS, MOST_SENTENCES // len(analysis.sizes)))
    for n_train in reported_sizes(analysis):
        rows = [row for row in comparisons if row.n_train == n_train]
        best = best_arm(analysis, n_train)
        rows = [row for row in rows if analysis.with_first or best in (row.arm, row.baseline)]
        rows.sort(key=lambda row: abs(row.mean_difference) if row.pairs else float("inf"))
        results += [_answer(row, analysis, corrected) for row in rows[:rivals]]
    return results


def clear_first(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers with the clear ones first, then the others, each from the largest size down."""
    return sorted(answers, key=lambda answer: (_ORDER.index(answer.verdict), -answer.n_train))


def reported_sizes(analysis: "Analysis") -> list[int]:
    """Return the sizes that get sentences: at most MOST_SIZES, evenly spaced."""
    return spread_out(analysis.sizes, MOST_SIZES)


def _answer(row: ComparisonRow, analysis: "Analysis", corrected: bool) -> Answer:
    (metric, scale), crossed = primary(analysis), analysis.crossed
    label = metric_label(metric)
    arm, baseline = analysis.labels[row.arm], analysis.labels[row.baseline]
    at = f"at {analysis.sized(row.n_train)}"
    if row.pairs < 2:
        shared = count(row.pairs, f"finished {unit_of(crossed)}")
        text = f"{arm} and {baseline} share {shared} {at}: too few to compare them."
        return Answer(row.n_train, "too few", text)
    gain = scale.gain(row.mean_difference)
    ahead, behind = (arm, baseline) if gain >= 0 else (baseline, arm)
    low, high = (row.ci_low, row.ci_high) if row.mean_difference >= 0 else (-row.ci_high, -row.ci_low)
    digits = 1 if scale.unit else scale.digits
    amount = f"{scale.show(abs(row.mean_difference), digits)} {scale.unit + ' of ' if scale.unit else 'in '}{label}"
    kind = "95 % interval" if row.ci_level >= 1 - LEVEL else f"no 95 % interval but a {level_text(row.ci_level)} one,"
    p_value = f"{p_clause(row.p_holm)} after Holm" if corrected else p_clause(row.p_value)
    pairs = count_pairs(crossed, row.pairs)
    evidence = f"{kind} {scale.show(low, digits)} to {scale.show(high, digits)}, {p_value}, {pairs}"
    if row.p_holm <= LEVEL:
        return Answer(row.n_train, "clear", f"{ahead} beats {behind} by {amount} {at}, {evidence}.")
    needed = _needed(row.replicates_needed, unit_of(crossed)) if gain else ""
    if low > 0:
        significant = "significant after correction" if corrected else "significant"
        text = f"{ahead} is ahead of {behind} by {amount} {at}, but not {significant}: {evidence}.{needed}"
        return Answer(row.n_train, "unsettled", text)
    text = f"No clear difference between {ahead} and {behind} {at}: "
    lead = f"{ahead} is ahead by {amount}" if gain else f"the means are equal in {label}"
    return Answer(row.n_train, "no clear difference", f"{text}{lead}, {evidence}.{needed}")


def _needed(number: float, unit: str) -> str:
    """Return a sentence on the replicates, in all, that would show a difference of this size, after a space."""
    about = f"more than {MOST_REPLICATES}" if number > MOST_REPLICATES else f"about {number_word(int(number))}"
    return f" 80 % power needs {about} {unit}s."
