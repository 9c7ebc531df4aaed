"""Comparing the arms of a study, and training a single arm: train, compute floors, analyse, write, log to the store."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.comparison.record import as_run, settings_of
from seedbed.comparison.run import Progress
from seedbed.config.job_names import job_name
from seedbed.config.schema import Study
from seedbed.files import writable_folder, write_whole
from seedbed.lint.rules import with_findings
from seedbed.report.analysis.across_datasets import DatasetAnalyses
from seedbed.report.analysis.analysis import Analysis, analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import write_table
from seedbed.report.report import means_of, note_lines_of, report_of, write_any
from seedbed.stages import Stopwatch, stage
from seedbed.studies.best_experiments import write_all_best
from seedbed.studies.confirming import DRAWS
from seedbed.studies.display import Display
from seedbed.studies.floor import floor_of
from seedbed.studies.item_texts import items_of_study
from seedbed.studies.kept_report import inputs_digest, keep, kept_page
from seedbed.studies.run import StudyRun, output_folder
from seedbed.studies.times import log_times, study_times
from seedbed.studies.tuning import search_files, tuning_of
from seedbed.studies.workers import Spread

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class StudyResult:
    """The result of a study: the ``table`` of its cells, its analysis (``analysed``), and the folder of its files.

    ``page``: the report, None for a single arm. ``progress``: of this run.
    """

    run: StudyRun
    table: "DataFrame"
    analysed: Analysis | DatasetAnalyses
    folder: Path
    page: Path | None
    progress: Progress

    @property
    def n_failed(self) -> int:
        """The number of cells that are not finished."""
        return int((self.table["status"] != "finished").sum())


def compare_arms(
    study: Study,
    display: Display | None = None,
    stopwatch: Stopwatch | None = None,
    spread: Spread | None = None,
) -> StudyResult:
    """Train the cells that the store lacks, and write and log the report of all. Raises InputError.

    ``stopwatch``: started before the settings were read; by default the time of the study starts here. ``spread``: over
    which workers; None for this process alone.
    """
    only = study.keys.only
    folder = output_folder(study, default_folder(study))
    run = StudyRun(study, folder, with_parent=True, display=display, stopwatch=stopwatch, spread=spread)
    with run.closing():
        table, progress = run.complete()
        with run.reporting():
            with stage("floor"):
                floor = floor_of(run)
            with stage("report"):
                inputs = ReportInputs(
                    run.context(), floor, run.store.cell_artifacts(), run.findings, items=items_of_study(run),
                    published=run.published(), settings=settings_of(study), times=study_times(run, progress),
                    tuning=tuning_of(table, run.store.cell_artifacts(), run.display.log),
                    as_run={arm.name: as_run(arm) for arm in run.study.arms},
                )  # fmt: skip
                analysed = report_of(table, study.keys.baseline, study.keys.metric, inputs, with_findings)
                digest = inputs_digest(run, table, inputs) if only is None else ""
                kept = kept_page(run, digest)
                page = kept or write_any(analysed, folder, title=study.keys.name)
                write_all_best(analysed, folder, run.display.log)
            started = time.perf_counter()
            with stage("write"):
                if only is None and kept is None:  # the report of some replicates is not that of the study
                    _log_report(run, analysed, folder)
                    keep(run, digest)
                log_times(run, progress)
        progress.logging_seconds += time.perf_counter() - started
    return StudyResult(run, table, analysed, folder, page, progress)


def default_folder(study: Study) -> str:
    """Return the output folder of a study that names none."""
    part = "" if study.keys.only is None else "/only-" + "-".join(map(str, study.keys.only))
    return f"seedbed-out/{study.keys.name}{part}"


def train_arm(
    study: Study,
    display: Display | None = None,
    stopwatch: Stopwatch | None = None,
    spread: Spread | None = None,
) -> StudyResult:
    """Train the cells that the store lacks of a study with one arm, and analyse them. Raises InputError.

    Several cells have a parent run, which keeps their floor; a single cell has neither, but in a sweep a parent run.
    Of a search the trials and the best settings are written too.
    ``stopwatch``, ``spread``: as in `compare_arms`.
    """
    folder = _folder_of_arm(study)
    n_cells = study.keys.numbered * len(study.keys.sizes or [None])
    with_parent = n_cells > 1 or study.job is not None or study.tune is not None or spread is not None
    run = StudyRun(study, folder, with_parent=with_parent, display=display, stopwatch=stopwatch, spread=spread)
    with run.closing():
        table, progress = run.complete()
        with run.reporting():
            with stage("report"):
                write_table(table, folder / "results.csv")
            with stage("floor"):
                floor = floor_of(run) if n_cells > 1 else None
            with stage("report"):
                if n_cells > 1:
                    items_of_study(run)
                times = study_times(run, progress)
            with stage("write"):
                draws = [] if run.parent else [folder / DRAWS]
                for run_id in [run.parent] if run.parent else progress.runs:
                    run.store.log_files(run_id, {"": [*draws, folder / "results.csv"]})
                    run.store.log_json(run_id, "config.json", study.composed)
                log_times(run, progress)
    with stage("report"):
        tuning = tuning_of(table, run.store.cell_artifacts(), run.display.log)
        alone = {"Settings": dict(study.composed) | {"arms": {}, "baseline": None}}  # those of an experiment
        inputs = ReportInputs(
            run.context() | alone, floor, findings=run.findings, settings=settings_of(study), times=times, tuning=tuning
        )
        analysed = with_findings(analyse(table, metric=study.keys.metric, inputs=inputs))
        if tuning is not None:
            for name, content in tuning.files().items():
                write_whole(folder / name, content)
            write_all_best(analysed, folder, run.display.log)
    return StudyResult(run, table, analysed, folder, None, progress)


def _folder_of_arm(study: Study) -> Path:
    """Return the output folder of a study with one arm; each job of a sweep has its own, also within ``output``."""
    name = study.arms[0].name
    if study.job is None:
        return output_folder(study, f"seedbed-out/{study.keys.name}/{_file_name(name)}")
    parent = study.keys.output or f"seedbed-out/{study.keys.name}"
    return writable_folder(f"{parent}/{_file_name(job_name(study.job.swept, name))}")


def _log_report(run: StudyRun, analysed: Analysis | DatasetAnalyses, folder: Path) -> None:
    """Log the report to the parent run, with the answer as its note and the mean of each arm at each size."""
    assert run.parent is not None  # a comparison has a parent run
    run.store.log_json(run.parent, "config.json", run.study.composed)
    tables = [folder / name for name in ("results.csv", "comparisons.csv")]
    run.store.log_files(run.parent, {
        "": [*tables, *search_files(analysed, folder)],
        "report": sorted((folder / "report").iterdir()),
    })  # fmt: skip
    note = "\n".join([run.study.keys.note, *(f"- {line}" for line in note_lines_of(analysed))])
    run.store.describe(run.parent, note, means_of(analysed))


def _file_name(name: str) -> str:
    """Return a short folder name for an arm or a job, with characters that every file system accepts."""
    import hashlib
    import re

    safe = re.sub(r"[^\w.=-]+", "_", name)
    return safe if len(safe) <= 80 else f"{safe[:64]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
