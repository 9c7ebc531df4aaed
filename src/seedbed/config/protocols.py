"""Protocols: named lists of overrides, of a study itself or for any study."""

from collections.abc import Mapping, Sequence

from seedbed.config.conf_files import conf_dir
from seedbed.config.yaml_files import read_yaml
from seedbed.errors import InputError, nearest

FILE = "protocols.yaml"
"""In conf/: the protocols for any study."""

_NAMING = ("experiment", "sweeps", "plugins", "protocol", "protocols")


def names_protocol(override: str) -> bool:
    """Return whether an override is one of those that say which protocol there is."""
    return override.lstrip("+~").partition("=")[0].partition(".")[0] in _NAMING


def protocol_overrides(name: str | None, protocols: Mapping[str, list[str]]) -> Sequence[str]:
    """Return the overrides of a protocol, none without a name. The study's ``protocols`` come before those of conf/.

    Raises InputError for an unknown name.
    """
    if name is None:
        return []
    every = general_protocols() | dict(protocols)
    if name not in every:
        raise InputError(f"protocol={name}: not a protocol here{nearest(name, every)}")
    return every[name]


def general_protocols() -> dict[str, list[str]]:
    """Return the protocols for any study, by name."""
    from omegaconf import OmegaConf

    content = OmegaConf.to_container(OmegaConf.create(read_yaml(conf_dir() / FILE).text))
    assert isinstance(content, dict)
    return {str(name): list(overrides) for name, overrides in content.items()}
