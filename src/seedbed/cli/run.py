"""``seedbed run``."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, prints_report, takes_settings
from seedbed.cli.console import print_command, print_sentence
from seedbed.cli.profile import print_times
from seedbed.errors import InputError
from seedbed.files import writable_folder
from seedbed.masking import cleaned, without_addresses
from seedbed.stages import Stopwatch, stage

if TYPE_CHECKING:
    from seedbed.config.schema import Job
    from seedbed.config.sweep import JobResult
    from seedbed.launching.launchers import Launcher
    from seedbed.tracking.store import Store

ROUNDS = 3
"""How often the jobs of a sweep are launched where one of them is killed."""

PARSER = takes_settings(
    command(
        "run",
        "Train one arm: a data set, an embedding, an encoder and a task, at each size in each replicate.\n"
        "Finished cells in the store are not trained again. With -m, one job for each combination of comma-separated\n"
        "values; a launcher distributes them: hydra/launcher=joblib, submitit_local, submitit_slurm or ray (extras\n"
        "joblib, slurm, ray). Without -m, a launcher or workers=N spreads the sizes of the arm and its searches.",
        "  seedbed run dataset=twitter_ner embedding=glove encoder=residual_bilstm\n"
        "  seedbed run experiment=quickstart embedding=glove sizes=[50] replicates=3\n"
        "  seedbed run -m embedding=random,glove encoder=bilstm,cnn hydra/launcher=joblib\n"
        "  seedbed run --config-dir . +sweeps=learning_curve",
    )
)
PARSER.add_argument("-m", "--multirun", action="store_true", help="sweep over comma-separated values")
prints_report(PARSER)


def main(arguments: Sequence[str]) -> int:
    """Train one arm, or sweep; 1 where some cells failed."""
    stopwatch = Stopwatch()
    options = PARSER.parse_intermixed_args(arguments)
    from seedbed.config.sweep import is_sweep, sweep_launcher, trial_jobs

    settings = options.settings
    if options.multirun or is_sweep(settings, options.config_dir):
        launcher = sweep_launcher(settings, options.config_dir)
        jobs = list(trial_jobs(settings, options.config_dir))
        if options.multirun or len(jobs) > 1:
            return sweep(settings, options.config_dir, jobs, launcher)
        [settings] = jobs  # a file of sweeps/ of which one job is left
    with stage("start"):
        from seedbed.config.chosen_launcher import without_launching
        from seedbed.config.study import study
        from seedbed.progress.study import StudyProgress
        from seedbed.report.report import print_any
        from seedbed.studies.comparing import train_arm
        from seedbed.studies.workers import Spread

        checked = study(without_launching(settings), options.config_dir, single=True)
        spread = Spread.of(settings, options.config_dir, checked.keys.workers, single=True)
    result = train_arm(checked, StudyProgress(), stopwatch, spread)
    with stage("report"):
        print_any(result.analysed, verbose=options.verbose)
    if checked.keys.profile:
        print_times(stopwatch)
    runs = [str(run) for run in result.table["run"] if run]
    if result.run.parent:
        print(f"comparison: {result.run.parent}")
    elif len(runs) == 1:
        print(f"run: {runs[0]}")
    print(f"results: {result.folder / 'results.csv'}")
    return 1 if result.n_failed else 0


def job(settings: Sequence[str], config_dir: str | None, of_sweep: "Job") -> tuple[int, str]:
    """Run one job of a sweep; return how many of its cells failed, and its mean validation score as text."""
    stopwatch = Stopwatch()
    with stage("start"):
        from seedbed.config.study import study
        from seedbed.progress.study import StudyProgress
        from seedbed.report.sections.choice import job_score
        from seedbed.studies.comparing import train_arm

        checked = replace(
            study(settings, config_dir, single=True, in_sweep=True), job=of_sweep if of_sweep.swept else None
        )
    result = train_arm(checked, StudyProgress(), stopwatch)
    if checked.keys.profile:
        print_times(stopwatch)
    table, failed = result.table, result.n_failed
    cells = f"{len(table)} cell{'s' * (len(table) > 1)}" + (f", {failed} failed" if failed else "")
    return failed, cells + (f", {job_score(table, checked.keys.metric)}" if failed < len(table) else "")


def sweep(
    settings: Sequence[str], config_dir: str | None, trials: Sequence[Sequence[str]], launcher: "Launcher"
) -> int:
    """Check every value that is swept over, make the store, then let Hydra launch the jobs.

    Returns 1 where one failed, 2 where all were refused for bad input.

    ``trials``: overrides of jobs that have each value at least once.
    """
    from seedbed.config.hidden_settings import hidden
    from seedbed.config.schema import ADDRESSES
    from seedbed.config.study import study
    from seedbed.config.unused_settings import unused_by_all

    checked = [study(trial, config_dir, single=True, in_sweep=True) for trial in trials]
    for line in unused_by_all(one.unused for one in checked).values():
        raise InputError(line)
    if any(one.keys.workers for one in checked):
        raise InputError("workers: the jobs of a sweep are distributed by hydra/launcher=, such as joblib")
    for one in checked:
        writable_folder(one.keys.output or ".")
    launcher.prepare()
    from seedbed.tracking.opening import open_store

    tracking = checked[0].tracking
    settings = hidden(settings, {key: getattr(tracking, key) for key in ADDRESSES})
    store = open_store(tracking)
    reports = _launch(settings, config_dir, is_resumable=not any(one.keys.force for one in checked))
    for report in reports:
        line = without_addresses(f"job {report.job} ({' '.join(report.overrides)})")
        if report.failed:
            print(f"seedbed: {line} failed: {cleaned(report.message)}", file=sys.stderr)
        else:
            print(f"{line}: {report.message}")
    failed = sum(report.failed for report in reports)
    names = dict.fromkeys(one.keys.name for one in checked)
    of_store = [f"tracking.uri={tracking.shown_address}"] if tracking.uri else []
    for name in names if len(checked) > 1 else ():
        _print_ranking(store, name, of_store)
    jobs = f"{len(reports)} job{'s' * (len(reports) > 1)}, {failed} failed"
    print(f"{jobs}; their report: seedbed report study={checked[0].keys.name}")
    refused = sum(report.refused for report in reports)
    return 0 if not failed else 2 if refused == len(reports) else 1


def _launch(settings: Sequence[str], config_dir: str | None, is_resumable: bool) -> "list[JobResult]":
    """Launch all jobs; again, `ROUNDS` times at most, where one was killed: what is finished is not trained again."""
    from seedbed.config.sweep import LostWorkerError, launch

    for number in range(1, ROUNDS + 1):
        try:
            return launch(job, settings, config_dir)
        except LostWorkerError as error:
            if number == ROUNDS or not is_resumable:
                again = "" if is_resumable else ", and force=true would train all of them again"
                raise InputError(
                    f"a job was killed ({error}){again}; finished cells are kept; fewer jobs at once need less memory"
                ) from error
            print(
                f"seedbed: a job was killed ({error}): all are started again, and finished cells are kept "
                f"({number + 1} of {ROUNDS})",
                file=sys.stderr,
            )
    raise AssertionError("unreachable")


def _print_ranking(store: "Store", name: str, tracking: Sequence[str]) -> None:
    """Print the settings of a sweep ranked by validation, or why they are not."""
    from seedbed.cli.sweep import print_choices
    from seedbed.progress.study import StudyProgress
    from seedbed.studies.picking import pick

    try:
        print_choices(pick(store, name, StudyProgress().log))
    except InputError as error:
        print_sentence(f"not ranked: {error}")
    else:
        command_line = shlex.join(["seedbed", "sweep", "pick", f"name={name}", *tracking])
        print_command("for the command that confirms it on new texts", command_line)
