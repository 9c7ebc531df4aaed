"""What the test items' own chance does to the comparisons, in words and table fields."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from seedbed.report.entries import Entry, between, number_entry
from seedbed.report.item_level import ITEM_COLUMNS
from seedbed.report.scores import Scale, metric_label
from seedbed.report.wording import count, listed, number_word, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

ITEM_HEADS = ("test items", "95 % interval, test items too")
_NOTE = (
    "Test items too: the interval over replicates sees only the draws and the training; this one also the chance of "
    "the test items that replicates share. Where each has a test set of its own, they are the same."
)
_MOST_NAMED = 3


def has_items(study: "Study", metric: str) -> bool:
    """Whether a comparison in ``metric`` has an interval over test items."""
    comparisons = study.comparisons
    return bool(comparisons.loc[comparisons["metric"] == metric, ITEM_COLUMNS[0]].notna().any())


def item_entries(row: NamedTuple, scale: Scale) -> tuple[Entry, Entry]:
    """The fields under ITEM_HEADS."""
    number = "–" if row.items != row.items else f"{row.items:,.0f}"
    ends = between(scale.show(row.items_low), scale.show(row.items_high))
    return number_entry(row.items, number), number_entry(row.items_low, ends)


def item_note(study: "Study") -> str:
    """What the fields are, and how far predictions were read."""
    finished, read = study.said.finished, len(study.said.runs)
    return _NOTE if read >= finished else f"{_NOTE} Predictions are read of {read:,} of {finished:,} cells."


def item_warnings(study: "Study") -> Iterator[str]:
    """Differences that another test set could undo, and cells whose predictions are not those that were scored."""
    if study.metric is None:
        return
    undone = [row for row in study.main_comparisons().itertuples() if _undone(row)]
    if undone:
        named = [f"{plain(row.arm, 60)} against {plain(row.baseline, 60)} at {row.n_train:,}" for row in undone]
        one = len(undone) == 1
        which = f"The interval of {named[0]} leaves" if one else f"{sentence(number_word(len(undone)))} intervals leave"
        told = "" if one else f" ({listed(named, _MOST_NAMED)})"
        yield (
            f"{which} out zero, but not once the chance of the test items that replicates share is counted "
            f"too{told}: another test set might show no difference."
        )
    if number := study.items.differing:
        yield (
            f"Predictions of {count(number, 'cell')} do not give the {metric_label(study.metric)} in the table: left "
            "out of what is said of test items."
        )


def _undone(row: NamedTuple) -> bool:
    return (row.ci_low > 0 >= row.items_low) or (row.ci_high < 0 <= row.items_high)
