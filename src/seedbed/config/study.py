"""From a composed config to a whole study: its keys, its arms, and whether they can go together."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from seedbed.config.build import build, described
from seedbed.config.compose import compose
from seedbed.config.freeing import free_of, key_of
from seedbed.config.keys import refuse_of_another_command, study_keys
from seedbed.config.published import departures, published_table
from seedbed.config.schema import ARM_GROUPS, GROUPS, Arm, Study
from seedbed.config.sources import sources
from seedbed.config.unread import unread, unread_by_all
from seedbed.errors import InputError, nearest


def study(
    overrides: Sequence[str], config_dir: str | None = None, single: bool = False, in_sweep: bool = False
) -> Study:
    """The study that these overrides describe; ``single``: only its own groups, as one arm (``seedbed run``).

    A protocol stands before the user's overrides, an arm's overrides after them: an arm is what its name says. What no
    arm reads is refused; ``in_sweep``: kept as ``unread``, for another job may read it.
    Raises InputError before anything heavy is imported.
    """
    config = compose(overrides, config_dir)
    keys = study_keys(config, overrides)
    refuse_of_another_command(keys, overrides, single)
    before: list[str] = []
    if keys.protocol is not None:
        if keys.protocol not in keys.protocols:
            raise InputError(f"protocol={keys.protocol}: not a protocol here{nearest(keys.protocol, keys.protocols)}")
        before = keys.protocols[keys.protocol]
    experiment = [o for o in overrides if o.startswith("experiment=")]
    rest = [o for o in overrides if not o.startswith("experiment=")]
    base = [*experiment, *before, *rest]
    if before:
        config = compose(base, config_dir)
        keys = study_keys(config, base)
    if single and not any(override.startswith("baseline=") for override in overrides):
        keys = dataclasses.replace(keys, baseline=None)  # an experiment's is one of the arms that are left out
    if single or not keys.arms:
        made = [_arm(keys.arm or _arm_name(config, rest), config, base)]
    else:
        where = sources(config, base)
        made = [_named_arm(name, base, own, config_dir, where.place(f"arms.{name}")) for name, own in keys.arms.items()]
    built, idle = tuple(arm for arm, _ in made), unread_by_all(unread for _, unread in made)
    if idle and not in_sweep:
        raise InputError(next(iter(idle.values())))
    for arm in built:
        if keys.sizes and arm.sampling.strategy == "all":
            raise InputError(f"sizes={keys.sizes[0]}: sampling.strategy=all takes every example; use sampling=fewshot")
    if keys.baseline is not None and keys.baseline not in [arm.name for arm in built]:
        raise InputError(f"baseline={keys.baseline}: not an arm{nearest(keys.baseline, [a.name for a in built])}")
    _check_metric(keys.metric, built)
    tracking = build(config.tracking, "tracking", sources(config, base))
    table = None if keys.published is None else published_table(keys.published, config_dir)
    return Study(keys, built, tracking, plain(config), table, departures(table, built) if table else {}, idle)


def tracking_of(overrides: Sequence[str]) -> Any:
    """Where results are kept by these overrides; nothing else is built."""
    config = compose(overrides)
    return build(config.tracking, "tracking", sources(config, overrides))


def plain(config: Any) -> dict[str, Any]:
    """The composed config as nested dicts and lists, without Hydra's node and without the store's password."""
    from omegaconf import OmegaConf

    whole = OmegaConf.to_container(config, resolve=False)
    whole["tracking"]["uri"] = re.sub(r"//[^/@]*@", "//***@", str(whole["tracking"]["uri"]))
    return {key: value for key, value in whole.items() if key != "hydra"}


def as_yaml(checked: Study) -> str:
    """The composed config as it is written in conf/."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(dict(checked.composed)))


def _named_arm(
    name: str, base: Sequence[str], own: Sequence[str], config_dir: str | None, place: str
) -> tuple[Arm, Mapping[str, str]]:
    """An arm, and what is set for all and not read by it; what it sets itself it must read."""
    try:
        for override in own:
            _refuse_of_study(override)
        overrides = [*_fitting(base, own, config_dir), *own]
        arm, idle = _arm(name, compose(overrides, config_dir), overrides)
        for key, line in idle.items():
            if any(key == key_of(override) for override in own):
                raise InputError(line)
        return arm, idle
    except InputError as error:
        raise InputError(f"arm {name}: {_placed(str(error), own, place)}") from error


def _placed(line: str, own: Sequence[str], place: str) -> str:
    """The line about an override of an arm, with its place in the place of the command line where a file sets it."""
    of_arm = any(override in line or f"{key_of(override)}=" in line for override in own)
    if place == "command line" or place.startswith("conf/config.yaml") or not of_arm:
        return line
    line = line.removeprefix("command line: ").replace(" (command line)", "")
    return f"{line} ({place})"


def _fitting(base: Sequence[str], own: Sequence[str], config_dir: str | None) -> list[str]:
    """The overrides given for all, less keys that this arm's own choices do not have, such as filters of an LSTM.

    What is no key of anything was refused before, when the base was composed.
    """
    rechosen = {override.partition("=")[0] for override in own} & set(ARM_GROUPS)
    base = _with_parts(base, [override for override in own if override.partition("=")[0] in rechosen], config_dir)
    at_stake = [override for override in base if _key(override).partition(".")[0] in rechosen and "." in _key(override)]
    if not at_stake:
        return base
    from omegaconf import OmegaConf

    there = compose(
        [o for o in base if o not in at_stake] + [o for o in own if o.partition("=")[0] in rechosen], config_dir
    )
    missing = object()
    lacking = {o for o in at_stake if OmegaConf.select(there, _key(o), default=missing) is missing}
    return [override for override in base if override not in lacking]


def _with_parts(base: Sequence[str], choices: Sequence[str], config_dir: str | None) -> list[str]:
    """The overrides given for all, less choices of a part that this arm's own choices do not have.

    Such as ``embedding@embedding.parts.elmo=elmo_small`` in an arm with ``embedding=random``.
    """
    groups = {choice.partition("=")[0] for choice in choices}
    experiment = [override for override in base if override.startswith("experiment=")]
    kept = []
    for override in base:
        if "@" in _key(override) and _key(override).partition("@")[0] in groups:
            try:
                compose([*experiment, *choices, override], config_dir)
            except InputError:
                continue
        kept.append(override)
    return kept


def _key(override: str) -> str:
    """The key of an override; of one in a mapping of the user's, the mapping, which a choice has or has not."""
    free = free_of(override)
    return free.path if free else key_of(override)


def _refuse_of_study(override: str) -> None:
    """What belongs to the whole study cannot be said by one arm."""
    if _key(override).split(".")[0].split("@")[0] not in ARM_GROUPS:
        raise InputError(f"{override}: an arm sets keys of {', '.join(ARM_GROUPS)}; other keys are the study's")


def _arm(name: str, config: Any, overrides: Sequence[str]) -> tuple[Arm, Mapping[str, str]]:
    choices = {group: config.hydra.runtime.choices[group] for group in GROUPS}
    where = sources(config, overrides)
    built = {group: build(config[group], group, where) for group in ARM_GROUPS}
    _check_pairs(built, choices)
    return Arm(name=name, choices=choices, settings=_flat(built), **built), unread(built, where)


def _check_metric(metric: str | None, arms: Sequence[Arm]) -> None:
    """Refuse a metric that no cell will have, before any is trained."""
    if metric is None:
        return
    splits = ("test", "validation", "train")
    valid = {f"{split}/{score}" for arm in arms for split in splits for score in arm.task.scores}
    wanted = metric if metric.startswith(tuple(f"{split}/" for split in splits)) else f"test/{metric}"
    if wanted not in valid and wanted.count("/") < 2:
        raise InputError(f"metric={metric}: no such score{nearest(wanted, valid)}")


def _check_pairs(built: Mapping[str, Any], choices: Mapping[str, str]) -> None:
    """Refuse what cannot go together."""
    dataset, encoder, task, sampling = (built[group] for group in ("dataset", "encoder", "task", "sampling"))
    if dataset.task != task.kind:
        raise InputError(
            f"task={choices['task']} does not fit dataset={choices['dataset']}, a {dataset.task} set "
            f"(conf/dataset/{choices['dataset']}.yaml); did you mean task={dataset.task}?"
        )
    if task.per_token and not encoder.tags:
        raise InputError(
            f"encoder={choices['encoder']} gives one vector a sequence and cannot tag tokens "
            f"(conf/encoder/{choices['encoder']}.yaml); use encoder=bilstm, residual_bilstm or cnn"
        )
    if sampling.strategy == "stratified" and dataset.task != "classification":
        raise InputError("sampling.strategy=stratified balances classes; for tagging use random or k_per_type")
    if sampling.strategy == "k_per_type" and dataset.task != "tagging":
        raise InputError("sampling.strategy=k_per_type counts mentions; for classification use random or stratified")


def _arm_name(config: Any, overrides: Sequence[str]) -> str:
    """``embedding-encoder``, and what else was set for this arm; what all arms share, data and draws, is no name."""
    choices = config.hydra.runtime.choices
    named = ("embedding.", "encoder.", "task.", "training.")
    values = [plain for override in overrides if (plain := override.lstrip("+")).startswith(named)]
    return " ".join([f"{choices['embedding']}-{choices['encoder']}", *values])


def _flat(built: Mapping[str, Any]) -> dict[str, str]:
    """Settings of the arm's stages as ``group.key: value``, for people to read and filter by."""
    flat: dict[str, str] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, below in value.items():
                walk(f"{prefix}.{key}", below)
        elif value not in (None, "", [], {}):
            flat[prefix] = str(value)

    for group, stage in built.items():
        walk(group, described(stage))
    return flat
