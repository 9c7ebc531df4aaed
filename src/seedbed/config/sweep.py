"""Sweeps: Hydra's multirun over jobs that each train one arm."""

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from seedbed.config.compose import compose, hydra_over
from seedbed.config.folders import choice_files
from seedbed.config.freeing import free_of, is_swept
from seedbed.config.plugins import refuse_foreign_hydra, refuse_plugins
from seedbed.config.quoting import quoted
from seedbed.config.readable import refuse_unreadable
from seedbed.config.refused import in_one_line
from seedbed.config.schema import ARM_GROUPS
from seedbed.config.sources import sources
from seedbed.errors import InputError, one_line

Train = Callable[[Sequence[str], str | None], tuple[int, str]]
"""Trains the arm of some overrides, with the user's own configs: how many cells failed, and a line about it."""


MOST_JOBS = 10_000


@dataclass(frozen=True)
class Report:
    """What a job says when it is over, and whether anything went wrong."""

    job: int
    overrides: tuple[str, ...]
    failed: bool
    said: str


def is_sweep(settings: Sequence[str], config_dir: str | None) -> bool:
    """Whether a file among the settings asks for a sweep, as those of ``sweeps/`` do."""
    of_sweeps = any(setting.lstrip("+").startswith("sweeps=") for setting in settings)
    if not of_sweeps and not (config_dir and any(setting.startswith("experiment=") for setting in settings)):
        return False
    if of_sweeps and (not config_dir or not (Path(config_dir) / "sweeps").is_dir()):
        raise InputError(
            f"+sweeps: no folder sweeps/ in {config_dir or 'conf/'}: give --config-dir, such as a clone's root"
        )
    from hydra.types import RunMode

    first, kept = _given(settings, config_dir)
    return compose([*_ones(first), *kept], config_dir).hydra.mode == RunMode.MULTIRUN


def trial_jobs(settings: Sequence[str], config_dir: str | None) -> Iterator[list[str]]:
    """Overrides of jobs in which each value that is swept over occurs at least once; the sweep's first job first."""
    given, kept = _given(settings, config_dir)
    config = compose([*_ones(given), *kept], config_dir)
    params = config.hydra.sweeper.get("params") or {}
    in_file = [f"{key}={value}" for key, value in params.items()]
    _refuse_imports(config, settings, in_file)
    of_file = _parsed(in_file, settings, config_dir)
    values = {override.input_line.split("=")[0]: _values(override, config_dir) for override in of_file} | given
    if (jobs := math.prod(max(len(own), 1) for own in values.values())) > MOST_JOBS:
        raise InputError(f"the sweep has {jobs:,} jobs; at most {MOST_JOBS:,}")
    yield [*_ones(values), *kept]
    for key, own in values.items():
        for other in own[1:]:
            yield [*_ones(values | {key: [other]}), *kept]


def launch(train: Train, settings: Sequence[str], config_dir: str | None) -> list[Report]:
    """Let Hydra's sweeper and launcher train each combination of the swept settings; a report a job, in order.

    Hydra is called below its ``main``, which would print tracebacks and keep the results of the jobs to itself.
    """
    from hydra.core.global_hydra import GlobalHydra

    plain, kept = _for_hydra(settings, config_dir)
    overrides = [_without_glob(override, config_dir) for override in _parsed(plain, settings, config_dir)]
    where = str(Path(config_dir).resolve()) if config_dir else None
    job = partial(_job, train=train, config_dir=where, shared=settings, kept=kept)
    with in_one_line(settings, config_dir), hydra_over(config_dir) as search:
        batches = GlobalHydra.instance().hydra.multirun("config", job, [*overrides, *search])
    return [returned.return_value for batch in batches or () for returned in batch]


def refuse_launcher(settings: Sequence[str], config_dir: str | None) -> None:
    """Refuse a launcher that is not there, and settings that it does not have, before anything is made."""
    from hydra import compose as hydra_compose

    launching = [setting for setting in settings if _is_launching(setting.lstrip("+~"))]
    for setting in launching:
        refuse_unreadable(setting, config_dir, launching=True)
    with in_one_line(settings, config_dir), hydra_over(config_dir) as search:
        config = hydra_compose("config", [*launching, *search], return_hydra_config=True)
    _refuse_imports(config, settings)


def _refuse_imports(config: Any, settings: Sequence[str], in_file: Sequence[str] = ()) -> None:
    """Refuse what a file would import through Hydra, and plugins among the values that it sweeps over."""
    from omegaconf import OmegaConf

    place = sources(config, settings).place
    refuse_foreign_hydra(OmegaConf.to_container(config.hydra, resolve=False), place("hydra"))
    refuse_plugins(in_file, f"hydra.sweeper.params ({place('hydra.sweeper.params')})")


def _for_hydra(settings: Sequence[str], config_dir: str | None) -> tuple[list[str], list[str]]:
    """Settings as Hydra's sweeper takes them, and those that it does not see: each job has them all the same."""
    plain, kept = [], []
    for setting in settings:
        free = free_of(setting)
        if free is None:
            refuse_unreadable(setting, config_dir, launching=True)
            plain.append(setting)
        elif not is_swept(free):
            kept.append(setting)
        elif free.name is not None and re.fullmatch(r"[\w$.-]+", free.name, re.ASCII):
            plain.append(f"++{free.key}={free.value}")
        else:
            raise InputError(f"command line: {setting}: a sweep takes one key with letters, digits and _ - $ . alone")
    return plain, kept


def _given(settings: Sequence[str], config_dir: str | None) -> tuple[dict[str, list[str]], list[str]]:
    """The values of each key of the command line, less what says how jobs are launched, and what Hydra does not see."""
    plain, kept = _for_hydra(settings, config_dir)
    overrides = [one for one in _parsed(plain, settings, config_dir) if not _is_launching(one.key_or_group)]
    return {override.input_line.split("=")[0]: _values(override, config_dir) for override in overrides}, kept


def _parsed(plain: Sequence[str], settings: Sequence[str], config_dir: str | None) -> list[Any]:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with in_one_line(settings, config_dir):
        return OverridesParser.create().parse_overrides(list(plain))


def _values(override: Any, config_dir: str | None) -> list[str]:
    """What a key is set to: several values where it is swept over; nothing behind ``~key``."""
    _, equals, value = override.input_line.partition("=")
    if not override.is_sweep_override():
        return [value] if equals else []
    if override.is_interval_sweep():
        raise InputError(
            f"command line: {override.input_line}: an interval is for a sweeper that searches; here give values, such "
            "as 0.1,0.2 or range(1,4)"
        )
    values = _globbed(override, config_dir)
    try:
        values = list(islice(override.sweep_string_iterator(), MOST_JOBS + 1)) if values is None else values
    except Exception as error:
        raise InputError(f"command line: {override.input_line}: {one_line(error)}") from error
    if not values:
        raise InputError(f"command line: {override.input_line} sweeps over nothing")
    if len(values) > MOST_JOBS:
        raise InputError(f"command line: {override.input_line}: more than {MOST_JOBS:,} values")
    return values


def _globbed(override: Any, config_dir: str | None) -> list[str] | None:
    """The choices of a group that fit ``glob(...)``; None for another sweep."""
    if not hasattr(override.value(), "filter"):
        return None
    names = sorted(choice_files(override.key_or_group, config_dir))
    if chosen := override.value().filter(names):
        return chosen
    fits = f"none of {', '.join(names)} fits" if names else f"there is no config group {override.key_or_group}"
    raise InputError(f"command line: {override.input_line}: {fits}")


def _without_glob(override: Any, config_dir: str | None) -> str:
    """The override with the choices in the place of a glob: Hydra would look for them in conf/ alone."""
    chosen = _globbed(override, config_dir)
    return override.input_line if chosen is None else f"{override.get_key_element()}={','.join(chosen)}"


def _ones(values: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{key}={own[0]}" if own else key for key, own in values.items()]


def _is_launching(key: str) -> bool:
    """Whether a key says how jobs are launched: nothing that a job itself has to know."""
    return key.startswith(("hydra/", "hydra."))


def _job(config: Any, train: Train, config_dir: str | None, shared: Sequence[str], kept: Sequence[str]) -> Report:
    """One job, in whatever process the launcher runs it. It never raises: a launcher would lose the other jobs."""
    from hydra.core.hydra_config import HydraConfig

    hydra = HydraConfig.get()
    overrides = [*hydra.overrides.task, *kept]
    own = tuple(one.removeprefix("++") if free_of(one) else one for one in overrides if one not in shared)
    if config.arm is None:
        overrides.append(f"arm={quoted(_arm_name(hydra.runtime.choices, own))}")
    os.chdir(hydra.runtime.cwd)  # of the process that launches: paths and the default store are relative to it
    try:
        refuse_plugins(hydra.overrides.task, "hydra.sweeper.params")  # those of the command line are in ``kept``
        failed, said = train(overrides, config_dir)
        return Report(hydra.job.num, own, bool(failed), said)
    except InputError as error:
        return Report(hydra.job.num, own, True, str(error))
    except Exception as error:
        import traceback

        traceback.print_exc()
        return Report(hydra.job.num, own, True, f"{type(error).__name__}: {error}")


def _arm_name(choices: Any, own: Sequence[str]) -> str:
    """``embedding-encoder``, and what else of the arm's groups is swept over: a size or a seed makes no other arm."""
    plain = [override.lstrip("+") for override in own]
    values = [one for one in plain if re.split(r"[.=]", one)[0] in ARM_GROUPS]
    values = [one for one in values if not one.startswith(("embedding=", "encoder="))]
    return " ".join([f"{choices['embedding']}-{choices['encoder']}", *values])
