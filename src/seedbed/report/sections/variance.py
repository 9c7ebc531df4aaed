"""Where the spread comes from, in words and in a table."""

import math
from typing import TYPE_CHECKING

from seedbed.report.analysis.variance import VarianceComponents
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    between,
    integer_cell,
    metric_title,
    number_cell,
    percent,
    size_cell,
)
from seedbed.report.statistics.variance import SOURCES, Component
from seedbed.report.wording import count, count_examples, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.scores import Scale

MOST_ARMS = 3
"""How many arms a sentence names; the table has them all."""
_NOTE = (
    "Standard deviations of what a draw, an initialisation, and the rest (the two together, and noise) add to a score, "
    "with 95 % intervals, and their shares of the variance (two-way crossed random effects). With few initialisations "
    "their interval is wide: that is what is known of them."
)
_DIFFERENCES = (
    "What an initialisation adds to a difference is the same in every draw, so that pairs of draws do not show it: "
    "where it is large, other initialisations may give another mean difference."
)


def variance_said(analysis: "Analysis") -> list[str]:
    """A sentence a size: what share of each arm's variance the draw, the initialisation and the remainder have."""
    found = []
    for size in analysis.sizes:
        here = [split for split in analysis.variance_components if split.n_train == size and split.baseline is None]
        told = [_of_arm(split) for split in here[:MOST_ARMS]]
        more = f"; {len(here) - MOST_ARMS} more in the table" if len(here) > MOST_ARMS else ""
        if told:
            where = f"At {count_examples(size)}, parts of the variance, with 95 % intervals"
            found.append(f"{where}: {'; '.join(told)}{more}.")
    return found


def variance_tables(analysis: "Analysis") -> list[PageTable]:
    """The components of each arm, and of each difference of two, at each size; empty where seeds are not crossed."""
    arms = [split for split in analysis.variance_components if split.baseline is None]
    pairs = [split for split in analysis.variance_components if split.baseline is not None]
    tables = (
        [_table(analysis, arms, metric_title(analysis, analysis.metric), (*variance_said(analysis), _NOTE))]
        if arms
        else []
    )
    if pairs:
        title = f"{metric_title(analysis, analysis.metric)}, arm minus baseline"
        tables.append(_table(analysis, pairs, title, (_DIFFERENCES,), folded=True))
    return tables


def _table(
    analysis: "Analysis",
    variance_components: list[VarianceComponents],
    title: str,
    said: tuple[str, ...],
    folded: bool = False,
) -> PageTable:
    scale, places = analysis.scales[analysis.metric], arm_indices(analysis)
    rows = tuple(
        (
            size_cell(split.n_train), arm_cell(split.arm, places),
            *([arm_cell(split.baseline, places)] if split.baseline is not None else []),
            integer_cell(split.draws), integer_cell(split.initialisations), TableCell(source),
            *_entries(component, scale),
        )
        for split in variance_components
        for source, component in zip(SOURCES, split.components, strict=True)
    )  # fmt: skip
    header = ("part", "sd", "95 % interval", "% of the variance", "95 % interval of that")
    keys = ("examples", "arm", *(["baseline"] if folded else []), "draws", "initialisations")
    notes = [*said]
    if any(component.negative for split in variance_components for component in split.components):
        notes.append("Below 0: the estimate of the variance came out negative, and is set to zero.")
    if left_out := sum(split.left_out for split in variance_components):
        notes.append(f"{sentence(count(left_out, 'cell'))} left out, of draws or initialisations that lack others.")
    return PageTable(title, (*keys, *header), rows, " ".join(notes), folded)


def _of_arm(split: VarianceComponents) -> str:
    shares = (
        f"{source} {percent(part.share)} % ({between(percent(part.share_low), percent(part.share_high))})"
        for source, part in zip(SOURCES, split.components, strict=True)
    )
    if math.isnan(split.components[0].share):
        return f"{sanitize(split.arm, 60)} has none"
    return f"{sanitize(split.arm, 60)} {', '.join(shares)}"


def _entries(part: Component, scale: "Scale") -> tuple[TableCell, ...]:
    sd = "0 (below 0)" if part.negative else scale.show(part.sd)
    return (
        number_cell(part.sd, sd),
        number_cell(part.low, between(scale.show(part.low), scale.show(part.high))),
        number_cell(part.share, percent(part.share)),
        number_cell(part.share_low, between(percent(part.share_low), percent(part.share_high))),
    )
