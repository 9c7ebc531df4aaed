"""The floor of a study: read from the store, or computed and stored."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from seedbed.comparison.floor import FILE, compute, floor_table, known_floors, missing_floors
from seedbed.studies.optional_files import unless_damaged
from seedbed.studies.run import StudyRun

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.tracking.store import Store


def floor_of(run: StudyRun) -> "DataFrame | None":
    """Return the table of floors of the requested cells; write it to the output folder and the parent run.

    None with ``floor=false``, and if no draw has test examples. With ``only`` it is not stored: the jobs of one study
    would overwrite each other's file.
    """
    from seedbed.report.analysis.results_table import write_table

    cells = run.plan.requested
    if not run.study.keys.floor or not missing_floors(cells, {}):
        return None
    scores = known_floors(_read_floors(run, run.parent))
    new = missing_floors(cells, scores)
    for run_id in _other_comparisons(run) if new else ():
        scores = known_floors(_read_floors(run, run_id)) | scores
        if not missing_floors(cells, scores):
            break
    missing = missing_floors(cells, scores)
    if missing:
        n_draws = len({(corpus, draw) for corpus, draw, _ in missing})
        with run.display.step(f"floor of {n_draws} draw{'s' * (n_draws > 1)}") as on_progress:
            scores |= compute(missing, lambda done: on_progress(done / len(missing)))
    table = floor_table(cells, scores)
    write_table(table, run.folder / FILE)
    if new and run.parent and run.study.keys.only is None:
        run.store.log_files(run.parent, {"": [run.folder / FILE]})
    return table


def stored_floor(store: "Store", run_id: str, log: Callable[[str], None]) -> "DataFrame | None":
    """Return the table of floors of a parent run, or None; also where it is damaged, which is logged."""
    from seedbed.report.analysis.floor import read_floor

    content = store.read_bytes(run_id, FILE)
    return None if content is None else unless_damaged(lambda: read_floor(content, f"{FILE} of run {run_id}"), log)


def _read_floors(run: StudyRun, run_id: str | None) -> "list[DataFrame]":
    """Return the stored table of a run; empty with ``force``, or if it is missing or damaged."""
    if run_id is None or run.study.keys.force:
        return []
    table = stored_floor(run.store, run_id, run.display.log)
    return [] if table is None else [table]


def _other_comparisons(run: StudyRun) -> list[str]:
    """Return the other comparisons of this name, which may share draws: jobs of a sweep, or a study with other arms."""
    return [run_id for run_id in run.store.comparisons(run.study.keys.name) if run_id != run.parent]
