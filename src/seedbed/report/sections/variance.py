"""Sentences and tables on the variance components of arms with crossed seeds."""

import math
from typing import TYPE_CHECKING

from seedbed.report.analysis.variance import VarianceComponents
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    between,
    integer_cell,
    metric_title,
    number_cell,
    percent,
    size_cell,
)
from seedbed.report.sections.rows import primary
from seedbed.report.statistics.variance import SOURCES, Component
from seedbed.report.wording import count, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.scores import Scale

MOST_ARMS = 3
"""Arms named in a sentence; the table has all."""
_NOTE = (
    "Standard deviations of the effects of the draw, the initialization and the remainder (their interaction, and "
    "noise) on a score, with 95 % intervals, and their shares of the variance (two-way crossed random effects). With "
    "few initializations their interval is wide."
)
_SEARCHES = (
    "Each draw and initialization was searched several times: the effect of the search is how much a score changes "
    "when the settings are searched again."
)
_DIFFERENCES = (
    "The effect of an initialization on a difference is the same in every draw, so pairs of draws do not show it: if "
    "it is large, other initializations may have another mean difference."
)


def variance_sentences(analysis: "Analysis") -> list[str]:
    """Return one sentence per size: the shares of draw, initialization and remainder in each arm's variance."""
    sentences = []
    of_arms = [variance for variance in analysis.variance_components if variance.baseline is None]
    for size in analysis.sizes:
        of_size = [variance for variance in of_arms if variance.n_train == size]
        parts = [_of_arm(analysis, variance) for variance in of_size[:MOST_ARMS]]
        more = f"; {len(of_size) - MOST_ARMS} more in the table" if len(of_size) > MOST_ARMS else ""
        if parts:
            where = f"At {analysis.sized(size)}, parts of the variance, with 95 % intervals"
            sentences.append(f"{where}: {'; '.join(parts)}{more}.")
    return sentences


def variance_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the components of each arm and of each difference at each size; empty without crossed seeds."""
    arms = [variance for variance in analysis.variance_components if variance.baseline is None]
    pairs = [variance for variance in analysis.variance_components if variance.baseline is not None]
    if not arms and not pairs:
        return []
    title = metric_title(analysis, primary(analysis)[0])
    tables = [_table(analysis, arms, title, (*variance_sentences(analysis), _NOTE))] if arms else []
    if pairs:
        title = f"{title}, arm minus baseline"
        tables.append(_table(analysis, pairs, title, (_DIFFERENCES,), folded=True))
    return tables


def _table(
    analysis: "Analysis",
    variance_components: list[VarianceComponents],
    title: str,
    lines: tuple[str, ...],
    folded: bool = False,
) -> PageTable:
    (_, scale), arms = primary(analysis), arm_cells(analysis)
    rows = tuple(
        (
            size_cell(variance.n_train), arms[variance.arm],
            *([arms[variance.baseline]] if variance.baseline is not None else []),
            integer_cell(variance.draws), integer_cell(variance.initializations), TableCell(source),
            *_component_cells(component, scale),
        )
        for variance in variance_components
        for source, component in zip(SOURCES, variance.components, strict=False)
    )  # fmt: skip
    header = ("source", "sd", "95 % interval (sd)", "% of the variance", "95 % interval (%)")
    keys = (analysis.size_unit.many, "arm", *(["baseline"] if folded else []), "draws", "initializations")
    notes = [*lines]
    if any(variance.searches > 1 for variance in variance_components):
        notes.append(_SEARCHES)
    if any(component.negative for variance in variance_components for component in variance.components):
        notes.append("Below 0: the estimate of the variance is negative, and set to zero.")
    if left_out := sum(variance.left_out for variance in variance_components):
        notes.append(f"{sentence(count(left_out, 'cell'))} left out, as their draw or initialization is incomplete.")
    return PageTable(title, (*keys, *header), rows, " ".join(notes), folded)


def _of_arm(analysis: "Analysis", variance: VarianceComponents) -> str:
    shares = (
        f"{source} {percent(part.share)} % ({between(percent(part.share_low), percent(part.share_high))})"
        for source, part in zip(SOURCES, variance.components, strict=False)  # the last is of searches
    )
    if math.isnan(variance.components[0].share):
        return f"{analysis.labels[variance.arm]} has none"
    return f"{analysis.labels[variance.arm]} {', '.join(shares)}"


def _component_cells(part: Component, scale: "Scale") -> tuple[TableCell, ...]:
    sd = "0 (below 0)" if part.negative else scale.show(part.sd)
    return (
        number_cell(part.sd, sd),
        number_cell(part.low, between(scale.show(part.low), scale.show(part.high))),
        number_cell(part.share, percent(part.share)),
        number_cell(part.share_low, between(percent(part.share_low), percent(part.share_high))),
    )
