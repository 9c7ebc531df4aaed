"""Read tables of published scores, and list the settings of a study's arms that differ from the published run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seedbed.config.build import build
from seedbed.config.conf_files import choice_files
from seedbed.config.plugins import refuse_plugins
from seedbed.config.schema import Arm, Stage
from seedbed.config.yaml_files import read_yaml
from seedbed.errors import InputError, nearest, one_line

FOLDER = "published_numbers"
"""In conf/ and in --config-dir. A folder named ``published`` would be a config group for Hydra."""

_TABLE, _ROW = "seedbed.report.analysis.published_scores.Table", "seedbed.report.analysis.published_scores.Row"


def table_files(config_dir: str | None = None) -> dict[str, Path]:
    """Return the files of tables by name; those in ``config_dir`` take precedence."""
    return choice_files(FOLDER, config_dir)


def published_table(name: str, config_dir: str | None = None) -> Stage:
    """Return the table of this name. InputError where there is none, or its file is invalid."""
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    files = table_files(config_dir)
    if name not in files:
        raise InputError(f"published={name}: no file conf/{FOLDER}/{name}.yaml{nearest(name, files)}")
    document = read_yaml(files[name])
    file = document.file
    try:
        node = OmegaConf.create(document.text)
        OmegaConf.resolve(node)
    except OmegaConfBaseException as error:
        key = str(error.full_key or "")
        line = document.line(key.split(".")) if key else None
        raise InputError(f"{file}{f':{line}' if line else ''}: cannot be read: {one_line(error)}") from error
    rows = node.get("rows") if isinstance(node, DictConfig) else None
    if document.tree is None or not isinstance(node, DictConfig) or not isinstance(rows, DictConfig | None):
        raise InputError(f"{file}: must have keys such as title, source and rows, and rows their labels")
    # Only these two classes are possible, so the files need no _target_ on every row.
    node["_target_"] = _TABLE
    for row in (rows or {}).values():
        if isinstance(row, DictConfig):
            row["_target_"] = _ROW
    table = build(node, FOLDER, lambda key: file)
    refuse_plugins([*table.settings, *table.stand_in], f"{file}: settings")
    return table


def departures(table: Stage, arms: Sequence[Arm]) -> dict[str, list[str]]:
    """Return, by label of a row, the settings of the arms to match it that differ from the published run."""
    by_name = {arm.name: arm for arm in arms}
    by_label = {}
    for label, row in table.all_rows.items():
        compared = [by_name[name] for name in (row.arm, row.minus) if name in by_name]
        if texts := list(dict.fromkeys(text for arm in compared for text in _departures(arm, row.settings))):
            by_label[label] = texts
    return by_label


def _departures(arm: Arm, settings: Mapping[str, str]) -> list[str]:
    texts = []
    for key, published in settings.items():
        value = arm.choices[key] if key in arm.choices else _setting(arm, key.split("."))
        if value is not None and str(value) != published:
            texts.append(f"{key} is {value}, published with {published}")
    return texts


def _setting(node: object, path: Sequence[str]) -> object:
    """Return the value of an arm's key such as ``embedding.parts.elmo.folder``; None where it has no such key."""
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else getattr(node, name, None)
    return node
