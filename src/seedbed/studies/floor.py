"""The floor of a study: from the store as far as it was computed before, else computed and kept there."""

from typing import TYPE_CHECKING

from seedbed.comparison.floor import FILE, compute, floor_table, known_floors, missing_floors
from seedbed.errors import InputError
from seedbed.studies.run import StudyRun

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.tracking.store import Store


def floor_of(run: StudyRun) -> "DataFrame | None":
    """The table of the floors of the cells asked for, written to the output folder and kept with the parent run.

    None with ``floor=false``, and where no draw has test examples. What ``only`` asks for is not kept: the jobs of
    one study would write over each other.
    """
    from seedbed.report.analysis.results_table import write_table

    cells = run.plan.requested
    if not run.study.keys.floor or not missing_floors(cells, {}):
        return None
    found = known_floors(_read(run, run.parent))
    new = missing_floors(cells, found)
    for run_id in _others(run) if new else ():
        found = known_floors(_read(run, run_id)) | found
        if not missing_floors(cells, found):
            break
    missing = missing_floors(cells, found)
    if missing:
        n_draws = len({(corpus, draw) for corpus, draw, _ in missing})
        with run.display.step(f"floor of {n_draws} draw{'s' * (n_draws > 1)}") as on_progress:
            found |= compute(missing, lambda done: on_progress(done / len(missing)))
    table = floor_table(cells, found)
    write_table(table, run.folder / FILE)
    if new and run.parent and run.study.keys.only is None:
        run.store.log_files(run.parent, {"": [run.folder / FILE]})
    return table


def kept_floor(store: "Store", run_id: str) -> "DataFrame | None":
    """The table of floors that a parent run keeps, or None."""
    from seedbed.report.analysis.floor import read_floor

    content = store.read_bytes(run_id, FILE)
    return None if content is None else read_floor(content, f"{FILE} of run {run_id}")


def _read(run: StudyRun, run_id: str | None) -> "list[DataFrame]":
    """The table that a run keeps, if it does; nothing with ``force``, or where it cannot be read: it is made anew."""
    if run_id is None or run.study.keys.force:
        return []
    try:
        table = kept_floor(run.store, run_id)
    except InputError as error:
        run.display.log(f"not used: {error}")
        return []
    return [] if table is None else [table]


def _others(run: StudyRun) -> list[str]:
    """The other comparisons of this name: jobs of a sweep have the same draws, and so has a study with one more arm."""
    return [run_id for run_id in run.store.comparisons(run.study.keys.name) if run_id != run.parent]
