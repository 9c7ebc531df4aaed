"""Tables of spans: F1 by kind of match, by length, and of seen and unseen entities."""

from typing import TYPE_CHECKING

from seedbed.matching import LENGTHS
from seedbed.report.analysis.scores import metric_scale
from seedbed.report.analysis.span_matching import COUNTED, STORED, STRICT, SpanDifference, SpanMatching
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    interval_column,
    interval_of,
    number_cell,
    size_cell,
)
from seedbed.report.wording import p_text

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_LENGTH = {length: f"{length} token{'s' * (length != LENGTHS[0])}" for length in LENGTHS}
_NAMES = {column: name for name, column in STORED.items()} | {
    column: _LENGTH.get(name, f"{name} in training") for name, column in COUNTED.items()
}
_NOTE = (
    "F1 in %: mean over replicates with a value, and sample standard deviation. strict: both ends and the type are "
    "right. type: a token in common and the same type. partial: a token in common, whatever the type, half a hit "
    "unless both ends are right. boundary: both ends, whatever the type. token: the type of each token. The others "
    "are strict F1 of entities of so many tokens, and of those whose text and type occur in the training examples."
)
_DIFFERENCE_NOTE = "Arm minus baseline, paired as in the report; p is not corrected for the number of comparisons."


def matching_tables(analysis: "Analysis") -> list[PageTable]:
    """Return a table for each size, and folded one of the differences; empty without scores beside strict F1."""
    matching = SpanMatching(analysis)
    return [*_scores(analysis, matching), _differences(analysis, matching)] if matching.columns else []


def _scores(analysis: "Analysis", matching: SpanMatching) -> list[PageTable]:
    scale, scores = metric_scale(analysis.table, STRICT), list(matching.scores())
    tables = []
    for size in dict.fromkeys(row.n_train for row in scores):
        found = {(row.column, row.arm): row for row in scores if row.n_train == size}
        arms = [arm for arm in analysis.arms if any(arm == other for _, other in found)]
        lines = []
        for column in matching.columns:
            row = [found[column, arm] for arm in arms]
            texts = (
                scale.show(own.mean, 1) + (f" ± {scale.show(own.sd, 1)}" if own.sd == own.sd else "") for own in row
            )
            cells = (number_cell(own.mean, text) for own, text in zip(row, texts, strict=True))
            lines.append((TableCell(_NAMES[column]), *cells))
        header = ("match", *(analysis.labels[arm] for arm in arms))
        tables.append(PageTable(analysis.sized(size), header, tuple(lines), _NOTE))
    return tables


def _differences(analysis: "Analysis", matching: SpanMatching) -> PageTable:
    arms, scale, differences = arm_cells(analysis), metric_scale(analysis.table, STRICT), list(matching.differences())
    head, intervals = interval_column([interval_of(row.paired, scale) for row in differences])
    header = (analysis.size_unit.many, "match", "arm", "baseline", "pairs", "difference of F1", head, "p")

    def cells(row: SpanDifference, interval: TableCell) -> tuple[TableCell, ...]:
        paired = row.paired
        return (
            size_cell(row.n_train), TableCell(_NAMES[row.column]), arms[row.arm], arms[row.baseline],
            integer_cell(paired.pairs), number_cell(paired.mean_difference, scale.signed(paired.mean_difference)),
            interval, number_cell(paired.p_value, p_text(paired.p_value)),
        )  # fmt: skip

    rows = tuple(cells(*both) for both in zip(differences, intervals, strict=True))
    return PageTable("Differences (points of F1)", header, rows, _DIFFERENCE_NOTE, folded=True)
