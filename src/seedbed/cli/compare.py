"""``seedbed compare``."""

from collections.abc import Sequence

from seedbed.cli.arguments import command, prints_report, takes_settings
from seedbed.cli.profile import print_times
from seedbed.errors import InputError
from seedbed.stages import Stopwatch, stage

PARSER = takes_settings(
    command(
        "compare",
        "Compare arms: train every arm at every size in every replicate, on draws that all arms share. Finished cells\n"
        "in the store are not trained again. Prints the answer, writes a report and prints its path.\n\n"
        "Keys: experiment=NAME replicates=10 only=[7] sizes=[50,200] seed=0 output=DIR tracking.uri=URI device=cpu\n"
        "force=true floor=false baseline=ARM metric=test/f1 arms.NAME=[embedding=glove,encoder=cnn], and every key of\n"
        "the groups. workers=N trains in N processes of this machine; hydra/launcher=joblib, submitit_local,\n"
        "submitit_slurm or ray starts them elsewhere (extras joblib, slurm, ray).\n"
        "An override on the command line applies to all arms that have the key; the overrides of an arm win over it.",
        "  seedbed compare experiment=quickstart\n"
        "  seedbed compare experiment=twitter_ner_fewshot sizes=[50,100,200] replicates=20\n"
        "  seedbed compare experiment=imdb_static_200 protocol=published embedding=glove\n"
        "  seedbed compare dataset=trec task=classification sampling=fewshot sizes=[100] replicates=10 \\\n"
        '      "arms={random: [embedding=random], glove: [embedding=glove]}" encoder=cnn',
    )
)
prints_report(PARSER)


def main(arguments: Sequence[str]) -> int:
    """Train what is missing, then report; 1 where some cells failed."""
    stopwatch = Stopwatch()
    options = PARSER.parse_intermixed_args(arguments)
    with stage("start"):
        from seedbed.config.chosen_launcher import without_launching
        from seedbed.config.study import study
        from seedbed.config.sweep import is_sweep

        if is_sweep(options.settings, options.config_dir):
            raise InputError("use `seedbed run` for a sweep, and `seedbed report study=NAME` for its report")
        checked = study(without_launching(options.settings), options.config_dir)
        from seedbed.progress.study import StudyProgress
        from seedbed.report.report import print_any
        from seedbed.studies.comparing import compare_arms
        from seedbed.studies.workers import Spread

        spread = Spread.of(options.settings, options.config_dir, checked.keys.workers)
    display = StudyProgress()
    result = compare_arms(checked, display, stopwatch, spread)
    with stage("report"):
        print_any(result.analysed, verbose=options.verbose)
    progress = result.progress
    if progress.trained:
        whole = stopwatch.elapsed()
        share = f" ({progress.logging_seconds / whole:.1%})" if spread is None else ""
        display.log(
            f"{whole:.0f} s, of which {progress.training_seconds:.1f} s training and {progress.logging_seconds:.1f} s"
            f"{share} waiting for the store{'' if spread is None else ', summed over the workers'}"
        )
    if checked.keys.profile:
        print_times(stopwatch)
    print(f"MLflow UI: {result.run.store.ui_command()}")
    print(f"report: {result.page}")
    print(f"comparison: {result.run.parent}")
    return 1 if result.n_failed else 0
