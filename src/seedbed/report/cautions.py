"""What weakens the evidence, in sentences that stand next to the answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.answers import MOST_SIZES, count_examples, tested
from seedbed.report.comparisons import too_many
from seedbed.report.crossing import seed_warnings, single_draw, unit_of
from seedbed.report.directions import lower_is_better
from seedbed.report.items_shown import item_warnings
from seedbed.report.scores import metric_label
from seedbed.report.statistics.paired import paired_differences
from seedbed.report.statistics.settling import enough_pairs, holm
from seedbed.report.statistics.sign_flips import LEVEL, smallest_p
from seedbed.report.units import unit_warnings
from seedbed.report.wording import count, listed, number_word, p_text, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_ALIKE = 12
"""How many warnings of one kind are given."""
_SAME = 1e-9
"""Of a score as a fraction: differences this near are one."""
_ALONE = "as one of the two arms has no finished score there"
_OTHER_DRAW = "as the two arms were trained on different draws"


def warnings_of(study: "Study") -> list[str]:
    """What weakens the evidence: too few replicates, cells not finished or missing, pairs dropped, many comparisons."""
    first = [*_too_few(study), *_not_there(study), *seed_warnings(study.table, study.crossing), *unit_warnings(study)]
    return [
        *first,
        *_first(_dropped(study)),
        *_all_alike(study),
        *item_warnings(study),
        *_many(study),
        *_directions(study),
        *_not_said(study),
    ]


def _too_few(study: "Study") -> Iterator[str]:
    unit = unit_of(study.crossing)
    if alone := single_draw(study.table):
        yield alone
    tested = sorted(int(pairs) for pairs in study.main_comparisons()["pairs"] if pairs > 1)
    if 1 in set(study.main_comparisons()["pairs"]):
        yield "One pair says nothing of spread: no interval and no p can be given."
    few = [number for number in dict.fromkeys(tested) if smallest_p(number) > LEVEL]
    if few:
        more = "".join(f", {number_word(number)} below {p_text(smallest_p(number))}" for number in few[1:])
        yield (
            f"{sentence(count(few[0], 'pair'))} cannot go below p = {p_text(smallest_p(few[0]))}{more}: with so few "
            f"{unit}s no difference, however large, is settled at the 5 % level, and there is no 95 % interval. "
            f"{_enough(len(tested), 'pair')} can do it."
        )
    # Corrected, even if every comparison had the smallest p that it can have.
    lowest = dict(zip(tested, holm([smallest_p(number) for number in tested]), strict=True))
    hopeless = [number for number in lowest if smallest_p(number) <= LEVEL < lowest[number]]
    if hopeless:
        yield (
            f"{sentence(count(hopeless[0], 'pair'))} cannot go below p = {p_text(lowest[hopeless[0]])} after Holm's "
            f"correction for {count(len(tested), 'comparison')}: no difference, however large, is settled at the 5 % "
            f"level. {_enough(len(tested), unit)} or fewer comparisons can do it."
        )


def _enough(comparisons: int, unit: str) -> str:
    """How many would be enough for so many comparisons."""
    least = enough_pairs(comparisons)
    return f"More {unit}s" if least is None else sentence(count(least, unit))


def _not_there(study: "Study") -> Iterator[str]:
    statuses = study.unfinished()["status"].value_counts()
    for status, number in statuses.items():
        yield f"{sentence(count(int(number), 'cell'))} {plain(status, 40)}: left out of all statistics."
    if study.missing:
        number = study.missing_number
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
    for n_train, arm, baseline, pairing in study.paired:
        between = f"{plain(arm, 60)} against {plain(baseline, 60)}"
        for reason, replicates in ((_ALONE, pairing.alone), (_OTHER_DRAW, pairing.other_draw)):
            if replicates:
                lost.setdefault((n_train, reason), {})[between] = set(replicates)
    for (n_train, reason), by_pair in lost.items():
        replicates = sorted(set.union(*by_pair.values()))
        where = next(iter(by_pair)) if len(by_pair) == 1 else f"{number_word(len(by_pair))} pairs of arms"
        which = f"replicate{'' if len(replicates) == 1 else 's'} {listed(replicates)}"
        yield f"At {count_examples(n_train)}, {where}: {which} not paired, {reason}."


def _first(lines: Iterator[str]) -> Iterator[str]:
    """The first of many lines of a kind, and how many there are."""
    found = list(lines)
    yield from found[:MOST_ALIKE]
    if len(found) > MOST_ALIKE:
        yield f"So it is in {len(found) - MOST_ALIKE:,} more places; the table of differences has the pairs of each."


def _all_alike(study: "Study") -> Iterator[str]:
    found = [
        f"{plain(arm, 60)} against {plain(other, 60)} at {count_examples(n_train)}"
        for n_train, arm, other, pairing in study.paired
        if len(pairing.arm) > 2 and np.ptp(paired_differences(pairing.arm, pairing.baseline)) < _SAME
    ]
    if found:
        yield (
            f"{listed(found, 4)}: the difference is the same in every pair. Scores of trained models hardly ever do "
            "that: look whether they were copied, or made without chance."
        )


def _not_said(study: "Study") -> Iterator[str]:
    """What a report of very many arms or sizes leaves out."""
    if study.metric is not None and not study.with_first and too_many(study.arms, study.sizes):
        yield f"{len(study.arms):,} arms: each is compared with {plain(study.arms[0], 60)}, not with every other."
    if len(study.sizes) > MOST_SIZES:
        yield f"{len(study.sizes):,} sizes: sentences are about {MOST_SIZES} of them; the tables have more."


def _directions(study: "Study") -> Iterator[str]:
    """Scores whose names do not tell whether more of them is better."""
    unknown = [name for name in study.metrics if lower_is_better(name, study.beside.lower_is_better) is None]
    if unknown:
        names = listed([plain(metric_label(name), 60) for name in unknown], 4)
        yield (
            f"{names}: higher is taken as better, as the name does not tell; if lower is better, report with "
            f"lower_is_better={plain(unknown[0], 60)}."
        )


def _many(study: "Study") -> Iterator[str]:
    if (number := tested(study)) > 1:
        yield (
            f"{sentence(count(number, 'comparison'))} in this report: p after Holm is corrected for all of them in "
            f"{metric_label(study.metric)}; other scores are secondary and not corrected."
        )
