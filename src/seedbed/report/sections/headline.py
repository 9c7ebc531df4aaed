"""The answer in one or two sentences: what is best at the largest size, by how much, and whether it beats the floor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.analysis.floor import floor_name
from seedbed.report.analysis.ranking import PairTest, Ranking
from seedbed.report.analysis.scores import metric_label
from seedbed.report.sections.answers import Verdict
from seedbed.report.sections.page_table import interval_text, score_text, shown_digits
from seedbed.report.sections.rows import HasInterval, primary
from seedbed.report.wording import count, join_and, number_word, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_TIED = 6
"""Arms that are named as tied; of more, their number."""


@dataclass(frozen=True)
class Headline:
    """The answer at one size; ``verdict`` is ``clear`` if the best arm is separated from all others."""

    verdict: Verdict
    text: str


def headline(analysis: "Analysis") -> Headline | None:
    """Return the answer at the largest size at which arms can be compared; None without a score."""
    ranking = analysis.ranking
    if ranking is None:
        return None
    verdict, text = _best(analysis, ranking)
    return Headline(verdict, f"{text}{_floor(analysis, ranking)}")


def _best(analysis: "Analysis", ranking: Ranking) -> tuple[Verdict, str]:
    (metric, scale), labels, at = primary(analysis), analysis.labels, f"at {analysis.sized(ranking.n_train)}"
    best = ranking.arms[0]
    name, score = labels[best.arm], f"{score_text(best.mean, scale)} {metric_label(metric)}"
    if len(ranking.arms) == 1:
        return "too few", f"{name} has {score} {at}{_bracketed(analysis, best)}."
    next_arm = ranking.arms[1].arm
    test = ranking.test(best.arm, next_arm)
    if test is None:
        return "too few", f"{name} has the best mean {at}: {score}. {len(ranking.arms):,} arms are too many to test."
    if not test.tested:
        shared = count(test.pairs, "pair")
        return "too few", f"{name} has the best mean {at}: {score}. It has {shared} with {labels[next_arm]}: too few."
    lead = _lead(analysis, test)
    against = [ranking.test(best.arm, row.arm) for row in ranking.arms[1:]]
    if all(other is not None and other.separated and scale.gain(other.difference) > 0 for other in against):
        return "clear", f"{name} is clearly the best {at}: {score}, {lead}."
    if ranking.too_few:
        pairs = sentence(count(max(test.pairs for test in ranking.tests), "pair"))
        return "too few", f"{pairs} are too few to tell arms apart {at}: {name} has {score}, {lead}."
    text = f"No arm is clearly the best {at}: {name} has {score}, {lead}{_ties(analysis, ranking)}."
    return "no clear difference", text


def _ties(analysis: "Analysis", ranking: Ranking) -> str:
    """``; it is tied with elmo and glove``: the arms that are tied with the best, if any."""
    tied, number = ranking.tied, len(ranking.arms)
    if not tied:
        return ""
    if len(tied) == number - 1 and not any(test.separated for test in ranking.tests):
        return "; they are tied" if number == 2 else f"; all {number_word(number)} arms are tied"
    if len(tied) > MOST_TIED:
        return f"; it is tied with {number_word(len(tied))} arms"
    return f"; it is tied with {join_and([analysis.labels[arm] for arm in tied])}"


def _lead(analysis: "Analysis", test: PairTest) -> str:
    """``ahead of elmo by 1.1 points (95 % interval −0.6 to 2.8)``."""
    _, scale = primary(analysis)
    gain = scale.gain(test.difference)
    other = analysis.labels[test.other]
    if not gain:
        return f"the same as {other} in their {count(test.pairs, 'pair')}"
    amount = scale.show(abs(test.difference), shown_digits(scale)) + (f" {scale.unit}" if scale.unit else "")
    where = f"ahead of {other} by {amount}" if gain > 0 else f"but in their pairs {other} is ahead by {amount}"
    return f"{where}{_bracketed(analysis, test, flip=test.difference < 0)}"


def _bracketed(analysis: "Analysis", row: HasInterval, flip: bool = False) -> str:
    """Return the interval in parentheses after a space; empty without one."""
    text = interval_text(row, analysis.scale, flip)
    return f" ({text})" if text else ""


def _floor(analysis: "Analysis", ranking: Ranking) -> str:
    """Return a sentence on the best arm and the floor, after a space; empty without a floor."""
    if analysis.floor is None:
        return ""
    _, scale = primary(analysis)
    best = ranking.arms[0].arm
    against = [analysis.floor.comparison(ranking.n_train, row.arm) for row in ranking.arms]
    comparison = against[0]
    if comparison is None or comparison.beats is None:
        return ""
    name = floor_name(sanitize(comparison.series.floor, 60))
    floor = f"the simple baseline ({name}, {score_text(comparison.paired.mean_baseline, scale)})"
    if len(against) > 1 and all(other is not None and other.beats is False for other in against):
        ahead = any(scale.gain(other.paired.mean_difference) > 0 for other in against if other)
        return f" No arm {'clearly ' * ahead}beats {floor}."
    if comparison.beats:
        return f" {analysis.labels[best]} beats {floor}."
    difference = scale.signed(comparison.paired.mean_difference, shown_digits(scale))
    interval = _bracketed(analysis, comparison.paired)
    clearly = "clearly " * (scale.gain(comparison.paired.mean_difference) > 0)
    return f" {analysis.labels[best]} does not {clearly}beat {floor}: difference {difference}{interval}."
