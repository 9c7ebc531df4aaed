"""The tables of differences: each pair of arms at each size, and what other methods say of them."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.item_intervals import ITEM_COLUMNS
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    between,
    integer_cell,
    interval_cell,
    metric_title,
    number_cell,
    percent,
    size_cell,
)
from seedbed.report.statistics.settling import MOST_REPLICATES
from seedbed.report.wording import count, join_limited, number_word, p_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


def comparison_table(analysis: "Analysis", metric: str) -> PageTable:
    """Each pair of arms at each size in ``metric``; p is Holm's beside it in the primary one."""
    scale, places = analysis.scales[metric], arm_indices(analysis)
    corrected = metric == analysis.metric
    rows = [
        (
            *_key(row, places),
            *(number_cell(value, scale.show(value)) for value in (row.mean_arm, row.mean_baseline)),
            number_cell(row.mean_difference, scale.signed(row.mean_difference)),
            interval_cell(row, scale),
            number_cell(row.p_value, p_text(row.p_value)),
            *([number_cell(row.p_holm, p_text(row.p_holm))] if corrected else []),
        )
        for row in _rows(analysis, metric)
    ]  # fmt: skip
    header = (
        "examples", "arm", "baseline", "pairs", "mean of arm", "mean of baseline", "mean difference",
        "95 % interval", "p", *(["p (Holm)"] if corrected else []),
    )  # fmt: skip
    note = "Arm minus baseline, over the replicates that both finished on the same draw."
    if analysis.crossed:
        note = (
            f"Arm minus baseline, over draws, each the mean of {analysis.crossed.each} that both arms finished: "
            f"intervals"
            " and p are for these initialisations."
        )
    note += "" if scale.higher_is_better else " Lower is better."
    note += " The last p is corrected for all rows of this table." if corrected else " Secondary: p is not corrected."
    return PageTable(metric_title(analysis, metric), header, tuple(rows), note, not corrected)


def opinion_table(analysis: "Analysis", metric: str) -> PageTable:
    """What other methods say of the same pairs, and how many replicates an open question takes."""
    scale, places = analysis.scales[metric], arm_indices(analysis)
    unit = unit_of(analysis.crossed)
    with_items = has_items(analysis, metric)
    rows = [
        (
            *_key(row, places),
            number_cell(row.median_difference, scale.signed(row.median_difference)),
            *(number_cell(value, scale.show(value)) for value in (row.iqm_arm, row.iqm_baseline)),
            number_cell(row.bca_low, between(scale.show(row.bca_low), scale.show(row.bca_high))),
            number_cell(row.p_wilcoxon, p_text(row.p_wilcoxon)),
            number_cell(row.improved, percent(row.improved)),
            number_cell(row.improved_low, between(percent(row.improved_low), percent(row.improved_high))),
            *(item_entries(row, scale) if with_items else ()),
            *([_needed(row.replicates_needed)] if metric == analysis.metric else []),
        )
        for row in _rows(analysis, metric)
    ]  # fmt: skip
    header = (
        "examples", "arm", "baseline", "pairs", "median difference", "interquartile mean of arm",
        "interquartile mean of baseline",
        "BCa 95 % interval", "Wilcoxon p", "arm better (% of pairs)", "95 % interval of that",
        *(ITEM_HEADS if with_items else ()),
        *([f"{unit}s needed"] if metric == analysis.metric else []),
    )  # fmt: skip
    title = f"{metric_title(analysis, metric)}, second opinions"
    note = f"{sentence(unit)}s{_OPINIONS}" if metric == analysis.metric else ""
    note += f" {item_note(analysis)}" if with_items else ""
    return PageTable(title, header, tuple(rows), note, True)


_OPINIONS = (
    " needed: how many in all would show a difference of this size four times in five, simulated from the "
    "pairs there are; a dash where the question is settled."
)


def _key(row: NamedTuple, places: Mapping[str, int]) -> tuple[TableCell, ...]:
    arms = arm_cell(row.arm, places), arm_cell(row.baseline, places)
    return size_cell(row.n_train), *arms, integer_cell(row.pairs)


def _rows(analysis: "Analysis", metric: str) -> Iterator[NamedTuple]:
    return analysis.comparisons[analysis.comparisons["metric"] == metric].itertuples()


def _needed(number: float) -> TableCell:
    if math.isnan(number):
        return number_cell(number, "–")
    return number_cell(number, f"about {number:.0f}" if math.isfinite(number) else f"more than {MOST_REPLICATES}")


ITEM_HEADS = ("test items", "95 % interval, test items too")
_NOTE = (
    "Test items too: the interval over replicates sees only the draws and the training; this one also the chance of "
    "the test items that replicates share. Where each has a test set of its own, they are the same."
)
_MOST_NAMED = 3


def has_items(analysis: "Analysis", metric: str) -> bool:
    """Whether a comparison in ``metric`` has an interval over test items."""
    comparisons = analysis.comparisons
    return bool(comparisons.loc[comparisons["metric"] == metric, ITEM_COLUMNS[0]].notna().any())


def item_entries(row: NamedTuple, scale: Scale) -> tuple[TableCell, TableCell]:
    """The fields under ITEM_HEADS."""
    number = "–" if row.items != row.items else f"{row.items:,.0f}"
    ends = between(scale.show(row.items_low), scale.show(row.items_high))
    return number_cell(row.items, number), number_cell(row.items_low, ends)


def item_note(analysis: "Analysis") -> str:
    """What the fields are, and how far predictions were read."""
    finished, read = analysis.reader.finished, len(analysis.reader.runs)
    return _NOTE if read >= finished else f"{_NOTE} Predictions are read of {read:,} of {finished:,} cells."


def item_warnings(analysis: "Analysis") -> Iterator[str]:
    """Differences that another test set could undo, and cells whose predictions are not those that were scored."""
    if analysis.metric is None:
        return
    undone = [row for row in analysis.main_comparisons().itertuples() if _undone(row)]
    if undone:
        named = [f"{sanitize(row.arm, 60)} against {sanitize(row.baseline, 60)} at {row.n_train:,}" for row in undone]
        one = len(undone) == 1
        which = f"The interval of {named[0]} leaves" if one else f"{sentence(number_word(len(undone)))} intervals leave"
        told = "" if one else f" ({join_limited(named, _MOST_NAMED)})"
        yield (
            f"{which} out zero, but not once the chance of the test items that replicates share is counted "
            f"too{told}: another test set might show no difference."
        )
    if number := analysis.items.differing:
        yield (
            f"Predictions of {count(number, 'cell')} do not give the {metric_label(analysis.metric)} in the "
            f"table: left "
            "out of what is said of test items."
        )


def _undone(row: NamedTuple) -> bool:
    return (row.ci_low > 0 >= row.items_low) or (row.ci_high < 0 <= row.items_high)
