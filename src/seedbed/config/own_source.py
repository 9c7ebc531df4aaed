"""A folder of configs of one's own as Hydra reads it: a plugin, so that a file is read and refused in our words."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from seedbed.config.schema import GROUPS, PRETRAINING
from seedbed.config.yaml_files import Document, read
from seedbed.errors import InputError

SCHEME = "seedbed"
HEADER = "# @package"
WHOLE = ("experiment/", "sweeps/")
MAPPINGS = (*GROUPS, "arms", "protocols")


def search_path(folder: Path) -> str:
    """What stands for the folder in Hydra's search path; registers the plugin."""
    from hydra.core.plugins import Plugins

    Plugins.instance().register(_source_class())
    return f"{SCHEME}://{folder}"


@cache
def _source_class() -> type:
    from hydra.core.object_type import ObjectType
    from hydra.plugins.config_source import ConfigResult, ConfigSource
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    class OwnFolder(ConfigSource):
        @staticmethod
        def scheme() -> str:
            return SCHEME

        def load_config(self, config_path: str) -> Any:
            document = _checked(self._file(config_path), config_path.startswith(WHOLE))
            header = self._get_header_dict(document.text[:512])
            try:
                config = OmegaConf.create(document.text)
            except OmegaConfBaseException as error:
                line = document.line(str(error.full_key or "").split("."))
                raise InputError(f"{document.file}:{line or 1}: {str(error).partition(chr(10))[0]}") from error
            if config_path.startswith(f"{PRETRAINING.experiments}/"):
                config, header = _with_choices(config), header | {"package": "_global_"}
            return ConfigResult(self.provider, self.full_path(), config, header)

        def available(self) -> bool:
            return self.is_group("")

        def is_group(self, config_path: str) -> bool:
            return os.path.isdir(os.path.join(self.path, config_path))

        def is_config(self, config_path: str) -> bool:
            return os.path.lexists(self._file(config_path))  # also what is no file: reading it says so

        def list(self, config_path: str, results_filter: Any) -> list[str]:
            found = set()
            for name in os.listdir(os.path.join(self.path, config_path)):
                path = os.path.join(self.path, config_path, name)
                if os.path.isdir(path) and results_filter in (None, ObjectType.GROUP):
                    found.add(name)
                if name.endswith(".yaml") and os.path.isfile(path) and results_filter in (None, ObjectType.CONFIG):
                    found.add(name.removesuffix(".yaml"))
            return sorted(found)

        def _file(self, config_path: str) -> Path:
            return Path(self.path, config_path.removesuffix(".yaml") + ".yaml")

    return OwnFolder


def _with_choices(config: Any) -> Any:
    """A config whose keys may be those of a command line, ``dataset: trec`` and ``dataset.lowercase: true``."""
    from omegaconf import OmegaConf

    values, groups = OmegaConf.to_container(config, resolve=False), PRETRAINING.groups
    chosen = {key: values.pop(key) for key in groups if key in values and not isinstance(values[key], dict)}
    below = {key: values.pop(key) for key in list(values) if key.startswith(tuple(f"{group}." for group in groups))}
    defaults = [{f"override /{key}": None if value in (False, "off") else value} for key, value in chosen.items()]
    if defaults:
        values["defaults"] = [*(values.get("defaults") or ()), *defaults]
    made = OmegaConf.create(values)
    for key, value in below.items():
        OmegaConf.update(made, key, value, force_add=True)
    return made


def _checked(path: Path, whole: bool) -> Document:
    """A file that Hydra can read without a word of its own; ``whole``: of a whole study. Raises InputError."""
    document = read(path)
    if document.tree is None:
        raise InputError(f"{document.file}:1: is empty: it sets nothing")
    for number, line in enumerate(document.text[:512].splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        if line.replace(" ", "").startswith("#@") and not (line.startswith(HEADER) and len(line.split()) == 3):
            raise InputError(f"{document.file}:{number}: {line.strip()}: write `{HEADER} _global_`")
    for key, below in document.tree.value:
        if key.value == "defaults":
            for node, wrong in _wrong_defaults(below):
                line = node.start_mark.line + 1
                raise InputError(f"{document.file}:{line}: defaults: {wrong}; each is `- override /GROUP: CHOICE`")
        elif whole and key.value in MAPPINGS and not _is_mapping(below, key.value not in GROUPS):
            hint = f"; a choice is `- override /{key.value}: NAME` in defaults" if key.value in GROUPS else ""
            raise InputError(f"{document.file}:{key.start_mark.line + 1}: {key.value}: must be a mapping{hint}")
    return document


def _is_mapping(node: Any, or_nothing: bool) -> bool:
    import yaml

    return isinstance(node, yaml.MappingNode) or (or_nothing and node.tag.endswith(":null"))


def _wrong_defaults(defaults: Any) -> Iterator[tuple[Any, str]]:
    """What is no entry of a defaults list, with its node."""
    import yaml

    if not isinstance(defaults, yaml.SequenceNode):
        yield defaults, "must be a list"
        return
    for one in defaults.value:
        if isinstance(one, yaml.ScalarNode):
            if not _is_text(one) or one.value == "":
                yield one, f"{one.value or 'null'} is no text"
        elif not isinstance(one, yaml.MappingNode) or len(one.value) != 1:
            yield one, "an entry is one group with its choice"
        elif not _is_choice(one.value[0][1]):
            yield one, f"the choice of {one.value[0][0].value} must be a name"


def _is_choice(node: Any) -> bool:
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return all(isinstance(one, yaml.ScalarNode) and _is_text(one) for one in node.value)
    return isinstance(node, yaml.ScalarNode) and (_is_text(node) or node.tag.endswith(":null"))


def _is_text(scalar: Any) -> bool:
    return scalar.tag.endswith(":str")
