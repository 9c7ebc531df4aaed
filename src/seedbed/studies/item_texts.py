"""The texts and training entities of a study, kept with its parent run, for the error viewer of its reports."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from seedbed.comparison.items import FILE, items_of
from seedbed.errors import InputError
from seedbed.studies.run import StudyRun
from seedbed.tracking.cell_artifacts import PREDICTIONS

if TYPE_CHECKING:
    from seedbed.report.analysis.item_texts import Items
    from seedbed.tracking.store import Store


def items_of_study(run: StudyRun) -> "Items | None":
    """What the viewer needs of all cells, also kept with the parent run; None where no cell keeps its predictions.

    The parent run of a study is of the same cells each time, whatever ``only`` asks for: what it keeps is not made
    again, and the jobs that share one would write the same.
    """
    from seedbed.report.analysis.item_texts import read_items

    found = _read(run)
    if (found is None or not found.data) and _keeps_predictions(run):
        content = items_of(run.plan.planned)
        found = read_items(content, FILE)
        if run.parent:
            run.store.log_bytes(run.parent, FILE, content)
    return found


def kept_items(store: "Store", run_id: str) -> "Items | None":
    """What a parent run keeps, or None. InputError where it is damaged."""
    from seedbed.report.analysis.item_texts import read_items

    content = store.read_bytes(run_id, FILE)
    return None if content is None else read_items(content, f"{FILE} of run {run_id}")


def kept_items_of_all(store: "Store", runs: Iterable[str], log: Callable[[str], None]) -> "Items | None":
    """Return what several parent runs keep as one; what is damaged is left out, and logged."""
    from seedbed.report.analysis.item_texts import merge_items

    parts = []
    for run_id in runs:
        try:
            parts.append(kept_items(store, run_id))
        except InputError as error:
            log(f"not used: {error}")
    return merge_items(parts)


def _keeps_predictions(run: StudyRun) -> bool:
    """Whether some cell does: one of now if it is told to, or one that finished before."""
    if run.study.tracking.predictions:
        return True
    trained, kept = {p.cell.cell for p in run.todo}, run.store.cell_artifacts()
    before = {row["run"]: None for cell, row in run.store.latest(run.fingerprints).items() if cell not in trained}
    return any(kept.read(one, PREDICTIONS) for one in before if one)


def _read(run: StudyRun) -> "Items | None":
    return (
        None if run.study.keys.force or not run.parent else kept_items_of_all(run.store, [run.parent], run.display.log)
    )
