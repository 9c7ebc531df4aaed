"""``seedbed report where=CONDITION``: the cells of a store that fit, with what was left out."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from seedbed.errors import InputError

TITLE = "where"
"""The name of the output folder."""
_MOST_SAID = 8


def found_where(store: Any, where: str) -> Any:
    """What a report of the cells that fit a condition is made of. InputError where none does."""
    from seedbed.cli.floor import kept_floor
    from seedbed.cli.items import kept_items_of_all
    from seedbed.cli.report import Found
    from seedbed.comparison.merged_runs import merge_runs
    from seedbed.comparison.record import FILE, findings_of, study_table
    from seedbed.report.beside import Beside
    from seedbed.report.floor import together
    from seedbed.tracking.condition import abbreviated
    from seedbed.tracking.query import matching, stored_cells

    stored = stored_cells(store.all_runs())
    if not stored.cells:
        raise InputError(f"where={abbreviated(where)}: no cells in {store.tracking.shown_address}")
    fitting = matching(stored, where)
    made = merge_runs(fitting, f"where={abbreviated(where)}")
    said = [
        f"Of {len(stored.cells):,} runs of cells in the store {len(fitting):,} fit {abbreviated(where)}.",
        *made.notes,
    ]
    said += _not_cells(stored)
    table = study_table(made.rows, {row["cell"]: row for row in made.rows})
    comparisons = [run for name in made.studies for run in store.comparisons(name)]
    parents = list(dict.fromkeys([*made.parents, *comparisons]))
    records = [store.read_json(run, FILE, {}) for run in made.parents]
    context = {
        "Cells of this report": said,
        "Where they come from": _origins(fitting, made),
        "MLflow UI": store.ui_command(),
    }
    beside = Beside(
        context, together([kept_floor(store, run) for run in parents]), store.cell_artifacts(),
        tuple(dict.fromkeys(one for record in records for one in findings_of(record))),
        items=kept_items_of_all(store, parents), settings=made.settings, planned=False,
    )  # fmt: skip
    return Found(table, TITLE, beside, store=store, heading=f"Cells where {abbreviated(where)}", said=tuple(said))


def _not_cells(stored: Any) -> list[str]:
    """Runs of the experiment that were not asked about."""
    said = []
    if stored.foreign:
        said.append(f"Left out: {stored.foreign:,} of the experiment's runs, made by other tools.")
    if stored.broken:
        said.append(f"Left out: {stored.broken:,} runs tagged as cells of seedbed whose tags cannot be read.")
    return said


def _origins(cells: Sequence[Any], made: Any) -> dict[str, str]:
    """How many of the cells each study, machine and version gave: what differs between them may differ in scores."""
    chosen = {row["run"] for row in made.rows}
    own = [cell for cell in cells if cell.row["run"] in chosen]
    found = {}
    for name in ("study", "device", "platform", "commit", "versions"):
        counts = Counter(cell.tags.get(name, "not recorded") for cell in own)
        more = f"; {len(counts) - _MOST_SAID:,} more" if len(counts) > _MOST_SAID else ""
        found[name] = "; ".join(f"{value} ({number:,})" for value, number in counts.most_common(_MOST_SAID)) + more
    return found
