"""Where a key of a composed config was set: on the command line, in an experiment's file, or in a group's."""

from collections.abc import Callable, Sequence
from typing import Any

from seedbed.config.compose import conf_dir
from seedbed.config.schema import GROUPS

Where = Callable[[str], str]


def sources(config: Any, overrides: Sequence[str]) -> Where:
    """A function that tells of a key, such as ``encoder.units``, where its value comes from."""
    import yaml

    overridden = [override.lstrip("+~").partition("=")[0] for override in overrides]
    choices = config.hydra.runtime.choices

    def where(key: str) -> str:
        if key in overridden:
            return "override"
        experiment = conf_dir() / "experiment" / f"{choices.get('experiment')}.yaml"
        if experiment.is_file() and _holds(yaml.safe_load(experiment.read_text(encoding="utf-8")), key.split(".")):
            return f"conf/experiment/{experiment.name}"
        group = key.split(".", maxsplit=1)[0]
        return f"conf/{group}/{choices[group]}.yaml" if group in GROUPS else "conf/config.yaml"

    return where


def _holds(tree: Any, path: Sequence[str]) -> bool:
    for name in path:
        if not isinstance(tree, dict) or name not in tree:
            return False
        tree = tree[name]
    return True
