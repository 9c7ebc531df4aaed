"""Sentences and a table on label savings."""

import math
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.label_savings import Saving
from seedbed.report.sections.page_table import (
    Interval,
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    interval_column,
    interval_name,
    number_cell,
    size_cell,
)
from seedbed.report.sections.rows import SummaryRow, comparison_rows, primary, summary_rows
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import join_limited

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_UNFOLDED, MOST_SENTENCES = 12, 2
"""Rows of a table that is not folded, and sentences."""


def saving_answers(analysis: "Analysis") -> list[str]:
    """Return the settled savings of the arm that is best at the largest size against others, the largest first.

    A saving is settled if its interval excludes no saving, and p after Holm shows a difference at that size. The table
    has all of them.
    """
    largest = [saving for saving in analysis.savings if saving.n_train == analysis.sizes[-1]]
    if not largest:
        return []
    _, scale = primary(analysis)
    means = {row.arm: scale.gain(row.mean) for row in summary_rows(analysis) if row.n_train == analysis.sizes[-1]}
    best = max(dict.fromkeys(saving.arm for saving in largest), key=lambda arm: means.get(arm, -math.inf))
    clear, falls = _clearly_ahead(analysis), falling(analysis)
    savings = [
        saving
        for saving in largest
        if saving.arm == best and saving.settled and (saving.arm, saving.other, saving.n_train) in clear
    ]
    savings.sort(key=lambda saving: saving.size)
    sentences = []
    for saving in savings[:MOST_SENTENCES]:
        fall = [f"{analysis.labels[arm]} {falls[arm]}" for arm in (saving.arm, saving.other) if arm in falls]
        these = f"{', '.join(fall)} {analysis.size_unit.many}"
        note = f" The curves never fall, but these means do: {these}." if fall else ""
        sentences.append(f"{_saving_text(analysis, saving)}.{note}")
    return sentences


def falling(analysis: "Analysis") -> dict[str, str]:
    """Return the arms whose means get worse with more examples, and where they first do: ``from 50 to 200``."""
    (_, scale), falls = primary(analysis), dict[str, str]()
    previous: dict[str, SummaryRow] = {}
    for row in summary_rows(analysis):
        if math.isnan(row.mean) or row.n_train <= 0:
            continue
        before = previous.get(row.arm)
        if before is not None and scale.gain(row.mean) < scale.gain(before.mean):
            falls.setdefault(row.arm, f"from {before.n_train:,} to {row.n_train:,}")
        previous[row.arm] = row
    return {arm: falls[arm] for arm in previous if arm in falls}


def _clearly_ahead(analysis: "Analysis") -> set[tuple[str, str, int]]:
    """Return (better arm, other arm, size) of each comparison with a significant p after Holm."""
    _, scale = primary(analysis)
    return {
        (*((row.arm, row.baseline) if scale.gain(row.mean_difference) > 0 else (row.baseline, row.arm)), row.n_train)
        for row in comparison_rows(analysis)
        if row.p_holm <= LEVEL
    }


def saving_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the examples each arm needs to reach another, a row per pair and size; empty below two sizes."""
    if not analysis.savings:
        return []
    arms, unit, many, rows = arm_cells(analysis), unit_of(analysis.crossed), analysis.size_unit.many, []
    savings = sorted(analysis.savings, key=lambda saving: -saving.n_train)
    head, intervals = interval_column([_interval(saving) for saving in savings])
    for saving, interval in zip(savings, intervals, strict=True):
        times = f"{saving.times:.1f}" if math.isfinite(saving.times) else "–"
        rows.append((
            arms[saving.arm], arms[saving.other], size_cell(saving.n_train),
            _needed(saving, analysis.sizes[0]), interval,
            number_cell(saving.times, times), integer_cell(saving.replicates),
        ))  # fmt: skip
    header = ("arm", "to reach", f"at {many}", f"needs {many}", head, "times fewer", f"{unit}s")
    note = (
        f"Means over {unit}s are made monotone over sizes, and interpolated linearly in the logarithm of the size; the "
        f"interval resamples {unit}s, the same in both arms, and is not corrected for the number of rows."
    )
    if falls := falling(analysis):
        names = join_limited([f"{analysis.labels[arm]} {where}" for arm, where in falls.items()], 4)
        note += f" Means that fall with more {many}, where the curve does not: {names}."
    return [PageTable("", header, tuple(rows), note, len(rows) > MOST_UNFOLDED)]


def _interval(saving: Saving) -> Interval:
    """Return ``50 or fewer to 110``; a dash without an interval."""
    return Interval(saving.low, "–" if math.isnan(saving.level) else _ends(saving), saving.level)


def _saving_text(analysis: "Analysis", saving: Saving) -> str:
    arm, other, at = analysis.labels[saving.arm], analysis.labels[saving.other], f"{saving.n_train:,}"
    interval = ""
    if not math.isnan(saving.level):
        interval = f" ({interval_name([saving.level])} {_ends(saving)})"
    if saving.size == -math.inf:
        least = "the fewest tried" if saving.smallest == analysis.sizes[0] else "the fewest with savings"
        return f"{arm} has with {analysis.sized(saving.smallest)}, {least}, what {other} has at {at}{interval}"
    fewer = f": {saving.times:.1f} times fewer" if saving.times >= 1.05 else ""
    needed = f"{_size(saving.size, saving)} {analysis.size_unit.many}"
    return f"{arm} needs about {needed} to reach what {other} has at {at}{interval}{fewer}"


def _needed(saving: Saving, fewest: int) -> TableCell:
    text = _size(saving.size, saving)
    within = math.isfinite(saving.size) or (saving.size < 0 and fewest < saving.smallest)
    return number_cell(saving.size, text if within else f"not within the sizes tried: {text}")


def _ends(saving: Saving) -> str:
    low, high = _size(saving.low, saving), _size(saving.high, saving)
    return low if low == high else f"{low} to {high}"


def _size(size: float, saving: Saving) -> str:
    if size == -math.inf:
        return f"{saving.smallest:,} or fewer"
    return f"more than {saving.largest:,}" if size == math.inf else f"{size:,.0f}"
