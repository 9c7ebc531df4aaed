"""Sweeps: Hydra's multirun over jobs that each train one arm."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from seedbed.config.compose import compose, conf_dir, said_in_one_line
from seedbed.config.freeing import freed, quoted
from seedbed.config.schema import ARM_GROUPS
from seedbed.errors import InputError

Train = Callable[[Sequence[str], str | None], tuple[int, str]]
"""Trains the arm of some overrides, with the user's own configs: how many cells failed, and a line about it."""


@dataclass(frozen=True)
class Report:
    """What a job says when it is over, and whether anything went wrong."""

    job: int
    overrides: tuple[str, ...]
    failed: bool
    said: str


def is_sweep(settings: Sequence[str], config_dir: str | None) -> bool:
    """Whether a file among the settings asks for a sweep, as those of ``sweeps/`` do."""
    if not any(setting.lstrip("+").startswith("sweeps=") for setting in settings):
        return False
    if not config_dir or not (Path(config_dir) / "sweeps").is_dir():
        raise InputError(
            f"+sweeps: no folder sweeps/ in {config_dir or 'conf/'}: give --config-dir, such as a clone's root"
        )
    from hydra.types import RunMode

    first = _given(settings)
    return compose([_one(key, values) for key, values in first.items()], config_dir).hydra.mode == RunMode.MULTIRUN


def trial_jobs(settings: Sequence[str], config_dir: str | None) -> Iterator[list[str]]:
    """Overrides of jobs in which each value that is swept over occurs at least once; the sweep's first job first."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    first = _given(settings)
    with said_in_one_line(settings):
        composed = compose([_one(key, values) for key, values in first.items()], config_dir)
        params = composed.hydra.sweeper.get("params") or {}
        swept = OverridesParser.create().parse_overrides([f"{key}={value}" for key, value in params.items()])
    values = {override.input_line.split("=")[0]: _values(override) for override in swept} | first
    yield [_one(key, own) for key, own in values.items()]
    for key, own in values.items():
        for other in own[1:]:
            yield [f"{key}={other}" if key == name else _one(name, rest) for name, rest in values.items()]


def _given(settings: Sequence[str]) -> dict[str, list[str]]:
    """The values of each key of the command line, less what says how jobs are launched."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with said_in_one_line(settings):
        overrides = OverridesParser.create().parse_overrides(freed(settings))
        kept = [override for override in overrides if not _is_launching(override.key_or_group)]
        return {override.input_line.split("=")[0]: _values(override) for override in kept}


def _values(override: Any) -> list[str]:
    """What a key is set to: several values where it is swept over; nothing behind ``~key``."""
    _, equals, value = override.input_line.partition("=")
    if not override.is_sweep_override():
        return [value] if equals else []
    values = list(override.sweep_string_iterator())
    if not values:
        raise InputError(f"command line: {override.input_line} sweeps over nothing")
    return values


def _one(key: str, values: Sequence[str]) -> str:
    return f"{key}={values[0]}" if values else key


def _is_launching(key: str) -> bool:
    """Whether a key says how jobs are launched: nothing that a job itself has to know."""
    return key.startswith(("hydra/", "hydra."))


def launch(train: Train, settings: Sequence[str], config_dir: str | None) -> list[Report]:
    """Let Hydra's sweeper and launcher train each combination of the swept settings; a report a job, in order.

    Hydra is called below its ``main``, which would print tracebacks and keep the results of the jobs to itself.
    """
    from hydra._internal.hydra import Hydra
    from hydra._internal.utils import create_config_search_path
    from hydra.core.config_search_path import SearchPathQuery
    from hydra.core.global_hydra import GlobalHydra

    search = create_config_search_path(str(conf_dir()))
    if config_dir:
        anchor = SearchPathQuery(provider="schema")  # Hydra wants its schemas last
        search.prepend("command-line", f"file://{Path(config_dir).resolve()}", anchor)
    job = partial(
        _job, train=train, config_dir=str(Path(config_dir).resolve()) if config_dir else None, shared=settings
    )
    GlobalHydra.instance().clear()
    try:
        with said_in_one_line(settings):
            batches = Hydra.create_main_hydra2("seedbed", search).multirun("config", job, freed(settings))
    finally:
        GlobalHydra.instance().clear()
    return [returned.return_value for batch in batches or () for returned in batch]


def _job(config: Any, train: Train, config_dir: str | None, shared: Sequence[str]) -> Report:
    """One job, in whatever process the launcher runs it. It never raises: a launcher would lose the other jobs."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig

    hydra = HydraConfig.get()
    overrides = list(hydra.overrides.task)
    own = tuple(override for override in overrides if override not in shared)
    if config.arm is None:
        overrides.append(f"arm={quoted(_arm_name(hydra.runtime.choices, own))}")
    os.chdir(hydra.runtime.cwd)  # of the process that launches: paths and the default store are relative to it
    kept = dict(vars(GlobalHydra.instance()))
    GlobalHydra.instance().clear()  # the job composes its own config
    try:
        failed, said = train(overrides, config_dir)
        return Report(hydra.job.num, own, bool(failed), said)
    except InputError as error:
        return Report(hydra.job.num, own, True, str(error))
    except Exception as error:
        import traceback

        traceback.print_exc()
        return Report(hydra.job.num, own, True, f"{type(error).__name__}: {error}")
    finally:
        vars(GlobalHydra.instance()).update(kept)


def _arm_name(choices: Any, own: Sequence[str]) -> str:
    """``embedding-encoder``, and what else of the arm's groups is swept over: a size or a seed makes no other arm."""
    plain = [override.lstrip("+") for override in own]
    values = [one for one in plain if re.split(r"[.=]", one)[0] in ARM_GROUPS]
    values = [one for one in values if not one.startswith(("embedding=", "encoder="))]
    return " ".join([f"{choices['embedding']}-{choices['encoder']}", *values])
