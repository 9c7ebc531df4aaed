"""Running a study: plan it, train the cells that the store lacks, and return the table of all its cells."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.backends import refuse_unknown_backend
from seedbed.cells import Finding, Status
from seedbed.comparison.plan import draws_manifest, study_digest
from seedbed.comparison.record import FILE, identity, record, study_table
from seedbed.comparison.run import Progress, missing, run_missing
from seedbed.comparison.search.run import count_trials
from seedbed.comparison.sharing import Sharing
from seedbed.config.schema import Study
from seedbed.data.draws import write_manifest
from seedbed.errors import InputError, StoreUnavailableError
from seedbed.files import writable_folder
from seedbed.masking import without_addresses
from seedbed.report.analysis.published_scores import Published
from seedbed.stages import Stopwatch, stage
from seedbed.studies.confirming import DRAWS, shown_tags, tested_before
from seedbed.studies.context import study_context
from seedbed.studies.data_inputs import logged_datasets
from seedbed.studies.display import Display, Silent
from seedbed.studies.planning import check_protocol, read_plan, refuse_class_names, settled
from seedbed.studies.saved_models import refuse_unsaved, refuse_unusable_arms
from seedbed.studies.searching import StudySearches
from seedbed.tracking.environment import environment_tags
from seedbed.tracking.holders import WORKER
from seedbed.tracking.leases import close_orphans, open_leases
from seedbed.tracking.opening import open_store, preload_for
from seedbed.tracking.retrying import at_once
from seedbed.tracking.spooling import SpoolingWriter, deliver_first
from seedbed.tracking.store_checks import usable_location
from seedbed.tracking.store_limits import refuse_arm, refuse_texts

if TYPE_CHECKING:
    from pandas import DataFrame


def output_folder(study: Study, default: str) -> Path:
    """Return the folder of this study's files. InputError if it is not writable, before any data is read."""
    return writable_folder(study.keys.output or default)


LONGEST_TAG = 5_000
"""Characters of a tag that every store accepts."""


class StudyRun:
    """A study with its store: finished and missing cells, and results.

    ``spread``: trains the missing cells in other processes; None for this one.
    """

    def __init__(
        self,
        study: Study,
        folder: Path,
        with_parent: bool,
        display: Display | None = None,
        stopwatch: Stopwatch | None = None,
        spread: "Callable[[StudyRun], Progress] | None" = None,
    ):
        self.study, self.folder, self.display = study, folder, display or Silent()
        self.spread = spread
        self.stopwatch = stopwatch or Stopwatch()
        refuse_unknown_backend()
        refuse_texts({**study.composed, "arm": [arm.name for arm in study.arms], "output": str(folder)})
        for arm in study.arms:
            refuse_arm(arm.name)
        preload_for(study.tracking)
        usable_location(study.tracking)
        if study.tracking.database is None:
            with stage("write"):  # check a server first; a file is created only after the data are valid
                open_store(study.tracking)
        refuse_unusable_arms(study)
        self.plan = read_plan(study, self.display.log)
        self.study = replace(study, arms=self.plan.arms)
        refuse_class_names(self.plan)
        self.findings = self._check()
        started = time.perf_counter()
        with stage("write"):
            self._open(with_parent)
        self.opening_seconds = time.perf_counter() - started

    def _check(self) -> tuple[Finding, ...]:
        before = tested_before(self.study, self.plan) if self.study.keys.lint != "off" else ()
        return check_protocol(self.study, self.plan, self.display.log, before)

    def _open(self, with_parent: bool) -> None:
        """Open the store, find the cells that it lacks, and start the parent run."""
        study = self.study
        self.store = open_store(study.tracking)
        deliver_first(self.store, self.display.log)
        self.writer = SpoolingWriter(self.store, self.display.log, study.keys.force)
        self.leases = open_leases(self.store)
        try:
            self._find_missing(with_parent)
        except BaseException:
            self.leases.close()
            raise

    def _find_missing(self, with_parent: bool) -> None:
        study = self.study
        self.fingerprints = list(dict.fromkeys(p.cell.cell for p in self.plan.planned))
        self.before = self.store.statuses()  # after the leases are open, which tell what changes
        self.todo = missing(self.plan, settled(study.keys, self.before, self.fingerprints))
        runs = {cell: run for cell, (status, run) in self.before.items() if status == "finished"}
        refuse_unsaved(study, self.store, {cell: runs[cell] for cell in self.fingerprints if cell in runs})
        self.tags = environment_tags(device=study.keys.device) | {
            "seedbed.name": study.keys.name,
            WORKER: self.leases.worker.worker,
        }
        if study.job:
            self.tags["seedbed.swept"] = without_addresses(" ".join(study.job.swept))[:LONGEST_TAG]
        write_manifest(self.folder / DRAWS, draws_manifest(self.plan))
        self.parent: str | None = None
        self.digest = study_digest(self.plan, study.keys.name)
        # Two starts at once share one parent.
        with self.leases.exclusive("opening", "it opens a study", self.display.log):
            self.leases.join_study(self.digest)
            self._close_orphans()
            self._start_parent(with_parent)

    def _close_orphans(self) -> None:
        if n := close_orphans(self.store, self.leases):
            self.display.log(f"closed {n} run{'s' * (n != 1)} of processes that were killed, as interrupted")

    def _start_parent(self, with_parent: bool) -> None:
        study = self.study
        if with_parent or not self.todo:  # a study without training is also found by its name
            tags = self.tags | (shown_tags(self.plan) if study.job or study.tune else {})
            parent = self.parent = self.store.start_comparison(study.keys.name, self.digest, tags, self.fingerprints)
            with self.store.closing_on_error(parent):
                self.store.log_json(parent, FILE, record(study, self.plan, self.context(), self.findings))
                self.store.log_files(parent, {"": [self.folder / DRAWS]})  # also of a run that is interrupted
                self.store.log_datasets(parent, logged_datasets(self.plan))

    def context(self) -> dict[str, object]:
        """Return the context of a report of this study: settings, data, versions."""
        return study_context(self.study, self.plan, self.parent, self.store.ui_command())

    def published(self) -> Published | None:
        """Return the published scores that this study names, and the settings in which its arms differ."""
        table, protocol = self.study.published, self.study.keys.protocol or ""
        return None if table is None else Published(table, protocol, self.study.departures)

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Close the leases and the parent run at the end, as finished, interrupted or failed.

        Where another process goes on with the study, the parent run is closed by the last one.
        """
        try:
            yield
        except BaseException as error:
            status: Status = "interrupted" if isinstance(error, KeyboardInterrupt | StoreUnavailableError) else "failed"
            with suppress(InputError), at_once():  # what was raised first is said
                self._close(status)
            raise
        self._close("finished")

    def _close(self, status: Status) -> None:
        with stage("write"):
            if status == "finished":
                with suppress(InputError):  # of a store that went away: the next start closes them
                    self._close_orphans()  # of processes that were killed meanwhile
            others = self.leases.close()
            if self.parent and (status == "finished" or not others):
                self.store.finish(self.parent, status)

    def reporting(self) -> AbstractContextManager[None]:
        """Return what one process at a time holds while it writes the report of this study."""
        return self.leases.exclusive(f"report {self.digest}", "it writes the report", self.display.log)

    def complete(self) -> tuple["DataFrame", Progress]:
        """Train the missing cells; return the table of all requested cells, and the progress."""
        n_cells, n_missing = len(self.plan.requested), len(self.todo)
        n_finished = n_cells - n_missing
        self.display.log(self._counts_of_cells(n_cells, n_missing))
        unaudited = self.searches.unaudited() if self.plan.tune and self.plan.tune.audit else []
        progress = Progress(n_finished=n_finished)
        if self.todo and self.spread:
            with stage("step"):
                progress += self.spread(self)
        elif self.todo:
            progress += self._train()
        if self.plan.tune and self.plan.tune.audit and (self.todo or unaudited):
            with self.leases.exclusive(f"audit {self.digest}", "it scores trials on test", self.display.log):
                self.searches.audit(lambda: self._device_tags, self.display)
        if n := progress.elsewhere:
            self.display.log(f"{n} cell{'s were' if n > 1 else ' was'} trained by other processes")
        progress.logging_seconds += self.opening_seconds
        return self.table(), progress

    def _counts_of_cells(self, n_cells: int, n_missing: int) -> str:
        """Return the line before training: how many cells are finished, failed and missing, and what is trained."""
        cells = [self.before.get(planned.cell.cell, ("missing", ""))[0] for planned in self.plan.requested]
        n_finished, n_failed = cells.count("finished"), cells.count("failed")
        if n_finished == n_cells and not n_missing:
            return f"nothing is missing: all {n_finished} cells are in the store"
        counts = f"{n_cells} cell{'s' * (n_cells != 1)}: "
        if self.study.keys.retry == "all":
            return counts + f"{n_cells - n_missing} finished before, {n_missing} missing"
        lacking = n_cells - n_finished - n_failed
        counts += f"{n_finished} finished before, {n_failed} failed, {lacking} missing; "
        return counts + f"retry={self.study.keys.retry}: {n_missing} to train"

    @cached_property
    def _device_tags(self) -> dict[str, str]:
        """Start the backend, and return the tags of cells that this process trains."""
        self.display.log("starting the backend")
        with stage("start"):
            from seedbed.devices import select_device

            deterministic = any(arm.training.deterministic for arm in self.study.arms)
            device = select_device(self.study.keys.device, deterministic)
        return self.tags | {"seedbed.device": device}

    def _train(self) -> Progress:
        """Train the missing cells, and deliver what the store did not take meanwhile."""
        try:
            progress = self._train_missing()
        except InputError as error:  # of a store that stays away before or in the middle of a search
            self.writer.close()
            raise type(error)(self.writer.advice(error)) from error
        with stage("write"):
            progress.runs += self.writer.finish()
        return progress

    def _train_missing(self) -> Progress:
        tags = self._device_tags
        defaults = [planned for planned in self.todo if planned.default is None]
        searched = [planned for planned in self.todo if planned.default is not None]
        recorded = self.study.tracking.recorded
        force, searches = self.study.keys.force, self.searches
        known = searches.known(searched) if searched and not force else {}
        with self.display.training(len(self.todo) + count_trials(self.plan, searched, known)) as listener:
            sharing = Sharing(self.leases, self.settled_since, self.display.log)
            progress = run_missing(self.plan, defaults, self.writer, self.parent, tags, listener, recorded, sharing)
            if searched:
                with stage("write"):
                    progress.runs += self.writer.deliver()  # trial 0 is read from the store
                search = searches.run(tags, listener, known)
                search.sharing, search.known_now = sharing, None if force else searches.known
                progress += search.complete(searched)
        return progress

    def settled_since(self, cells: Sequence[str]) -> dict[str, Status]:
        """Return the status of those of these cells that are finished or failed since this process has started."""
        with stage("write"):
            rows = self.store.recent(cells)
        new = {cell: row for cell, row in rows.items() if row["run"] != self.before.get(cell, ("", ""))[1]}
        return {cell: row["status"] for cell, row in new.items() if row["status"] != "interrupted"}

    @property
    def searches(self) -> StudySearches:
        """The searches of the study, in its store."""
        recorded = self.study.tracking.recorded
        return StudySearches(self.plan, self.store, self.writer, self.parent, self.display.log, recorded)

    def table(self) -> "DataFrame":
        """Return a row per requested cell, from the store."""
        with stage("write"):
            rows = self.store.latest(self.fingerprints)
        return study_table([identity(planned) for planned in self.plan.requested], rows)
