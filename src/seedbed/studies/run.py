"""Running a study: plan it, train the cells that the store lacks, and return the table of all its cells."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cells import Finding, Status
from seedbed.comparison.plan import Plan, draws_manifest, plan, study_digest
from seedbed.comparison.record import FILE, identity, record, study_table
from seedbed.comparison.run import Progress, missing, run_missing
from seedbed.config.schema import Study
from seedbed.data.draws import write_manifest
from seedbed.errors import InputError
from seedbed.files import writable_folder
from seedbed.report.analysis.published_scores import Published
from seedbed.stages import Stopwatch, stage
from seedbed.studies.display import Display, Silent
from seedbed.tracking.environment import environment_tags, versions
from seedbed.tracking.opening import open_store, preload
from seedbed.tracking.store_checks import usable_location
from seedbed.tracking.store_limits import refuse_arm, refuse_classes, refuse_texts

if TYPE_CHECKING:
    from pandas import DataFrame


def output_folder(study: Study, default: str) -> Path:
    """Return the folder of this study's files. InputError if it is not writable, before any data is read."""
    return writable_folder(study.keys.output or default)


def read_plan(study: Study, log: Callable[[str], None]) -> Plan:
    """Return the plan of a study; ``log`` takes a line for each data set read, with its sizes and counts."""
    with stage("plan"):
        study_plan = plan(study, on_load=lambda name: log(f"reading {name}"))
    for corpus in {id(p.corpus): p.corpus for p in study_plan.planned}.values():
        counted = {key: n for key, n in corpus.counts.items() if n and "/" not in key}
        sizes = ", ".join(f"{len(examples)} {split}" for split, examples in corpus.splits.items())
        log(f"{corpus.name}: {sizes}" + "".join(f"; {key.replace('_', ' ')}: {n}" for key, n in counted.items()))
    return study_plan


MOST_FINDINGS = 12
"""How many findings are logged before training; `seedbed lint` prints them all."""


def check_protocol(study: Study, plan: Plan, log: Callable[[str], None]) -> tuple[Finding, ...]:
    """Return and log the findings of the linter; none with ``lint=off``, InputError with ``lint=error``."""
    if study.keys.lint == "off":
        return ()
    with stage("plan"):
        from seedbed.lint.rules import lint

        findings = lint(plan)
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
        self.findings = check_protocol(study, self.plan, self.display.log)
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
        write_manifest(self.folder / "draws.json", draws_manifest(self.plan))
        self.parent = None
        if with_parent or not self.todo:  # a study without training is also found by its name
            digest = study_digest(self.plan, study.keys.name)
            self.parent = self.store.start_comparison(study.keys.name, digest, self.tags, self.fingerprints)
            with self.store.closing_on_error(self.parent):
                self.store.log_json(self.parent, FILE, record(study, self.plan, self.context(), self.findings))

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
        progress = self._train() if self.todo else Progress(n_finished=n_finished)
        progress.logging_seconds += self.opening_seconds
        return self.table(), progress

    def _train(self) -> Progress:
        self.display.log("starting the backend")
        with stage("start"):
            from seedbed.devices import select_device

            deterministic = any(arm.training.deterministic for arm in self.study.arms)
            device = select_device(self.study.keys.device, deterministic)
        tags = self.tags | {"seedbed.device": device}
        with self.display.training(len(self.todo)) as listener:
            recorded = self.study.tracking.recorded
            return run_missing(self.plan, self.todo, self.store, self.parent, tags, listener, recorded)

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
