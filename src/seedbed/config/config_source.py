"""The Hydra plugins that read folders of configs: each file is parsed once, and wrong ones get our messages."""

import copy
import os
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.config.conf_files import conf_dir
from seedbed.config.schema import GROUPS, PRETRAINING
from seedbed.config.yaml_files import MOST_FILES, Document, read_yaml
from seedbed.config.yaml_tree import line_of
from seedbed.errors import InputError

if TYPE_CHECKING:
    from hydra.core.config_search_path import ConfigSearchPath
    from hydra.core.object_type import ObjectType
    from hydra.plugins.config_source import ConfigResult, ConfigSource
    from hydra.plugins.search_path_plugin import SearchPathPlugin
    from omegaconf import DictConfig, ListConfig
    from yaml import Node

SCHEME = "seedbed"
HEADER = "# @package"
STUDY_GROUPS = ("experiment/", "sweeps/")
MAPPINGS = (*GROUPS, "arms", "protocols", "hydra")


def register_plugins() -> None:
    """Make Hydra read conf/, and folders whose entry in its search path is that of `search_path`, with our plugin."""
    from hydra.core.plugins import Plugins

    Plugins.instance().register(_config_source())
    Plugins.instance().register(_conf_search_path())


def search_path(folder: Path) -> str:
    """Return the entry for a folder in Hydra's search path."""
    return f"{SCHEME}://{folder}"


@cache
def _conf_search_path() -> "type[SearchPathPlugin]":
    from hydra.plugins.search_path_plugin import SearchPathPlugin

    class ConfSearchPath(SearchPathPlugin):
        def manipulate_search_path(self, search_path: "ConfigSearchPath") -> None:
            own = str(conf_dir())
            for element in search_path.get_path():
                if element.path == own:  # Hydra's own reader parses a file again for every arm
                    element.path = f"{SCHEME}://{own}"

    return ConfSearchPath


@cache
def _config_source() -> "type[ConfigSource]":
    from hydra.core.object_type import ObjectType
    from hydra.plugins.config_source import ConfigResult, ConfigSource

    class CheckedConfigSource(ConfigSource):
        @staticmethod
        def scheme() -> str:
            return SCHEME

        def load_config(self, config_path: str) -> "ConfigResult":
            document = _read_checked(self._file(config_path), config_path.startswith(STUDY_GROUPS))
            header = self._get_header_dict(document.text[:512])
            is_pretraining = config_path.startswith(f"{PRETRAINING.experiments}/")
            config = copy.deepcopy(_config(document, is_pretraining))  # Hydra takes the defaults out of it
            if is_pretraining:
                header |= {"package": "_global_"}
            return ConfigResult(self.provider, self.full_path(), config, header)

        def available(self) -> bool:
            return self.is_group("")

        def is_group(self, config_path: str) -> bool:
            return os.path.isdir(os.path.join(self.path, config_path))

        def is_config(self, config_path: str) -> bool:
            return os.path.lexists(self._file(config_path))  # reading it reports what is not a file

        def list(self, config_path: str, results_filter: "ObjectType | None") -> list[str]:
            names = set()
            for name in os.listdir(os.path.join(self.path, config_path)):
                path = os.path.join(self.path, config_path, name)
                if os.path.isdir(path) and results_filter in (None, ObjectType.GROUP):
                    names.add(name)
                if name.endswith(".yaml") and os.path.isfile(path) and results_filter in (None, ObjectType.CONFIG):
                    names.add(name.removesuffix(".yaml"))
            return sorted(names)

        def _file(self, config_path: str) -> Path:
            return Path(self.path, config_path.removesuffix(".yaml") + ".yaml")

    return CheckedConfigSource


@lru_cache(maxsize=MOST_FILES)
def _config(document: Document, is_pretraining: bool) -> "DictConfig | ListConfig":
    """Return the config of a file. Parsing takes Hydra most of its time, and each arm of a study is composed."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        config = OmegaConf.create(document.text)
    except OmegaConfBaseException as error:
        line = document.line(str(error.full_key or "").split("."))
        raise InputError(f"{document.file}:{line or 1}: {str(error).partition(chr(10))[0]}") from error
    return _with_choices(config) if is_pretraining else config


def _with_choices(config: "DictConfig | ListConfig") -> "DictConfig":
    """Return a config whose keys may be those of a command line: ``dataset: trec``, ``dataset.lowercase: true``."""
    from omegaconf import OmegaConf

    values, groups = OmegaConf.to_container(config, resolve=False), PRETRAINING.groups
    assert isinstance(values, dict)
    chosen = {key: values.pop(key) for key in groups if key in values and not isinstance(values[key], dict)}
    prefixes = tuple(f"{group}." for group in groups)
    nested = {key: values.pop(key) for key in list(values) if str(key).startswith(prefixes)}
    defaults = [{f"override /{key}": None if value in (False, "off") else value} for key, value in chosen.items()]
    if defaults:
        values["defaults"] = [*(values.get("defaults") or ()), *defaults]
    result = OmegaConf.create(values)
    for key, value in nested.items():
        OmegaConf.update(result, str(key), value, force_add=True)
    return result


def _read_checked(path: Path, is_study: bool) -> Document:
    """Read a file that Hydra can compose; ``is_study``: one of a whole study. Raises InputError."""
    document = read_yaml(path)
    if document.tree is None:
        raise InputError(f"{document.file}:1: is empty: it sets nothing")
    for number, line in enumerate(document.text[:512].splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        if line.replace(" ", "").startswith("#@") and not (line.startswith(HEADER) and len(line.split()) == 3):
            raise InputError(f"{document.file}:{number}: {line.strip()}: write `{HEADER} _global_`")
    for key, value in document.tree.value:
        if key.value == "defaults":
            for node, problem in _wrong_defaults(value):
                raise InputError(
                    f"{document.file}:{line_of(node)}: defaults: {problem}; each is `- override /GROUP: CHOICE`"
                )
        elif is_study and key.value in MAPPINGS and not _is_mapping(value, key.value not in GROUPS):
            hint = f"; a choice is `- override /{key.value}: NAME` in defaults" if key.value in GROUPS else ""
            raise InputError(f"{document.file}:{line_of(key)}: {key.value}: must be a mapping{hint}")
    return document


def _is_mapping(node: "Node", or_null: bool) -> bool:
    import yaml

    return isinstance(node, yaml.MappingNode) or (or_null and node.tag.endswith(":null"))


def _wrong_defaults(defaults: "Node") -> Iterator[tuple["Node", str]]:
    """Yield each node that is not an entry of a defaults list, with the problem."""
    import yaml

    if not isinstance(defaults, yaml.SequenceNode):
        yield defaults, "must be a list"
        return
    for entry in defaults.value:
        if isinstance(entry, yaml.ScalarNode):
            if not _is_text(entry) or entry.value == "":
                yield entry, f"{entry.value or 'null'} is no text"
        elif not isinstance(entry, yaml.MappingNode) or len(entry.value) != 1:
            yield entry, "an entry is one group with its choice"
        elif not _is_choice(entry.value[0][1], entry.value[0][0].value):
            yield entry, f"the choice of {entry.value[0][0].value} must be a name"


def _is_choice(node: "Node", key: str) -> bool:
    import yaml

    group = key.rsplit(maxsplit=1)[-1].strip("/") if key.strip() else ""
    if isinstance(node, yaml.SequenceNode) and group not in GROUPS:
        return all(isinstance(entry, yaml.ScalarNode) and _is_text(entry) for entry in node.value)
    return isinstance(node, yaml.ScalarNode) and (_is_text(node) or node.tag.endswith(":null"))


def _is_text(scalar: "Node") -> bool:
    return bool(scalar.tag.endswith(":str"))
