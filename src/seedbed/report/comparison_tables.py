"""The tables of differences: each pair of arms at each size, and what other methods say of them."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from seedbed.report.entries import (
    Entry,
    PageTable,
    arm_entry,
    between,
    interval_entry,
    metric_title,
    number_entry,
    places_of,
    size_entry,
    whole_entry,
)
from seedbed.report.settling import MOST_REPLICATES
from seedbed.report.wording import p_text

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
    note += "" if scale.higher_is_better else " Lower is better."
    note += " The last p is corrected for all rows of this table." if corrected else " Secondary: p is not corrected."
    return PageTable(metric_title(study, metric), heads, tuple(rows), note, not corrected)


def opinion_table(study: "Study", metric: str) -> PageTable:
    """What other methods say of the same pairs, and how many replicates an open question takes."""
    scale, places = study.scales[metric], places_of(study)
    rows = [
        (
            *_key(row, places),
            number_entry(row.median_difference, scale.signed(row.median_difference)),
            *(number_entry(value, scale.show(value)) for value in (row.iqm_arm, row.iqm_baseline)),
            number_entry(row.bca_low, between(scale.show(row.bca_low), scale.show(row.bca_high))),
            number_entry(row.p_wilcoxon, p_text(row.p_wilcoxon)),
            number_entry(row.improved, _percent(row.improved)),
            number_entry(row.improved_low, between(_percent(row.improved_low), _percent(row.improved_high))),
            *([_needed(row.replicates_needed)] if metric == study.metric else []),
        )
        for row in _rows(study, metric)
    ]  # fmt: skip
    heads = (
        "examples", "arm", "baseline", "pairs", "median difference", "interquartile mean of arm",
        "interquartile mean of baseline",
        "BCa 95 % interval", "Wilcoxon p", "arm better (% of pairs)", "95 % interval of that",
        *(["replicates needed"] if metric == study.metric else []),
    )  # fmt: skip
    title = f"{metric_title(study, metric)}, second opinions"
    return PageTable(title, heads, tuple(rows), _OPINIONS if metric == study.metric else "", True)


_OPINIONS = (
    "Replicates needed: how many in all would show a difference of this size four times in five, simulated from the "
    "pairs there are; a dash where the question is settled."
)


def _key(row: NamedTuple, places: Mapping[str, int]) -> tuple[Entry, ...]:
    arms = arm_entry(row.arm, places), arm_entry(row.baseline, places)
    return size_entry(row.n_train), *arms, whole_entry(row.pairs)


def _rows(study: "Study", metric: str) -> Iterator[NamedTuple]:
    return study.comparisons[study.comparisons["metric"] == metric].itertuples()


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if math.isfinite(share) else "–"


def _needed(number: float) -> Entry:
    if math.isnan(number):
        return number_entry(number, "–")
    return number_entry(number, f"about {number:.0f}" if math.isfinite(number) else f"more than {MOST_REPLICATES}")
