"""Sentences and tables on published scores."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.analysis.published_scores import WIDTH, Figures, Published, Table
from seedbed.report.analysis.published_verdicts import Verdict
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.analysis.tuned_cells import has_tuned
from seedbed.report.sections.differences import bootstrap_level
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_indices,
    between,
    integer_cell,
    interval_name,
    number_cell,
)
from seedbed.report.statistics.paired import compare_pairs
from seedbed.report.statistics.sign_flips import EXACT_PAIRS
from seedbed.report.wording import count, p_clause, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_VERDICTS = {
    "inside": "inside the published spread",
    "above": "above the published spread",
    "below": "below the published spread",
    "no spread published": "no spread is published",
}
_NOTE = (
    "Inside: the mean here is within the published spread, from the smallest to the largest published score, or, if "
    f"only a standard deviation is published, {WIDTH:.0f} of them on each side. The last interval is Welch's, of the "
    "difference of the two means: if it excludes zero, they differ by more than the spread over replicates explains."
)
_DEFAULT_CELLS = "Published scores are compared with the defaults of the arms, not with the tuned ones."


def verdict_lines(analysis: "Analysis") -> list[str]:
    """Return one sentence per published row with an arm here, and one on all others."""
    lines = [_line(verdict) for verdict in analysis.verdicts if verdict.observed.number]
    if lines and has_tuned(analysis.cells):
        lines.append(_DEFAULT_CELLS)
    if analysis.inputs.published is not None and analysis.inputs.published.table.note:
        lines.append(sanitize(analysis.inputs.published.table.note, 500))
    others = [verdict for verdict in analysis.verdicts if not verdict.observed.number and verdict.row.arm]
    if others:
        reasons = dict.fromkeys(verdict.why for verdict in others)
        lines.append(f"Not compared with {count(len(others), 'published score')}: {sanitize('; '.join(reasons), 500)}.")
    return lines


def note_lines(analysis: "Analysis") -> list[str]:
    """Return the verdicts and the known differences from the published protocol, for the note of a run."""
    published = analysis.inputs.published
    differences = [] if published is None else published.differences()
    return [
        *verdict_lines(analysis),
        *(f"Differs from what is published: {sanitize(line, 1_000)}" for line in differences),
    ]


def verdict_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the published rows next to the arms here, their source, and the known differences of protocol."""
    published = analysis.inputs.published
    if published is None:
        return []
    return [_rows(analysis, published), _about(published)]


def score_text(value: float, scale: Scale) -> str:
    """``57.1``, or a loss with its digits."""
    return scale.show(value, 1 if scale.unit else None)


def spread_text(figures: Figures, scale: Scale) -> str:
    """``65.2 (10.6)``: mean and sd; the mean alone where there is no sd."""
    sd = f" ({score_text(figures.sd, scale)})" if math.isfinite(figures.sd) else ""
    return score_text(figures.mean, scale) + sd


def _line(verdict: Verdict) -> str:
    """``MUSE: accuracy 65.2 (10.6) published, 57.1 (3.5) here (basic, ten replicates): inside the published ...``."""
    scale, observed = verdict.scale, verdict.observed
    head = f"{sanitize(verdict.label, 80)}: {metric_label(verdict.metric)} "
    head += f"{spread_text(verdict.published, scale)} published"
    head += f", {spread_text(observed, scale)} here ({_arms(verdict)}, {count(observed.number, 'replicate')})"
    if verdict.word == "not compared":
        return f"{head}; no verdict: {sanitize(verdict.why, 300)}."
    difference = scale.signed(verdict.difference, 1 if scale.unit else None)
    text = f"{head}: {_VERDICTS[verdict.word]}; difference {difference}"
    if not math.isfinite(verdict.low):
        return f"{text}."
    low, high = score_text(verdict.low, scale), score_text(verdict.high, scale)
    more = ", more than the spread over replicates" if verdict.apart else ""
    return f"{text}, Welch's 95 % interval {low} to {high}{more}."


def _rows(analysis: "Analysis", published: Published) -> PageTable:
    indices = arm_indices(analysis)
    rows = tuple(tuple(_verdict_cells(verdict, indices)) for verdict in analysis.verdicts)
    note = f"{_NOTE} {_DEFAULT_CELLS}" if has_tuned(analysis.cells) else _NOTE
    header = (
        "published", "verdict", "score", "seeds", "mean (sd)", "published spread", "arm here", "finished",
        "mean (sd) here", "difference", "Welch's 95 % interval",
    )  # fmt: skip
    return PageTable(sanitize(published.table.title), header, rows, note if rows else "")


def _verdict_cells(verdict: Verdict, indices: dict[str, int]) -> Iterator[TableCell]:
    scale, published, observed = verdict.scale, verdict.published, verdict.observed
    yield TableCell(sanitize(verdict.label, 80))
    yield TableCell(f"none: {sanitize(verdict.why, 300)}" if verdict.word == "not compared" else verdict.word)
    yield TableCell(metric_label(verdict.metric) + (" (%)" if scale.unit else ""))
    yield integer_cell(published.number) if published.number else number_cell(math.nan, "–")
    yield number_cell(published.mean, _mean_and_sd(published, scale))
    yield number_cell(published.low, between(scale.show(published.low), scale.show(published.high)))
    yield TableCell(_arms(verdict) or "–", arm=None if verdict.row.minus else indices.get(verdict.row.arm))
    yield integer_cell(observed.number)
    yield number_cell(observed.mean, _mean_and_sd(observed, scale))
    yield number_cell(verdict.difference, scale.signed(verdict.difference))
    yield number_cell(verdict.low, between(scale.show(verdict.low), scale.show(verdict.high)))


def _arms(verdict: Verdict) -> str:
    return " minus ".join(sanitize(arm, 60) for arm in (verdict.row.arm, verdict.row.minus) if arm)


def _mean_and_sd(figures: Figures, scale: Scale) -> str:
    sd = f" ({scale.show(figures.sd)})" if math.isfinite(figures.sd) else ""
    return scale.show(figures.mean) + sd


def _about(published: Published) -> PageTable:
    """Return source, protocol and differences as rows of one column, which fills the width of the page."""
    table = published.table
    fields = [("Source", table.source), ("Protocol", table.protocol), ("Note", table.note)]
    lines = [f"{title}: {text}" for title, text in fields if text]
    lines += [f"Known difference: {line}" for line in (*published.differences(), *published.unknown())]
    rows = tuple((TableCell(sanitize(line, 1_000)),) for line in lines)
    return PageTable("Source, and known differences of protocol", ("about the source",), rows)


def published_rows(table: Table) -> PageTable:
    """Return one row per published score, in percent."""
    rows = []
    for label, row in table.all_rows.items():
        figures = row.figures.scaled(1.0 if table.unit == "percent" else 100.0)
        scale = Scale(1.0, 2, "points", True)
        rows.append((
            TableCell(sanitize(label, 80)), TableCell(metric_label(row.metric or table.metric)),
            integer_cell(figures.number) if figures.number else number_cell(math.nan, "–"),
            *(number_cell(value, scale.show(value)) for value in (figures.mean, figures.sd)),
            number_cell(figures.low, between(scale.show(figures.low), scale.show(figures.high))),
        ))  # fmt: skip
    header = ("published", "score", "seeds", "mean", "sd", "spread")
    return PageTable(f"{sanitize(table.title)} (%)", header, tuple(rows))


def row_lines(table: Table) -> Iterator[str]:
    """Yield the arm that each published row is compared with, and its note."""
    for label, row in table.rows.items():
        arms = " minus ".join(sanitize(arm, 60) for arm in (row.arm, row.minus) if arm)
        parts = [f"against arm {arms}"] * bool(arms) + [sanitize(row.note, 200)] * bool(row.note)
        yield f"{sanitize(label, 80)}: {'; '.join(parts) or 'no matching arm'}"


def paired_lines(table: Table) -> Iterator[str]:
    """Yield the paired comparison of two rows with single published values, by their position."""
    if not table.paired:
        return
    arm, baseline = (table.rows[label].values for label in table.paired)
    paired = compare_pairs(arm, baseline)
    yield f"{sanitize(table.paired[0], 80)} minus {sanitize(table.paired[1], 80)}, {count(paired.pairs, 'pair')}:"
    yield f"  mean difference {paired.mean_difference:.2f}, median {paired.median_difference:.2f}"
    yield (
        f"  {interval_name([paired.ci_level])} {paired.ci_low:.2f} to {paired.ci_high:.2f} (sign-flip), "
        f"BCa {interval_name([bootstrap_level(paired)])} {paired.bca_low:.2f} to {paired.bca_high:.2f}"
    )
    exact = f"p = {paired.p_value:.10g}, exact" if paired.pairs <= EXACT_PAIRS else p_clause(paired.p_value)
    yield f"  {exact} sign-flip test; Wilcoxon {p_clause(paired.p_wilcoxon)}"
    yield (
        f"  better in {100 * paired.improved:.0f} % of pairs ({100 * paired.improved_low:.0f} to "
        f"{100 * paired.improved_high:.0f} %); interquartile means {paired.iqm_arm:.2f} and {paired.iqm_baseline:.2f}"
    )
