"""``seedbed report``."""

import atexit
import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seedbed.cli.arguments import command, key_values
from seedbed.errors import InputError

KEYS = (
    "from", "comparison", "study", "where", "output", "title", "metric", "baseline", "published", "lower_is_better",
    "higher_is_better", "tracking.uri", "tracking.experiment", "tracking.artifacts",
)  # fmt: skip

DIRECTIONS = ("lower_is_better", "higher_is_better")
SOURCES = KEYS[:4]
"""Where the cells come from: one of them."""

PARSER = command(
    "report",
    "Tables, pictures and one page, from a table (from=results.csv) or from the store: the last comparison, the\n"
    "comparison=RUN_ID, every cell of study=NAME, such as the jobs of a sweep, or the cells of any studies for which\n"
    "a condition holds, as in SQL: where=\"dataset='imdb' and n_train=200\". It may name the columns of results.csv,\n"
    "settings (encoder.units), scores (test/f1), and study, device, platform, versions, commit, ended.\n\n"
    "A table needs the columns arm, n_train, replicate and one metric. Of scores such as rmse, wer or loss less is\n"
    "better; lower_is_better=NAME,NAME or higher_is_better=NAME tells it of others. Other keys: output=DIR title=TEXT\n"
    "metric=test/f1 baseline=ARM published=NAME tracking.uri=URI.",
    "  seedbed report\n"
    "  seedbed report from=results.csv output=out\n"
    "  seedbed report study=learning_curve metric=test/f1 baseline=random-bilstm\n"
    "  seedbed report where=\"dataset='imdb' and training.learning_rate < 0.01\"",
)
PARSER.add_argument("keys", nargs="*", metavar="KEY=VALUE", help=", ".join(KEYS))


def main(arguments: Sequence[str]) -> int:
    """Write the report and print its path."""
    keys = key_values(PARSER.parse_intermixed_args(arguments).keys, KEYS)
    if sum(key in keys for key in SOURCES) > 1:
        raise InputError("command line: give one of from=, comparison=, study= and where=")
    from seedbed.tracking.search import no_garbage_collection

    atexit.register(gc.freeze)  # what is left then goes with the process; to look through it first takes half a second
    with no_garbage_collection():
        return _made(keys)


def _made(keys: dict[str, str]) -> int:
    if "from" in keys:
        from seedbed.report.beside import Beside
        from seedbed.report.tables import read_table

        file = Path(keys["from"])
        found = Found(read_table(file), file.stem, Beside(floor=_floor_beside(file)))
    else:
        found = _from_store(keys)
    from seedbed.lint.rules import with_findings
    from seedbed.report.overview.report import print_any, report_of, write_any
    from seedbed.report.scores import stated_directions
    from seedbed.report.tables import check_table

    output = Path(keys.get("output", f"seedbed-out/{found.title}"))
    if "from" in keys and (output / "results.csv").resolve() == Path(keys["from"]).resolve():
        raise InputError(f"output={output}: the report would write over from={keys['from']}; name another folder")
    beside = found.beside if "published" not in keys else replace(found.beside, published=_published(keys["published"]))
    names = {key: [name.strip() for name in keys.get(key, "").split(",") if name.strip()] for key in DIRECTIONS}
    if any(names.values()):
        beside = replace(beside, lower_is_better=stated_directions(check_table(found.table), *names.values()))
    baseline, metric = keys.get("baseline", found.baseline), keys.get("metric", found.metric)
    made = report_of(found.table, baseline, metric, beside, with_findings)
    page = write_any(made, output, title=keys.get("title", found.heading or found.title))
    print_any(made)
    for line in found.said:
        print(line)
    if found.run_id:
        _keep(found, output)
    print(f"report: {page.absolute()}")
    return 0


def _keep(found: "Found", output: Path) -> None:
    """Log the report to the comparison that it is of; a store that cannot be written has it not, and that is said."""
    files = {"": [output / "results.csv", output / "comparisons.csv"], "report": sorted((output / "report").iterdir())}
    try:
        found.store.log_files(found.run_id, files)
    except InputError as error:
        print(f"the report is not kept in the store: {error}", file=sys.stderr)


@dataclass(frozen=True)
class Found:
    """What a report is made of; ``run_id`` is the parent run in ``store`` to log it to, where it is of one.

    ``title`` names the output folder, and heads the page where there is no ``heading``. ``said``: lines to print.
    """

    table: Any
    title: str
    beside: Any = None
    metric: str | None = None
    baseline: str | None = None
    store: Any = None
    run_id: str = ""
    heading: str = ""
    said: tuple[str, ...] = ()


def _published(name: str) -> Any:
    """The table of published scores of this name, beside cells of which nothing but their table is known."""
    from seedbed.config.published import published_table
    from seedbed.report.published.table import Published

    return Published(published_table(name))


def _kept_published(records: Sequence[Any], where: str) -> Any:
    """The table of published scores that these records of comparisons agree on, or None."""
    from seedbed.report.published.table import from_record

    kept = [record["published"] for record in records if record.get("published")]
    return from_record(kept[0], where) if kept and all(one == kept[0] for one in kept) else None


def _floor_beside(file: Path) -> Any:
    """The floors in the folder of a table, or None."""
    from seedbed.report.floor import read_floor

    there = file.parent / "floor.csv"
    return read_floor(there.read_bytes(), str(there)) if there.is_file() else None


def _from_store(keys: dict[str, str]) -> Found:
    from seedbed.config.study import build_tracking
    from seedbed.tracking.opening import is_new, read_store

    settings = [f"{key}={value}" for key, value in keys.items() if key.startswith("tracking.")]
    tracking = build_tracking(settings)
    if is_new(tracking):
        raise InputError(f"{tracking.shown_address}: no such store; run `seedbed compare` here, or give tracking.uri")
    store = read_store(tracking)
    if store.location and store.location.problem and ("study" in keys or "where" in keys):
        print(f"without what was kept beside the scores: {store.location.problem}", file=sys.stderr)
    if "study" in keys:
        return _named(store, keys["study"])
    if "where" in keys:
        from seedbed.cli.report_where import found_where

        return found_where(store, keys["where"])
    run_id = keys.get("comparison") or store.last_comparison()
    if run_id is None:
        raise InputError(f"{tracking.shown_address}: no comparison in this store yet; run `seedbed compare`")
    from seedbed.cli.floor import kept_floor
    from seedbed.cli.items import kept_items_of_all
    from seedbed.cli.study import held
    from seedbed.comparison.record import FILE, findings_of, study_table
    from seedbed.report.beside import Beside

    record = store.read_json(run_id, FILE)
    if not record:
        raise InputError(f"comparison={run_id}: {store.missing_files(run_id) or 'is no comparison of seedbed'}")
    cells = record["cells"]
    table = study_table(cells, held(store, [cell["cell"] for cell in cells]))
    beside = Beside(
        record["context"], kept_floor(store, run_id), store.cell_artifacts(), findings_of(record),
        items=kept_items_of_all(store, [run_id]),
        published=_kept_published([record], f"{FILE} of run {run_id}"), settings=record.get("settings", {}),
    )  # fmt: skip
    return Found(table, store.name_of(run_id), beside, record["metric"], record["baseline"], store, run_id)


def _named(store: Any, name: str) -> Found:
    """All cells of the comparisons of this name, and those of single runs, such as the jobs of a sweep."""
    from seedbed.cli.floor import kept_floor
    from seedbed.cli.items import kept_items_of_all
    from seedbed.cli.study import held
    from seedbed.comparison.record import FILE, findings_of, joined, study_table
    from seedbed.report.beside import Beside
    from seedbed.report.floor import together

    runs = store.comparisons(name)
    records = [store.read_json(run_id, FILE, {"cells": []}) for run_id in runs]
    cells = [cell for record in records for cell in record["cells"]]
    known = {cell["cell"] for cell in cells}
    cells += [cell for cell in store.identities({"seedbed.name": name}) if cell["cell"] not in known]
    if not cells:
        raise InputError(f"study={name}: no cells in {store.tracking.shown_address}")
    cells = joined(cells, f"study={name}")
    table = study_table(cells, held(store, [cell["cell"] for cell in cells]))
    floor = together([kept_floor(store, run_id) for run_id in runs])
    found = tuple(one for record in records for one in findings_of(record))
    beside = Beside(
        {"MLflow UI": store.ui_command()}, floor, store.cell_artifacts(), found, items=kept_items_of_all(store, runs),
        published=_kept_published(records, f"study={name}"),
        settings={arm: own for record in records for arm, own in record.get("settings", {}).items()},
    )  # fmt: skip
    metric, baseline = (_agreed(records, key) for key in ("metric", "baseline"))
    return Found(table, name, beside, metric, baseline, store=store)


def _agreed(records: Sequence[Any], key: str) -> Any:
    """What all records of comparisons have there, or None."""
    found = {record.get(key) for record in records if record["cells"]}
    return found.pop() if len(found) == 1 else None
