"""The top-level keys of a composed config, checked."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from seedbed.config.build import typed
from seedbed.config.freeing import REPLACED, free_of, key_of
from seedbed.config.plugins import not_by_a_file, refuse_plugins
from seedbed.config.schema import GROUPS, LINT, SEEDS, SEEDS_APART, StudyKeys
from seedbed.config.sources import Sources, sources
from seedbed.errors import InputError, nearest

LONGEST = 255
"""Bytes of a file's name."""


def study_keys(config: Any, overrides: Sequence[str]) -> StudyKeys:
    """The keys beside the groups. Raises InputError for one that is unknown, or of a wrong type or value."""
    names = [f.name for f in dataclasses.fields(StudyKeys)]
    where = sources(config, overrides)
    values = {}
    for key in config:
        if key in (*GROUPS, "hydra", "experiment"):
            continue
        if key not in names:
            raise InputError(f"{key} ({where(key)}): no such key{nearest(key, [*names, *GROUPS, 'experiment'])}")
        value = {} if config[key] is None and key in REPLACED else config[key]
        if key in REPLACED:
            _refuse_pairs(value, key, where)
        values[key] = typed(StudyKeys, key, value, key, where)
    keys = StudyKeys(**values)
    _refuse_plugins_of_files(keys, where)
    keys.lint = "off" if config.lint is False else keys.lint  # in YAML a bare off is no word
    _check_numbers(keys)
    return keys


def _refuse_plugins_of_files(keys: StudyKeys, where: Sources) -> None:
    """Refuse modules that a config file would import, and find those of the command line; imports nothing."""
    if keys.plugins and not where.typed("plugins"):
        raise InputError(f"plugins ({where.place('plugins')}): {not_by_a_file('[' + ','.join(keys.plugins) + ']')}")
    for name, overrides in keys.protocols.items():
        refuse_plugins(overrides, f"protocols.{name} ({where.place(f'protocols.{name}')})")
    _ = where.plugins


def _check_numbers(keys: StudyKeys) -> None:
    """Refuse values of the top-level keys that have the right type and make no sense."""
    unfit = "/" in keys.name or "\0" in keys.name or keys.name.startswith(".")
    if not keys.name.strip() or unfit or len(keys.name.encode(errors="surrogatepass")) > LONGEST:
        raise InputError(f"name={keys.name}: must do as the name of a folder")
    if keys.replicates < 1:
        raise InputError(f"replicates={keys.replicates}: must be at least 1")
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
    if keys.lint not in LINT:
        raise InputError(f"lint={keys.lint}: choose {', '.join(LINT)}")
    if keys.device not in ("auto", "cpu", "gpu"):
        raise InputError(f"device={keys.device}: choose auto, cpu or gpu")
    if keys.sizes is not None and (not keys.sizes or min(keys.sizes) < 1 or len(set(keys.sizes)) < len(keys.sizes)):
        raise InputError(f"sizes={list(keys.sizes)}: different numbers of training examples, each at least 1")


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


def _refuse_pairs(lists: Any, key: str, where: Sources) -> None:
    """Refuse ``- embedding: glove`` in a list of overrides."""
    for name, own in lists.items() if hasattr(lists, "items") else ():
        for one in own if hasattr(own, "append") else ():
            if hasattr(one, "items"):
                pair = " ".join(f"{below}: {value}" for below, value in one.items())
                raise InputError(
                    f"{key}.{name} ({where.place(f'{key}.{name}')}): `{pair}`: a list of overrides: write them with "
                    "`=`, such as `- embedding=glove`"
                )


def refuse_of_another_command(keys: StudyKeys, overrides: Sequence[str], single: bool) -> None:
    """Refuse keys of the command line that only another command looks at."""
    for override in overrides:
        free, key = free_of(override), key_of(override)
        if free and free.path == "arms" and single:
            raise InputError(
                f"command line: {override}: several arms are of `seedbed compare`; `seedbed run` trains one"
            )
        if key == "arm" and keys.arm is not None and keys.arms and not single:
            raise InputError(f"command line: {override}: of `seedbed run`; the arms here are {', '.join(keys.arms)}")
    set_here = {free.name for free in map(free_of, overrides) if free and free.path == "protocols"} - {None}
    if set_here and keys.protocol not in set_here:
        name = sorted(set_here)[0]
        raise InputError(f"command line: protocols.{name}: is not followed unless it is chosen: protocol={name}")
