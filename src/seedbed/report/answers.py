"""The answer in sentences, and the warnings that a careful reader needs next to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from seedbed.report.comparisons import pairings
from seedbed.report.scores import Scale, metric_label
from seedbed.report.settling import MOST_REPLICATES, holm
from seedbed.report.sign_flips import LEVEL, smallest_p
from seedbed.report.wording import count, level_text, listed, number_word, p_clause, p_text, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

Verdict = Literal["clear", "unsettled", "no clear difference", "too few"]
MOST_RIVALS, MOST_SENTENCES = 4, 12
"""How many comparisons are said in words, at one size and in all (one a size at least); the table has them all."""


_ALONE = "as one of the two arms has no finished score there"
_OTHER_DRAW = "as the two arms were trained on different draws"


@dataclass(frozen=True)
class Answer:
    """What may be said of one pair of arms at one size, in a sentence."""

    n_train: int
    verdict: Verdict
    text: str


def answers(study: "Study") -> list[Answer]:
    """At each size the arm with the best mean against the others, the closest rival first.

    An answer is ``clear`` where p, corrected for all comparisons, is at most 0.05, ``unsettled`` where only the
    interval leaves out zero.
    """
    found = []
    if study.metric is None:
        return found
    scale, label = study.scales[study.metric], metric_label(study.metric)
    corrected = _tested(study) > 1
    rivals = max(1, min(MOST_RIVALS, MOST_SENTENCES // len(study.sizes)))
    for n_train in study.sizes:
        rows = [row for row in study.main_comparisons().itertuples() if row.n_train == n_train]
        best = _best_arm(study, n_train)
        rows = [row for row in rows if best in (row.arm, row.baseline)]
        rows.sort(key=lambda row: abs(row.mean_difference) if row.pairs else float("inf"))
        found += [_answer(row, scale, label, corrected) for row in rows[:rivals]]
    return found


def warnings_of(study: "Study") -> list[str]:
    """What weakens the evidence: too few replicates, cells not finished or missing, pairs dropped, many comparisons."""
    return [*_too_few(study), *_not_there(study), *_dropped(study), *_many(study)]


def _best_arm(study: "Study", n_train: int) -> str | None:
    summary = study.summaries[study.metric]
    here = summary[(summary["n_train"] == n_train) & summary["mean"].notna()]
    if here.empty:
        return None
    means = here["mean"] if study.scales[study.metric].higher_is_better else -here["mean"]
    return str(here["arm"][means.idxmax()])


def _answer(row: NamedTuple, scale: Scale, label: str, corrected: bool) -> Answer:
    arm, baseline = plain(row.arm, 60), plain(row.baseline, 60)
    at = f"at {count_examples(row.n_train)}"
    if row.pairs < 2:
        text = f"{arm} and {baseline} share {count(row.pairs, 'finished replicate')} {at}: too few for any statement."
        return Answer(row.n_train, "too few", text)
    gain = row.mean_difference if scale.higher_is_better else -row.mean_difference
    ahead, behind = (arm, baseline) if gain >= 0 else (baseline, arm)
    low, high = (row.ci_low, row.ci_high) if row.mean_difference >= 0 else (-row.ci_high, -row.ci_low)
    digits = 1 if scale.unit else scale.digits
    amount = f"{scale.show(abs(row.mean_difference), digits)} {scale.unit + ' of ' if scale.unit else 'in '}{label}"
    kind = "95 % interval" if row.ci_level >= 1 - LEVEL else f"no 95 % interval but a {level_text(row.ci_level)} one,"
    p_said = f"{p_clause(row.p_holm)} after Holm" if corrected else p_clause(row.p_value)
    pairs = count(row.pairs, "paired replicate")
    evidence = f"{kind} {scale.show(low, digits)} to {scale.show(high, digits)}, {p_said}, {pairs}"
    if row.p_holm <= LEVEL:
        return Answer(row.n_train, "clear", f"{ahead} beats {behind} by {amount} {at}, {evidence}.")
    needed = _needed(row.replicates_needed) if gain else ""
    if low > 0:
        text = f"{ahead} is ahead of {behind} by {amount} {at}, but not settled: {evidence}.{needed}"
        return Answer(row.n_train, "unsettled", text)
    text = f"No clear difference between {ahead} and {behind} {at}: "
    lead = f"{ahead} is ahead by {amount}" if gain else f"the means are equal in {label}"
    return Answer(row.n_train, "no clear difference", f"{text}{lead}, {evidence}.{needed}")


def _needed(number: float) -> str:
    """What would settle it, as a sentence after a blank."""
    if number > MOST_REPLICATES:
        return f" More than {MOST_REPLICATES} replicates would be needed to show a difference of this size."
    return (
        f" About {number_word(int(number))} replicates in all would show a difference of this size four times in five."
    )


def count_examples(n_train: int) -> str:
    """``200 examples``; sizes stay figures."""
    return f"{n_train:,} example{'' if n_train == 1 else 's'}"


def _too_few(study: "Study") -> Iterator[str]:
    tested = sorted(int(pairs) for pairs in study.main_comparisons()["pairs"] if pairs > 1)
    if 1 in set(study.main_comparisons()["pairs"]):
        yield "One pair says nothing of spread: no interval and no p can be given."
    few = [number for number in dict.fromkeys(tested) if smallest_p(number) > LEVEL]
    if few:
        more = "".join(f", {number_word(number)} below {p_text(smallest_p(number))}" for number in few[1:])
        yield (
            f"{sentence(count(few[0], 'pair'))} cannot go below p = {p_text(smallest_p(few[0]))}{more}: with so few "
            f"replicates no difference, however large, is settled at the 5 % level, and there is no 95 % interval. "
            f"Six pairs can do it."
        )
    # Corrected, even if every comparison had the smallest p that it can have.
    lowest = dict(zip(tested, holm([smallest_p(number) for number in tested]), strict=True))
    hopeless = [number for number in lowest if smallest_p(number) <= LEVEL < lowest[number]]
    if hopeless:
        yield (
            f"{sentence(count(hopeless[0], 'pair'))} cannot go below p = {p_text(lowest[hopeless[0]])} after Holm's "
            f"correction for {count(len(tested), 'comparison')}: no difference, however large, is settled at the 5 % "
            f"level. More replicates or fewer comparisons can do it."
        )


def _not_there(study: "Study") -> Iterator[str]:
    statuses = study.unfinished()["status"].value_counts()
    for status, number in statuses.items():
        yield f"{sentence(count(int(number), 'cell'))} {plain(status, 40)}: left out of all statistics."
    if study.missing:
        number = len(study.missing)
        yield f"{sentence(count(number, 'cell'))} missing: the table has no row for {'it' if number == 1 else 'them'}."
    if study.metric is None:
        yield "No finished cell has a score, so there is nothing to compare."
        return
    finished = study.table["status"] == "finished"
    if without := int((finished & study.table[study.metric].isna()).sum()):
        label = metric_label(study.metric)
        verb = "has" if without == 1 else "have"
        yield f"{sentence(count(without, 'finished cell'))} {verb} no {label}: left out of all statistics of it."


def _dropped(study: "Study") -> Iterator[str]:
    if study.metric is None:
        return
    lost: dict[tuple[int, str], dict[str, set[int]]] = {}
    for n_train, arm, baseline, pairing in pairings(study.table, study.metric, study.arms[0]):
        between = f"{plain(arm, 60)} against {plain(baseline, 60)}"
        for reason, replicates in ((_ALONE, pairing.alone), (_OTHER_DRAW, pairing.other_draw)):
            if replicates:
                lost.setdefault((n_train, reason), {})[between] = set(replicates)
    for (n_train, reason), by_pair in lost.items():
        replicates = sorted(set.union(*by_pair.values()))
        where = next(iter(by_pair)) if len(by_pair) == 1 else f"{number_word(len(by_pair))} pairs of arms"
        which = f"replicate{'' if len(replicates) == 1 else 's'} {listed(replicates)}"
        yield f"At {count_examples(n_train)}, {where}: {which} not paired, {reason}."


def _many(study: "Study") -> Iterator[str]:
    if (tested := _tested(study)) > 1:
        yield (
            f"{sentence(count(tested, 'comparison'))} in this report: p after Holm is corrected for all of them in "
            f"{metric_label(study.metric)}; other scores are secondary and not corrected."
        )


def _tested(study: "Study") -> int:
    """The size of the family that p is corrected for."""
    return int((study.main_comparisons()["pairs"] > 1).sum())
