"""The tables of differences: each pair of arms at each size, and what other methods say of them."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from seedbed.report.crossing import unit_of
from seedbed.report.entries import (
    Entry,
    PageTable,
    arm_entry,
    between,
    interval_entry,
    metric_title,
    number_entry,
    percent,
    places_of,
    size_entry,
    whole_entry,
)
from seedbed.report.items_shown import ITEM_HEADS, has_items, item_entries, item_note
from seedbed.report.statistics.settling import MOST_REPLICATES
from seedbed.report.wording import p_text, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study


def comparison_table(study: "Study", metric: str) -> PageTable:
    """Each pair of arms at each size in ``metric``; p is Holm's beside it in the primary one."""
    scale, places = study.scales[metric], places_of(study)
    corrected = metric == study.metric
    rows = [
        (
            *_key(row, places),
            *(number_entry(value, scale.show(value)) for value in (row.mean_arm, row.mean_baseline)),
            number_entry(row.mean_difference, scale.signed(row.mean_difference)),
            interval_entry(row, scale),
            number_entry(row.p_value, p_text(row.p_value)),
            *([number_entry(row.p_holm, p_text(row.p_holm))] if corrected else []),
        )
        for row in _rows(study, metric)
    ]  # fmt: skip
    heads = (
        "examples", "arm", "baseline", "pairs", "mean of arm", "mean of baseline", "mean difference",
        "95 % interval", "p", *(["p (Holm)"] if corrected else []),
    )  # fmt: skip
    note = "Arm minus baseline, over the replicates that both finished on the same draw."
    if study.crossing:
        note = (
            f"Arm minus baseline, over draws, each the mean of {study.crossing.each} that both arms finished: intervals"
            " and p are for these initialisations."
        )
    note += "" if scale.higher_is_better else " Lower is better."
    note += " The last p is corrected for all rows of this table." if corrected else " Secondary: p is not corrected."
    return PageTable(metric_title(study, metric), heads, tuple(rows), note, not corrected)


def opinion_table(study: "Study", metric: str) -> PageTable:
    """What other methods say of the same pairs, and how many replicates an open question takes."""
    scale, places = study.scales[metric], places_of(study)
    unit = unit_of(study.crossing)
    with_items = has_items(study, metric)
    rows = [
        (
            *_key(row, places),
            number_entry(row.median_difference, scale.signed(row.median_difference)),
            *(number_entry(value, scale.show(value)) for value in (row.iqm_arm, row.iqm_baseline)),
            number_entry(row.bca_low, between(scale.show(row.bca_low), scale.show(row.bca_high))),
            number_entry(row.p_wilcoxon, p_text(row.p_wilcoxon)),
            number_entry(row.improved, percent(row.improved)),
            number_entry(row.improved_low, between(percent(row.improved_low), percent(row.improved_high))),
            *(item_entries(row, scale) if with_items else ()),
            *([_needed(row.replicates_needed)] if metric == study.metric else []),
        )
        for row in _rows(study, metric)
    ]  # fmt: skip
    heads = (
        "examples", "arm", "baseline", "pairs", "median difference", "interquartile mean of arm",
        "interquartile mean of baseline",
        "BCa 95 % interval", "Wilcoxon p", "arm better (% of pairs)", "95 % interval of that",
        *(ITEM_HEADS if with_items else ()),
        *([f"{unit}s needed"] if metric == study.metric else []),
    )  # fmt: skip
    title = f"{metric_title(study, metric)}, second opinions"
    note = f"{sentence(unit)}s{_OPINIONS}" if metric == study.metric else ""
    note += f" {item_note(study)}" if with_items else ""
    return PageTable(title, heads, tuple(rows), note, True)


_OPINIONS = (
    " needed: how many in all would show a difference of this size four times in five, simulated from the "
    "pairs there are; a dash where the question is settled."
)


def _key(row: NamedTuple, places: Mapping[str, int]) -> tuple[Entry, ...]:
    arms = arm_entry(row.arm, places), arm_entry(row.baseline, places)
    return size_entry(row.n_train), *arms, whole_entry(row.pairs)


def _rows(study: "Study", metric: str) -> Iterator[NamedTuple]:
    return study.comparisons[study.comparisons["metric"] == metric].itertuples()


def _needed(number: float) -> Entry:
    if math.isnan(number):
        return number_entry(number, "–")
    return number_entry(number, f"about {number:.0f}" if math.isfinite(number) else f"more than {MOST_REPLICATES}")
