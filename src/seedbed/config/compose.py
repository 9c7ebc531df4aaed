"""Compose a config with Hydra. Whatever is wrong with it is an InputError of one line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.config.conf_files import conf_dir, refuse_shadowed, user_dir
from seedbed.config.config_source import register_plugins, search_path
from seedbed.config.expansion import ExpansionError, refuse_long_interpolations
from seedbed.config.hydra_errors import MISSING_HEADER, error_key, hydra_errors, unresolved
from seedbed.config.hydra_grammar import quote, with_quoted_sign
from seedbed.config.open_mappings import apply_overrides, split_overrides
from seedbed.config.override_checks import refuse_unsupported
from seedbed.config.provenance import GLOBAL_GROUPS, Provenance
from seedbed.config.schema import STUDY, Root
from seedbed.errors import InputError

if TYPE_CHECKING:
    from omegaconf import DictConfig


def compose(overrides: Sequence[str], config_dir: str | None = None, root: Root = STUDY) -> "DictConfig":
    """Return the config composed for these overrides, with Hydra's own node. Every value in it resolves."""
    from hydra import compose as hydra_compose

    user_dir(config_dir)
    for override in overrides:
        refuse_unsupported(override, config_dir)
    for_hydra, for_mappings = split_overrides(map(with_quoted_sign, overrides))
    with hydra_errors(overrides, config_dir, compose, root):
        with hydra_initialized(config_dir) as added:
            config = hydra_compose(root.file, [*map(root.to_hydra, for_hydra), *added], return_hydra_config=True)
        apply_overrides(config, for_mappings)
        _refuse_unresolved(config, overrides, root)
    choices = config.hydra.runtime.choices
    refuse_shadowed(((str(group), str(choice)) for group, choice in choices.items()), config_dir)
    return config


@contextmanager
def hydra_initialized(config_dir: str | None) -> Iterator[list[str]]:
    """Initialize Hydra with conf/ and yield the overrides that add the user's folder; restore its state afterwards."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    folder = user_dir(config_dir)
    before = dict(vars(GlobalHydra.instance()))
    GlobalHydra.instance().clear()
    register_plugins()
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir()), job_name="seedbed"):
            yield [f"hydra.searchpath={quote([search_path(folder)])}"] if folder else []
    finally:
        vars(GlobalHydra.instance()).update(before)


def _refuse_unresolved(config: "DictConfig", overrides: Sequence[str], root: Root) -> None:
    """Raise InputError for a value that refers to something missing, or a whole study's file without its header."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    where = Provenance(config, overrides)
    for group in GLOBAL_GROUPS:
        if group in config and config.hydra.runtime.choices.get(group):
            raise InputError(MISSING_HEADER.format(f"{where.file(group)}:1"))
    for group in root.groups:
        if config.hydra.runtime.choices.get(group) and not OmegaConf.is_dict(config.get(group)):
            raise InputError(f"{group} ({where.line(group)}): must be a mapping; a choice is {group}=NAME")
    try:
        refuse_long_interpolations(config)
    except ExpansionError as error:
        raise InputError(f"{where.line(error.key)}: {error}") from error
    try:
        for key in config:
            if key != "hydra" and OmegaConf.is_config(config[key]):
                OmegaConf.to_container(config[key], resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise InputError(unresolved(error, where.line(error_key(error)))) from error
