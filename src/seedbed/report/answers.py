"""The answer in sentences, and the warnings that a careful reader needs next to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from seedbed.report.comparisons import pairings
from seedbed.report.scores import Scale, metric_label
from seedbed.report.statistics import LEVEL, smallest_p
from seedbed.report.wording import count, listed, number_word, p_clause, p_text, plain, sentence

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

    An answer is ``clear`` where the interval leaves out zero and p is below 0.05, ``unsettled`` where only the
    interval does.
    """
    found = []
    if study.metric is None:
        return found
    scale, label = study.scales[study.metric], metric_label(study.metric)
    rivals = max(1, min(MOST_RIVALS, MOST_SENTENCES // len(study.sizes)))
    for n_train in study.sizes:
        rows = [row for row in study.main_comparisons().itertuples() if row.n_train == n_train]
        best = _best_arm(study, n_train)
        rows = [row for row in rows if best in (row.arm, row.baseline)]
        rows.sort(key=lambda row: abs(row.mean_difference) if row.pairs else float("inf"))
        found += [_answer(row, scale, label) for row in rows[:rivals]]
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


def _answer(row: NamedTuple, scale: Scale, label: str) -> Answer:
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
    evidence = (
        f"95 % interval {scale.show(low, digits)} to {scale.show(high, digits)}, {p_clause(row.p_value)}, "
        f"{count(row.pairs, 'paired replicate')}"
    )
    if low <= 0:
        text = f"No clear difference between {ahead} and {behind} {at}: "
        lead = f"{ahead} is ahead by {amount}" if gain else f"the means are equal in {label}"
        return Answer(row.n_train, "no clear difference", f"{text}{lead}, {evidence}.")
    if row.p_value >= LEVEL:
        text = f"{ahead} is ahead of {behind} by {amount} {at}, but not settled: {evidence}."
        return Answer(row.n_train, "unsettled", text)
    return Answer(row.n_train, "clear", f"{ahead} beats {behind} by {amount} {at}, {evidence}.")


def count_examples(n_train: int) -> str:
    """``200 examples``; sizes stay figures."""
    return f"{n_train:,} example{'' if n_train == 1 else 's'}"


def _too_few(study: "Study") -> Iterator[str]:
    pairs = sorted({int(pairs) for pairs in study.main_comparisons()["pairs"]})
    if 1 in pairs:
        yield "One pair says nothing of spread: no interval and no p can be given."
    few = [number for number in pairs if number > 1 and smallest_p(number) >= LEVEL]
    if few:
        more = "".join(f", {number_word(number)} below {p_text(smallest_p(number))}" for number in few[1:])
        yield (
            f"{sentence(count(few[0], 'pair'))} cannot go below p = {p_text(smallest_p(few[0]))}{more}: with so few "
            f"replicates no difference, however large, is settled at the 5 % level. Six pairs can do it."
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
    tested = int((study.main_comparisons()["pairs"] > 1).sum())
    if tested > 1:
        yield (
            f"{sentence(count(tested, 'comparison'))} in this report: each p stands for itself, "
            f"none is corrected for their number."
        )
