"""Sweeps: Hydra's multirun over jobs that train one arm each."""

import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.config.chosen_launcher import launcher_of, launching_config, refuse_code
from seedbed.config.compose import compose, hydra_initialized
from seedbed.config.conf_files import choice_files
from seedbed.config.hydra_errors import hydra_errors, interval_hint
from seedbed.config.hydra_grammar import quote, with_quoted_sign
from seedbed.config.job_names import arm_name
from seedbed.config.override_checks import refuse_unsupported
from seedbed.config.override_syntax import is_sweep as has_several_values
from seedbed.config.override_syntax import override_key, override_parser, parse_mapping_override
from seedbed.config.plugins import refuse_plugins
from seedbed.config.provenance import Provenance
from seedbed.config.schema import Job
from seedbed.errors import InputError, one_line
from seedbed.files import writable_folder
from seedbed.launching.launchers import Launcher
from seedbed.masking import cleaned

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override
    from omegaconf import DictConfig

Train = Callable[[Sequence[str], str | None, Job], tuple[int, str]]
"""Trains the arm of some overrides with a config folder, as a job; returns how many cells failed, and a message."""


MOST_JOBS = 10_000
MOST_LISTED = 20
"""Values that a message lists."""
LOST = {
    "TerminatedWorkerError", "BrokenProcessPool", "UncompletedJobError", "FailedJobError", "WorkerCrashedError",
    "NodeDiedError", "LocalRayletDiedError", "OutOfMemoryError",
}  # fmt: skip
"""Errors of joblib, submitit and Ray by which all jobs are lost with one that was killed."""


class LostWorkerError(InputError):
    """A process of the launcher was killed, and with it the results of all jobs; what they finished is in the store."""


@dataclass(frozen=True)
class JobResult:
    """The number of a job, its swept overrides, whether anything failed, and a message.

    ``refused``: whether its input was bad, so that nothing was trained.
    """

    job: int
    overrides: tuple[str, ...]
    failed: bool
    message: str
    refused: bool = False


def is_sweep(settings: Sequence[str], config_dir: str | None) -> bool:
    """Return whether a file among the settings requests a sweep, as those of ``sweeps/`` do."""
    from_sweeps = any(setting.lstrip("+").startswith("sweeps=") for setting in settings)
    if not from_sweeps and not (config_dir and any(setting.startswith("experiment=") for setting in settings)):
        return False
    if from_sweeps and (not config_dir or not (Path(config_dir) / "sweeps").is_dir()):
        raise InputError(
            f"+sweeps: no folder sweeps/ in {config_dir or 'conf/'}: give --config-dir, such as a clone's root"
        )
    from hydra.types import RunMode

    values, fixed = _swept_values(settings, config_dir)
    return bool(compose([*_first(values), *fixed], config_dir).hydra.mode == RunMode.MULTIRUN)


def trial_jobs(settings: Sequence[str], config_dir: str | None) -> Iterator[list[str]]:
    """Yield overrides of jobs that use each swept value at least once; the sweep's first job first."""
    values, fixed = _all_values(settings, config_dir)
    if (jobs := math.prod(max(len(choices), 1) for choices in values.values())) > MOST_JOBS:
        raise InputError(f"the sweep has {jobs:,} jobs; at most {MOST_JOBS:,}")
    yield [*_first(values), *fixed]
    for key, choices in values.items():
        for choice in choices[1:]:
            yield [*_first(values | {key: [choice]}), *fixed]


def _all_values(settings: Sequence[str], config_dir: str | None) -> tuple[dict[str, list[str]], list[str]]:
    """Return the values of each key, of the command line or of a file of ``sweeps/``; and those of open mappings."""
    values, fixed = _swept_values(settings, config_dir)
    config = compose([*_first(values), *fixed], config_dir)
    params = config.hydra.sweeper.get("params") or {}
    in_file = [f"{key}={value}" for key, value in params.items()]
    _refuse_imports(config, settings, in_file)
    from_file = _parse(in_file, settings, config_dir)
    return {_key(override): _values(override, config_dir) for override in from_file} | values, fixed


def launch(train: Train, settings: Sequence[str], config_dir: str | None) -> list[JobResult]:
    """Train each combination of the swept settings with Hydra's sweeper and launcher; return the results in job order.

    Hydra's ``main`` is not used: it prints tracebacks and does not return the results of the jobs. Raises
    LostWorkerError where a process of the launcher is killed.
    """
    from hydra.core.global_hydra import GlobalHydra

    plain, fixed = _split_settings(settings, config_dir)
    overrides = [_without_glob(override, config_dir) for override in _parse(plain, settings, config_dir)]
    folder = str(Path(config_dir).resolve()) if config_dir else None
    values, _ = _all_values(settings, config_dir)
    keys = frozenset(override_key(f"{key}=") for key, choices in values.items() if len(choices) > 1)
    job = partial(_run_job, train=train, config_dir=folder, keys=keys, fixed=fixed)
    with hydra_errors(settings, config_dir, compose), hydra_initialized(config_dir) as added:
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None
        try:
            batches = hydra.multirun("config", job, [*overrides, *added])
        except Exception as error:
            if type(error).__name__ in LOST:
                raise LostWorkerError(type(error).__name__) from error
            raise
    return [returned.return_value for batch in batches or () for returned in batch]


def sweep_launcher(settings: Sequence[str], config_dir: str | None) -> Launcher:
    """Return the launcher of a sweep, with which other settings of Hydra are checked too.

    Raises InputError for one that is not installed, a setting that it does not have, or a folder that is not writable.
    """
    from omegaconf.errors import OmegaConfBaseException

    config = launching_config([s for s in settings if _is_launcher_key(s.lstrip("+~"))], config_dir)
    refuse_code(config, settings)
    with suppress(OmegaConfBaseException):  # what only Hydra resolves is checked by it
        writable_folder(str(config.hydra.sweep.dir), "hydra.sweep.dir")
    return launcher_of(config, settings)


def _refuse_imports(config: "DictConfig", settings: Sequence[str], in_file: Sequence[str]) -> None:
    """Raise InputError for code that a file would import through Hydra, and for plugins among its swept values."""
    refuse_code(config, settings)
    line = Provenance(config, settings).line
    refuse_plugins(in_file, f"hydra.sweeper.params ({line('hydra.sweeper.params')})")


def _split_settings(settings: Sequence[str], config_dir: str | None) -> tuple[list[str], list[str]]:
    """Return the settings for Hydra's sweeper, and those of open mappings, which are the same in each job."""
    plain, fixed = [], []
    for setting in map(with_quoted_sign, settings):
        mapping = parse_mapping_override(setting)
        if mapping is None:
            refuse_unsupported(setting, config_dir, launching=True)
            plain.append(setting)
        elif not has_several_values(mapping):
            fixed.append(setting)
        elif mapping.name is not None and re.fullmatch(r"[\w$.-]+", mapping.name, re.ASCII):
            plain.append(f"++{mapping.key}={mapping.value}")
        else:
            raise InputError(f"command line: {setting}: a sweep takes one key with letters, digits and _ - $ . alone")
    return plain, fixed


def _swept_values(settings: Sequence[str], config_dir: str | None) -> tuple[dict[str, list[str]], list[str]]:
    """Return the values of each key of the command line, without launcher settings; and those of open mappings."""
    plain, fixed = _split_settings(settings, config_dir)
    overrides = [o for o in _parse(plain, settings, config_dir) if not _is_launcher_key(o.key_or_group)]
    return {_key(override): _values(override, config_dir) for override in overrides}, fixed


def _parse(plain: Sequence[str], settings: Sequence[str], config_dir: str | None) -> "list[Override]":
    with hydra_errors(settings, config_dir, compose):
        return override_parser().parse_overrides(list(plain))


def _text(override: "Override") -> str:
    """Return an override as it was typed."""
    return str(override.input_line)


def _key(override: "Override") -> str:
    return _text(override).split("=")[0]


def _values(override: "Override", config_dir: str | None) -> list[str]:
    """Return the values of a key: several in a sweep, none for ``~key``."""
    _, equals, value = _text(override).partition("=")
    if not override.is_sweep_override():
        return [value] if equals else []
    if override.is_interval_sweep():
        raise InputError(f"command line: {override.input_line}: {interval_hint(str(override.input_line))}")
    values = _glob_matches(override, config_dir)
    try:
        values = list(islice(override.sweep_string_iterator(), MOST_JOBS + 1)) if values is None else values
    except Exception as error:
        raise InputError(f"command line: {override.input_line}: {one_line(error)}") from error
    if not values:
        raise InputError(f"command line: {override.input_line} sweeps over nothing")
    if len(values) > MOST_JOBS:
        raise InputError(f"command line: {override.input_line}: more than {MOST_JOBS:,} values")
    _refuse_float_range(override, values)
    return values


def _refuse_float_range(override: "Override", values: Sequence[str]) -> None:
    """Raise InputError for a float range that is not what it seems.

    ``range(0,0.8,0.1)`` ends with 0.7999999999999999, the stop rounded down; ``range(0.1,0.5)`` has one value, as the
    step is 1.
    """
    from hydra.core.override_parser.types import RangeSweep

    span = override.value()
    if not isinstance(span, RangeSweep) or isinstance(span.range(), range):
        return
    if len(values) == 1:
        raise InputError(
            f"command line: {override.input_line}: one value, {values[0]}, as the step is {span.step}: give a smaller "
            f"step, or list the values, such as {_key(override)}=0.1,0.2"
        )
    slipped = [value for value in values if math.isclose(float(value), float(span.stop or 0), rel_tol=1e-9)]
    if slipped:
        listed = ",".join(f"{float(value):.10g}" for value in values[:MOST_LISTED] if value not in slipped)
        more = ",..." * (len(values) > MOST_LISTED)
        raise InputError(
            f"command line: {override.input_line}: a range ends before its stop, and rounding lets {slipped[0]} in: "
            f"list the values, {_key(override)}={listed}{more}"
        )


def _glob_matches(override: "Override", config_dir: str | None) -> list[str] | None:
    """Return the choices of a group that match ``glob(...)``; None for another sweep."""
    from hydra.core.override_parser.types import Glob

    glob = override.value()
    if not isinstance(glob, Glob):
        return None
    names = sorted(choice_files(override.key_or_group, config_dir))
    if unfit := [one for one in (*glob.include, *glob.exclude) if not isinstance(one, str)]:
        raise InputError(f"command line: {override.input_line}: {unfit[0]} is no pattern, such as c*")
    if matches := glob.filter(names):
        return matches
    problem = f"none of {', '.join(names)} fits" if names else f"there is no config group {override.key_or_group}"
    raise InputError(f"command line: {override.input_line}: {problem}")


def _without_glob(override: "Override", config_dir: str | None) -> str:
    """Return the override with the matches of a glob: Hydra would search conf/ only."""
    matches = _glob_matches(override, config_dir)
    return _text(override) if matches is None else f"{override.get_key_element()}={','.join(matches)}"


def _first(values: Mapping[str, Sequence[str]]) -> list[str]:
    """Return overrides with the first value of each key."""
    return [f"{key}={choices[0]}" if choices else key for key, choices in values.items()]


def _is_launcher_key(key: str) -> bool:
    """Return whether a key configures how jobs are launched, not the jobs themselves."""
    return key.startswith(("hydra/", "hydra."))


def _run_job(
    config: "DictConfig", train: Train, config_dir: str | None, keys: Set[str], fixed: Sequence[str]
) -> JobResult:
    """Run one job, in the process that the launcher chose. Never raises: a launcher would lose the other jobs.

    ``keys``: those with several values; ``fixed``: overrides that Hydra cannot read, the same in every job.
    """
    from hydra.core.hydra_config import HydraConfig

    hydra = HydraConfig.get()
    overrides = [*hydra.overrides.task, *fixed]
    given = [o.removeprefix("++") if parse_mapping_override(o) else o for o in overrides]
    swept = tuple(o for o in given if override_key(o) in keys)
    shared = tuple(o for o in given if o not in swept and not override_key(o).startswith("tracking"))  # has passwords
    job = Job(swept, shared, config_dir or "")
    if config.arm is None:
        choices = hydra.runtime.choices
        name = arm_name(swept, f"{choices['embedding']}-{choices['encoder']}")
        overrides.append(f"arm={quote(name)}")
    os.chdir(hydra.runtime.cwd)  # of the launching process: paths and the default store are relative to it
    try:
        refuse_plugins(hydra.overrides.task, "hydra.sweeper.params")  # those of the command line are in ``fixed``
        failed, message = train(overrides, config_dir, job)
        return JobResult(hydra.job.num, swept, bool(failed), message)
    except InputError as error:
        return JobResult(hydra.job.num, swept, True, str(error), refused=True)
    except Exception as error:
        import traceback

        print(cleaned(traceback.format_exc()), file=sys.stderr)
        return JobResult(hydra.job.num, swept, True, cleaned(f"{type(error).__name__}: {error}"))
