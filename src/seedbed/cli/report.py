"""``seedbed report``."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    keys = key_values(PARSER.parse_intermixed_args(arguments).keys, KEYS)
    if sum(key in keys for key in ("from", "comparison", "study")) > 1:
        raise InputError("command line: give one of from=, comparison= and study=")
    if "from" in keys:
        from seedbed.report.beside import Beside
        from seedbed.report.tables import read_table

        file = Path(keys["from"])
        found = Found(read_table(file), file.stem, Beside(floor=_floor_beside(file)))
    else:
        found = _from_store(keys)
    from seedbed.report.study import study_of
    from seedbed.report.terminal import print_report
    from seedbed.report.write import write_report

    output = Path(keys.get("output", f"seedbed-out/{found.title}"))
    if "from" in keys and (output / "results.csv").resolve() == Path(keys["from"]).resolve():
        raise InputError(f"output={output}: the report would write over from={keys['from']}; name another folder")
    baseline, metric = keys.get("baseline", found.baseline), keys.get("metric", found.metric)
    study = study_of(found.table, baseline, metric, found.beside)
    page = write_report(study, output, title=keys.get("title", found.title))
    print_report(study)
    if found.run_id:
        found.store.log_files(found.run_id, {"": [output / "results.csv", output / "comparisons.csv"],
                                             "report": sorted((output / "report").iterdir())})  # fmt: skip
    print(f"report: {page.absolute()}")
    return 0


@dataclass(frozen=True)
class Found:
    """What a report is made of; ``run_id`` is the parent run in ``store`` to log it to, where it is of one."""

    table: Any
    title: str
    beside: Any = None
    metric: str | None = None
    baseline: str | None = None
    store: Any = None
    run_id: str = ""


def _floor_beside(file: Path) -> Any:
    """The floors in the folder of a table, or None."""
    from seedbed.report.floor import read_floor

    there = file.parent / "floor.csv"
    return read_floor(there.read_bytes(), str(there)) if there.is_file() else None


def _from_store(keys: dict[str, str]) -> Found:
    from seedbed.config.study import study
    from seedbed.tracking.opening import is_new, open_store

    settings = [f"{key}={value}" for key, value in keys.items() if key.startswith("tracking.")]
    tracking = study(settings, single=True).tracking
    if is_new(tracking):
        raise InputError(f"{tracking.shown_address}: no such store; run `seedbed compare` here, or give tracking.uri")
    store = open_store(tracking)
    if "study" in keys:
        return _named(store, keys["study"])
    run_id = keys.get("comparison") or store.last_comparison()
    if run_id is None:
        raise InputError(f"{tracking.shown_address}: no comparison in this store yet; run `seedbed compare`")
    from seedbed.cli.floor import kept_floor
    from seedbed.cli.study import held
    from seedbed.comparison.record import FILE, results_table
    from seedbed.report.beside import Beside

    record = store.read_json(run_id, FILE)
    if not record:
        raise InputError(f"comparison={run_id}: is no comparison of seedbed")
    cells = record["cells"]
    table = results_table(cells, held(store, [cell["cell"] for cell in cells]))
    beside = Beside(record["context"], kept_floor(store, run_id), store.kept())
    return Found(table, store.name_of(run_id), beside, record["metric"], record["baseline"], store, run_id)


def _named(store: Any, name: str) -> Found:
    """All cells of the comparisons of this name, and those of single runs, such as the jobs of a sweep."""
    from seedbed.cli.floor import kept_floor
    from seedbed.cli.study import held
    from seedbed.comparison.record import FILE, joined, results_table
    from seedbed.report.beside import Beside
    from seedbed.report.floor import together
    from seedbed.results import IDENTITY_COLUMNS

    runs = store.comparisons(name)
    records = [store.read_json(run_id, FILE, {"cells": []}) for run_id in runs]
    cells = [cell for record in records for cell in record["cells"]]
    known = {cell["cell"] for cell in cells}
    single = store.table(tags={"seedbed.name": name}, unfinished=True)
    cells += [row for row in single[list(IDENTITY_COLUMNS)].to_dict("records") if row["cell"] not in known]
    if not cells:
        raise InputError(f"study={name}: no cells in {store.tracking.shown_address}")
    cells = joined(cells, f"study={name}")
    table = results_table(cells, held(store, [cell["cell"] for cell in cells]))
    floor = together([kept_floor(store, run_id) for run_id in runs])
    return Found(table, name, Beside({"MLflow UI": store.ui_command()}, floor, store.kept()), store=store)
