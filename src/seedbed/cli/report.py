"""``seedbed report``."""

import atexit
import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cli.arguments import command, key_values, prints_report
from seedbed.cli.console import print_sentence
from seedbed.errors import InputError

if TYPE_CHECKING:
    from seedbed.studies.report_sources import ReportSource

KEYS = (
    "from", "comparison", "study", "where", "output", "title", "metric", "baseline", "published", "lower_is_better",
    "higher_is_better", "tracking.uri", "tracking.experiment", "tracking.artifacts",
)  # fmt: skip

DIRECTIONS = ("lower_is_better", "higher_is_better")
SOURCES = KEYS[:4]
"""Where the cells come from: one of them."""

PARSER = command(
    "report",
    "Write tables, pictures and one page from results. Without a source: the last comparison in the store.\n\n"
    "  from=FILE           a table with the columns arm, n_train, replicate and one metric\n"
    "  comparison=RUN_ID   one comparison in the store\n"
    "  study=NAME          every cell of this name, such as the jobs of a sweep: they are ranked by validation, and\n"
    "                      test scores are shown only of what it chooses, unless metric=test/... asks for all\n"
    "  where=CONDITION     cells of any study, by an SQL condition such as \"dataset='imdb' and n_train=200\" on the\n"
    "                      columns of results.csv, settings (encoder.units), scores (test/f1), and study, device,\n"
    "                      platform, versions, commit and ended\n\n"
    "For rmse, wer, loss and similar metrics lower is better; set others with lower_is_better=NAME,NAME or\n"
    "higher_is_better=NAME. Other keys: output=DIR title=TEXT metric=test/f1 baseline=ARM published=NAME\n"
    "tracking.uri=URI.",
    "  seedbed report\n"
    "  seedbed report from=results.csv output=out\n"
    "  seedbed report study=learning_curve metric=test/accuracy baseline=random\n"
    "  seedbed report where=\"dataset='imdb' and training.learning_rate < 0.01\"",
)
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))
prints_report(PARSER)


def main(arguments: Sequence[str]) -> int:
    """Write the report and print its path."""
    options = PARSER.parse_intermixed_args(arguments)
    keys = key_values(options.keys, KEYS)
    if sum(key in keys for key in SOURCES) > 1:
        raise InputError("command line: give one of from=, comparison=, study= and where=")
    from seedbed.tracking.search import no_garbage_collection

    atexit.register(gc.freeze)  # what is left then goes with the process; to look through it first takes half a second
    with no_garbage_collection():
        return _report(keys, options.verbose)


def _report(keys: dict[str, str], verbose: bool) -> int:
    from seedbed.lint.rules import with_findings
    from seedbed.report.analysis.results_table import check_table
    from seedbed.report.analysis.scores import stated_directions
    from seedbed.report.report import print_any, report_of, write_any
    from seedbed.studies.best_experiments import write_all_best
    from seedbed.studies.picking import validation_only
    from seedbed.studies.report_sources import published_scores
    from seedbed.studies.tuning import search_files

    source = _source(keys)
    output = Path(keys.get("output", f"seedbed-out/{source.title}"))
    if "from" in keys and (output / "results.csv").resolve() == Path(keys["from"]).resolve():
        raise InputError(f"output={output}: the report would write over from={keys['from']}; name another folder")
    if source.jobs and not keys.get("metric", "").startswith("test/"):
        source = validation_only(source, keys.pop("metric", None))
    inputs = source.inputs
    if "published" in keys:
        inputs = replace(inputs, published=published_scores(keys["published"]))
    names = {key: [name.strip() for name in keys.get(key, "").split(",") if name.strip()] for key in DIRECTIONS}
    if any(names.values()):
        inputs = replace(inputs, lower_is_better=stated_directions(check_table(source.table), *names.values()))
    baseline, metric = keys.get("baseline", source.baseline), keys.get("metric", source.metric)
    analysed = report_of(source.table, baseline, metric, inputs, with_findings)
    page = write_any(analysed, output, title=keys.get("title", source.heading or source.title))
    print_any(analysed, verbose=verbose)
    for line in source.lines:
        print_sentence(line)
    write_all_best(analysed, output, print)
    if source.run_id:
        _log_to_store(source, output, search_files(analysed, output))
    print(f"report: {page.absolute()}")
    return 0


def _source(keys: dict[str, str]) -> "ReportSource":
    from seedbed.progress.study import StudyProgress
    from seedbed.studies.reading import open_for_reading
    from seedbed.studies.report_sources import (
        from_comparison,
        from_condition,
        from_study,
        from_table,
    )

    if "from" in keys:
        return from_table(Path(keys["from"]))
    store = open_for_reading([f"{key}={value}" for key, value in keys.items() if key.startswith("tracking.")])
    log = StudyProgress().log
    if "study" in keys:
        return from_study(store, keys["study"], log)
    if "where" in keys:
        return from_condition(store, keys["where"], log)
    return from_comparison(store, keys.get("comparison"), log)


def _log_to_store(source: "ReportSource", output: Path, others: Sequence[Path]) -> None:
    """Log the report to its comparison; where the store cannot be written, say so."""
    assert source.store is not None  # a run is of a store
    tables = [output / "results.csv", output / "comparisons.csv", *others]
    files = {"": tables, "report": sorted((output / "report").iterdir())}
    try:
        source.store.log_files(source.run_id, files)
    except InputError as error:
        print(f"the report is not kept in the store: {error}", file=sys.stderr)
