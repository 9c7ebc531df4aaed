"""``seedbed run``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import command, takes_settings
from seedbed.errors import InputError

PARSER = takes_settings(
    command(
        "run",
        "Train one arm: a data set, an embedding, an encoder and a task, at each size in each replicate. What the\n"
        "store holds as finished is not trained again. With -m, one job for each combination of comma-separated\n"
        "values; a launcher spreads them: hydra/launcher=joblib, submitit_local or ray (extras joblib, slurm, ray).",
        "  seedbed run dataset=twitter_ner embedding=glove encoder=residual_bilstm\n"
        "  seedbed run experiment=quickstart embedding=glove sizes=[50] replicates=3\n"
        "  seedbed run -m embedding=random,glove encoder=bilstm,cnn hydra/launcher=joblib\n"
        "  seedbed run --config-dir . +sweeps=learning_curve",
    )
)
PARSER.add_argument("-m", "--multirun", action="store_true", help="sweep over comma-separated values")


def main(arguments: Sequence[str]) -> int:
    """Train one arm, or sweep; 1 where some cells failed."""
    given = PARSER.parse_intermixed_args(arguments)
    from seedbed.config.sweep import is_sweep

    if given.multirun or is_sweep(given.settings, given.config_dir):
        return sweep(given.settings, given.config_dir)
    run, table, floor, folder = train(given.settings, given.config_dir)
    from seedbed.cli.study import failures
    from seedbed.lint.rules import with_findings
    from seedbed.report.beside import Beside
    from seedbed.report.study import study_of
    from seedbed.report.terminal import print_report

    beside = Beside(run.context(), floor, findings=run.findings)
    print_report(with_findings(study_of(table, metric=run.study.keys.metric, beside=beside)))
    print(f"results: {folder / 'results.csv'}")
    return 1 if failures(table) else 0


def train(settings: Sequence[str], config_dir: str | None, in_sweep: bool = False) -> tuple[Any, Any, Any, Path]:
    """Train what is missing of the arm of these settings: the study's run, the tables of cells and floors, the folder.

    The floor is there for several cells, which have a parent run to keep it.
    """
    from seedbed.config.study import study

    checked = study(settings, config_dir, single=True, in_sweep=in_sweep)
    from seedbed.cli.floor import floor_of
    from seedbed.cli.items import items_of_study
    from seedbed.cli.study import StudyRun, output_folder
    from seedbed.report.tables import write_table

    folder = output_folder(checked, f"seedbed-out/{checked.keys.name}/{_file_name(checked.arms[0].name)}")
    cells = checked.keys.numbered * len(checked.keys.sizes or [None])
    run = StudyRun(checked, folder, with_parent=cells > 1)
    with run.closing():
        table, progress = run.complete()
        write_table(table, folder / "results.csv")
        floor = floor_of(run) if cells > 1 else None
        if cells > 1:
            items_of_study(run)
        for run_id in [run.parent] if run.parent else progress.runs:
            run.store.log_files(run_id, {"": [folder / "draws.json", folder / "results.csv"]})
            run.store.log_json(run_id, "config.json", run.study.composed)
    return run, table, floor, folder


def job(settings: Sequence[str], config_dir: str | None) -> tuple[int, str]:
    """One job of a sweep: how many of its cells failed, and its mean score."""
    run, table, *_ = train(settings, config_dir, in_sweep=True)
    from seedbed.cli.study import failures
    from seedbed.metrics import PRIMARY

    metric = run.study.keys.metric or f"test/{PRIMARY[run.study.arms[0].task.kind]}"
    failed = failures(table)
    score = f", mean {metric} {table[metric].mean():.4f}" if metric in table and failed < len(table) else ""
    return failed, f"{len(table)} cell{'s' * (len(table) > 1)}" + (f", {failed} failed" if failed else "") + score


def _file_name(arm: str) -> str:
    """The arm's name as the name of a folder: short, and with nothing in it that a file system refuses."""
    import hashlib
    import re

    plain = re.sub(r"[^\w.=-]+", "_", arm)
    return plain if len(plain) <= 80 else f"{plain[:64]}-{hashlib.sha256(arm.encode()).hexdigest()[:12]}"


def sweep(settings: Sequence[str], config_dir: str | None) -> int:
    """Check every value that is swept over, make the store, then let Hydra launch the jobs; 1 where one failed."""
    from seedbed.config.study import study
    from seedbed.config.sweep import launch, refuse_launcher, trial_jobs
    from seedbed.config.unused_settings import unused_by_all

    refuse_launcher(settings, config_dir)
    checked = [study(trial, config_dir, single=True, in_sweep=True) for trial in trial_jobs(settings, config_dir)]
    for line in unused_by_all(one.unused for one in checked).values():
        raise InputError(line)
    from seedbed.tracking.opening import open_store

    open_store(checked[0].tracking)
    reports = launch(job, settings, config_dir)
    for report in reports:
        line = f"job {report.job} ({' '.join(report.overrides)})"
        if report.failed:
            print(f"seedbed: {line} failed: {report.message}", file=sys.stderr)
        else:
            print(f"{line}: {report.message}")
    failed = sum(report.failed for report in reports)
    jobs = f"{len(reports)} job{'s' * (len(reports) > 1)}, {failed} failed"
    print(f"{jobs}; their report: seedbed report study={checked[0].keys.name}")
    return 1 if failed else 0
