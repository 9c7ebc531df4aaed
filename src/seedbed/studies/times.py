"""The time of a study by stage, stored with its parent run: as metrics, and as a file for the report."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from seedbed.comparison.run import Progress
from seedbed.readable import shaped
from seedbed.studies.optional_files import unless_damaged
from seedbed.studies.run import StudyRun

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

FILE = "times.json"
"""The artifact of a parent run with the seconds of each stage before the report."""
METRIC = "time/"
"""How the names of the metrics of a parent run begin; the stage follows."""


def is_measured(run: StudyRun, progress: Progress) -> bool:
    """Return whether the times of this run are stored: it trained cells, or was started to be profiled."""
    return run.parent is not None and (bool(progress.trained) or run.study.keys.profile)


def study_times(run: StudyRun, progress: Progress) -> Mapping[str, float]:
    """Return the seconds of each stage until the report, and store them; those stored before if nothing is trained.

    With ``only`` they are not stored: the jobs of one study would overwrite each other's file.
    """
    if not is_measured(run, progress):
        return stored_times(run.store, run.parent, run.display.log)
    times = {name: round(seconds, 4) for name, seconds in run.stopwatch.seconds().items() if name != "report"}
    if run.parent and run.study.keys.only is None:
        run.store.log_json(run.parent, FILE, times)
    return times


def stored_times(store: "Store", run_id: str | None, log: Callable[[str], None]) -> Mapping[str, float]:
    """Return the seconds of each stage of a parent run; empty for runs of versions that did not measure them.

    Also where the file is damaged, which is logged.
    """
    if not run_id:
        return {}

    def read() -> Mapping[str, float]:
        stored = store.read_json(run_id, FILE, {})
        times: dict[str, float] = shaped(stored, {str: (int, float)}, f"{FILE} of run {run_id}")
        return times

    return unless_damaged(read, log) or {}


def log_times(run: StudyRun, progress: Progress) -> None:
    """Log the seconds of each stage until now as metrics of the parent run, such as ``time/embed``."""
    if run.parent and is_measured(run, progress):
        run.store.log_metrics(run.parent, {f"{METRIC}{name}": s for name, s in run.stopwatch.seconds().items()})
