"""Running a study: plan it, train the cells that the store lacks, and return the table of all its cells."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cells import Finding, Status
from seedbed.comparison.plan import Plan, PlannedCell, draws_manifest, plan, study_digest
from seedbed.comparison.record import FILE, identity, record, study_table
from seedbed.comparison.run import Listener, Progress, missing, run_missing
from seedbed.comparison.search.audit import FILE as AUDIT
from seedbed.comparison.search.run import SearchRun, count_trials
from seedbed.comparison.search.trials import FILE as TRIALS
from seedbed.comparison.search.trials import from_json
from seedbed.config.schema import Study
from seedbed.data.draws import write_manifest
from seedbed.errors import InputError
from seedbed.files import writable_folder
from seedbed.lint.shown_before import ShownBefore
from seedbed.report.analysis.published_scores import Published
from seedbed.stages import Stopwatch, stage
from seedbed.studies.confirming import DRAWS, shown_tags, tested_before, texts_of
from seedbed.studies.display import Display, Silent
from seedbed.tracking.environment import environment_tags, versions
from seedbed.tracking.opening import open_store, preload
from seedbed.tracking.searches import Searches
from seedbed.tracking.store_checks import usable_location
from seedbed.tracking.store_limits import refuse_arm, refuse_classes, refuse_texts

if TYPE_CHECKING:
    from pandas import DataFrame


def output_folder(study: Study, default: str) -> Path:
    """Return the folder of this study's files. InputError if it is not writable, before any data is read."""
    return writable_folder(study.keys.output or default)


def read_plan(study: Study, log: Callable[[str], None]) -> Plan:
    """Return the plan of a study; ``log`` takes a line for each data set read, with its sizes and counts."""
    shown = None if study.keys.confirm is None else texts_of(study.tracking, study.keys.confirm, log)
    left_out = None if shown is None else shown.left_out
    with stage("plan"):
        study_plan = plan(study, lambda name: log(f"reading {name}"), left_out)
    for corpus in {id(p.corpus): p.corpus for p in study_plan.planned}.values():
        counted = {key: n for key, n in corpus.counts.items() if n and "/" not in key}
        sizes = ", ".join(f"{len(examples)} {split}" for split, examples in corpus.splits.items())
        log(f"{corpus.name}: {sizes}" + "".join(f"; {key.replace('_', ' ')}: {n}" for key, n in counted.items()))
    return study_plan


LONGEST_TAG = 5_000
"""Characters of a tag that every store accepts."""
MOST_FINDINGS = 12
"""How many findings are logged before training; `seedbed lint` prints them all."""


def check_protocol(
    study: Study, plan: Plan, log: Callable[[str], None], before: Sequence[ShownBefore] = ()
) -> tuple[Finding, ...]:
    """Return and log the findings of the linter; none with ``lint=off``, InputError with ``lint=error``.

    ``before``: texts that other studies were tested on.
    """
    if study.keys.lint == "off":
        return ()
    with stage("plan"):
        from seedbed.lint.rules import lint

        findings = lint(plan, before)
    if findings and study.keys.lint == "error":
        rules = ", ".join(dict.fromkeys(finding.rule for finding in findings))
        raise InputError(f"lint=error: {rules}: {findings[0].text} (`seedbed lint` lists them all)")
    for finding in findings[:MOST_FINDINGS]:
        log(f"lint: {finding.rule}: {finding.text}")
    if len(findings) > MOST_FINDINGS:
        log(f"lint: and {len(findings) - MOST_FINDINGS} more, which `seedbed lint` prints")
    return findings


class StudyRun:
    """A study with its store: finished and missing cells, and results."""

    def __init__(
        self,
        study: Study,
        folder: Path,
        with_parent: bool,
        display: Display | None = None,
        stopwatch: Stopwatch | None = None,
    ):
        self.study, self.folder, self.display = study, folder, display or Silent()
        self.stopwatch = stopwatch or Stopwatch()
        refuse_texts({**study.composed, "arm": [arm.name for arm in study.arms], "output": str(folder)})
        for arm in study.arms:
            refuse_arm(arm.name)
        preload()
        usable_location(study.tracking)
        if study.tracking.database is None:
            with stage("write"):  # check a server first; a file is created only after the data are valid
                open_store(study.tracking)
        self.plan = read_plan(study, self.display.log)
        _refuse_classes(self.plan)
        before = tested_before(study, self.plan) if study.keys.lint != "off" else ()
        self.findings = check_protocol(study, self.plan, self.display.log, before)
        started = time.perf_counter()
        with stage("write"):
            self._open(with_parent)
        self.opening_seconds = time.perf_counter() - started

    def _open(self, with_parent: bool) -> None:
        """Open the store, find the cells that it lacks, and start the parent run."""
        study = self.study
        self.store = open_store(study.tracking)
        self.fingerprints = list(dict.fromkeys(p.cell.cell for p in self.plan.planned))
        done = {} if study.keys.force else self.store.finished(self.fingerprints)
        self.todo = missing(self.plan, done)
        self.tags = environment_tags(device=study.keys.device) | {"seedbed.name": study.keys.name}
        if study.job:
            self.tags["seedbed.swept"] = " ".join(study.job.swept)[:LONGEST_TAG]
        write_manifest(self.folder / DRAWS, draws_manifest(self.plan))
        self.parent = None
        if with_parent or not self.todo:  # a study without training is also found by its name
            digest = study_digest(self.plan, study.keys.name)
            tags = self.tags | (shown_tags(self.plan) if study.job or study.tune else {})
            self.parent = self.store.start_comparison(study.keys.name, digest, tags, self.fingerprints)
            with self.store.closing_on_error(self.parent):
                self.store.log_json(self.parent, FILE, record(study, self.plan, self.context(), self.findings))
                self.store.log_files(self.parent, {"": [self.folder / DRAWS]})  # also of a run that is interrupted

    def context(self) -> dict[str, object]:
        """Return the context of a report of this study: settings, data, versions."""
        keys = self.study.keys
        return {
            "About": {
                "study": keys.name,
                "note": keys.note,
                "sizes": self._sizes(),
                "comparison run": self.parent,
                "MLflow UI": self.store.ui_command(),
            },
            "Data": self._counts(),
            "Versions": versions(),
            "Settings": self.study.composed,
        }

    def _counts(self) -> dict[str, dict[str, int]]:
        """Return the counts of each data set, by name; with its first arm where data sets share a name."""
        first = {p.corpus.data: p for p in reversed(self.plan.planned)}
        names = [p.corpus.name for p in first.values()]
        return {
            name if names.count(name) == 1 else f"{name} ({p.arm.name})": dict(p.corpus.counts)
            for name, p in reversed(list(zip(names, first.values(), strict=True)))
        }

    def published(self) -> Published | None:
        """Return the published scores that this study names, and the settings in which its arms differ."""
        table, protocol = self.study.published, self.study.keys.protocol or ""
        return None if table is None else Published(table, protocol, self.study.departures)

    def _sizes(self) -> str:
        strategies = {arm.sampling.strategy for arm in self.study.arms}
        if "per_class" in strategies:
            return f"numbers of training examples: {', '.join(map(str, self.study.keys.sizes or ()))} of each class"
        if "k_per_type" not in strategies:
            return "numbers of training examples"
        counts = sorted({(p.cell.n_train, len(p.draw.train)) for p in self.plan.planned})
        drawn = ", ".join(f"{number} sentences at k = {k}" for k, number in counts)
        return f"k, the mentions of each type that a draw has at least: {drawn}"

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Close the parent run at the end, as finished, interrupted or failed."""
        status: Status = "failed"
        try:
            yield
            status = "finished"
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        finally:
            if self.parent:
                with stage("write"):
                    self.store.finish(self.parent, status)

    def complete(self) -> tuple["DataFrame", Progress]:
        """Train the missing cells; return the table of all requested cells, and the progress."""
        n_cells, n_missing = len(self.plan.requested), len(self.todo)
        n_finished = n_cells - n_missing
        counts = f"{n_cells} cell{'s' * (n_cells != 1)}: {n_finished} finished before, {n_missing} missing"
        all_finished = f"nothing is missing: all {n_finished} cells are in the store"
        self.display.log(counts if self.todo else all_finished)
        unaudited = self._unaudited() if self.plan.tune and self.plan.tune.audit else []
        progress = Progress(n_finished=n_finished)
        if self.todo or unaudited:
            progress += self._train()
        progress.logging_seconds += self.opening_seconds
        return self.table(), progress

    def _train(self) -> Progress:
        self.display.log("starting the backend")
        with stage("start"):
            from seedbed.devices import select_device

            deterministic = any(arm.training.deterministic for arm in self.study.arms)
            device = select_device(self.study.keys.device, deterministic)
        tags = self.tags | {"seedbed.device": device}
        defaults = [planned for planned in self.todo if planned.default is None]
        searched = [planned for planned in self.todo if planned.default is not None]
        recorded = self.study.tracking.recorded
        with self.display.training(len(self.todo) + count_trials(self.plan, searched)) as listener:
            progress = run_missing(self.plan, defaults, self.store, self.parent, tags, listener, recorded)
            if searched:
                search = self._search_run(tags, listener, () if self.study.keys.force else searched)
                progress += search.complete(searched)
        if self.plan.tune and self.plan.tune.audit:
            self._audit(tags)
        return progress

    def _search_run(self, tags: dict[str, str], listener: Listener, known: Sequence[PlannedCell]) -> SearchRun:
        """Return what searches the settings of cells; ``known``: those whose trials are taken from the store."""
        with stage("write"):
            searches = Searches(self.store, TRIALS)
            stored = searches.known(planned.search for planned in known) if known else {}
            trials = {key: (run, from_json(content)) for key, (run, content) in stored.items()}
            defaults = self.store.finished(p.cell.cell for p in self.plan.as_they_are.planned)
        return SearchRun(
            self.plan, defaults, trials, self.store, searches, self.parent, tags, listener, self.display.log,
            self.study.tracking.recorded,
        )  # fmt: skip

    def _unaudited(self) -> list[tuple[PlannedCell, str]]:
        """Return the finished tuned cells whose trials have no test scores yet, with the ids of their runs."""
        tuned = [planned for planned in self.plan.requested if planned.cell.setting == "tuned"]
        rows = self.store.finished(planned.cell.cell for planned in tuned)
        runs = [(planned, str(rows[planned.cell.cell]["run"])) for planned in tuned if planned.cell.cell in rows]
        return [(planned, run) for planned, run in runs if self.store.read_bytes(run, AUDIT) is None]

    def _audit(self, tags: dict[str, str]) -> None:
        """Score the trials of searches on test, now that every choice is made."""
        unaudited = {planned.cell.cell: (planned, run) for planned, run in self._unaudited()}
        cells = [planned for planned, _ in unaudited.values()]
        if not cells:
            return
        self.display.log("audit: the trials of each search are trained again, with test scores")
        with self.display.training(count_trials(self.plan, cells)) as listener:
            search = self._search_run(tags, listener, cells)
            for cell, content in search.audit(cells):
                with stage("write"):
                    self.store.log_bytes(unaudited[cell.cell.cell][1], AUDIT, content)

    def table(self) -> "DataFrame":
        """Return a row per requested cell, from the store."""
        with stage("write"):
            rows = self.store.latest(self.fingerprints)
        return study_table([identity(planned) for planned in self.plan.requested], rows)


def _refuse_classes(study_plan: Plan) -> None:
    """Raise InputError for names of classes and entity types that cannot be part of a metric name in the store."""
    for corpus, training in {
        (id(p.corpus), id(p.arm)): (p.corpus, p.arm.training) for p in study_plan.planned
    }.values():
        prefix = 2 if corpus.task == "tagging" else 0  # B-TYPE
        classes = sorted({label[prefix:] for label in corpus.labels})
        refuse_classes(classes, corpus.name, training.score_each_epoch, training.score_at_end)
