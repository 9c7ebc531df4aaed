"""The searches of a study: made from what its store has, and the audit of those that are finished."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from seedbed.comparison.plan import Plan, PlannedCell
from seedbed.comparison.run import CellWriter, Listener
from seedbed.comparison.search.audit import FILE as AUDIT
from seedbed.comparison.search.run import Known, SearchRun
from seedbed.comparison.search.trials import FILE as TRIALS
from seedbed.comparison.search.trials import from_json, parse_search
from seedbed.stages import stage
from seedbed.studies.display import Display, Silent
from seedbed.studies.optional_files import unless_damaged
from seedbed.tracking.searches import Searches
from seedbed.tracking.settings import Recorded
from seedbed.tracking.store import Store


@dataclass(frozen=True)
class StudySearches:
    """The searches of a study in its store; ``parent``: the run that they are below. ``log`` takes lines."""

    plan: Plan
    store: Store
    writer: CellWriter
    parent: str | None
    log: Callable[[str], None]
    recorded: Recorded

    def run(self, tags: Mapping[str, str], listener: Listener, known: Known) -> SearchRun:
        """Return what searches the settings of cells; ``known``: the searches whose trials are not trained again."""
        with stage("write"):
            searches = Searches(self.store, TRIALS)
            rows = self.store.latest(planned.cell.cell for planned in self.plan.as_they_are.planned)
        defaults = {cell: row for cell, row in rows.items() if row["status"] in ("finished", "failed")}
        return SearchRun(
            self.plan, defaults, known, self.writer, searches, self.parent, tags, listener, self.log, self.recorded
        )

    def known(self, cells: Sequence[PlannedCell]) -> Known:
        """Return the searches of these cells in the store; not those whose trials are damaged, which is logged."""
        with stage("write"):
            return self._parsed(Searches(self.store, TRIALS).known(planned.search for planned in cells))

    def unaudited(self) -> list[tuple[PlannedCell, str]]:
        """Return the finished tuned cells whose trials have no test scores yet, with the ids of their runs."""
        tuned = [planned for planned in self.plan.requested if planned.cell.setting == "tuned"]
        rows = self.store.finished(planned.cell.cell for planned in tuned)
        runs = [(planned, str(rows[planned.cell.cell]["run"])) for planned in tuned if planned.cell.cell in rows]
        return [(planned, run) for planned, run in runs if self.store.read_bytes(run, AUDIT) is None]

    def audit(self, tags: Callable[[], Mapping[str, str]], display: Display) -> None:
        """Score the trials of searches on test, now that every choice is made. ``tags``: starts the backend."""
        unaudited = {planned.cell.cell: (planned, run) for planned, run in self.unaudited()}
        known = self._of_cells(unaudited.values())
        cells = [planned for planned, _ in unaudited.values() if planned.search in known]
        if not cells:
            return
        self.log("audit: the trials of each search are trained again, with test scores")
        search = self.run(tags(), Silent(), known)
        with display.training(search.count_audit(cells)) as search.listener:
            for cell, content in search.audit(cells):
                with stage("write"):
                    self.store.log_bytes(unaudited[cell.cell.cell][1], AUDIT, content)

    def _of_cells(self, tuned: Iterable[tuple[PlannedCell, str]]) -> Known:
        """Return the searches of tuned cells from the files of their runs: the run of a search may be lost."""
        found = {}
        for planned, run in tuned:
            content = self.store.read_bytes(run, TRIALS)
            if content is None:
                self.log(f"audit: run {run} has no {TRIALS}, so its trials are not scored on test")
            else:
                found[planned.search] = run, content
        return self._parsed(found)

    def _parsed(self, contents: Mapping[str, tuple[str, bytes]]) -> Known:
        """Return the searches of these files, by their fingerprints with the ids of their runs."""
        known = {}
        for key, (run, content) in contents.items():
            search = unless_damaged(partial(parse_search, content, f"{TRIALS} of run {run}"), self.log)
            if search is not None:
                known[key] = run, from_json(search)
        return known
