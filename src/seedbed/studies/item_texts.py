"""The texts and training entities of a study, stored with its parent run for the error viewer."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from seedbed.comparison.items import FILE, items_of
from seedbed.studies.optional_files import unless_damaged
from seedbed.studies.run import StudyRun
from seedbed.tracking.cell_artifacts import PREDICTIONS

if TYPE_CHECKING:
    from seedbed.report.analysis.item_texts import Items
    from seedbed.tracking.store import Store


def items_of_study(run: StudyRun) -> "Items | None":
    """Return the items of all cells and store them with the parent run; None if no cell has predictions.

    A parent run has the same cells whatever ``only`` selects, so its items are computed once, and jobs that share it
    write the same.
    """
    from seedbed.report.analysis.item_texts import read_items

    items = _read_items(run)
    if (items is None or not items.data) and _has_predictions(run):
        content = items_of(run.plan.planned)
        items = read_items(content, FILE)
        if run.parent:
            run.store.log_bytes(run.parent, FILE, content)
    return items


def stored_items(store: "Store", run_id: str) -> "Items | None":
    """Return the items of a parent run, or None. InputError if they are damaged."""
    from seedbed.report.analysis.item_texts import read_items

    content = store.read_bytes(run_id, FILE)
    return None if content is None else read_items(content, f"{FILE} of run {run_id}")


def merged_items(store: "Store", runs: Iterable[str], log: Callable[[str], None]) -> "Items | None":
    """Return the items of several parent runs as one; damaged files are logged and left out."""
    from seedbed.report.analysis.item_texts import merge_items

    return merge_items([unless_damaged(partial(stored_items, store, run_id), log) for run_id in runs])


def _has_predictions(run: StudyRun) -> bool:
    """Return whether a cell has predictions: one trained now, or one that finished before."""
    if run.study.tracking.predictions:
        return True
    trained, artifacts = {p.cell.cell for p in run.todo}, run.store.cell_artifacts()
    earlier_runs = {row["run"]: None for cell, row in run.store.latest(run.fingerprints).items() if cell not in trained}
    return any(artifacts.read(run_id, PREDICTIONS) for run_id in earlier_runs if run_id)


def _read_items(run: StudyRun) -> "Items | None":
    return None if run.study.keys.force or not run.parent else merged_items(run.store, [run.parent], run.display.log)
