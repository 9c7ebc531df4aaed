"""Finding and reading the tables of published scores, and what the arms of a study have that they had not."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seedbed.config.build import build
from seedbed.config.folders import choice_files
from seedbed.config.plugins import refuse_plugins
from seedbed.config.schema import Arm
from seedbed.config.yaml_files import read
from seedbed.errors import InputError, nearest, one_line

FOLDER = "published_numbers"
"""In conf/ and in --config-dir. A folder ``published`` would make a group of the key, which Hydra then composes."""

_TABLE, _ROW = "seedbed.report.published.table.Table", "seedbed.report.published.table.Row"


def table_files(config_dir: str | None = None) -> dict[str, Path]:
    """The files of tables by name; one's own come before those of seedbed."""
    return choice_files(FOLDER, config_dir)


def published_table(name: str, config_dir: str | None = None) -> Any:
    """The table of this name. InputError where there is none, or where its file says something wrong."""
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    files = table_files(config_dir)
    if name not in files:
        raise InputError(f"published={name}: no file conf/{FOLDER}/{name}.yaml{nearest(name, files)}")
    document = read(files[name])
    file = document.file
    try:
        node = OmegaConf.create(document.text)
        OmegaConf.resolve(node)
    except OmegaConfBaseException as error:
        key = str(error.full_key or "")
        line = document.line(key.split(".")) if key else None
        raise InputError(f"{file}{f':{line}' if line else ''}: cannot be read: {one_line(error)}") from error
    rows = node.get("rows")
    if document.tree is None or not isinstance(rows, DictConfig | None):
        raise InputError(f"{file}: must have keys such as title, source and rows, and rows their labels")
    # Only these two classes are meant: their files need no _target_ on every row.
    node["_target_"] = _TABLE
    for row in (rows or {}).values():
        if isinstance(row, DictConfig):
            row["_target_"] = _ROW
    table = build(node, FOLDER, lambda key: file)
    refuse_plugins([*table.settings, *table.stand_in], f"{file}: settings")
    return table


def departures(table: Any, arms: Sequence[Arm]) -> dict[str, list[str]]:
    """By label of a row, what the arms that are to match it have otherwise than the published run."""
    by_name = {arm.name: arm for arm in arms}
    found = {}
    for label, row in table.whole.items():
        own = [by_name[name] for name in (row.arm, row.minus) if name in by_name]
        if texts := list(dict.fromkeys(text for arm in own for text in _departures(arm, row.settings))):
            found[label] = texts
    return found


def _departures(arm: Arm, settings: Mapping[str, str]) -> list[str]:
    found = []
    for key, wanted in settings.items():
        has = arm.choices[key] if key in arm.choices else _at(arm, key.split("."))
        if has is not None and str(has) != wanted:
            found.append(f"{key} is {has}, published with {wanted}")
    return found


def _at(node: Any, path: Sequence[str]) -> Any:
    """What an arm has at a key such as ``embedding.parts.elmo.folder``; None where it has no such key."""
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else getattr(node, name, None)
    return node
