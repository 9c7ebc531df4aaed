"""Train the cells of a comparison again, from its record in the store, to have their models."""

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.cells import CellArtifacts, Row
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import PlannedCell, examples_of, plan
from seedbed.comparison.record import DRAW_KEYS
from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.distributions import parse_space
from seedbed.comparison.search.refit import joined, refuse_plateau, without_validation
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.shapes import groups_of_shapes
from seedbed.comparison.search.space import SearchSpace
from seedbed.comparison.search.trials import FILE as TRIALS
from seedbed.comparison.search.trials import from_json as trials_of
from seedbed.comparison.search.trials import parse_search
from seedbed.config.plugins import AllowedModule
from seedbed.config.schema import ARM_GROUPS, Arm, Study, StudyKeys
from seedbed.errors import InputError
from seedbed.floor.ngrams import Ngrams
from seedbed.saved_models.description import CONFIG, MODEL, Description, numbered, read_description
from seedbed.saved_models.floor_program import fit_floor
from seedbed.saved_models.folder import FOLDER, MANIFEST
from seedbed.saved_models.objects import from_json
from seedbed.saved_models.saving import config_of, files_of, replicate_info
from seedbed.saved_models.text import TextPreparation
from seedbed.tracking.environment import versions

if TYPE_CHECKING:
    from seedbed.studies.display import Display

HOW = "train the study again with tracking.save_model=true force=true"


def planned_again(
    records: Sequence[Row],
    arm: str | None,
    rows: Sequence[Row],
    where: str,
    artifacts: CellArtifacts,
    allowed: Sequence[AllowedModule] = (),
) -> list[PlannedCell]:
    """Return the cells of these rows, planned as their record says, with their data and draws.

    A cell whose settings a search chose is planned as the arm as it is, and then has the settings of the chosen trial
    in ``artifacts``. ``arm``: None for any arm of the records, of which only the draws count. Raises InputError where
    cells cannot be made again.
    """
    fitting = [(one, name) for one in records if _has_draws(one) for name in one["arms"] if arm in (None, name)]
    if not fitting:
        raise InputError(
            f"{where}: has no record from which cells can be trained again: it is one cell of `seedbed run`, or of "
            f"an older version; {HOW}"
        )
    key = "draw" if arm is None else "cell"
    defaults = {_draw_and_start(one): one["cell"] for record in records for one in record["cells"] if _is_default(one)}
    digests = [str(row["draw"] if arm is None else defaults.get(_draw_and_start(row), row["cell"])) for row in rows]
    found: dict[str, PlannedCell] = {}
    for record, name in fitting:
        for planned in _planned(record, name, where, allowed):
            found.setdefault(getattr(planned.cell, key), planned)
        if set(digests) <= found.keys():
            break
    if missing := sum(digest not in found for digest in digests):
        raise InputError(
            f"{where}: {missing} of {len(rows)} cells cannot be made again: data, files of vectors or this "
            f"version of seedbed are other ones than when they were trained; {HOW}"
        )
    cells = [found[digest] for digest in digests]
    if arm is None:
        return cells
    return [
        planned if _is_default(row) else with_chosen_settings(planned, row, artifacts)
        for planned, row in zip(cells, rows, strict=True)
    ]


def with_chosen_settings(planned: PlannedCell, row: Row, artifacts: CellArtifacts) -> PlannedCell:
    """Return the cell of a row whose settings a search chose. Raises InputError.

    ``planned``: the cell of the same replicate with the arm as it is; ``artifacts``: have the trials.
    """
    where = f"{TRIALS} of run {row['run']}"
    content = artifacts.read(str(row["run"]), TRIALS)
    if content is None:
        raise InputError(f"{where}: the file with the chosen settings is missing; {HOW}")
    search = parse_search(content, where)
    chosen = [trial for trial in trials_of(search) if trial.number == search["chosen"]]
    if search["chosen"] is None:
        raise InputError(f"{where}: no trial of the search finished, so no settings were chosen")
    if not chosen:
        raise InputError(f"{where}: damaged: there is no trial {search['chosen']}, which was chosen")
    space = SearchSpace(planned.arm, parse_space(search["space"]), search["metric"], tuple(search["left_out"]))
    cell = dataclasses.replace(planned.cell, cell=row["cell"], setting=row["setting"])
    own = Search(planned, space, Tune(search["method"], search["budget"]), 0, trials=chosen)
    return own.chosen_cell(dataclasses.replace(planned, cell=cell))


def _is_default(row: Row) -> bool:
    return bool(row.get("setting", "default") == "default")


def _draw_and_start(row: Row) -> tuple[object, ...]:
    """What the cells of an arm in one replicate share."""
    return tuple(row.get(key) for key in ("dataset", "arm", "n_train", "draw", "init_seed"))


def _has_draws(record: Row) -> bool:
    return bool(record.get("arms")) and set(DRAW_KEYS) <= set(record.get("seeds") or ())


def _planned(record: Row, name: str, where: str, allowed: Sequence[AllowedModule]) -> Sequence[PlannedCell]:
    """The cells of an arm of a record."""
    described = record["arms"][name]
    stages = {group: from_json(described["stages"].get(group), group, where, allowed) for group in ARM_GROUPS}
    built = Arm(name=name, choices=described["choices"], **stages)
    keys = StudyKeys(name=name, **{key: record["seeds"][key] for key in DRAW_KEYS})
    return plan(Study(keys, (built,), None, {})).planned


def trained_again(
    cells: Sequence[PlannedCell], metric: str, display: "Display"
) -> list[tuple[dict[str, bytes], float]]:
    """Return the files of the model of each cell, without their manifest, and its score. Raises InputError.

    Cells whose settings a search chose train together where these have the same shapes, as in the study.
    """
    from seedbed.devices import select_device

    select_device("auto", any(planned.arm.training.deterministic for planned in cells))
    made: dict[str, tuple[dict[str, bytes], float]] = {}
    with display.training(len(cells)) as listener:
        ids = examples_of(cells)
        for group in groups_of_shapes(cells, cells[0].arm.training.group_size or None):
            listener.group(group)
            outcomes = train_cells(group, listener.epoch, ids, listener.embedded, save_model=True)
            listener.group_done(outcomes)
            listener.group_stored()
            for planned, outcome in zip(group, outcomes, strict=True):
                if outcome.status != "finished":
                    raise InputError(f"replicate {planned.cell.replicate}: {outcome.error or outcome.status}")
                files = {name.removeprefix(f"{FOLDER}/"): content for name, content in outcome.files.items()}
                files.pop(MANIFEST)
                made[planned.cell.cell] = files, float(outcome.metrics.get(metric, np.nan))
    return [made[planned.cell.cell] for planned in cells]


def refitted(planned: PlannedCell, row: Row) -> PlannedCell:
    """Return a finished cell as it is trained on its training and validation examples, for what its row has chosen.

    That is the best epoch, or the value of the encoder's parameter. Raises InputError without validation examples, and
    for a schedule that reads them.
    """
    if not planned.draw.validation:
        raise InputError(f"refit=true: replicate {planned.cell.replicate} has no validation examples to add")
    instead = "use refit=false, or train the study with another training.schedule"
    refuse_plateau(planned.arm, planned.arm.training.schedule, "refit", instead)
    best_epoch = float(row.get("best_epoch", math.nan))
    parameter = getattr(planned.arm.encoder, "parameter", "")
    chosen = {parameter: float(row[parameter])} if math.isfinite(float(row.get(parameter, math.nan))) else {}
    arm = without_validation(planned.arm, int(best_epoch) if math.isfinite(best_epoch) else 0, chosen)
    arm = dataclasses.replace(arm, training=dataclasses.replace(arm.training, score_at_end=[]))
    draw = joined(planned.draw)
    cell = dataclasses.replace(planned.cell, setting="refit", n_train=len(draw.train))
    return dataclasses.replace(planned, arm=arm, draw=draw, cell=cell)


def with_settings_of(
    files: dict[str, bytes], planned: PlannedCell, allowed: Sequence[AllowedModule]
) -> dict[str, bytes]:
    """Return the files of a refitted model with the settings of the arm as it was, so that replicates share them."""
    description = read_description(files[MODEL], f"replicate {planned.cell.replicate}", allowed)
    variants = tuple(dataclasses.replace(one, encoder=planned.arm.encoder) for one in description.variants)
    described = dataclasses.replace(description, variants=variants)
    return {**files, MODEL: described.to_bytes(), CONFIG: config_of(planned.arm, ARM_GROUPS)}


def floor_files(floor: str, cells: Sequence[PlannedCell]) -> dict[str, bytes]:
    """Return the files of a floor that is fitted to the draw of each cell, one for each draw."""
    distinct = list({planned.draw.digest: planned for planned in cells}.values())
    first, ngrams = distinct[0], Ngrams()
    arrays: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for place, planned in enumerate(distinct):
        own, lists = fit_floor(floor, planned.corpus, planned.draw, ngrams)
        arrays |= numbered(place, own)
        words |= numbered(place, lists)
    corpus = first.corpus
    description = Description(
        floor, corpus.task, corpus.labels, floor, first.cell.dataset, corpus.data,
        TextPreparation.of(first.arm.dataset), tuple(replicate_info(planned.cell) for planned in distinct), (),
        corpus.notation, versions(),
    )  # fmt: skip
    return files_of(description, arrays, words, config_of(first.arm, ("dataset", "sampling")))
