"""From a composed config to a whole study: its keys, its arms, and whether they can go together."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from seedbed.config.build import build, described, typed
from seedbed.config.compose import compose, said_in_one_line
from seedbed.config.published import departures, published_table
from seedbed.config.schema import ARM_GROUPS, GROUPS, LINT, SEEDS, SEEDS_APART, Arm, Study, StudyKeys
from seedbed.config.sources import sources
from seedbed.errors import InputError, nearest


def study(overrides: Sequence[str], config_dir: str | None = None, single: bool = False) -> Study:
    """The study that these overrides describe; ``single``: only its own groups, as one arm (``seedbed run``).

    A protocol stands before the user's overrides, an arm's overrides after them: an arm is what its name says.
    Raises InputError before anything heavy is imported.
    """
    config = compose(overrides, config_dir)
    keys = _keys(config, overrides)
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
        keys = _keys(config, base)
    if single and not any(override.startswith("baseline=") for override in overrides):
        keys = dataclasses.replace(keys, baseline=None)  # an experiment's is one of the arms that are left out
    if single or not keys.arms:
        built = (_arm(keys.arm or _arm_name(config, rest), config, base),)
    else:
        built = tuple(_named_arm(name, base, own, config_dir) for name, own in keys.arms.items())
    if keys.baseline is not None and keys.baseline not in [arm.name for arm in built]:
        raise InputError(f"baseline={keys.baseline}: not an arm{nearest(keys.baseline, [a.name for a in built])}")
    _check_metric(keys.metric, built)
    tracking = build(config.tracking, "tracking", sources(config, base))
    table = None if keys.published is None else published_table(keys.published, config_dir)
    return Study(keys, built, tracking, plain(config), table, departures(table, built) if table else {})


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


def _keys(config: Any, overrides: Sequence[str]) -> StudyKeys:
    from omegaconf import OmegaConf

    names = [f.name for f in dataclasses.fields(StudyKeys)]
    where = sources(config, overrides)
    values = {}
    for key in config:
        if key in (*GROUPS, "hydra", "experiment"):
            continue
        if key not in names:
            raise InputError(f"{key} ({where(key)}): no such key{nearest(key, [*names, *GROUPS, 'experiment'])}")
        values[key] = typed(StudyKeys, key, config[key], key, where) if config[key] is not None else None
    keys = StudyKeys(**values)
    keys.lint = "off" if config.lint is False else keys.lint  # in YAML a bare off is no word
    with said_in_one_line(overrides):
        for key in config:
            if key != "hydra" and OmegaConf.is_config(config[key]):
                OmegaConf.to_container(config[key], resolve=True)
    _check_numbers(keys)
    return keys


def _check_numbers(keys: StudyKeys) -> None:
    """Refuse values of the top-level keys that have the right type and make no sense."""
    if not keys.name.strip() or "/" in keys.name or keys.name.startswith("."):
        raise InputError(f"name={keys.name}: must do as the name of a folder")
    if keys.replicates < 1:
        raise InputError(f"replicates={keys.replicates}: must be at least 1")
    if keys.replicates > SEEDS_APART:
        raise InputError(f"replicates={keys.replicates}: at most {SEEDS_APART}; beyond, take another seed")
    _check_seeds(keys)
    if keys.seed < 0:
        raise InputError(f"seed={keys.seed}: must be at least 0")
    if keys.only is not None and not keys.only:
        raise InputError("only=[]: name at least one replicate, such as only=[0], or leave it null for all")
    for number in keys.only or ():
        if not 0 <= number < keys.numbered:
            raise InputError(f"only=[{number}]: replicates are numbered 0 to {keys.numbered - 1}")
    if keys.lint not in LINT:
        raise InputError(f"lint={keys.lint}: choose {', '.join(LINT)}")
    if keys.device not in ("auto", "cpu", "gpu"):
        raise InputError(f"device={keys.device}: choose auto, cpu or gpu")
    if keys.sizes is not None and (not keys.sizes or min(keys.sizes) < 1 or len(set(keys.sizes)) < len(keys.sizes)):
        raise InputError(f"sizes={list(keys.sizes)}: different numbers of training examples, each at least 1")


def _check_seeds(keys: StudyKeys) -> None:
    number = keys.initialisations
    if keys.seeds not in SEEDS:
        raise InputError(f"seeds={keys.seeds}: choose {', '.join(SEEDS)}")
    if keys.seeds == "paired" and number != 1:
        raise InputError(f"initialisations={number}: with seeds=paired each replicate has one; use seeds=crossed")
    if keys.seeds == "crossed" and number < 2:
        raise InputError(f"initialisations={number}: with seeds=crossed give at least 2")
    if keys.numbered > SEEDS_APART:
        raise InputError(
            f"initialisations={number}: at most {SEEDS_APART} replicates, and {keys.replicates} draws make "
            f"{keys.numbered}"
        )


def _named_arm(name: str, base: Sequence[str], own: Sequence[str], config_dir: str | None) -> Arm:
    try:
        for override in own:
            _refuse_of_study(override)
        overrides = [*_fitting(base, own, config_dir), *own]
        return _arm(name, compose(overrides, config_dir), overrides)
    except InputError as error:
        raise InputError(f"arm {name}: {error}") from error


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
    return override.lstrip("+~").partition("=")[0]


def _refuse_of_study(override: str) -> None:
    """What belongs to the whole study cannot be said by one arm."""
    if _key(override).split(".")[0].split("@")[0] not in ARM_GROUPS:
        raise InputError(f"{override}: an arm sets keys of {', '.join(ARM_GROUPS)}; other keys are the study's")


def _arm(name: str, config: Any, overrides: Sequence[str]) -> Arm:
    choices = {group: config.hydra.runtime.choices[group] for group in GROUPS}
    where = sources(config, overrides)
    built = {group: build(config[group], group, where) for group in ARM_GROUPS}
    _check_pairs(built, choices)
    return Arm(name=name, choices=choices, settings=_flat(built), **built)


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
