"""Composing a config with Hydra, and saying in one line what is wrong with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from seedbed.config.filling import fill, parted
from seedbed.config.folders import conf_dir, own_dir, refuse_hidden
from seedbed.config.quoting import quoted
from seedbed.config.readable import refuse_unreadable
from seedbed.config.refused import HEADERLESS, in_one_line, key_in, unresolved
from seedbed.config.schema import STUDY, Root
from seedbed.config.sources import GLOBAL, sources
from seedbed.errors import InputError

__all__ = ["compose", "conf_dir", "hydra_over"]


def compose(overrides: Sequence[str], config_dir: str | None = None, root: Root = STUDY) -> Any:
    """The composed config with Hydra's own node, for these overrides of the command line; every value resolves."""
    from hydra import compose as hydra_compose

    own_dir(config_dir)
    for override in overrides:
        refuse_unreadable(override, config_dir)
    plain, free = parted(overrides)
    with in_one_line(overrides, config_dir, root):
        with hydra_over(config_dir) as search:
            config = hydra_compose(root.file, [*map(root.to_hydra, plain), *search], return_hydra_config=True)
        fill(config, free)
        _refuse_unresolved(config, overrides, root)
    choices = config.hydra.runtime.choices
    refuse_hidden(((str(group), str(choice)) for group, choice in choices.items()), config_dir)
    return config


@contextmanager
def hydra_over(config_dir: str | None) -> Iterator[list[str]]:
    """Hydra over conf/, put back afterwards as it was found; gives the overrides that add a folder of one's own."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    own = own_dir(config_dir)
    before = dict(vars(GlobalHydra.instance()))
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir()), job_name="seedbed"):
            yield [f"hydra.searchpath={quoted([_search_path(own)])}"] if own else []
    finally:
        vars(GlobalHydra.instance()).update(before)


def _search_path(folder: Any) -> str:
    from seedbed.config.own_source import search_path

    return search_path(folder)


def _refuse_unresolved(config: Any, overrides: Sequence[str], root: Root) -> None:
    """Whatever a value refers to is there; a file of whole studies has set keys, not a node of its own."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    where = sources(config, overrides)
    for group in GLOBAL:
        if group in config and config.hydra.runtime.choices.get(group):
            raise InputError(HEADERLESS.format(f"{where.file(group)}:1"))
    for group in root.groups:
        if config.hydra.runtime.choices.get(group) and not OmegaConf.is_dict(config.get(group)):
            raise InputError(f"{group} ({where.place(group)}): must be a mapping; a choice is {group}=NAME")
    try:
        for key in config:
            if key != "hydra" and OmegaConf.is_config(config[key]):
                OmegaConf.to_container(config[key], resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise InputError(unresolved(error, where.place(key_in(error)))) from error
