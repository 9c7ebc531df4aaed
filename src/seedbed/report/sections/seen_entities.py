"""The table of seen and unseen entities: the scores of each arm."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import Scale
from seedbed.report.analysis.seen_entities import SeenScore
from seedbed.report.sections.page_table import PageTable, TableCell, arm_cells, integer_cell, number_cell, size_cell

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

PERCENT = Scale(100.0, 2, "points", True)
NOTE = (
    "An entity is seen if the training examples of the replicate's own draw have one of the same surface form (ignoring"
    " case) and the same type. The rule is the same for predicted entities, so both classes together make up the whole "
    "score. In %, means over replicates; sd is the sample standard deviation of F1. Differences of arms are in the "
    "report, under Matching of spans."
)


def seen_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the table; empty if no entities are known, as in classification."""
    arms = arm_cells(analysis)
    header = (
        analysis.size_unit.many, "arm", "entities", "replicates", "mentions per test set", "precision", "recall", "F1",
        "sd",
    )  # fmt: skip
    rows = tuple(_score(row, arms) for row in analysis.seen_entities.scores())
    return [PageTable("Entities of the test sets (%)", header, rows, NOTE)] if rows else []


def _score(row: SeenScore, arms: Mapping[str, TableCell]) -> tuple[TableCell, ...]:
    rates = (number_cell(value, PERCENT.show(value)) for value in (row.precision, row.recall, row.f1, row.sd))
    return (
        size_cell(row.n_train), arms[row.arm], TableCell(row.kind), integer_cell(row.replicates),
        number_cell(row.mentions, f"{row.mentions:,.1f}"), *rates,
    )  # fmt: skip
