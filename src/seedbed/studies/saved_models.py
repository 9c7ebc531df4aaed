"""The models of trained cells in a store."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.cells import Row
from seedbed.errors import InputError
from seedbed.saved_models.folder import FOLDER, MANIFEST, read_files

if TYPE_CHECKING:
    from seedbed.config.plugins import AllowedModule
    from seedbed.config.schema import Study
    from seedbed.tracking.store import Store

MODELS = "models:/"
"""Before the name or the id of a model in an address of MLflow."""


def refuse_unsaved(study: "Study", store: "Store", runs: Mapping[str, str]) -> None:
    """Raise InputError where models are to be saved, and finished cells that are not trained again have none.

    ``runs``: the run of each finished cell.
    """
    if not study.tracking.save_model or study.keys.force:
        return
    without = [run for run in runs.values() if not has_model(store, run)]
    if without:
        raise InputError(
            f"tracking.save_model=true: {len(without)} of the {len(runs)} cells that are trained already have no "
            "model; force=true trains all cells and searches again, and saves them; `seedbed ship` trains those of one "
            "arm again"
        )


def refuse_unusable_arms(study: "Study") -> None:
    """Raise InputError where models are to be saved of an arm that cannot predict other texts than its own."""
    if not study.tracking.save_model:
        return
    from seedbed.saved_models.vectors import refuse_unusable

    for arm in study.arms:
        try:
            refuse_unusable(arm.embedding)
        except InputError as error:
            raise InputError(f"arm {arm.name}: {error}") from error


def has_model(store: "Store", run: str) -> bool:
    """Return whether a run has a saved model."""
    return store.cell_artifacts().read(run, f"{FOLDER}/{MANIFEST}") is not None


def stored_model(store: "Store", run: str) -> dict[str, bytes] | None:
    """Return the files of the model of a cell's run, None where it has none; raises InputError for a changed one."""
    artifacts = store.cell_artifacts()
    manifest = artifacts.read(run, f"{FOLDER}/{MANIFEST}")
    if manifest is None:
        return None

    def read(name: str, size: int) -> bytes | None:
        return manifest if name == MANIFEST else artifacts.read(run, f"{FOLDER}/{name}")

    return read_files(read, f"model of run {run}")


def saved_model_of(store: "Store", run: str) -> dict[str, bytes]:
    """Return the files of the model of a cell's run; raises InputError where it has none, or a changed one."""
    files = stored_model(store, run)
    if files is None:
        raise _without_model(store, run)
    return files


def _without_model(store: "Store", run: str) -> InputError:
    """Return why a run has no model: there is no such run, it is none of a cell, or none was saved."""
    runs = {one.id: one.tags for one in store.find_runs({})}
    if run not in runs:
        begun = [one for one in runs if one.startswith(run)]
        hint = f"; did you mean run={begun[0]}?" if len(begun) == 1 else ""
        where = "column `run` of results.csv has the runs of cells"
        return InputError(f"run={run}: no such run in {store.tracking.shown_address}; {where}{hint}")
    tags = runs[run]
    if (kind := tags.get("seedbed.kind")) != "cell":
        which = f"is a {kind}, not a cell" if kind else "is no cell of seedbed"
        also = f"; comparison={run} arm=NAME predicts with all replicates of an arm" if kind == "comparison" else ""
        return InputError(f"run={run}: {which}{also}")
    if lost := store.missing_files(run):
        return InputError(f"run={run}: {lost}")
    arm, size, study = (tags.get(f"seedbed.{name}", "") for name in ("arm", "n_train", "name"))
    again = _again(f"study={study}", arm, size)
    if "mlflow.parentRunId" not in tags:  # a single cell of `seedbed run`, without a record of its study
        again = "the same command with tracking.save_model=true force=true trains it again and saves its model"
    return InputError(f"run={run}: no model was saved with this run: {again}")


def model_at(store: "Store", address: str) -> dict[str, bytes]:
    """Return the files of the model of a cell by the address of its logged model, ``models:/m-ID``; InputError."""
    name = address.removeprefix(MODELS)
    if not re.fullmatch(r"m-\w+", name):
        raise InputError(
            f"model={address}: the model of a cell is named by its id, models:/m-ID; for a registered model: "
            f"`mlflow artifacts download -u {address} -d DIR`, then model=DIR/data/seedbed_model"
        )
    run = store.run_of_model(name)
    if not run:
        raise InputError(f"model={address}: no such logged model in {store.tracking.shown_address}; give tracking.uri")
    return saved_model_of(store, run)


def ensemble(
    store: "Store", rows: Sequence[Row], where: str, allowed: "Sequence[AllowedModule]" = ()
) -> dict[str, bytes]:
    """Return the files of a model with the replicates of these finished cells; raises InputError where one has none.

    ``where``: the study or comparison, as a key of `seedbed ship`; ``allowed``: modules of plugins that may be
    imported.
    """
    from seedbed.saved_models.saving import merged

    found = [(row, stored_model(store, row["run"])) for row in rows]
    if without := [row for row, files in found if files is None]:
        arm, size = without[0]["arm"], without[0]["n_train"]
        none = f"{len(without)} of {len(rows)} cells at size={size} have no saved model"
        raise InputError(f"arm={arm}: {none}: {_again(where, arm, size)}")
    return merged([(f"model of run {row['run']}", files) for row, files in found if files is not None], allowed)


def _again(where: str, arm: str, size: object) -> str:
    """How the models of an arm are made that were not saved."""
    made = shlex.join(["seedbed", "ship", where, f"arm={arm}", f"size={size}", "output=DIR"])
    return f"`{made}` trains them again without another search, then model=DIR predicts"


def cells_of(rows: Iterable[Row], arm: str, size: int | None, where: str) -> list[Row]:
    """Return the finished cells of an arm at a size, by default at its largest; raises InputError with what there is.

    Of a tuned arm those that a search chose.
    """
    from seedbed.errors import nearest

    rows = list(rows)
    arms = list(dict.fromkeys(str(row["arm"]) for row in rows))
    if arm not in arms:
        raise InputError(f"arm={arm}: not an arm of {where}{nearest(arm, arms)}")
    own = [row for row in rows if row["arm"] == arm and row["status"] == "finished"]
    if not own:
        raise InputError(f"arm={arm}: no cell of {where} has finished")
    sizes = sorted({int(row["n_train"]) for row in own})
    if size is not None and size not in sizes:
        raise InputError(f"size={size}: arm {arm} of {where} has {', '.join(map(str, sizes))}")
    at_size = [row for row in own if int(row["n_train"]) == (sizes[-1] if size is None else size)]
    datasets = sorted({str(row["dataset"]) for row in at_size})
    if len(datasets) > 1:
        raise InputError(f"{where}: has {len(datasets)} data sets ({', '.join(datasets)}): name one comparison")
    settings = {str(row["setting"]) for row in at_size}
    chosen = next(setting for setting in ("refit", "tuned", "default") if setting in settings)
    return sorted((row for row in at_size if row["setting"] == chosen), key=lambda row: int(row["replicate"]))
