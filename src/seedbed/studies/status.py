"""How far the studies of a store are: each cell finished, running, failed, interrupted or missing.

Quick to import: no MLflow, no numpy.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from seedbed.cells import Row
from seedbed.errors import InputError
from seedbed.studies.names import no_study
from seedbed.tracking import parent_files
from seedbed.tracking.leases import close_orphans
from seedbed.tracking.names import STUDY_FILE

if TYPE_CHECKING:
    from seedbed.tracking.holders import Holder
    from seedbed.tracking.leases import Keeper
    from seedbed.tracking.store import Store

State = Literal["finished", "running", "failed", "interrupted", "missing"]
_SHAPE = {
    "cells": [{"cell": str, "dataset": str, "arm": str, "n_train": int, "replicate": int, "?setting": (str, None)}]
}
STATES: tuple[State, ...] = ("finished", "running", "failed", "interrupted", "missing")


@dataclass(frozen=True)
class CellStatus:
    """A cell under its name in the study; ``holder``: the worker that trains it, where it is running."""

    dataset: str
    arm: str
    n_train: int
    setting: str
    replicate: int
    cell: str
    state: State
    holder: "Holder | None" = None


@dataclass(frozen=True)
class StudyStatus:
    """A study of a store: its name and cells."""

    name: str
    cells: tuple[CellStatus, ...]

    @property
    def counts(self) -> dict[State, int]:
        """The number of cells in each state, zeros too."""
        return _counts(cell.state for cell in self.cells)


def is_settled(counts: Mapping[State, int]) -> bool:
    """Return whether each cell is finished or failed."""
    return not any(n for state, n in counts.items() if state not in ("finished", "failed"))


def study_status(store: "Store", keeper: "Keeper", name: str) -> StudyStatus:
    """Return the cells of all comparisons of this name, or of its single runs. Raises InputError where there is none.

    ``keeper``: of the leases of the store. Runs that dead workers have left are closed as interrupted, where the store
    can be written.
    """
    _close(store, keeper)
    rows = [row for run in store.comparisons(name) for row in _recorded(store, run)]
    rows = rows or store.identities({"seedbed.name": name})
    if not rows:
        raise no_study(store, name)
    unique = {(row["dataset"], row["arm"], row["cell"]): row for row in rows}.values()
    state_of = _states(store, keeper)
    return StudyStatus(
        name,
        tuple(
            CellStatus(
                row["dataset"], row["arm"], row["n_train"], row.get("setting") or "default", row["replicate"],
                row["cell"], *state_of(row["cell"]),
            )
            for row in unique
        ),
    )  # fmt: skip


def _recorded(store: "Store", run_id: str) -> list[Row]:
    """Return the cells in the record of a comparison; none where it has no record. InputError where it is damaged."""
    content = store.read_bytes(run_id, STUDY_FILE)
    return [] if content is None else list(parent_files.parsed(content, STUDY_FILE, run_id, _SHAPE)["cells"])


def studies_of(store: "Store", keeper: "Keeper") -> dict[str, dict[State, int]]:
    """Return the numbers of cells in each state of all studies that have a comparison, by name, the newest first."""
    _close(store, keeper)
    cells: dict[str, dict[str, None]] = {}
    runs = sorted(store.tagged_comparisons("seedbed.name"), key=lambda run: run.tags.get("seedbed.opened", ""))
    for run in reversed(runs):
        cells.setdefault(run.tags["seedbed.name"], {}).update(dict.fromkeys(store.comparison_cells(run.id)))
    state_of = _states(store, keeper)
    return {name: _counts(state_of(cell)[0] for cell in keys) for name, keys in cells.items()}


def _states(store: "Store", keeper: "Keeper") -> "Callable[[str], tuple[State, Holder | None]]":
    """Return a function that returns the state of a cell of the store, and who trains it."""
    held, statuses = keeper.state()[1], store.statuses()

    def state_of(cell: str) -> "tuple[State, Holder | None]":
        if cell in held:
            return "running", held[cell]
        return statuses[cell][0] if cell in statuses else "missing", None

    return state_of


def _counts(states: Iterable[State]) -> dict[State, int]:
    counted = Counter(states)
    return {state: counted[state] for state in STATES}


def _close(store: "Store", keeper: "Keeper") -> None:
    with suppress(InputError):  # of a store that cannot be written
        close_orphans(store, keeper)


SIGNS: Mapping[State, str] = {"finished": "#", "running": ">", "failed": "x", "interrupted": "!", "missing": "."}
"""One character a cell."""
_ACROSS = 100


def grid(status: StudyStatus) -> Iterator[tuple[str, list[tuple[str, State]]]]:
    """Yield a label for each arm at each size, and the signs of its replicates in order with their states."""
    several = len({cell.dataset for cell in status.cells}) > 1
    rows: dict[str, list[CellStatus]] = {}
    for cell in status.cells:
        label = f"{cell.dataset}, {cell.arm}" if several else cell.arm
        extra = "" if cell.setting == "default" else f", {cell.setting}"
        rows.setdefault(f"{label}, n={cell.n_train}{extra}", []).append(cell)
    width = max(map(len, rows))
    for label, cells in rows.items():
        signs = [(SIGNS[cell.state], cell.state) for cell in sorted(cells, key=lambda cell: cell.replicate)]
        for start in range(0, len(signs), _ACROSS):
            yield (label if start == 0 else "").ljust(width), signs[start : start + _ACROSS]


def totals(counts: Mapping[State, int]) -> str:
    """Return the counts as text, such as ``30 cells: 12 finished, 4 running, 14 missing``."""
    n = sum(counts.values())
    some = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{n:,} cell{'s' * (n != 1)}: {some}"


def workers(status: StudyStatus) -> list[tuple["Holder", int]]:
    """Return the workers that train cells of the study, with their numbers of cells."""
    by_id = {cell.holder.worker: cell.holder for cell in status.cells if cell.holder}
    counted = Counter(cell.holder.worker for cell in status.cells if cell.holder)
    return [(holder, counted[worker]) for worker, holder in sorted(by_id.items())]
