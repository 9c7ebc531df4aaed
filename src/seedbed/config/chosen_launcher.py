"""The launcher that a command line, or a file of whole studies, chooses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.config.compose import compose, hydra_initialized
from seedbed.config.hydra_errors import hydra_errors
from seedbed.config.override_checks import refuse_unsupported
from seedbed.config.plugins import refuse_foreign_hydra
from seedbed.config.provenance import Provenance
from seedbed.errors import InputError
from seedbed.launching.launchers import Launcher

if TYPE_CHECKING:
    from omegaconf import DictConfig


def is_launching(override: str) -> bool:
    """Return whether an override chooses a launcher or sets one of its keys."""
    return override.lstrip("+~").startswith(("hydra/launcher", "hydra.launcher"))


def without_launching(settings: Sequence[str]) -> list[str]:
    """Return the settings that are those of a study."""
    return [setting for setting in settings if not is_launching(setting)]


def chosen_launcher(settings: Sequence[str], config_dir: str | None) -> Launcher:
    """Return the launcher. Raises InputError for one that is not installed, or a setting that it does not have."""
    config = launching_config([s for s in settings if is_launching(s) or s.startswith("experiment=")], config_dir)
    refuse_code(config, settings)
    return launcher_of(config, settings)


def launcher_of(config: "DictConfig", settings: Sequence[str]) -> Launcher:
    """Return the launcher of a composed config."""
    from omegaconf import OmegaConf

    content = OmegaConf.to_container(config.hydra.launcher, resolve=True)
    assert isinstance(content, dict)
    keys = [s.lstrip("+~").partition("=")[0] for s in settings if is_launching(s)]
    given = tuple(key.split(".")[2] for key in keys if key.startswith("hydra.launcher."))
    plain = {str(key): value for key, value in content.items() if key != "_target_"}
    return Launcher(str(config.hydra.runtime.choices["hydra/launcher"]), plain, given)


def launching_config(settings: Sequence[str], config_dir: str | None) -> "DictConfig":
    """Return the config with the settings of a launcher; of a study only its ``experiment=``. Raises InputError."""
    from hydra import compose as hydra_compose

    for setting in settings:
        refuse_unsupported(setting, config_dir, launching=True)
    with hydra_errors(settings, config_dir, compose), hydra_initialized(config_dir) as added:
        return hydra_compose("config", [*settings, *added], return_hydra_config=True)


def refuse_code(config: "DictConfig", settings: Sequence[str]) -> None:
    """Raise InputError for code that a file would import through Hydra, and for a launcher or sweeper that is none."""
    from omegaconf import OmegaConf

    line = Provenance(config, settings).line
    refuse_foreign_hydra(OmegaConf.to_container(config.hydra, resolve=False), line("hydra"))
    for part in ("launcher", "sweeper"):
        node = OmegaConf.select(config, f"hydra.{part}", throw_on_missing=False)
        if not OmegaConf.is_dict(node) or "_target_" not in node:
            where = line(f"hydra.{part}")
            raise InputError(f"hydra.{part} ({where}): must be a mapping; one is chosen by hydra/{part}=NAME")
