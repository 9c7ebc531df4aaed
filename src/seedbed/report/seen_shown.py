"""Tables of seen and unseen entities: each arm by itself, and the pairs of arms."""

from typing import TYPE_CHECKING

from seedbed.report.entries import (
    Entry,
    PageTable,
    arm_entry,
    interval_entry,
    number_entry,
    places_of,
    size_entry,
    whole_entry,
)
from seedbed.report.scores import Scale
from seedbed.report.seen import SeenDifference, SeenScore
from seedbed.report.wording import p_text

if TYPE_CHECKING:
    from seedbed.report.study import Study

PERCENT = Scale(100.0, 2, "points", True)
NOTE = (
    "An entity is seen where the training examples of the replicate's own draw have one of the same surface form (case "
    "does not count) and the same type; a predicted one is judged alike, so that both classes together are the whole "
    "score. In %, means over replicates; sd is the sample standard deviation of F1."
)
DIFFERENCE_NOTE = (
    "F1 of the arm minus F1 of the other, paired as in the report; p is not corrected for the number of comparisons."
)


def seen_tables(study: "Study") -> list[PageTable]:
    """None where no entities are known, as for classification."""
    return [table for table in (_scores(study), _differences(study)) if table.rows]


def _scores(study: "Study") -> PageTable:
    places = places_of(study)
    heads = ("examples", "arm", "entities", "replicates", "mentions a test set", "precision", "recall", "F1", "sd")
    rows = [_score(row, places) for row in study.seen.scores()]
    return PageTable("Entities of the test sets (%)", heads, tuple(rows), NOTE)


def _score(row: SeenScore, places: dict[str, int]) -> tuple[Entry, ...]:
    rates = (number_entry(value, PERCENT.show(value)) for value in (row.precision, row.recall, row.f1, row.sd))
    return (
        size_entry(row.n_train), arm_entry(row.arm, places), Entry(row.kind), whole_entry(row.replicates),
        number_entry(row.mentions, f"{row.mentions:,.1f}"), *rates,
    )  # fmt: skip


def _differences(study: "Study") -> PageTable:
    places = places_of(study)
    heads = ("examples", "arm", "against", "entities", "pairs", "difference of F1", "95 % interval", "p")
    rows = [_difference(one, places) for one in study.seen.differences()]
    return PageTable("Differences on seen and on unseen entities (points of F1)", heads, tuple(rows), DIFFERENCE_NOTE)


def _difference(one: SeenDifference, places: dict[str, int]) -> tuple[Entry, ...]:
    paired = one.paired
    return (
        size_entry(one.pair.n_train), arm_entry(one.pair.first, places), arm_entry(one.pair.second, places),
        Entry(one.kind), whole_entry(paired.pairs),
        number_entry(paired.mean_difference, PERCENT.signed(paired.mean_difference)),
        interval_entry(paired, PERCENT), number_entry(paired.p_value, p_text(paired.p_value)),
    )  # fmt: skip
