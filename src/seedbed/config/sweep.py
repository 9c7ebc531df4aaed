"""Sweeps: Hydra's multirun over jobs that each train one arm."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seedbed.config.compose import compose, conf_dir, freed, said_in_one_line
from seedbed.errors import InputError


def first_job(settings: Sequence[str], config_dir: str | None) -> list[str]:
    """The overrides of a sweep's first job: the first of the values of each swept key, also those of a sweep file."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with said_in_one_line(settings):
        given = OverridesParser.create().parse_overrides(freed(settings))
        plain = [_first_value(override) for override in given if not _is_launching(override.key_or_group)]
        composed = compose(plain, config_dir)
        params = composed.hydra.sweeper.get("params") or {}
        swept = OverridesParser.create().parse_overrides([f"{key}={value}" for key, value in params.items()])
    chosen = {override.key_or_group for override in given}
    return [*plain, *(_first_value(override) for override in swept if override.key_or_group not in chosen)]


def _first_value(override: Any) -> str:
    if not override.is_sweep_override():
        return override.input_line
    first = next(iter(override.sweep_string_iterator()), None)
    if first is None:
        raise InputError(f"command line: {override.input_line} sweeps over nothing")
    return f"{override.input_line.split('=')[0]}={first}"


def _is_launching(key: str) -> bool:
    """Whether a key says how jobs are launched: nothing that the first job has to know."""
    return key.startswith(("hydra/", "hydra."))


def launch(job: Callable[[Any], None], settings: Sequence[str], config_dir: str | None) -> int:
    """Let Hydra run ``job`` for each combination of the swept settings; 1 where a job failed."""
    import hydra

    arguments = ["--multirun", *freed(settings)]
    if config_dir:
        arguments = ["--config-dir", str(Path(config_dir).resolve()), *arguments]
    before = sys.argv
    sys.argv = ["seedbed run", *arguments]
    try:
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(job)()
    except SystemExit as stopped:
        return int(bool(stopped.code))
    finally:
        sys.argv = before
    return 0


def own_overrides() -> tuple[list[str], str | None]:
    """Inside a job: the overrides that describe it, and the folder of the user's own configs if there is one."""
    from hydra.core.hydra_config import HydraConfig

    config = HydraConfig.get()
    sources = [source.path for source in config.runtime.config_sources if source.provider == "command-line"]
    return list(config.overrides.task), sources[0] if sources else None
