"""Label savings of a study, in sentences and a table."""

import math
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.label_savings import Saving
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    integer_cell,
    number_cell,
    size_cell,
)
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count_examples, join_limited, level_text, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_OPEN, MOST_SAID = 12, 2
"""Rows of a table that is not folded, and sentences."""


def saving_answers(analysis: "Analysis") -> list[str]:
    """What the arm that is best at the largest size saves there against others: sentences, the largest savings first.

    Settled is what the interval tells from no saving, and p after Holm from no difference at that size.
    """
    largest = [one for one in analysis.savings if one.n_train == analysis.sizes[-1]]
    if not largest:
        return []
    rows, sign = analysis.summaries[analysis.metric], 1 if analysis.scales[analysis.metric].higher_is_better else -1
    means = {row.arm: sign * row.mean for row in rows.itertuples() if row.n_train == analysis.sizes[-1]}
    best = max(dict.fromkeys(one.arm for one in largest), key=lambda arm: means.get(arm, -math.inf))
    own = [one for one in largest if one.arm == best]
    own.sort(key=lambda one: (not one.settled, one.size))
    clear, falls = _clearly_ahead(analysis), falling(analysis)
    found = []
    for one in own[:MOST_SAID]:
        is_clear = one.settled and (one.arm, one.other, one.n_train) in clear
        text = _said(one, analysis.sizes[0]) + ("." if is_clear else ", but that is not settled.")
        fall = [f"{sanitize(arm, 60)} {falls[arm]}" for arm in (one.arm, one.other) if arm in falls]
        found.append(f"{text} The curves never fall, but these means do: {', '.join(fall)} examples." if fall else text)
    return found


def falling(analysis: "Analysis") -> dict[str, str]:
    """Arms whose means get worse with more examples, and where they first do: ``from 50 to 200``."""
    sign = 1 if analysis.scales[analysis.metric].higher_is_better else -1
    rows = analysis.summaries[analysis.metric]
    found = {}
    for arm, own in rows[rows["mean"].notna() & (rows["n_train"] > 0)].groupby("arm", sort=False):
        means, sizes = list(sign * own["mean"]), list(own["n_train"])
        for place in range(1, len(means)):
            if means[place] < means[place - 1]:
                found.setdefault(str(arm), f"from {sizes[place - 1]:,} to {sizes[place]:,}")
    return found


def _clearly_ahead(analysis: "Analysis") -> set[tuple[str, str, int]]:
    """(the arm ahead, the one behind, size) of each comparison that p after Holm settles."""
    sign = 1 if analysis.scales[analysis.metric].higher_is_better else -1
    return {
        (*((row.arm, row.baseline) if sign * row.mean_difference > 0 else (row.baseline, row.arm)), row.n_train)
        for row in analysis.main_comparisons().itertuples()
        if row.p_holm <= LEVEL
    }


def saving_tables(analysis: "Analysis") -> list[PageTable]:
    """What each arm needs to reach another, a row a pair and size; empty below two sizes."""
    if not analysis.savings:
        return []
    places, unit, rows = arm_indices(analysis), unit_of(analysis.crossed), []
    for one in sorted(analysis.savings, key=lambda one: -one.n_train):
        times = f"{one.times:.1f}" if math.isfinite(one.times) else "–"
        rows.append((
            arm_cell(one.arm, places), arm_cell(one.other, places), size_cell(one.n_train),
            _needed(one, analysis.sizes[0]), number_cell(one.low, interval_text(one)),
            number_cell(one.times, times), integer_cell(one.replicates),
        ))  # fmt: skip
    header = ("arm", "to reach", "at examples", "needs examples", "95 % interval", "times fewer", f"{unit}s")
    note = (
        f"Means over {unit}s made monotone over sizes, and linear in the logarithm of the size between those tried; "
        f"the interval resamples {unit}s, the same in both arms, and is not corrected for the number of rows."
    )
    if falls := falling(analysis):
        which = join_limited([f"{sanitize(arm, 60)} {where}" for arm, where in falls.items()], 4)
        note += f" Means that fall with more examples, where the curve does not: {which}."
    return [PageTable("", header, tuple(rows), note, len(rows) > MOST_OPEN)]


def interval_text(one: Saving) -> str:
    """``50 or fewer to 110``, with its level where that is not 95 %; a dash without one."""
    if math.isnan(one.level):
        return "–"
    return _ends(one) if one.level >= 1 - LEVEL else f"{_ends(one)} ({level_text(one.level)})"


def _said(one: Saving, fewest: int) -> str:
    arm, other, at = sanitize(one.arm, 60), sanitize(one.other, 60), f"{one.n_train:,}"
    inner = ""
    if not math.isnan(one.level):
        inner = f" ({'95 %' if one.level >= 1 - LEVEL else level_text(one.level)} interval {_ends(one)})"
    if one.size == -math.inf:
        least = "the fewest tried" if fewest == one.smallest else "the fewest that savings are told of"
        return f"{arm} has with {count_examples(one.smallest)}, {least}, what {other} has at {at}{inner}"
    fewer = f": {one.times:.1f} times fewer" if one.times >= 1.05 else ""
    return f"{arm} needs about {_size(one.size, one)} examples to reach what {other} has at {at}{inner}{fewer}"


def _needed(one: Saving, fewest: int) -> TableCell:
    text = _size(one.size, one)
    within = math.isfinite(one.size) or (one.size < 0 and fewest < one.smallest)
    return number_cell(one.size, text if within else f"not within the sizes tried: {text}")


def _ends(one: Saving) -> str:
    low, high = _size(one.low, one), _size(one.high, one)
    return low if low == high else f"{low} to {high}"


def _size(size: float, one: Saving) -> str:
    if size == -math.inf:
        return f"{one.smallest:,} or fewer"
    return f"more than {one.largest:,}" if size == math.inf else f"{size:,.0f}"
