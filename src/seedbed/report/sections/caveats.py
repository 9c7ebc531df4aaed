"""What weakens the evidence, in sentences that stand next to the answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.analysis import tested
from seedbed.report.analysis.comparisons import too_many
from seedbed.report.analysis.crossed_seeds import seed_warnings, single_draw, unit_of
from seedbed.report.analysis.directions import lower_is_better
from seedbed.report.analysis.results_table import LARGEST
from seedbed.report.analysis.scores import metric_columns, metric_label, rate_columns
from seedbed.report.sections.answers import MOST_SIZES
from seedbed.report.sections.differences import item_warnings
from seedbed.report.statistics.paired import paired_differences
from seedbed.report.statistics.settling import enough_pairs, holm
from seedbed.report.statistics.sign_flips import LEVEL, smallest_p
from seedbed.report.wording import count, count_examples, join_limited, number_word, p_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_ALIKE = 12
"""How many warnings of one kind are given."""
_SAME = 1e-9
"""Of a score as a fraction: differences this near are one."""
_ALONE = "as one of the two arms has no finished score there"
_OTHER_DRAW = "as the two arms were trained on different draws"


def warnings_of(analysis: "Analysis") -> list[str]:
    """What weakens the evidence: too few replicates, cells not finished or missing, pairs dropped, many comparisons."""
    first = [
        *_too_few(analysis),
        *_not_there(analysis),
        *seed_warnings(analysis.table, analysis.crossed),
        *unit_warnings(analysis),
    ]
    return [
        *first,
        *_first(_dropped(analysis)),
        *_all_alike(analysis),
        *item_warnings(analysis),
        *_many(analysis),
        *_directions(analysis),
        *_not_said(analysis),
    ]


def _too_few(analysis: "Analysis") -> Iterator[str]:
    unit = unit_of(analysis.crossed)
    if unpaired := single_draw(analysis.table):
        yield unpaired
    tested = sorted(int(pairs) for pairs in analysis.main_comparisons()["pairs"] if pairs > 1)
    if 1 in set(analysis.main_comparisons()["pairs"]):
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


def _not_there(analysis: "Analysis") -> Iterator[str]:
    statuses = analysis.unfinished()["status"].value_counts()
    for status, number in statuses.items():
        yield f"{sentence(count(int(number), 'cell'))} {sanitize(status, 40)}: left out of all statistics."
    if analysis.missing:
        number = analysis.missing_number
        yield f"{sentence(count(number, 'cell'))} missing: the table has no row for {'it' if number == 1 else 'them'}."
    if analysis.metric is None:
        yield "No finished cell has a score, so there is nothing to compare."
        return
    finished = analysis.table["status"] == "finished"
    if without := int((finished & analysis.table[analysis.metric].isna()).sum()):
        label = metric_label(analysis.metric)
        verb = "has" if without == 1 else "have"
        yield f"{sentence(count(without, 'finished cell'))} {verb} no {label}: left out of all statistics of it."


def _dropped(analysis: "Analysis") -> Iterator[str]:
    if analysis.metric is None:
        return
    lost: dict[tuple[int, str], dict[str, set[int]]] = {}
    for n_train, arm, baseline, pairing in analysis.paired:
        between = f"{sanitize(arm, 60)} against {sanitize(baseline, 60)}"
        for reason, replicates in ((_ALONE, pairing.unpaired), (_OTHER_DRAW, pairing.other_draw)):
            if replicates:
                lost.setdefault((n_train, reason), {})[between] = set(replicates)
    for (n_train, reason), by_pair in lost.items():
        replicates = sorted(set.union(*by_pair.values()))
        where = next(iter(by_pair)) if len(by_pair) == 1 else f"{number_word(len(by_pair))} pairs of arms"
        which = f"replicate{'' if len(replicates) == 1 else 's'} {join_limited(replicates)}"
        yield f"At {count_examples(n_train)}, {where}: {which} not paired, {reason}."


def _first(lines: Iterator[str]) -> Iterator[str]:
    """The first of many lines of a kind, and how many there are."""
    found = list(lines)
    yield from found[:MOST_ALIKE]
    if len(found) > MOST_ALIKE:
        yield f"So it is in {len(found) - MOST_ALIKE:,} more places; the table of differences has the pairs of each."


def _all_alike(analysis: "Analysis") -> Iterator[str]:
    found = [
        f"{sanitize(arm, 60)} against {sanitize(other, 60)} at {count_examples(n_train)}"
        for n_train, arm, other, pairing in analysis.paired
        if len(pairing.arm) > 2 and np.ptp(paired_differences(pairing.arm, pairing.baseline)) < _SAME
    ]
    if found:
        yield (
            f"{join_limited(found, 4)}: the difference is the same in every pair. Scores of trained models "
            f"hardly ever do "
            "that: look whether they were copied, or made without chance."
        )


def _not_said(analysis: "Analysis") -> Iterator[str]:
    """What a report of very many arms or sizes leaves out."""
    if analysis.metric is not None and not analysis.with_first and too_many(analysis.arms, analysis.sizes):
        yield (
            f"{len(analysis.arms):,} arms: each is compared with {sanitize(analysis.arms[0], 60)}, not with "
            f"every other."
        )
    if len(analysis.sizes) > MOST_SIZES:
        yield f"{len(analysis.sizes):,} sizes: sentences are about {MOST_SIZES} of them; the tables have more."


def _directions(analysis: "Analysis") -> Iterator[str]:
    """Scores whose names do not tell whether more of them is better."""
    unknown = [name for name in analysis.metrics if lower_is_better(name, analysis.inputs.lower_is_better) is None]
    if unknown:
        names = join_limited([sanitize(metric_label(name), 60) for name in unknown], 4)
        yield (
            f"{names}: higher is taken as better, as the name does not tell; if lower is better, report with "
            f"lower_is_better={sanitize(unknown[0], 60)}."
        )


def _many(analysis: "Analysis") -> Iterator[str]:
    if (number := tested(analysis)) > 1:
        yield (
            f"{sentence(count(number, 'comparison'))} in this report: p after Holm is corrected for all of them in "
            f"{metric_label(analysis.metric)}; other scores are secondary and not corrected."
        )


MOST_FRACTION, LEAST_PERCENTAGE = 1.0, 1.5
"""A score up to the first may be a fraction; a table with one above the second is read as percentages."""


def unit_warnings(analysis: "Analysis") -> Iterator[str]:
    """Infinite scores; arms or scores that seem to hold fractions in a table that is read as percentages."""
    yield from _infinite(analysis)
    yield from _mixed(analysis)


def _infinite(analysis: "Analysis") -> Iterator[str]:
    import pandas as pd

    found = {}
    for name in metric_columns(analysis.table):
        given = pd.to_numeric(analysis.given[name], errors="coerce").abs()
        if number := int((given > LARGEST).sum()):
            found[metric_label(name)] = number
    if found:
        number = sum(found.values())
        verb = "is" if number == 1 else "are"
        which = join_limited([sanitize(name, 60) for name in found], 6)
        yield f"{sentence(count(number, 'score'))} {verb} infinite ({which}): counted as no score."


def _mixed(analysis: "Analysis") -> Iterator[str]:
    table = analysis.table
    rates = rate_columns(table)
    largest = table[rates].max().max() if rates else 0.0
    if not largest > LEAST_PERCENTAGE:
        return
    small = []
    for name in rates:
        tops = table.groupby("arm", sort=False)[name].max()
        own = [sanitize(arm, 60) for arm, top in tops.items() if 0 < top <= MOST_FRACTION]
        if own:
            small.append(f"{metric_label(name)} of {join_limited(own, 3)}")
    if small:
        yield (
            f"Scores of this table are read as percentages, as one is {largest:.4g}; but those of "
            f"{join_limited(small, 4)} "
            "are at most 1, as fractions are: a table must hold one or the other."
        )
