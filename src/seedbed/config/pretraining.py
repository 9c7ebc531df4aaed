"""The composed config of ``seedbed pretrain``."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.config.compose import compose
from seedbed.config.conf_files import choice_files
from seedbed.config.hydra_grammar import quote
from seedbed.config.provenance import Provenance
from seedbed.config.schema import PRETRAINING
from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from omegaconf import DictConfig

OF_FILES = ("documents", "tokenizer", "lowercase", "encoding")
"""Keys that apply to ``corpus=`` only: a data set has other keys for them."""

GIVE_WAY: Mapping[str, tuple[str, ...]] = {
    "corpus": ("dataset", "part", "exclude"), "dataset": ("dataset", "corpus", "exclude", *OF_FILES),
    "from": ("size", "distil"), "tracking": ("tracking",),
}  # fmt: skip
"""By a key of the command line, the keys whose values in ``experiment=`` it replaces."""

DEFAULT_STORE = "tracking=mlflow"


@dataclass(frozen=True)
class PretrainConfig:
    """A composed config, where each key was set, and what ``experiment=`` names."""

    config: "DictConfig"
    where: Provenance
    experiment: str
    ignored: frozenset[str]

    def is_set(self, key: str) -> bool:
        """Whether the user set a key, on the command line or in the file of ``experiment=``."""
        return key not in self.ignored and self.where.is_set_by_user(key)


def compose_pretraining(
    settings: Sequence[str], texts: Collection[str], known: Collection[str], config_dir: str | None = None
) -> PretrainConfig:
    """Compose the config of these settings. ``texts``: keys whose value is a text as it is typed; ``known``: all keys.

    Raises InputError.
    """
    overrides = [_as_text(setting, texts) for setting in settings]
    typed = {setting.lstrip("+~").partition("=")[0] for setting in overrides}
    logging = [setting for setting in overrides if setting.startswith("tracking.")]
    if "tracking=off" in overrides and logging:
        raise InputError(f"tracking=off: does not go with {logging[0]}")
    if logging and "tracking" not in typed:
        overrides = [DEFAULT_STORE, *overrides]  # the experiment may have tracking: off
    if "dataset" not in typed and ("experiment" not in typed or "corpus" in typed):
        for setting in overrides:
            if setting.lstrip("+~").startswith("dataset."):
                raise InputError(f"command line: {setting}: name the data set too, such as dataset=movie_reviews")
    config = compose(overrides, config_dir, PRETRAINING)
    where = Provenance(config, [PRETRAINING.to_hydra(override) for override in overrides])
    for key in map(str, config):
        if key not in (*known, *PRETRAINING.groups, "hydra"):
            raise InputError(f"{key} ({where(key)}): no such key{nearest(key, [*known, *PRETRAINING.groups])}")
    name = str(config.hydra.runtime.choices[PRETRAINING.experiments] or "").removesuffix(".yaml")
    ignored = {overridden_key for key in typed for overridden_key in GIVE_WAY.get(key, ())} - (
        typed - set(PRETRAINING.groups)
    )
    if name and ignored:
        remaining = [setting for setting in overrides if re.split(r"[.=]", setting.lstrip("+~"))[0] in ignored]
        _replace(config, compose(remaining, config_dir, PRETRAINING), ignored)
    return PretrainConfig(config, where, name, frozenset(ignored) if name else frozenset())


def _replace(config: "DictConfig", source: "DictConfig", keys: Collection[str]) -> None:
    """Give these keys the values of another config."""
    from omegaconf import open_dict

    with open_dict(config):
        for key in keys:
            config[key] = source.get(key)
            if key in PRETRAINING.groups:
                config.hydra.runtime.choices[key] = source.hydra.runtime.choices.get(key)


def _as_text(setting: str, texts: Collection[str]) -> str:
    """A setting in Hydra's grammar: a path needs no quotes."""
    key, _, value = setting.partition("=")
    plain = key not in texts or value in ("", "null") or value[0] in "'\"" or "${" in value
    return setting if plain else f"{key}={quote(value)}"


def datasets_with(split: str) -> list[str]:
    """The names of data sets of conf/ that have files of a split."""
    from omegaconf import OmegaConf

    files = choice_files("dataset", None)
    return [name for name, file in files.items() if OmegaConf.select(OmegaConf.load(file), f"files.{split}")]
