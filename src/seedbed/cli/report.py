"""``seedbed report``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import command, key_values
from seedbed.errors import InputError

KEYS = ("from", "comparison", "study", "output", "title", "metric", "baseline", "tracking.uri", "tracking.experiment")

PARSER = command(
    "report",
    "Tables, pictures and one page, from a table (from=results.csv) or from the store: the last comparison, the\n"
    "comparison=RUN_ID, or every cell of study=NAME, such as the jobs of a sweep.\n\n"
    "A table needs the columns arm, n_train, replicate and one metric. Other keys: output=DIR title=TEXT\n"
    "metric=test/f1 baseline=ARM tracking.uri=URI.",
    "  seedbed report\n"
    "  seedbed report from=results.csv output=out\n"
    "  seedbed report study=learning_curve metric=test/f1 baseline=random-bilstm",
)
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Write the report and print its path."""
    keys = key_values(PARSER.parse_args(arguments).keys, KEYS)
    if sum(key in keys for key in ("from", "comparison", "study")) > 1:
        raise InputError("command line: give one of from=, comparison= and study=")
    if "from" in keys:
        from seedbed.report.tables import read_table

        table, title, context, run = read_table(Path(keys["from"])), Path(keys["from"]).stem, {}, None
    else:
        table, title, context, run = _from_store(keys)
    from seedbed.report.terminal import print_report
    from seedbed.report.write import write_report

    output = Path(keys.get("output", f"seedbed-out/{title}"))
    shown = {"metric": keys.get("metric"), "baseline": keys.get("baseline")}
    page = write_report(table, output, title=keys.get("title", title), context=context, **shown)
    print_report(table, **shown)
    if run is not None:
        store, run_id = run
        store.log_files(run_id, {"": [output / "results.csv", output / "comparisons.csv"],
                                 "report": sorted((output / "report").iterdir())})  # fmt: skip
    print(f"report: {page.absolute()}")
    return 0


def _from_store(keys: dict[str, str]) -> tuple[Any, str, dict[str, Any], tuple[Any, str] | None]:
    """Table, title and context of cells in the store, and the parent run to log the report to, if it is of one."""
    from seedbed.config.study import study
    from seedbed.tracking.opening import is_new, open_store

    settings = [f"{key}={value}" for key, value in keys.items() if key.startswith("tracking.")]
    tracking = study(settings, single=True).tracking
    if is_new(tracking):
        raise InputError(f"{tracking.shown_address}: no such store; run `seedbed compare` here, or give tracking.uri")
    store = open_store(tracking)
    if "study" in keys:
        table = store.table(tags={"seedbed.name": keys["study"]}, unfinished=True)
        where, title, run = f"study={keys['study']}", keys["study"], None
    else:
        run_id = keys.get("comparison") or store.last_comparison()
        if run_id is None:
            raise InputError(f"{store.tracking.shown_address}: no comparison in this store yet; run `seedbed compare`")
        table = store.table(comparison=run_id, unfinished=True)
        where, title, run = f"comparison={run_id}", store.name_of(run_id), (store, run_id)
    if table.empty:
        raise InputError(f"{where}: no cells in {store.tracking.shown_address}")
    return table, title, {"MLflow UI": store.ui_command()}, run
