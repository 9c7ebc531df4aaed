"""``seedbed run``."""

import sys
from collections.abc import Sequence

from seedbed.cli.arguments import command, takes_settings

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
    return train(given.settings, given.config_dir)


def train(settings: Sequence[str], config_dir: str | None) -> int:
    """Train the arm of these settings and print its scores."""
    from seedbed.config.study import study

    checked = study(settings, config_dir, single=True)
    from seedbed.cli.study import StudyRun, failures, output_folder
    from seedbed.report.tables import write_table
    from seedbed.report.terminal import print_report

    arm = checked.arms[0].name
    folder = output_folder(checked, f"seedbed-out/{checked.keys.name}/{_file_name(arm)}")
    cells = checked.keys.replicates * len(checked.keys.sizes or [None])
    run = StudyRun(checked, folder, with_parent=cells > 1)
    table, _ = run.finish()
    write_table(table, folder / "results.csv")
    if run.parent:
        run.store.log_files(run.parent, {"": [folder / "draws.json", folder / "results.csv"]})
        run.store.finish(run.parent, "finished")
    print_report(table, metric=checked.keys.metric)
    print(f"results: {folder / 'results.csv'}")
    return 1 if failures(table) else 0


def _file_name(arm: str) -> str:
    """The arm's name as the name of a folder: short, and with nothing in it that a file system refuses."""
    import hashlib
    import re

    plain = re.sub(r"[^\w.=-]+", "_", arm)
    return plain if len(plain) <= 80 else f"{plain[:64]}-{hashlib.sha256(arm.encode()).hexdigest()[:12]}"


def sweep(settings: Sequence[str], config_dir: str | None) -> int:
    """Check every value that is swept over, make the store, then let Hydra launch the jobs; 1 where one failed."""
    from seedbed.config.study import study
    from seedbed.config.sweep import launch, trial_jobs
    from seedbed.tracking.opening import open_store

    checked = [study(job, config_dir, single=True) for job in trial_jobs(settings, config_dir)]
    open_store(checked[0].tracking)
    reports = launch(train, settings, config_dir)
    failed = [report for report in reports if report.wrong]
    for report in failed:
        print(f"seedbed: job {report.job} ({' '.join(report.overrides)}) failed: {report.wrong}", file=sys.stderr)
    print(f"{len(reports)} jobs, {len(failed)} failed")
    name = checked[0].keys.name
    print(f"their report: seedbed report study={name}")
    return 1 if failed else 0
