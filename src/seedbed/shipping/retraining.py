"""Train the cells of a comparison again, from its record in the store, to have their models."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.cells import Row
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import PlannedCell, examples_of, plan
from seedbed.config.plugins import AllowedModule
from seedbed.config.schema import ARM_GROUPS, Arm, Study, StudyKeys
from seedbed.errors import InputError
from seedbed.floor.ngrams import Ngrams
from seedbed.saved_models.description import Description
from seedbed.saved_models.floor_program import fitted
from seedbed.saved_models.folder import MANIFEST
from seedbed.saved_models.objects import from_json, to_json
from seedbed.saved_models.saving import FOLDER, files_of, replicate_info
from seedbed.saved_models.text import TextPreparation
from seedbed.tracking.environment import versions

if TYPE_CHECKING:
    from seedbed.studies.display import Display

HOW = "train the study again with tracking.save_model=true force=true"


def planned_again(
    records: Sequence[Row], arm: str | None, rows: Sequence[Row], where: str, allowed: Sequence[AllowedModule] = ()
) -> list[PlannedCell]:
    """Return the cells of these rows, planned as their record says, with their data and draws.

    ``arm``: None for any arm of the records. Raises InputError where they cannot be made again.
    """
    record = next((one for one in records if _has(one, arm)), None)
    if record is None:
        raise InputError(f"{where}: its record is of an older version, which cannot train cells again; {HOW}")
    name = arm or next(iter(record["arms"]))
    described = record["arms"][name]
    stages = {group: from_json(described["stages"].get(group), group, where, allowed) for group in ARM_GROUPS}
    built = Arm(name=name, choices=described["choices"], **stages)
    found: dict[str, PlannedCell] = {}
    for size in _sizes(built, rows):
        keys = StudyKeys(name=name, sizes=size, **{key: record["seeds"][key] for key in record["seeds"]})
        for planned in plan(Study(keys, (built,), None, {})).planned:
            found.setdefault(planned.cell.cell if arm else planned.draw.digest, planned)
    missing = [row for row in rows if row["cell" if arm else "draw"] not in found]
    if missing:
        raise InputError(
            f"{where}: {len(missing)} of {len(rows)} cells cannot be made again: data, files of vectors or this "
            f"version of seedbed are other ones than when they were trained; {HOW}"
        )
    return [found[row["cell" if arm else "draw"]] for row in rows]


def _has(record: Row, arm: str | None) -> bool:
    arms = record.get("arms") or {}
    return bool(arms) and "seeds" in record and (arm is None or arm in arms)


def _sizes(arm: Arm, rows: Sequence[Row]) -> list[list[int] | None]:
    if arm.sampling.strategy == "all":
        return [None]
    return [[size] for size in dict.fromkeys(int(row["n_train"]) for row in rows)]


def trained_again(
    cells: Sequence[PlannedCell], metric: str, display: "Display"
) -> list[tuple[dict[str, bytes], float]]:
    """Return the files of the model of each cell, without their manifest, and its score. Raises InputError."""
    from seedbed.devices import select_device

    select_device("auto", any(planned.arm.training.deterministic for planned in cells))
    made: list[tuple[dict[str, bytes], float]] = []
    with display.training(len(cells)) as listener:
        size = cells[0].arm.training.group_size or len(cells)
        for start in range(0, len(cells), size):
            group = cells[start : start + size]
            listener.group(group)
            outcomes = train_cells(group, listener.epoch, examples_of(cells), listener.embedded, save_model=True)
            listener.group_done(outcomes)
            listener.group_stored()
            for planned, outcome in zip(group, outcomes, strict=True):
                if outcome.status != "finished":
                    raise InputError(f"replicate {planned.cell.replicate}: {outcome.error or outcome.status}")
                files = {name.removeprefix(f"{FOLDER}/"): content for name, content in outcome.files.items()}
                files.pop(MANIFEST)
                made.append((files, float(outcome.metrics.get(metric, np.nan))))
    return made


def floor_files(floor: str, cells: Sequence[PlannedCell]) -> dict[str, bytes]:
    """Return the files of a floor that is fitted to the draw of each cell, one for each draw."""
    distinct = list({planned.draw.digest: planned for planned in cells}.values())
    first, ngrams = distinct[0], Ngrams()
    arrays: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for place, planned in enumerate(distinct):
        own, lists = fitted(floor, planned.corpus, planned.draw, ngrams)
        arrays |= {f"{place}/{name}": array for name, array in own.items()}
        words |= {f"{place}/{name}": listed for name, listed in lists.items()}
    corpus = first.corpus
    description = Description(
        floor, corpus.task, corpus.labels, floor, first.cell.dataset, corpus.data,
        TextPreparation.of(first.arm.dataset), tuple(replicate_info(planned.cell) for planned in distinct), (),
        corpus.notation, versions(),
    )  # fmt: skip
    config: Mapping[str, Any] = {group: to_json(getattr(first.arm, group)) for group in ("dataset", "sampling")}
    return files_of(description, arrays, words, config)
