"""Recipes of ``seedbed pretrain``: its keys in a file of ``pretraining/``, in conf/ and in ``--config-dir``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.config.conf_files import choice_files, shown
from seedbed.config.hydra_grammar import quote
from seedbed.config.yaml_files import read_yaml
from seedbed.errors import InputError, nearest

FOLDER = "pretraining"


@dataclass(frozen=True)
class Recipe:
    """``words``: what its file says as ``key=value`` of a command line, by key; ``file``: for messages."""

    name: str
    file: str
    words: Mapping[str, str]


def recipe_files(config_dir: str | None = None) -> dict[str, Path]:
    """The files of recipes by name; one's own come before those of seedbed."""
    return choice_files(FOLDER, config_dir)


def read_recipe(name: str, keys: Sequence[str], groups: Sequence[str], config_dir: str | None = None) -> Recipe:
    """The recipe of this name, which may have ``keys``, and keys below ``groups`` such as ``dataset.split_seed``.

    InputError where there is none of this name, or where its file is not that.
    """
    files = recipe_files(config_dir)
    if name in choice_files("experiment", config_dir) and name not in files:
        raise InputError(f"experiment={name}: a study of `seedbed compare`, not a recipe (valid: {', '.join(files)})")
    if name not in files:
        raise InputError(f"experiment={name}: no file conf/{FOLDER}/{name}.yaml{nearest(name, files, 'experiment')}")
    file = shown(files[name])
    words: dict[str, str] = {}
    for key, word in _words(files[name], file, groups):
        if key not in keys and key.partition(".")[0] not in groups:
            raise InputError(f"{key} ({file}): no such key{nearest(key, keys)}")
        words[key] = word
    return Recipe(name, file, words)


def _words(path: Path, file: str, groups: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each key with its word. A plain value is what a command line has; one below a group is in Hydra's grammar."""
    import yaml
    from omegaconf import OmegaConf

    document = read_yaml(path)
    if document.tree is None:
        raise InputError(f"{file}: must have keys of `seedbed pretrain`, such as size: small")
    values = OmegaConf.to_container(OmegaConf.create(document.text))
    for key, node in ((str(key.value), node) for key, node in document.tree.value):
        if "." in key and key.partition(".")[0] in groups:
            yield key, f"{key}={_in_hydra(values[key], key, file)}"
        elif isinstance(node, yaml.ScalarNode):
            yield key, f"{key}={node.value}"
        else:
            raise InputError(f"{key} ({file}): must be one value")


def _in_hydra(value: Any, key: str, file: str) -> str:
    try:
        return quote(value)
    except InputError as error:
        raise InputError(f"{key} ({file}): {str(error).removeprefix('command line: ')}") from error
