"""Composing a config with Hydra, and saying in one line what is wrong with it."""

import re
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seedbed.config.freeing import freed
from seedbed.errors import InputError, nearest


def conf_dir() -> Path:
    """The folder of the configs: the one in the installed package, else the one of the repository."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "conf", package.parent.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise InputError("the folder conf/ is missing from the installation: install seedbed again")


def compose(overrides: Sequence[str], config_dir: str | None = None) -> Any:
    """The composed config with Hydra's own node, for these overrides of the command line."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir

    if config_dir and not Path(config_dir).is_dir():
        raise InputError(f"--config-dir {config_dir}: not a folder")
    for override in overrides:
        refuse_without_key(override)
    search = [f'hydra.searchpath=["file://{Path(config_dir).resolve()}"]'] if config_dir else []
    said = said_in_one_line(overrides, config_dir)
    with said, initialize_config_dir(version_base="1.3", config_dir=str(conf_dir())):
        return hydra_compose("config", [*freed(overrides), *search], return_hydra_config=True)


def refuse_without_key(override: str) -> None:
    """Hydra has no words for ``=3``, nor for a group that is set to nothing or taken away."""
    from seedbed.config.schema import GROUPS

    key, equals, value = override.partition("=")
    if not key.lstrip("+~"):
        raise InputError(f"command line: cannot read {override!r}: write key=value")
    if key.lstrip("+~") in GROUPS and (key.startswith("~") or (equals and value in ("null", ""))):
        raise InputError(f"command line: {override}: a config needs one of conf/{key.lstrip('+~')}/")


@contextmanager
def said_in_one_line(overrides: Sequence[str], config_dir: str | None = None):
    """Turn what Hydra and OmegaConf raise into an InputError of one line."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        yield
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(_one_line(error, overrides, config_dir)) from error


def _one_line(error: Exception, overrides: Sequence[str], config_dir: str | None) -> str:
    from hydra.errors import MissingConfigException, OverrideParseException

    text = str(error)
    if isinstance(error, OverrideParseException):
        return f"command line: cannot read {str(error.override).lstrip('+')!r}: write key=value"
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing(*error.missing_cfg_file.rpartition("/")[::2], error.options or (), config_dir)
    if text.startswith("Ambiguous value for argument"):
        override = text.partition("'")[2].partition("'\n")[0]
        key = override.partition("=")[0]
        return f"command line: {override}: several values; a list is {key}=[...], and `seedbed run -m` sweeps over them"
    if found := re.search(r"Could not override '(?P<key>[^']+)'", text):
        return _unknown_override(found["key"], text, overrides)
    if found := re.search(r"(?P<what>Value .*? could not be converted[^\n]*)\n\s*full_key: (?P<key>\S+)", text):
        return f"{found['key']}: {found['what']}"
    return re.sub(r"\s*\n\s*", "; ", text.strip())


def _missing(group: str, choice: str, options: Sequence[str], config_dir: str | None) -> str:
    from seedbed.config.recipes import recipe_files

    if group == "experiment" and choice in recipe_files(config_dir):
        return f"experiment={choice}: a recipe of `seedbed pretrain`, not a study"
    # An option of a folder without the file: a config of the same name elsewhere is no help.
    folder = "sweeps" if group == "sweeps" else f"conf/{group}"
    return f"{group}={choice}: no file {folder}/{choice}.yaml{nearest(choice, options, group)}"


def _unknown_override(key: str, text: str, overrides: Sequence[str]) -> str:
    from seedbed.config.schema import GROUPS

    plain = key.lstrip("+~")
    if "@experiment" in plain:
        return "conf/experiment: a file of whole studies begins with the line `# @package _global_`; this one does not"
    if "No match in the defaults list" in text:
        return f"command line: no config group {plain}{nearest(plain, [*GROUPS, 'experiment'])}"
    parent, _, name = plain.rpartition(".")
    with_valid = [o for o in overrides if not o.lstrip("+~").startswith(plain)]
    try:
        known = compose([o for o in with_valid if "=" in o])
        for part in parent.split(".") if parent else ():
            known = known[part]
        valid = [str(k) for k in known if k not in ("hydra", "_target_")]
        valid += ["experiment"] if not parent else []
    except (InputError, KeyError, TypeError):
        valid = []
    where = f" in {parent}" if parent else ""
    return f"command line: no key {plain}{where}{nearest(name, valid, parent, '.')}"
