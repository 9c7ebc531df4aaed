"""Warnings on what weakens the evidence."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from seedbed.directions import lower_is_better
from seedbed.report.analysis.analysis import tested
from seedbed.report.analysis.comparisons import too_many
from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.results_table import LARGEST
from seedbed.report.analysis.scores import metric_label, rate_columns
from seedbed.report.sections.answers import MOST_SIZES
from seedbed.report.sections.crossed_seeds import seed_warnings, single_draw_warnings
from seedbed.report.sections.differences import item_warnings
from seedbed.report.sections.error_notes import damaged_files
from seedbed.report.statistics.paired import paired_differences
from seedbed.report.statistics.settling import enough_pairs, holm
from seedbed.report.statistics.sign_flips import LEVEL, smallest_p
from seedbed.report.wording import count, join_limited, number_word, p_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_OF_A_KIND = 12
"""Most warnings of one kind."""
_SAME = 1e-9
"""Tolerance, of a score as a fraction, within which differences are equal."""
_ALONE = "as one of the two arms has no finished score there"
_OTHER_DRAW = "as the two arms were trained on different draws"


def warnings_of(analysis: "Analysis") -> list[str]:
    """Return all warnings: too few replicates, unfinished or missing cells, dropped pairs, damaged files and others."""
    return [
        *single_draw_warnings(analysis),
        *_few_pairs(analysis),
        *_unfinished(analysis),
        *seed_warnings(analysis),
        *unit_warnings(analysis),
        *_limited(_dropped_pairs(analysis)),
        *_equal_differences(analysis),
        *item_warnings(analysis),
        *_many_comparisons(analysis),
        *_unknown_directions(analysis),
        *_bounded_report(analysis),
        *damaged_files(analysis),
    ]


def _few_pairs(analysis: "Analysis") -> Iterator[str]:
    unit = unit_of(analysis.crossed)
    pairs = sorted(int(pairs) for pairs in analysis.main_comparisons()["pairs"] if pairs > 1)
    if 1 in set(analysis.main_comparisons()["pairs"]):
        yield "With one pair the spread is unknown: there is no interval and no p."
    weak = [number for number in dict.fromkeys(pairs) if smallest_p(number) > LEVEL]
    if weak:
        others = "".join(f", {number_word(number)} below {p_text(smallest_p(number))}" for number in weak[1:])
        yield (
            f"{sentence(count(weak[0], 'pair'))} cannot go below p = {p_text(smallest_p(weak[0]))}{others}: with so "
            f"few {unit}s no difference, however large, is settled at the 5 % level, and there is no 95 % interval. "
            f"{_enough(len(pairs), 'pair')} can do it."
        )
    # After Holm, even if every comparison had its smallest possible p.
    lowest = dict(zip(pairs, holm([smallest_p(number) for number in pairs]), strict=True))
    if few := [number for number in lowest if smallest_p(number) <= LEVEL < lowest[number]]:
        yield (
            f"{sentence(count(few[0], 'pair'))} cannot go below p = {p_text(lowest[few[0]])} after Holm's "
            f"correction for {count(len(pairs), 'comparison')}: no difference, however large, is settled at the 5 % "
            f"level. {_enough(len(pairs), unit)} or fewer comparisons can do it."
        )


def _enough(comparisons: int, unit: str) -> str:
    """Return how many pairs can be significant in so many comparisons, as text."""
    least = enough_pairs(comparisons)
    return f"More {unit}s" if least is None else sentence(count(least, unit))


def _unfinished(analysis: "Analysis") -> Iterator[str]:
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
    if unscored := int((finished & analysis.table[analysis.metric].isna()).sum()):
        label = metric_label(analysis.metric)
        verb = "has" if unscored == 1 else "have"
        yield f"{sentence(count(unscored, 'finished cell'))} {verb} no {label}: left out of all statistics of it."


def _dropped_pairs(analysis: "Analysis") -> Iterator[str]:
    if analysis.metric is None:
        return
    dropped: dict[tuple[int, str], dict[str, set[int]]] = {}
    for n_train, arm, baseline, pairing in analysis.paired:
        pair = f"{analysis.labels[arm]} against {analysis.labels[baseline]}"
        for reason, unpaired in ((_ALONE, pairing.unpaired), (_OTHER_DRAW, pairing.other_draw)):
            if unpaired:
                dropped.setdefault((n_train, reason), {})[pair] = set(unpaired)
    for (n_train, reason), by_pair in dropped.items():
        replicates = sorted(set.union(*by_pair.values()))
        where = next(iter(by_pair)) if len(by_pair) == 1 else f"{number_word(len(by_pair))} pairs of arms"
        numbers = f"replicate{'' if len(replicates) == 1 else 's'} {join_limited(replicates)}"
        yield f"At {analysis.sized(n_train)}, {where}: {numbers} not paired, {reason}."


def _limited(lines: Iterator[str]) -> Iterator[str]:
    """Yield the first MOST_OF_A_KIND lines, and the number of the others."""
    shown = list(lines)
    yield from shown[:MOST_OF_A_KIND]
    if len(shown) > MOST_OF_A_KIND:
        yield f"and {len(shown) - MOST_OF_A_KIND:,} more like this; the table of differences has the pairs of each."


def _equal_differences(analysis: "Analysis") -> Iterator[str]:
    pairs = [
        f"{analysis.labels[arm]} against {analysis.labels[other]} at {analysis.sized(n_train)}"
        for n_train, arm, other, pairing in analysis.paired
        if len(pairing.arm) > 2 and np.ptp(paired_differences(pairing.arm, pairing.baseline)) < _SAME
    ]
    if pairs:
        yield (
            f"{join_limited(pairs, 4)}: the difference is the same in every pair, which is very unlikely for scores of "
            "trained models: check whether they were copied, or computed without randomness."
        )


def _bounded_report(analysis: "Analysis") -> Iterator[str]:
    """Yield what a report of very many arms or sizes leaves out."""
    if analysis.metric is not None and not analysis.with_first and too_many(analysis.arms, analysis.sizes):
        yield (
            f"{len(analysis.arms):,} arms: each is compared with {analysis.labels[analysis.arms[0]]}, not with every "
            "other."
        )
    if len(analysis.sizes) > MOST_SIZES:
        yield f"{len(analysis.sizes):,} sizes: sentences are about {MOST_SIZES} of them; the tables have more."


def _unknown_directions(analysis: "Analysis") -> Iterator[str]:
    """Yield scores whose names do not show whether higher is better."""
    unknown = [name for name in analysis.metrics if lower_is_better(name, analysis.inputs.lower_is_better) is None]
    if unknown:
        names = join_limited([sanitize(metric_label(name), 60) for name in unknown], 4)
        yield (
            f"{names}: higher is taken as better, as the name does not show it; if lower is better, report "
            f"with lower_is_better={sanitize(unknown[0], 60)}."
        )


def _many_comparisons(analysis: "Analysis") -> Iterator[str]:
    if analysis.metric is not None and (number := tested(analysis)) > 1:
        yield (
            f"{sentence(count(number, 'comparison'))} in this report: p after Holm is corrected for all of them in "
            f"{metric_label(analysis.metric)}; other scores are secondary and not corrected."
        )


MOST_FRACTION, LEAST_PERCENTAGE = 1.0, 1.5
"""A score up to the first may be a fraction; a table with one above the second is read as percentages."""


def unit_warnings(analysis: "Analysis") -> Iterator[str]:
    """Yield warnings on infinite scores, and on fractions in a table that is read as percentages."""
    yield from _infinite(analysis)
    yield from _mixed(analysis)


def _infinite(analysis: "Analysis") -> Iterator[str]:
    import pandas as pd

    infinite = {}
    for name in analysis.score_columns:
        values = pd.to_numeric(analysis.input_table[name], errors="coerce").abs()
        if number := int((values > LARGEST).sum()):
            infinite[metric_label(name)] = number
    if infinite:
        number = sum(infinite.values())
        verb = "is" if number == 1 else "are"
        names = join_limited([sanitize(name, 60) for name in infinite], 6)
        yield f"{sentence(count(number, 'score'))} {verb} infinite ({names}): counted as no score."


def _mixed(analysis: "Analysis") -> Iterator[str]:
    table = analysis.table
    rates = rate_columns(table)
    largest = table[rates].max().max() if rates else 0.0
    if not largest > LEAST_PERCENTAGE:
        return
    small = []
    for name in rates:
        tops = table.groupby("arm", sort=False)[name].max()
        fractions = [analysis.labels[str(arm)] for arm, top in tops.items() if 0 < top <= MOST_FRACTION]
        if fractions:
            small.append(f"{metric_label(name)} of {join_limited(fractions, 3)}")
    if small:
        yield (
            f"Scores of this table are read as percentages, as one is {largest:.4g}; but those of "
            f"{join_limited(small, 4)} are at most 1, like fractions: a table must have one or the other."
        )
