"""Table and sentences on how much a new search changes tuned scores, where replicates were searched several times."""

from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import metric_label
from seedbed.report.sections.page_table import (
    PageTable,
    arm_cells,
    integer_cell,
    interval_column,
    interval_of,
    metric_title,
    number_cell,
    shown_digits,
    size_cell,
)
from seedbed.report.sections.rows import primary
from seedbed.report.wording import count

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.search_changes import SearchChange

MOST_NAMED = 3
"""Arms named in a sentence; the table has all."""
_NOTE = (
    "The tuned score of a further search minus that of the first one, in the same replicate: same examples, same "
    "initialization, other trials. The first search is the one of all other tables. The standard deviation of such a "
    "difference is that of two searches: that of one is smaller by the square root of 2."
)


def search_change_table(analysis: "Analysis") -> PageTable:
    """Return a row per arm, size and further search; no rows where each replicate was searched once."""
    changes = analysis.search_changes
    if not changes:
        return PageTable("", (), ())
    (metric, scale), arms = primary(analysis), arm_cells(analysis)
    head, intervals = interval_column([interval_of(change.paired, scale) for change in changes])
    rows = tuple(
        (
            size_cell(change.n_train), arms[change.arm], integer_cell(change.search), integer_cell(change.paired.pairs),
            *(number_cell(mean, scale.show(mean)) for mean in (change.paired.mean_baseline, change.paired.mean_arm)),
            number_cell(change.paired.mean_difference, scale.signed(change.paired.mean_difference)), interval,
            number_cell(change.sd, scale.show(change.sd)),
            number_cell(change.changed / max(change.paired.pairs, 1), f"{change.changed} of {change.paired.pairs}"),
        )
        for change, interval in zip(changes, intervals, strict=True)
    )  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "search", "pairs", "first search", "this search", "difference", head,
        "sd of the differences", "changed",
    )  # fmt: skip
    note = " ".join([*search_change_sentences(analysis), _NOTE])
    return PageTable(f"{metric_title(analysis, metric)}, searched again", header, rows, note)


def search_change_sentences(analysis: "Analysis") -> list[str]:
    """Return one sentence per size: how far the tuned scores of two searches are apart."""
    sentences = []
    for size in analysis.sizes:
        changes = [change for change in analysis.search_changes if change.n_train == size and change.paired.pairs > 1]
        if changes:
            parts = "; ".join(_change(analysis, change) for change in changes[:MOST_NAMED])
            more = f"; {len(changes) - MOST_NAMED} more in the table" if len(changes) > MOST_NAMED else ""
            label = metric_label(primary(analysis)[0])
            sentences.append(
                f"At {analysis.sized(size)}, a new search changes the tuned {label} of a replicate: {parts}{more}."
            )
    return sentences


def _change(analysis: "Analysis", change: "SearchChange") -> str:
    """``glove by +0.3 points (sd 1.2, search 2, six pairs)``."""
    scale, digits = analysis.scale, shown_digits(analysis.scale)
    amount = scale.signed(change.paired.mean_difference, digits) + (f" {scale.unit}" if scale.unit else "")
    spread = f"sd {scale.show(change.sd, digits)}, search {change.search}, {count(change.paired.pairs, 'pair')}"
    return f"{analysis.labels[change.arm]} by {amount} on average ({spread})"
