"""``seedbed compare``."""

import time
from collections.abc import Sequence
from typing import Any

from seedbed.cli.arguments import command, takes_settings
from seedbed.errors import InputError

PARSER = takes_settings(
    command(
        "compare",
        "Compare arms: every arm at every size in every replicate, on draws that all arms share. Cells that the store\n"
        "holds as finished are not trained again. Ends with tables, a report and its path.\n\n"
        "Keys: experiment=NAME replicates=10 only=[7] sizes=[50,200] seed=0 output=DIR tracking.uri=URI device=cpu\n"
        "force=true floor=false baseline=ARM metric=test/f1 arms.NAME=[embedding=glove,encoder=cnn], and every key of\n"
        "the groups.\n"
        "An arm's own overrides win over those given for all, of which it takes what its own choices have a key for.",
        "  seedbed compare experiment=quickstart\n"
        "  seedbed compare experiment=twitter_ner_fewshot sizes=[50,100,200] replicates=20\n"
        "  seedbed compare experiment=imdb_static_200 protocol=published embedding=glove\n"
        "  seedbed compare dataset=trec task=classification sampling=fewshot sizes=[100] replicates=10 \\\n"
        '      "arms={random: [embedding=random], glove: [embedding=glove]}" encoder=cnn',
    )
)


def main(arguments: Sequence[str]) -> int:
    """Train what is missing, then report; 1 where some cells failed."""
    started = time.perf_counter()
    given = PARSER.parse_intermixed_args(arguments)
    from seedbed.config.study import study
    from seedbed.config.sweep import is_sweep

    if is_sweep(given.settings, given.config_dir):
        raise InputError("a sweep is of `seedbed run`, and its report `seedbed report study=NAME`")
    checked = study(given.settings, given.config_dir)
    from seedbed.cli.floor import floor_of
    from seedbed.cli.study import StudyRun, failures, output_folder, say

    part = "" if checked.keys.only is None else "/only-" + "-".join(map(str, checked.keys.only))
    folder = output_folder(checked, f"seedbed-out/{checked.keys.name}{part}")
    run = StudyRun(checked, folder, with_parent=True)
    with run.closing():
        table, progress = run.complete()
        page = _report(run, table, floor_of(run), folder, progress)
    if progress.trained:
        whole = time.perf_counter() - started
        say(f"{whole:.0f} s, of which {progress.training_seconds:.1f} s training and {progress.logging_seconds:.1f} s "
            f"({progress.logging_seconds / whole:.1%}) waiting for the store")  # fmt: skip
    print(f"MLflow UI: {run.store.ui_command()}")
    print(f"report: {page}")
    print(f"comparison: {run.parent}")
    return 1 if failures(table) else 0


def _report(run: Any, table: Any, floor: Any, folder: Any, progress: Any) -> Any:
    from seedbed.cli.items import items_of_study
    from seedbed.comparison.record import settings_of
    from seedbed.lint.rules import with_findings
    from seedbed.report.beside import Beside
    from seedbed.report.overview.report import print_any, report_of, write_any

    keys = run.study.keys
    items = items_of_study(run)
    beside = Beside(
        run.context(), floor, run.store.cell_artifacts(), run.findings, items=items, published=run.published(),
        settings=settings_of(run.study),
    )  # fmt: skip
    made = report_of(table, keys.baseline, keys.metric, beside, with_findings)
    page = write_any(made, folder, title=keys.name)
    print_any(made)
    started = time.perf_counter()
    if keys.only is None:  # a part of the study is not its report
        _log_report(run, made, folder)
    progress.logging_seconds += time.perf_counter() - started
    return page


def _log_report(run: Any, found: Any, folder: Any) -> None:
    """Give the parent run the report, the answer as its note, and the mean of each arm at each size."""
    from seedbed.report.overview.report import means_of, note_lines_of

    run.store.log_json(run.parent, "config.json", run.study.composed)
    run.store.log_files(run.parent, {
        "": [folder / "draws.json", folder / "results.csv", folder / "comparisons.csv"],
        "report": sorted((folder / "report").iterdir()),
    })  # fmt: skip
    note = "\n".join([run.study.keys.note, *(f"- {line}" for line in note_lines_of(found))])
    run.store.describe(run.parent, note, means_of(found))
