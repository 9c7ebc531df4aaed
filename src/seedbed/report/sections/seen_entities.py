"""Tables of seen and unseen entities: scores of each arm, and differences of pairs of arms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import Scale
from seedbed.report.analysis.seen_entities import SeenDifference, SeenEntities, SeenScore
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
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
    "An entity is seen if the training examples of the replicate's own draw have one of the same surface form (ignoring"
    " case) and the same type. The rule is the same for predicted entities, so both classes together make up the whole "
    "score. In %, means over replicates; sd is the sample standard deviation of F1."
)
DIFFERENCE_NOTE = (
    "F1 of the arm minus F1 of the other, paired as in the report; p is not corrected for the number of comparisons."
)


def seen_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the tables; empty if no entities are known, as in classification."""
    entities = SeenEntities(analysis)
    return [table for table in (_scores(analysis, entities), _differences(analysis, entities)) if table.rows]


def _scores(analysis: "Analysis", entities: SeenEntities) -> PageTable:
    arms = arm_cells(analysis)
    header = ("examples", "arm", "entities", "replicates", "mentions per test set", "precision", "recall", "F1", "sd")
    rows = [_score(row, arms) for row in entities.scores()]
    return PageTable("Entities of the test sets (%)", header, tuple(rows), NOTE)


def _score(row: SeenScore, arms: Mapping[str, TableCell]) -> tuple[TableCell, ...]:
    rates = (number_cell(value, PERCENT.show(value)) for value in (row.precision, row.recall, row.f1, row.sd))
    return (
        size_cell(row.n_train), arms[row.arm], TableCell(row.kind), integer_cell(row.replicates),
        number_cell(row.mentions, f"{row.mentions:,.1f}"), *rates,
    )  # fmt: skip


def _differences(analysis: "Analysis", entities: SeenEntities) -> PageTable:
    arms = arm_cells(analysis)
    header = ("examples", "arm", "against", "entities", "pairs", "difference of F1", "95 % interval", "p")
    rows = [_difference(row, arms) for row in entities.differences()]
    return PageTable("Differences on seen and on unseen entities (points of F1)", header, tuple(rows), DIFFERENCE_NOTE)


def _difference(row: SeenDifference, arms: Mapping[str, TableCell]) -> tuple[TableCell, ...]:
    paired = row.paired
    return (
        size_cell(row.pair.n_train), arms[row.pair.first], arms[row.pair.second],
        TableCell(row.kind), integer_cell(paired.pairs),
        number_cell(paired.mean_difference, PERCENT.signed(paired.mean_difference)),
        interval_cell(paired, PERCENT), number_cell(paired.p_value, p_text(paired.p_value)),
    )  # fmt: skip
