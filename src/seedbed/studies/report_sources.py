"""Sources of the cells of a report: a table, a comparison, a study by name, or a condition on a store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cells import Row
from seedbed.comparison.merged_runs import MergedRuns, merge_runs
from seedbed.comparison.record import (
    FILE,
    JobKey,
    findings_of,
    jobs_of,
    joined,
    read_record,
    refuse_changed_arms,
    study_table,
)
from seedbed.config.job_names import names_arm
from seedbed.config.schema import Job
from seedbed.errors import InputError
from seedbed.limits import TABLE_BYTES
from seedbed.readable import exists, read_bytes
from seedbed.report.analysis.floor import concat_floors, read_floor
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.published_scores import Published, from_record
from seedbed.report.analysis.results_table import read_table
from seedbed.report.analysis.tuned_cells import has_tuned
from seedbed.report.analysis.tuning import read_tuning
from seedbed.studies.floor import stored_floor
from seedbed.studies.item_texts import merged_items
from seedbed.studies.names import no_study, runs_to_choose
from seedbed.studies.times import stored_times
from seedbed.studies.tuning import tuning_of
from seedbed.tracking.parent_files import WRITTEN_ANEW

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.tracking.query import StoredCell, StoredCells
    from seedbed.tracking.store import Store

Log = Callable[[str], None]

TITLE = "where"
"""The name of the output folder."""
_MOST_COUNTED = 8


@dataclass(frozen=True)
class ReportSource:
    """The inputs of a report; ``run_id``: the parent run in ``store`` to log it to, if any.

    ``title`` names the output folder, and heads the page unless there is a ``heading``. ``lines``: to print. ``jobs``:
    those of a sweep, by data set and arm, in the order of the swept values; ``records``: of the parent runs.
    """

    table: "DataFrame"
    title: str
    inputs: ReportInputs
    metric: str | None = None
    baseline: str | None = None
    store: "Store | None" = None
    run_id: str = ""
    heading: str = ""
    lines: tuple[str, ...] = ()
    jobs: Mapping[JobKey, Job] = field(default_factory=dict)
    records: tuple[Row, ...] = ()


def from_table(file: Path) -> ReportSource:
    """Return a results table, with the floors in its folder, and the trials if it has tuned cells. InputError."""
    floor, table = file.parent / "floor.csv", read_table(file)
    floors = read_floor(read_bytes(floor, TABLE_BYTES), str(floor)) if exists(floor) else None
    tuning = read_tuning(file.parent) if has_tuned(table) else None
    return ReportSource(table, file.stem, ReportInputs(floor=floors, tuning=tuning))


def published_scores(name: str) -> Published:
    """Return the table of published scores of this name, for cells without a record of their protocol."""
    from seedbed.config.published import published_table

    return Published(published_table(name))


def from_comparison(store: "Store", run_id: str | None, log: Log) -> ReportSource:
    """Return the cells of a comparison by its run ID, by default of the last one. Raises InputError."""
    run_id = run_id or store.last_comparison()
    if run_id is None:
        raise InputError(f"{store.tracking.shown_address}: no comparison in this store yet; run `seedbed compare`")
    record = read_record(store.read_bytes(run_id, FILE), run_id)
    if not record:
        raise InputError(f"comparison={run_id}: {store.missing_files(run_id) or _no_record(store, run_id)}")
    cells = record["cells"]
    table = study_table(cells, store.latest([cell["cell"] for cell in cells]))
    inputs = ReportInputs(
        record["context"], stored_floor(store, run_id, log), store.cell_artifacts(), findings_of(record),
        items=merged_items(store, [run_id], log),
        published=_common_published([record], f"{FILE} of run {run_id}"), settings=record.get("settings", {}),
        times=stored_times(store, run_id, log), tuning=tuning_of(table, store.cell_artifacts(), log),
        as_run=record.get("as_run", {}),
    )  # fmt: skip
    return ReportSource(
        table, store.name_of(run_id), inputs, record["metric"], record["baseline"], store, run_id,
        jobs=jobs_of([record]), records=(record,),
    )  # fmt: skip


def from_study(store: "Store", name: str, log: Log) -> ReportSource:
    """Return all cells of the comparisons of this name, and of single runs, such as the jobs of a sweep."""
    _log_lost_files(store, log)
    runs = store.comparisons(name)
    found = {run_id: read_record(store.read_bytes(run_id, FILE), run_id) for run_id in runs}
    for run_id in [run_id for run_id, record in found.items() if record is None]:
        if not store.missing_files(run_id):
            log(f"without what only its record has: comparison {run_id}: {_no_record(store, run_id)}")
    records = [record or {"cells": []} for record in found.values()]
    cells = [cell for record in records for cell in record["cells"]]
    known = {cell["cell"] for cell in cells}
    cells += [cell for cell in store.identities({"seedbed.name": name}) if cell["cell"] not in known]
    if not cells:
        raise no_study(store, name, "study")
    jobs = jobs_of(records)
    try:
        refuse_changed_arms(records, f"study={name}")
        cells = in_order_of_jobs(joined(cells, f"study={name}"), jobs)
    except InputError as error:
        raise InputError(f"{error}: {runs_to_choose(store, name)}") from error
    table = study_table(cells, store.latest([cell["cell"] for cell in cells]))
    floor = concat_floors([stored_floor(store, run_id, log) for run_id in runs])
    findings = tuple(finding for record in records for finding in findings_of(record))
    inputs = ReportInputs(
        {"MLflow UI": store.ui_command()}, floor, store.cell_artifacts(), findings,
        items=merged_items(store, runs, log),
        published=_common_published(records, f"study={name}"),
        settings={arm: settings for record in records for arm, settings in record.get("settings", {}).items()},
        swept={arm: [o for o in job.swept if names_arm(o)] for (_, arm), job in jobs.items()},
        tuning=tuning_of(table, store.cell_artifacts(), log),
        as_run={arm: settings for record in records for arm, settings in record.get("as_run", {}).items()},
    )  # fmt: skip
    metric, baseline = (_common_value(records, key) for key in ("metric", "baseline"))
    return ReportSource(table, name, inputs, metric, baseline, store=store, jobs=jobs, records=tuple(records))


def in_order_of_jobs(cells: Sequence[Row], jobs: Mapping[JobKey, Job]) -> list[Row]:
    """Return the cells of a sweep by the values of their jobs, those of no job last, in their order."""
    places = {key: place for place, key in enumerate(jobs)}
    return sorted(cells, key=lambda cell: places.get((cell["dataset"], cell["arm"]), len(places)))


@dataclass(frozen=True)
class StoreCells:
    """Cells of a store as a table; ``lines``: how many there are and what was left out."""

    table: "DataFrame"
    matches: "Sequence[StoredCell]"
    merged: MergedRuns
    lines: tuple[str, ...]


def cells_of_store(store: "Store", where: str | None = None) -> StoreCells:
    """Return the cells of a store that fit a condition, by default all. InputError where there are none."""
    from seedbed.tracking.condition import abbreviated
    from seedbed.tracking.query import matching, stored_cells

    name = store.tracking.shown_address if where is None else f"where={abbreviated(where)}"
    stored = stored_cells(store.all_runs())
    if not stored.cells:
        raise InputError(f"{name}: no cells in {store.tracking.shown_address}")
    matches = stored.cells if where is None else matching(stored, where)
    merged = merge_runs(matches, name)
    n_cells = f"{len(stored.cells):,} runs of cells in the store {len(matches):,}"
    fit = "" if where is None else f"Of {n_cells} fit {abbreviated(where)}."
    lines = (*filter(None, [fit]), *merged.notes, *_left_out(stored))
    return StoreCells(study_table(merged.rows, {row["cell"]: row for row in merged.rows}), matches, merged, lines)


def from_condition(store: "Store", where: str, log: Log) -> ReportSource:
    """Return the cells of a store that fit a condition, with what was left out. InputError where none does."""
    from seedbed.tracking.condition import abbreviated

    _log_lost_files(store, log)
    cells = cells_of_store(store, where)
    merged = cells.merged
    comparisons = [run for name in merged.studies for run in store.comparisons(name)]
    parents = list(dict.fromkeys([*merged.parents, *comparisons]))
    records = [read_record(store.read_bytes(run, FILE), run) or {} for run in merged.parents]
    context = {
        "Cells of this report": list(cells.lines),
        "Where they come from": _origins(cells.matches, merged),
        "MLflow UI": store.ui_command(),
    }
    inputs = ReportInputs(
        context, concat_floors([stored_floor(store, run, log) for run in parents]), store.cell_artifacts(),
        tuple(dict.fromkeys(finding for record in records for finding in findings_of(record))),
        items=merged_items(store, parents, log), settings=merged.settings, planned=False,
        tuning=tuning_of(cells.table, store.cell_artifacts(), log),
    )  # fmt: skip
    heading = f"Cells where {abbreviated(where)}"
    return ReportSource(cells.table, TITLE, inputs, store=store, heading=heading, lines=cells.lines)


def _no_record(store: "Store", run_id: str) -> str:
    """Return why a run whose files are there has no record of a study."""
    if run_id in store.comparisons(store.name_of(run_id)):
        return f"{FILE} is missing among its files; {WRITTEN_ANEW}"
    return "is no comparison of seedbed"


def _log_lost_files(store: "Store", log: Log) -> None:
    if store.location and store.location.problem:
        log(f"without the files stored with the scores: {store.location.problem}")


def _common_published(records: Sequence[Row], where: str) -> Published | None:
    """Return the table of published scores that these records share, or None."""
    tables = [record["published"] for record in records if record.get("published")]
    return from_record(tables[0], where) if tables and all(table == tables[0] for table in tables) else None


def _common_value(records: Sequence[Row], key: str) -> str | None:
    """Return the value that all records with cells share, or None."""
    values = {record.get(key) for record in records if record["cells"]}
    return values.pop() if len(values) == 1 else None


def _left_out(stored: "StoredCells") -> list[str]:
    """Return lines on the runs of the experiment that are not cells."""
    lines = []
    if stored.foreign:
        lines.append(f"Left out: {stored.foreign:,} of the experiment's runs, made by other tools.")
    if stored.broken:
        lines.append(f"Left out: {stored.broken:,} runs tagged as cells of seedbed whose tags cannot be read.")
    return lines


def _origins(cells: "Sequence[StoredCell]", merged: MergedRuns) -> dict[str, str]:
    """Return the number of cells by study, machine and version: scores may differ between them."""
    chosen = {row["run"] for row in merged.rows}
    origins = {}
    for name in ("study", "device", "platform", "commit", "versions"):
        counts = Counter(cell.tags.get(name, "not recorded") for cell in cells if cell.row["run"] in chosen)
        rest = f"; {len(counts) - _MOST_COUNTED:,} more" if len(counts) > _MOST_COUNTED else ""
        common = counts.most_common(_MOST_COUNTED)
        origins[name] = "; ".join(f"{value} ({number:,})" for value, number in common) + rest
    return origins
