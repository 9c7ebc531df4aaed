"""Tables of differences: each pair of arms at each size, and the results of other methods."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.item_intervals import ITEM_COLUMNS
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.sections.crossed_seeds import initializations_per_draw
from seedbed.report.sections.page_table import (
    Interval,
    PageTable,
    TableCell,
    arm_cells,
    between,
    integer_cell,
    interval_column,
    interval_of,
    metric_title,
    number_cell,
    percent,
    size_cell,
)
from seedbed.report.sections.rows import ComparisonRow, HasInterval, comparison_rows
from seedbed.report.statistics.settling import MOST_REPLICATES
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count, join_limited, number_word, p_text, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


def comparison_table(analysis: "Analysis", metric: str) -> PageTable:
    """Return one row per pair of arms and size in ``metric``; the primary one also has p after Holm."""
    scale, arms = analysis.scales[metric], arm_cells(analysis)
    corrected, comparisons = metric == analysis.metric, comparison_rows(analysis, metric)
    head, intervals = interval_column([interval_of(row, scale) for row in comparisons])
    rows = [
        (
            *_key(row, arms),
            *(number_cell(value, scale.show(value)) for value in (row.mean_arm, row.mean_baseline)),
            number_cell(row.mean_difference, scale.signed(row.mean_difference)),
            interval,
            number_cell(row.p_value, p_text(row.p_value)),
            *([number_cell(row.p_holm, p_text(row.p_holm))] if corrected else []),
        )
        for row, interval in zip(comparisons, intervals, strict=True)
    ]  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "baseline", "pairs", "mean of arm", "mean of baseline", "mean difference",
        head, "p", *(["p (Holm)"] if corrected else []),
    )  # fmt: skip
    note = "Arm minus baseline, over the replicates that both finished on the same draw."
    if analysis.crossed:
        note = (
            f"Arm minus baseline, over draws, each the mean of {initializations_per_draw(analysis.crossed)} that both "
            "arms finished: intervals and p are for these initializations."
        )
    note += "" if scale.higher_is_better else " Lower is better."
    note += " The last p is corrected for all rows of this table." if corrected else " Secondary: p is not corrected."
    return PageTable(metric_title(analysis, metric), header, tuple(rows), note, not corrected)


def second_opinion_table(analysis: "Analysis", metric: str) -> PageTable:
    """Return the results of other methods for the same pairs, and the number of replicates needed."""
    scale, arms = analysis.scales[metric], arm_cells(analysis)
    unit = unit_of(analysis.crossed)
    with_items, comparisons = has_items(analysis, metric), comparison_rows(analysis, metric)
    head, bootstrap = interval_column([_bootstrap(row, scale) for row in comparisons], "BCa")
    rows = [
        (
            *_key(row, arms),
            number_cell(row.median_difference, scale.signed(row.median_difference)),
            *(number_cell(value, scale.show(value)) for value in (row.iqm_arm, row.iqm_baseline)),
            interval,
            number_cell(row.p_wilcoxon, p_text(row.p_wilcoxon)),
            number_cell(row.improved, percent(row.improved)),
            number_cell(row.improved_low, between(percent(row.improved_low), percent(row.improved_high))),
            *(item_cells(row, scale) if with_items else ()),
            *([_needed(row.replicates_needed)] if metric == analysis.metric else []),
        )
        for row, interval in zip(comparisons, bootstrap, strict=True)
    ]  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "baseline", "pairs", "median difference", "interquartile mean of arm",
        "interquartile mean of baseline",
        head, "Wilcoxon p", "arm better (% of pairs)", "Wilson's 95 % interval (% of pairs)",
        *(ITEM_HEADER if with_items else ()),
        *([f"{unit}s needed"] if metric == analysis.metric else []),
    )  # fmt: skip
    title = f"{metric_title(analysis, metric)}, second opinions"
    note = f"{sentence(unit)}s{_NEEDED_NOTE}" if metric == analysis.metric else ""
    note += f" {item_note(analysis)}" if with_items else ""
    return PageTable(title, header, tuple(rows), note, True)


_NEEDED_NOTE = (
    " needed: how many in all would show a difference of this size with 80 % power, simulated from the "
    "existing pairs; a dash where the difference is significant."
)


def bootstrap_level(row: HasInterval) -> float:
    """Return the level of the bootstrap interval of a row; NaN below six pairs, where no resampling reaches 95 %."""
    return row.ci_level if row.ci_level >= 1 - LEVEL else math.nan


def _bootstrap(row: ComparisonRow, scale: Scale) -> Interval:
    return Interval(row.bca_low, between(scale.show(row.bca_low), scale.show(row.bca_high)), bootstrap_level(row))


def _key(row: ComparisonRow, arms: Mapping[str, TableCell]) -> tuple[TableCell, ...]:
    return size_cell(row.n_train), arms[row.arm], arms[row.baseline], integer_cell(row.pairs)


def _needed(number: float) -> TableCell:
    if math.isnan(number):
        return number_cell(number, "–")
    return number_cell(number, f"about {number:.0f}" if math.isfinite(number) else f"more than {MOST_REPLICATES}")


ITEM_HEADER = ("test items", "95 % interval with test items")
_NOTE = (
    "With test items: the interval over replicates covers draws and training; this one also the sampling of the test "
    "items that replicates share. They are equal if each replicate has its own test set."
)
_MOST_NAMED = 3


def has_items(analysis: "Analysis", metric: str) -> bool:
    """Return whether a comparison in ``metric`` has an interval over test items."""
    comparisons = analysis.comparisons
    return bool(comparisons.loc[comparisons["metric"] == metric, ITEM_COLUMNS[0]].notna().any())


def item_cells(row: ComparisonRow, scale: Scale) -> tuple[TableCell, TableCell]:
    """Return the cells under ITEM_HEADER."""
    number = "–" if row.items != row.items else f"{row.items:,.0f}"
    ends = between(scale.show(row.items_low), scale.show(row.items_high))
    return number_cell(row.items, number), number_cell(row.items_low, ends)


def item_note(analysis: "Analysis") -> str:
    """Return a note on these cells, and on how many predictions were read."""
    finished, read = analysis.reader.n_finished, len(analysis.reader.runs)
    return _NOTE if read >= finished else f"{_NOTE} Predictions of {read:,} of {finished:,} cells are read."


def item_warnings(analysis: "Analysis") -> Iterator[str]:
    """Yield warnings on differences that another test set could undo, and on predictions that do not match scores."""
    if analysis.metric is None:
        return
    undone = [row for row in comparison_rows(analysis) if _undone(row)]
    if undone:
        names = [
            f"{analysis.labels[row.arm]} against {analysis.labels[row.baseline]} at {row.n_train:,}" for row in undone
        ]
        subject, names_text = f"The interval of {names[0]} excludes", ""
        if len(undone) > 1:
            subject = f"{sentence(number_word(len(undone)))} intervals exclude"
            names_text = f" ({join_limited(names, _MOST_NAMED)})"
        yield (
            f"{subject} zero, but not with the sampling of the test items that replicates share{names_text}: another "
            "test set might show no difference."
        )
    if number := analysis.items.differing:
        yield (
            f"Predictions of {count(number, 'cell')} do not reproduce the {metric_label(analysis.metric)} in the "
            "table: left out of the intervals with test items."
        )


def _undone(row: ComparisonRow) -> bool:
    return (row.ci_low > 0 >= row.items_low) or (row.ci_high < 0 <= row.items_high)
