"""The record of a study in its parent run: its cells, and the inputs of its report besides scores."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.cells import IDENTITY_COLUMNS, INTEGER_COLUMNS, NOT_READ, Finding, Row, cells_table
from seedbed.comparison.plan import Plan, PlannedCell
from seedbed.config.flat_settings import all_settings
from seedbed.config.job_names import by_value
from seedbed.config.schema import ARM_GROUPS, LOCATION_FIELDS, TRAINED_GROUPS, Arm, Job, Study
from seedbed.errors import InputError
from seedbed.masking import without_secrets
from seedbed.saved_models.objects import to_json
from seedbed.tracking import parent_files
from seedbed.tracking.names import STUDY_FILE

if TYPE_CHECKING:
    from pandas import DataFrame

FILE = STUDY_FILE

_CELL = {
    column if column in ("cell", "dataset", "arm", "n_train", "replicate") else f"?{column}": (
        (int, None) if column in INTEGER_COLUMNS else (str, None)
    )
    for column in IDENTITY_COLUMNS
}
_SHAPE = {
    "cells": [_CELL], "?baseline": (str, None), "?metric": (str, None), "?context": dict,
    "?findings": [{"rule": str, "text": str, "?why": str, "?advice": str}], "?published": (dict, None),
    "?settings": {str: {str: (str, int, float, bool, None)}},
    "?as_run": {str: {str: str}}, "?arms": {str: {"choices": {str: str}, "stages": dict}}, "?seeds": dict,
    "?job": ({"swept": [str], "shared": [str], "config_dir": (str, None)}, None),
}  # fmt: skip
"""The shape of the record; later versions added the keys with ``?``."""

DRAW_KEYS = ("seed", "seeds", "replicates", "initialisations", "sizes")
"""The keys of a study that determine its draws and initializations."""

CellKey = tuple[str, str, int, int, str]
"""Data set, arm, n_train, replicate and setting of a cell."""
JobKey = tuple[str, str]
"""Data set and arm of the job of a sweep."""


def record(
    study: Study, plan: Plan, context: Mapping[str, object], findings: Sequence[Finding] = ()
) -> dict[str, object]:
    """Return the record of a study, JSON-ready, without passwords in addresses.

    ``context``, ``findings``: shown in its report next to the cells.
    """
    made = {
        "cells": [identity(planned) for planned in plan.planned],
        "baseline": study.keys.baseline,
        "metric": study.keys.metric,
        "context": context,
        "findings": [asdict(finding) for finding in findings],
        "published": _published(study),
        "settings": settings_of(study),
        "as_run": {arm.name: as_run(arm) for arm in study.arms},
        "arms": {arm.name: {"choices": dict(arm.choices), "stages": _stages(arm)} for arm in study.arms},
        "seeds": {key: getattr(study.keys, key) for key in DRAW_KEYS},
        "job": None if study.job is None else asdict(study.job),
    }
    return {name: without_secrets(value) for name, value in made.items()}


def read_record(content: bytes | None, run_id: str) -> Row | None:
    """Return the record of a parent run as `record` made it, or None. Raises InputError where it is damaged."""
    if content is None:
        return None
    record: Row = parent_files.parsed(content, FILE, run_id, _SHAPE)
    cells = [{column: cell[column] for column in IDENTITY_COLUMNS if column in cell} for cell in record["cells"]]
    return record | {"cells": cells}


def settings_of(study: Study) -> dict[str, dict[str, str]]:
    """Return, by arm, the choices of its groups and their settings, with the names and files that are read."""
    return {
        arm.name: {group: arm.choices[group] for group in ARM_GROUPS} | dict(arm.settings) | arm.files
        for arm in study.arms
    }


def as_run(arm: Arm) -> dict[str, str]:
    """Return the choices of an arm and all its settings, with defaults, as a report shows them.

    Keys of ``training`` that an encoder which is fitted at once does not read are ``NOT_READ``.
    """
    texts = all_settings({group: getattr(arm, group) for group in ARM_GROUPS})
    read = getattr(arm.encoder, "training_fields", None)
    if read is not None:
        unread = [key for key in texts if key.startswith("training.") and key.partition(".")[2] not in (*read, "class")]
        texts |= dict.fromkeys(unread, NOT_READ)
    return {group: arm.choices[group] for group in ARM_GROUPS} | texts


def findings_of(record: Row) -> tuple[Finding, ...]:
    """Return the findings of the linter before training; none in records of versions without it."""
    names = [part.name for part in fields(Finding)]
    return tuple(
        Finding(**{name: found[name] for name in names if name in found}) for found in record.get("findings", ())
    )


def jobs_of(records: Sequence[Row]) -> dict[JobKey, Job]:
    """Return the jobs of a sweep by data set and arm, in the order of their swept values; others are left out.

    Of jobs with one arm, which differ in size or seed, it is the first.
    """
    jobs: dict[JobKey, Job] = {}
    for record in records:
        for cell in record["cells"] if record.get("job") else ():
            job = record["job"]
            known = Job(tuple(job["swept"]), tuple(job["shared"]), job["config_dir"])
            jobs.setdefault((cell["dataset"], cell["arm"]), known)
    return dict(sorted(jobs.items(), key=lambda item: by_value(item[1].swept)))


def _stages(arm: Arm) -> dict[str, object]:
    """The objects of an arm as JSON, from which they are built again; data sets name the folder of their files."""
    stages = {group: getattr(arm, group) for group in ARM_GROUPS}
    data = stages["dataset"]
    if not (data.path or data.folder or data.package or data.url):
        stages["dataset"] = replace(data, path=str(Path.cwd()))
    return {group: to_json(stage) for group, stage in stages.items()}


def _published(study: Study) -> dict[str, object] | None:
    """Return the table of published scores as it was when the study ran, with protocol and departures."""
    if study.published is None:
        return None
    protocol = study.keys.protocol or ""
    return {"table": asdict(study.published), "protocol": protocol, "departures": study.departures}


def identity(planned: PlannedCell) -> Row:
    """Return the identity columns of ``results.csv``, under the names of this study."""
    return {column: getattr(planned.cell, column) for column in IDENTITY_COLUMNS}


def study_table(cells: Sequence[Row], rows: Mapping[str, Row]) -> "DataFrame":
    """Return the table of a study's cells, under the names in ``cells``.

    ``rows``: by fingerprint, the stored row of a cell; a cell without a row is ``missing``.
    """
    return cells_table({**rows.get(cell["cell"], {"status": "missing"}), **cell} for cell in cells)


def joined(cells: Sequence[Row], where: str) -> list[Row]:
    """Return the cells of several runs of one name as one study, each once.

    Jobs that differ in ``seed`` use the same replicate numbers. Replicates are then numbered by data seed, or with
    crossed seeds by the index of their pair of seeds. Cells that still share data set, arm, size and replicate,
    but have different fingerprints, cannot be distinguished: InputError.
    """
    unique = list({(cell["arm"], cell["cell"]): dict(cell) for cell in cells}.values())
    if repeated_key(unique):
        unique = numbered_by_seed(unique)
    if key := repeated_key(unique):
        _, arm, n_train, replicate, _ = key
        raise InputError(
            f"{where}: arm {arm}, n_train {n_train}, replicate {replicate} was trained with different settings under "
            "this name; give the arms different names, or name one run"
        )
    return unique


def refuse_changed_arms(records: Sequence[Row], where: str) -> None:
    """Raise InputError for an arm that was trained with different settings in two comparisons of one name.

    Settings that only one of them recorded do not count, as versions add some, nor where files are, as they are moved.
    """
    known: dict[tuple[str, str], Mapping[str, object]] = {}
    for record in records:
        for arm, settings in record.get("settings", {}).items():
            first = known.setdefault((settings.get("dataset.name", ""), arm), settings)
            both = [key for key in first if key in settings and _says_what_is_trained(key)]
            if key := next((key for key in both if str(first[key]) != str(settings[key])), None):
                raise InputError(
                    f"{where}: arm {arm} was trained with different settings under this name, such as "
                    f"{key}={first[key]} and {key}={settings[key]}; give the arms different names, or name one run"
                )


def _says_what_is_trained(key: str) -> bool:
    """Return whether a key is a setting of what is trained, or the choice of vectors: other choices are in settings."""
    group, _, rest = key.partition(".")
    is_setting = bool(rest) and group in TRAINED_GROUPS and key.rpartition(".")[2] not in LOCATION_FIELDS
    return is_setting or key == "embedding"


def numbered_by_seed(cells: Sequence[Row]) -> list[Row]:
    """Return the cells with replicates numbered by data seed, or with crossed seeds by the index of their pair."""
    pairs = sorted({(cell["data_seed"], cell["init_seed"]) for cell in cells})
    is_crossed = len({data_seed for data_seed, _ in pairs}) < len(pairs)
    numbers = {pair: index if is_crossed else pair[0] for index, pair in enumerate(pairs)}
    return [dict(cell) | {"replicate": numbers[cell["data_seed"], cell["init_seed"]]} for cell in cells]


def cell_key(cell: Row) -> CellKey:
    """Return the key of a row; rows of older versions are of arms as they are."""
    return cell["dataset"], cell["arm"], cell["n_train"], cell["replicate"], cell.get("setting", "default")


def repeated_key(cells: Sequence[Row]) -> CellKey | None:
    """Return the first key that two cells of the same data have, or None."""
    keys = set()
    for cell in cells:
        key = cell_key(cell)
        if (key, cell.get("data", "")) in keys:
            return key
        keys.add((key, cell.get("data", "")))
    return None
