"""The top-level keys of a composed config, checked."""

import dataclasses
from collections.abc import Mapping, MutableSequence, Sequence
from typing import TYPE_CHECKING

from seedbed.config.build import typed
from seedbed.config.override_syntax import REPLACED_MAPPINGS, override_key, parse_mapping_override
from seedbed.config.plugins import no_imports_by_file, refuse_plugins
from seedbed.config.provenance import Provenance
from seedbed.config.schema import GROUPS, LINT, RETRY, SEEDS, SEEDS_APART, StudyKeys
from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from omegaconf import DictConfig

LONGEST = 255
"""Bytes in the name of a file."""


def parse_study_keys(config: "DictConfig", overrides: Sequence[str]) -> StudyKeys:
    """Return the keys outside the groups. Raises InputError for an unknown key, or a wrong type or value."""
    names = [f.name for f in dataclasses.fields(StudyKeys)]
    where = Provenance(config, overrides)
    values = {}
    for key in map(str, config):
        if key in (*GROUPS, "hydra", "experiment"):
            continue
        if key not in names:
            raise InputError(f"{key} ({where(key)}): no such key{nearest(key, [*names, *GROUPS, 'experiment'])}")
        value = {} if config[key] is None and key in REPLACED_MAPPINGS else config[key]
        if key in REPLACED_MAPPINGS:
            _refuse_pairs(value, key, where)
        values[key] = typed(StudyKeys, key, value, key, where)
    keys = StudyKeys(**values)
    _refuse_plugins_in_files(keys, where)
    keys.lint = "off" if config.lint is False else keys.lint  # in YAML a bare off is False
    _check_numbers(keys)
    return keys


def _refuse_plugins_in_files(keys: StudyKeys, where: Provenance) -> None:
    """Raise InputError for modules that a config file would import, and for unknown ones; imports nothing."""
    if keys.plugins and not where.is_on_command_line("plugins"):
        raise InputError(f"plugins ({where.line('plugins')}): {no_imports_by_file('[' + ','.join(keys.plugins) + ']')}")
    for name, overrides in keys.protocols.items():
        refuse_plugins(overrides, f"protocols.{name} ({where.line(f'protocols.{name}')})")
    _ = where.plugins  # raises InputError for an unknown module


def _check_numbers(keys: StudyKeys) -> None:
    """Raise InputError for values of the right type that make no sense."""
    is_invalid = "/" in keys.name or "\0" in keys.name or keys.name.startswith(".")
    if not keys.name.strip() or is_invalid or len(keys.name.encode(errors="surrogatepass")) > LONGEST:
        raise InputError(f"name={keys.name}: must be usable as the name of a folder")
    if keys.confirm is not None and keys.confirm == keys.name:
        raise InputError(
            f"confirm={keys.confirm}: is this study; give it another name, such as name={keys.name}_confirmed"
        )
    if keys.replicates < 1:
        raise InputError(f"replicates={keys.replicates}: must be at least 1")
    if keys.workers is not None and keys.workers < 1:
        raise InputError(f"workers={keys.workers}: must be at least 1")
    if keys.replicates > SEEDS_APART:
        raise InputError(f"replicates={keys.replicates}: at most {SEEDS_APART}; beyond, take another seed")
    _check_seeds(keys)
    if keys.seed < 0:
        raise InputError(f"seed={keys.seed}: must be at least 0")
    if keys.only is not None and not keys.only:
        raise InputError("only=[]: name at least one replicate, such as only=[0], or leave it null for all")
    for number in keys.only or ():
        if not 0 <= number < keys.numbered:
            raise InputError(f"only=[{number}]: replicates are numbered 0 to {keys.numbered - 1}")
    _check_choices(keys)
    if keys.sizes is not None and (not keys.sizes or min(keys.sizes) < 1 or len(set(keys.sizes)) < len(keys.sizes)):
        raise InputError(f"sizes={list(keys.sizes)}: different numbers of training examples, each at least 1")


def _check_choices(keys: StudyKeys) -> None:
    for name, choices in (("lint", LINT), ("retry", RETRY), ("device", ("auto", "cpu", "gpu"))):
        if getattr(keys, name) not in choices:
            raise InputError(f"{name}={getattr(keys, name)}: choose {', '.join(choices)}")
    if keys.force and keys.retry != "all":
        raise InputError(f"retry={keys.retry}: has no effect with force=true, which trains every cell: leave one out")


def _check_seeds(keys: StudyKeys) -> None:
    number = keys.initialisations
    if keys.seeds not in SEEDS:
        raise InputError(f"seeds={keys.seeds}: choose {', '.join(SEEDS)}")
    if keys.seeds == "paired" and number != 1:
        raise InputError(f"initialisations={number}: with seeds=paired each replicate has one; use seeds=crossed")
    if keys.seeds == "crossed" and number < 2:
        raise InputError(f"initialisations={number}: with seeds=crossed give at least 2")
    if keys.numbered > SEEDS_APART:
        raise InputError(
            f"initialisations={number}: at most {SEEDS_APART} replicates, and {keys.replicates} draws make "
            f"{keys.numbered}"
        )


def _refuse_pairs(lists: object, key: str, where: Provenance) -> None:
    """Raise InputError for ``- embedding: glove`` in a list of overrides."""
    for name, overrides in lists.items() if isinstance(lists, Mapping) else ():
        for override in overrides if isinstance(overrides, MutableSequence) else ():
            if isinstance(override, Mapping):
                pair = " ".join(f"{key}: {value}" for key, value in override.items())
                raise InputError(
                    f"{key}.{name} ({where.line(f'{key}.{name}')}): `{pair}`: a list of overrides: write them with "
                    "`=`, such as `- embedding=glove`"
                )


def refuse_ignored_keys(keys: StudyKeys, overrides: Sequence[str], single: bool) -> None:
    """Raise InputError for keys of the command line that only the other command reads; ``single``: `seedbed run`."""
    parsed = [parse_mapping_override(override) for override in overrides]
    for override, mapping in zip(overrides, parsed, strict=True):
        key = override_key(override)
        if mapping and mapping.path == "arms" and single:
            raise InputError(
                f"command line: {override}: `seedbed run` trains one arm; several are compared by `seedbed compare`"
            )
        if key == "arm" and keys.arm is not None and keys.arms and not single:
            raise InputError(
                f"command line: {override}: applies only to `seedbed run`; the arms here are {', '.join(keys.arms)}"
            )
    protocols = {mapping.name for mapping in parsed if mapping and mapping.path == "protocols" and mapping.name}
    if protocols and keys.protocol not in protocols:
        name = min(protocols)
        raise InputError(f"command line: protocols.{name}: has no effect unless it is chosen: protocol={name}")
