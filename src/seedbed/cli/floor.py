"""The floor of a study: from the store as far as it was computed before, else computed and kept there."""

import time
from collections.abc import Mapping
from typing import Any

from seedbed.cli.study import StudyRun, say
from seedbed.comparison.floor import FILE, Found, compute, floor_table, known_floors, missing_floors
from seedbed.errors import InputError

SILENT_S, EVERY_S = 2.0, 10.0
"""Less than the first is not worth a word; where there is no terminal, a line each of the second."""


def floor_of(run: StudyRun) -> Any:
    """The table of the floors of the cells asked for, written to the output folder and kept with the parent run.

    None with ``floor=false``, and where no draw has test examples. What ``only`` asks for is not kept: the jobs of
    one study would write over each other.
    """
    from seedbed.report.tables import write_table

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
        found |= _computed(missing)
    table = floor_table(cells, found)
    write_table(table, run.folder / FILE)
    if new and run.parent and run.study.keys.only is None:
        run.store.log_files(run.parent, {"": [run.folder / FILE]})
    return table


def kept_floor(store: Any, run_id: str) -> Any:
    """The table of floors that a parent run keeps, or None."""
    from seedbed.report.floor import read_floor

    content = store.read_bytes(run_id, FILE)
    return None if content is None else read_floor(content, f"{FILE} of run {run_id}")


def _read(run: StudyRun, run_id: str | None) -> list[Any]:
    """The table that a run keeps, if it does; nothing with ``force``, or where it cannot be read: it is made anew."""
    if run_id is None or run.study.keys.force:
        return []
    try:
        table = kept_floor(run.store, run_id)
    except InputError as error:
        say(f"not used: {error}")
        return []
    return [] if table is None else [table]


def _others(run: StudyRun) -> list[str]:
    """The other comparisons of this name: jobs of a sweep have the same draws, and so has a study with one more arm."""
    return [run_id for run_id in run.store.comparisons(run.study.keys.name) if run_id != run.parent]


def _computed(missing: Mapping[tuple[str, str, str], Any]) -> Found:
    from rich.console import Console

    draws = len({(corpus, draw) for corpus, draw, _ in missing})
    number = f"{draws} draw{'s' * (draws > 1)}"
    console = Console(stderr=True)
    started = said_at = time.perf_counter()

    def watch(done: int) -> None:
        nonlocal said_at
        line = f"floor of {number}: {done / len(missing):.0%}"
        status.update(line)
        if not console.is_terminal and time.perf_counter() - said_at > EVERY_S:
            said_at = time.perf_counter()
            say(f"  {line}")

    with console.status(f"floor of {number}") as status:
        found = compute(missing, watch)
    seconds = time.perf_counter() - started
    if seconds > SILENT_S:
        say(f"floor of {number}: {seconds:.1f} s")
    return found
