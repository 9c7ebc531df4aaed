"""Tables of seen and unseen entities: each arm by itself, and the pairs of arms."""

from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import Scale
from seedbed.report.analysis.seen_entities import SeenDifference, SeenEntities, SeenScore
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    integer_cell,
    interval_cell,
    number_cell,
    size_cell,
)
from seedbed.report.wording import p_text

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

PERCENT = Scale(100.0, 2, "points", True)
NOTE = (
    "An entity is seen where the training examples of the replicate's own draw have one of the same surface form (case "
    "does not count) and the same type; a predicted one is judged alike, so that both classes together are the whole "
    "score. In %, means over replicates; sd is the sample standard deviation of F1."
)
DIFFERENCE_NOTE = (
    "F1 of the arm minus F1 of the other, paired as in the report; p is not corrected for the number of comparisons."
)


def seen_tables(analysis: "Analysis") -> list[PageTable]:
    """None where no entities are known, as for classification."""
    seen = SeenEntities(analysis)
    return [table for table in (_scores(analysis, seen), _differences(analysis, seen)) if table.rows]


def _scores(analysis: "Analysis", seen: SeenEntities) -> PageTable:
    places = arm_indices(analysis)
    header = ("examples", "arm", "entities", "replicates", "mentions a test set", "precision", "recall", "F1", "sd")
    rows = [_score(row, places) for row in seen.scores()]
    return PageTable("Entities of the test sets (%)", header, tuple(rows), NOTE)


def _score(row: SeenScore, places: dict[str, int]) -> tuple[TableCell, ...]:
    rates = (number_cell(value, PERCENT.show(value)) for value in (row.precision, row.recall, row.f1, row.sd))
    return (
        size_cell(row.n_train), arm_cell(row.arm, places), TableCell(row.kind), integer_cell(row.replicates),
        number_cell(row.mentions, f"{row.mentions:,.1f}"), *rates,
    )  # fmt: skip


def _differences(analysis: "Analysis", seen: SeenEntities) -> PageTable:
    places = arm_indices(analysis)
    header = ("examples", "arm", "against", "entities", "pairs", "difference of F1", "95 % interval", "p")
    rows = [_difference(one, places) for one in seen.differences()]
    return PageTable("Differences on seen and on unseen entities (points of F1)", header, tuple(rows), DIFFERENCE_NOTE)


def _difference(one: SeenDifference, places: dict[str, int]) -> tuple[TableCell, ...]:
    paired = one.paired
    return (
        size_cell(one.pair.n_train), arm_cell(one.pair.first, places), arm_cell(one.pair.second, places),
        TableCell(one.kind), integer_cell(paired.pairs),
        number_cell(paired.mean_difference, PERCENT.signed(paired.mean_difference)),
        interval_cell(paired, PERCENT), number_cell(paired.p_value, p_text(paired.p_value)),
    )  # fmt: skip
