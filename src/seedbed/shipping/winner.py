"""Which method a comparison says to use, and the evidence for it."""

import math
from dataclasses import dataclass

from seedbed.cells import SizeUnit
from seedbed.errors import InputError, nearest
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.floor import floor_name
from seedbed.report.analysis.scores import Scale
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import level_text, p_clause


@dataclass(frozen=True)
class Evidence:
    """How a method did at one size, as sentences for people; ``arm``: its name, or that of a floor.

    ``scale``: how scores are shown; ``size_unit``: what ``n_train`` counts.
    """

    arm: str
    n_train: int
    metric: str
    is_floor: bool
    sentences: tuple[str, ...]
    scale: Scale
    size_unit: SizeUnit

    @property
    def size(self) -> str:
        """``200 examples``."""
        return self.size_unit.count(self.n_train)


def evidence_of(analysis: Analysis, arm: str | None, size: int | None) -> Evidence:
    """Return the evidence for an arm, or for a floor by its name; by default for the best of all at a size.

    ``size``: by default the largest with scores. Raises InputError.
    """
    if analysis.metric is None or analysis.ranking is None:
        raise InputError("no cell has a test score, so there is no winner")
    if size is not None and size not in analysis.rankings:
        raise InputError(f"size={size}: the comparison has {', '.join(map(str, analysis.sizes))}")
    ranking = analysis.rankings[size] if size is not None else analysis.ranking
    scored = [row.arm for row in ranking.arms]
    floors = analysis.floor.at(ranking.n_train) if analysis.floor else []
    names = [series.floor for series in floors]
    if arm is None:
        arm = _best(analysis, ranking.n_train)
    if arm not in scored and arm not in names:
        at = analysis.sized(ranking.n_train)
        raise InputError(f"arm={arm}: has no score at {at}{nearest(arm, [*scored, *names])}")
    is_floor = arm not in scored
    sentences = _of_floor(analysis, ranking.n_train, arm) if is_floor else _of_arm(analysis, ranking.n_train, arm)
    return Evidence(
        arm, ranking.n_train, analysis.metric, is_floor, tuple(sentences), analysis.scale, analysis.size_unit
    )


def _best(analysis: Analysis, size: int) -> str:
    """The arm with the best mean, or the floor where it is better."""
    ranking, scale = analysis.rankings[size], analysis.scale
    if not ranking.arms:
        raise InputError(f"size={size}: no arm has a test score there")
    best = ranking.arms[0]
    floor = analysis.floor.best(size, scale) if analysis.floor else None
    wins = floor is not None and scale.gain(floor.mean) > scale.gain(best.mean)
    return floor.floor if floor is not None and wins else best.arm


def _of_arm(analysis: Analysis, size: int, arm: str) -> list[str]:
    ranking, scale = analysis.rankings[size], analysis.scale
    unit = f" {scale.unit}" if scale.unit else ""
    own = next(row for row in ranking.arms if row.arm == arm)
    others = [row for row in ranking.arms if row.arm != arm]
    interval = _interval(own.ci_level, scale.show(own.ci_low), scale.show(own.ci_high))
    mean = scale.show(own.mean) + (f" ({interval})" if interval else "")
    sentences = [
        f"Mean {analysis.metric}: {mean}, over {own.n} replicates with their own training examples."
        if own.n > 1
        else f"One replicate has {analysis.metric} {mean}: there is no interval, and another draw may score otherwise."
    ]
    if others:
        other = others[0]
        test = ranking.test(arm, other.arm)
        if test is None:
            sentences.append(f"The next arm is {other.arm}: {scale.show(other.mean)}.")
        else:
            interval = _interval(test.ci_level, scale.signed(test.ci_low), scale.signed(test.ci_high))
            known = [interval] if interval else []
            known += [f"{p_clause(test.p_holm)} corrected for all pairs"] if test.tested else []
            sentences.append(
                f"Difference to {other.arm}: {scale.signed(test.difference)}{unit}"
                + (f" ({', '.join(known)})" if known else "")
                + f", on {test.pairs} shared draw{'s' * (test.pairs != 1)}."
            )
            if not test.separated:
                sentences.append(f"The two are not told apart: {other.arm} may be as good.")
    else:
        sentences.append("It was compared with no other arm.")
    against = analysis.floor.comparison(size, arm) if analysis.floor else None
    if against is None:
        sentences.append("It was not compared with a simple method.")
    else:
        ahead = scale.gain(against.paired.mean_difference) > 0
        not_beaten = "does not clearly beat" if ahead else "does not beat"
        verdict = {True: "beats", False: not_beaten, None: "cannot be told from"}[against.beats]
        sentences.append(
            f"It {verdict} the best simple method, {floor_name(against.series.floor)} "
            f"({scale.show(against.series.mean)}): difference {scale.signed(against.paired.mean_difference)}{unit}."
        )
    return sentences


def _interval(level: float, low: str, high: str) -> str:
    """``95 % interval 64.1 to 66.2``; empty where there is none, as of one replicate."""
    if not math.isfinite(level):
        return ""
    return f"{'95 %' if level >= 1 - LEVEL else level_text(level)} interval {low} to {high}"


def _of_floor(analysis: Analysis, size: int, floor: str) -> list[str]:
    assert analysis.floor is not None
    scale = analysis.scale
    series = next(one for one in analysis.floor.at(size) if one.floor == floor)
    best = analysis.rankings[size].arms[0]
    (mean, deviation), draws = series.spread, len(series.scores)
    over = f" (standard deviation {scale.show(deviation)} over {draws} draws)" if draws > 1 else ", on one draw"
    return [
        f"This is a simple method without pretrained vectors: {floor_name(floor)}.",
        f"Mean {analysis.metric}: {scale.show(mean)}{over}.",
        f"The best arm of the comparison, {best.arm}, has {scale.show(best.mean)}.",
    ]
