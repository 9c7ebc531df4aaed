"""Where a key of a composed config was set: on the command line, in an experiment's file, or in a group's."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seedbed.config.compose import conf_dir
from seedbed.config.schema import GROUPS

Where = Callable[[str], str]

GLOBAL = ("sweeps", "experiment")
"""Groups whose files set keys of the whole config; the later one in a config's defaults comes first."""


def sources(config: Any, overrides: Sequence[str]) -> Where:
    """A function that tells of a key, such as ``encoder.units``, where its value comes from."""
    overridden = [override.lstrip("+~").partition("=")[0] for override in overrides]
    choices = config.hydra.runtime.choices

    def where(key: str) -> str:
        if key in overridden:
            return "command line"
        for group in GLOBAL:
            file = _file(config, group, choices.get(group))
            if file and _holds(_content(file), key.split(".")):
                return shown(file)
        group = key.split(".", maxsplit=1)[0]
        file = _file(config, group, choices[group]) if group in GROUPS else None
        return shown(file) if file else "conf/config.yaml"

    return where


def _file(config: Any, group: str, choice: str | None) -> Path | None:
    """The file of a choice: the first of that name in Hydra's search path."""
    if choice is None:
        return None
    return next((file for folder in _folders(config) if (file := folder / group / f"{choice}.yaml").is_file()), None)


def _folders(config: Any) -> Iterator[Path]:
    for source in config.hydra.runtime.config_sources:
        if source.schema == "file":
            yield Path(source.path)


def _content(file: Path) -> Any:
    import yaml

    return yaml.safe_load(file.read_text(encoding="utf-8"))


def shown(file: Path) -> str:
    """A file of ours as ``conf/...``; another one from the working directory, where it is below that."""
    if file.is_relative_to(conf_dir()):
        return str("conf" / file.relative_to(conf_dir()))
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _holds(tree: Any, path: Sequence[str]) -> bool:
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    return True
