"""Build the settings of a search, ``tune``, from a composed config."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.config.build import build
from seedbed.config.override_syntax import override_key
from seedbed.config.provenance import Provenance
from seedbed.config.schema import Stage
from seedbed.config.unused_settings import unused_settings
from seedbed.errors import InputError

if TYPE_CHECKING:
    from omegaconf import DictConfig


def build_tune(config: "DictConfig", overrides: Sequence[str]) -> tuple[Stage, dict[str, str]]:
    """Return how arms are searched, None for not at all, and by key a message about each setting that nothing reads.

    Raises InputError for keys of the command line that ``tune=none`` ignores.
    """
    where = Provenance(config, overrides)
    if not isinstance(space := config.tune.get("space", {}), Mapping):
        raise InputError(
            f"tune.space={space} ({where('tune.space')}): must be a mapping of keys to distributions, such "
            "as {encoder.dropout: uniform(0, 0.5)}"
        )
    tune = build(config.tune, "tune", where)
    if tune.is_on:
        unused = unused_settings({"tune": tune}, where)
        for override in overrides if tune.space else ():
            if "tune.spaces." in (key := override_key(override)):  # also tune/space@tune.spaces.cnn=my_cnn
                unused[key] = f"command line: {override}: has no effect beside tune.space, which is for every encoder"
        return tune, unused
    ignored = next((override for override in overrides if override_key(override).startswith("tune.")), None)
    if ignored is not None:
        raise InputError(f"command line: {ignored}: has no effect with tune=none; choose a method, such as tune=random")
    return None, {}
