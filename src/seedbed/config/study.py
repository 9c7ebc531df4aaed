"""Build a study from a composed config: its keys, its arms, and checks that they are compatible."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seedbed.config.bounds import refuse_large_numbers
from seedbed.config.build import build, described
from seedbed.config.compatible import check_compatible, with_pooling, with_splits
from seedbed.config.compose import compose
from seedbed.config.job_names import single_name
from seedbed.config.override_syntax import override_key, parse_mapping_override
from seedbed.config.protocols import names_protocol, protocol_overrides
from seedbed.config.provenance import Provenance
from seedbed.config.published import departures, published_table
from seedbed.config.schema import ADDRESSES, ARM_GROUPS, GROUPS, TRAINED_GROUPS, Arm, Stage, Study
from seedbed.config.study_keys import parse_study_keys, refuse_ignored_keys
from seedbed.config.unused_settings import unused_by_all, unused_settings
from seedbed.errors import InputError, nearest
from seedbed.masking import masked, without_secrets
from seedbed.metric_names import OF_LABELS, SPLITS, MetricName

TASKS = {"tagging", "classification", "multilabel"}
"""The choices of ``task`` that have the name of the task of a data set."""
FEWSHOT = "fewshot"
"""The choice of ``training`` for few examples."""
FEW_EXAMPLES = {FEWSHOT, "episodes"}
"""The choices of ``sampling`` that it belongs to."""

if TYPE_CHECKING:
    from omegaconf import DictConfig


def study(
    overrides: Sequence[str], config_dir: str | None = None, single: bool = False, in_sweep: bool = False
) -> Study:
    """Return the study that these overrides describe; ``single``: one arm (``seedbed run``).

    That is the arm that ``arm=`` names, or else the study's own groups.

    The overrides of a protocol are applied before the user's, those of an arm after them. Settings that no arm reads
    are refused; with ``in_sweep`` they are returned as ``unused``, as another job may read them.
    Raises InputError before anything heavy is imported.
    """
    # Looked up without the other settings: they may be keys of the encoder that the protocol chooses.
    naming = [override for override in overrides if names_protocol(override)]
    first = naming if any(override.startswith("protocol=") for override in naming) else overrides
    config = compose(first, config_dir)
    keys = parse_study_keys(config, first)
    protocol = protocol_overrides(keys.protocol, keys.protocols)
    experiment = [o for o in overrides if o.startswith("experiment=")]
    settings = [o for o in overrides if not o.startswith("experiment=")]
    base = [*experiment, *protocol, *settings]
    if protocol or first is naming:
        config = compose(base, config_dir)
        keys = parse_study_keys(config, base)
    config, base = _with_implied(config, base, config_dir)
    refuse_ignored_keys(keys, overrides, single)
    if single and not any(override.startswith("baseline=") for override in overrides):
        keys = dataclasses.replace(keys, baseline=None)  # an experiment's baseline is one of its arms
    named = {name: own for name, own in keys.arms.items() if not single or name == keys.arm}
    if named:
        where = Provenance(config, base)
        built = [
            _named_arm(name, base, arm_overrides, config_dir, where.line(f"arms.{name}"))
            for name, arm_overrides in named.items()
        ]
    else:
        built = [_arm(keys.arm or _arm_name(config, settings), config, base)]
    arms, unused = tuple(arm for arm, _ in built), unused_by_all(unused for _, unused in built)
    if unused and not in_sweep:
        raise InputError(next(iter(unused.values())))
    for arm in arms:
        if keys.sizes and arm.sampling.strategy == "all":
            raise InputError(f"sizes={keys.sizes[0]}: sampling.strategy=all takes every example; use sampling=fewshot")
    if keys.baseline is not None and keys.baseline not in [arm.name for arm in arms]:
        raise InputError(f"baseline={keys.baseline}: not an arm{nearest(keys.baseline, [a.name for a in arms])}")
    _check_metric(keys.metric, arms)
    tracking = build(config.tracking, "tracking", Provenance(config, base))
    tune = _tune(config, base)
    table = None if keys.published is None else published_table(keys.published, config_dir)
    return Study(keys, arms, tracking, as_dict(config), table, departures(table, arms) if table else {}, unused, tune)


def _tune(config: "DictConfig", overrides: Sequence[str]) -> Stage:
    """Return how arms are searched; None for not at all. Raises InputError for keys that ``tune=none`` ignores."""
    tune = build(config.tune, "tune", Provenance(config, overrides))
    if tune.is_on:
        return tune
    ignored = next((override for override in overrides if override_key(override).startswith("tune.")), None)
    if ignored is not None:
        raise InputError(f"command line: {ignored}: has no effect with tune=none; choose a method, such as tune=random")
    return None


def with_objects(checked: Study, objects: Mapping[str, Mapping[str, Stage]]) -> Study:
    """Return the study with stages of its arms replaced; ``objects``: by arm and group. Raises InputError.

    The choice of such a group is the ``name`` of the object, or that of its class.
    """
    arms = []
    for arm in checked.arms:
        stages = {group: getattr(arm, group) for group in ARM_GROUPS} | dict(objects.get(arm.name, {}))
        names = {group: str(getattr(stage, "name", type(stage).__name__)) for group, stage in stages.items()}
        for group in objects.get(arm.name, {}):
            refuse_large_numbers(stages[group], group, lambda key, arm=arm: f"arm {arm.name}")  # type: ignore[misc]
        choices = dict(arm.choices) | {group: names[group] for group in objects.get(arm.name, {})}
        stages |= {"encoder": with_pooling(stages), "dataset": with_splits(stages)}
        check_compatible(stages, choices)
        arms.append(Arm(name=arm.name, choices=choices, settings=_flat(stages), **stages))
    return dataclasses.replace(checked, arms=tuple(arms))


def build_tracking(overrides: Sequence[str]) -> Stage:
    """Return the tracking settings that these overrides describe; nothing else is built."""
    config = compose(overrides)
    return build(config.tracking, "tracking", Provenance(config, overrides))


def as_dict(config: "DictConfig") -> dict[str, object]:
    """Return the composed config as nested dicts and lists, without Hydra's node and without secrets of addresses."""
    from omegaconf import OmegaConf

    content = OmegaConf.to_container(config, resolve=False)
    assert isinstance(content, dict)
    for key in ADDRESSES:
        if content["tracking"].get(key):
            content["tracking"][key] = masked(str(config.tracking[key]))  # what an interpolation stands for
    return {str(key): without_secrets(value) for key, value in content.items() if key != "hydra"}


def resolved(composed: Mapping[str, object]) -> dict[str, Any]:
    """Return a composed config with the values that its interpolations, such as ``${protocol}``, stand for."""
    from omegaconf import OmegaConf

    content = OmegaConf.to_container(OmegaConf.create(dict(composed)), resolve=True)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}


def as_yaml(checked: Study) -> str:
    """Return the composed config as YAML, as in conf/."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(dict(checked.composed)))


def _named_arm(
    name: str, base: Sequence[str], arm_overrides: Sequence[str], config_dir: str | None, location: str
) -> tuple[Arm, Mapping[str, str]]:
    """Return an arm, and the shared settings that it does not read.

    ``location``: where the arm is defined, for messages. Raises InputError for an override of its own that it ignores.
    """
    try:
        for override in arm_overrides:
            _refuse_study_key(override)
        overrides = [*_applicable(base, arm_overrides, config_dir), *arm_overrides]
        config, overrides = _with_implied(compose(overrides, config_dir), overrides, config_dir)
        arm, unused = _arm(name, config, overrides)
        for key, message in unused.items():
            if any(key == override_key(override) for override in arm_overrides):
                raise InputError(message)
        return arm, unused
    except InputError as error:
        raise InputError(f"arm {name}: {_with_location(str(error), arm_overrides, location)}") from error


def _with_implied(config: "DictConfig", overrides: list[str], config_dir: str | None) -> tuple["DictConfig", list[str]]:
    """Return the config of these overrides and of the choices that follow from them, and all overrides of it."""
    implied = _implied(config, overrides)
    return (compose([*overrides, *implied], config_dir), [*overrides, *implied]) if implied else (config, overrides)


def _implied(config: "DictConfig", overrides: Sequence[str]) -> list[str]:
    """Return the choices that follow from others and that the user left open.

    The task of the data set, and without an experiment (whose results must not change) the training of few-shot draws.
    """
    choices, given = config.hydra.runtime.choices, {override.partition("=")[0] for override in overrides}
    task, implied = str(config.dataset.get("task", "")), []
    if "task" not in given and task in TASKS and choices.task in TASKS - {task}:
        implied.append(f"task={task}")
    if not given & {"training", "experiment"} and choices.sampling in FEW_EXAMPLES and choices.training == "default":
        implied.append(f"training={FEWSHOT}")
    return implied


def _with_location(message: str, arm_overrides: Sequence[str], location: str) -> str:
    """Return the message about an arm's override with the file that defines the arm instead of ``command line``."""
    is_of_arm = any(override in message or f"{override_key(override)}=" in message for override in arm_overrides)
    if location == "command line" or location.startswith("conf/config.yaml") or not is_of_arm:
        return message
    message = message.removeprefix("command line: ").replace(" (command line)", "")
    return f"{message} ({location})"


def _applicable(base: Sequence[str], arm_overrides: Sequence[str], config_dir: str | None) -> list[str]:
    """Return the shared overrides without keys that this arm's choices lack, such as filters in an arm with an LSTM.

    Keys that no choice has were refused before, when the base was composed.
    """
    rechosen = {override.partition("=")[0] for override in arm_overrides} & set(ARM_GROUPS)
    choices = [override for override in arm_overrides if override.partition("=")[0] in rechosen]
    base = _with_known_parts(base, choices, config_dir)
    affected = [override for override in base if _key(override).partition(".")[0] in rechosen and "." in _key(override)]
    if not affected:
        return base
    from omegaconf import OmegaConf

    config = compose([override for override in base if override not in affected] + choices, config_dir)
    missing = object()
    unknown = {o for o in affected if OmegaConf.select(config, _key(o), default=missing) is missing}
    return [override for override in base if override not in unknown]


def _with_known_parts(base: Sequence[str], choices: Sequence[str], config_dir: str | None) -> list[str]:
    """Return the shared overrides without choices of a part that this arm's choices lack.

    Such as ``embedding@embedding.parts.elmo=elmo_small`` in an arm with ``embedding=random``.
    """
    groups = {choice.partition("=")[0] for choice in choices}
    experiment = [override for override in base if override.startswith("experiment=")]
    applicable = []
    for override in base:
        if "@" in _key(override) and _key(override).partition("@")[0] in groups:
            try:
                compose([*experiment, *choices, override], config_dir)
            except InputError:
                continue
        applicable.append(override)
    return applicable


def _key(override: str) -> str:
    """Return the key of an override; for a key of an open mapping, the path of the mapping."""
    mapping_override = parse_mapping_override(override)
    return mapping_override.path if mapping_override else override_key(override)


def _refuse_study_key(override: str) -> None:
    """Raise InputError for a key that applies to the whole study."""
    if _key(override).split(".")[0].split("@")[0] not in ARM_GROUPS:
        raise InputError(f"{override}: an arm sets keys of {', '.join(ARM_GROUPS)}; other keys are the study's")


def _arm(name: str, config: "DictConfig", overrides: Sequence[str]) -> tuple[Arm, Mapping[str, str]]:
    choices = {group: config.hydra.runtime.choices[group] for group in GROUPS}
    where = Provenance(config, overrides)
    built = {group: build(config[group], group, where) for group in ARM_GROUPS}
    built |= {"encoder": with_pooling(built), "dataset": with_splits(built)}
    check_compatible(built, choices)
    return Arm(name=name, choices=choices, settings=_flat(built), **built), unused_settings(built, where)


def _check_metric(metric: str | None, arms: Sequence[Arm]) -> None:
    """Raise InputError for a metric that no cell will have, before any is trained."""
    if metric is None:
        return
    valid = {f"{split}/{score}" for arm in arms for split in SPLITS for score in arm.task.scores}
    valid |= {f"test/{score}" for arm in arms for score in getattr(arm.task, "test_scores", ())}
    name = metric if MetricName.of(metric).split in SPLITS else f"test/{metric}"
    own = MetricName.of(name)
    if name not in valid and not (own.label and own.score in OF_LABELS):
        raise InputError(f"metric={metric}: no such score{nearest(name, valid)}")


def _arm_name(config: "DictConfig", overrides: Sequence[str]) -> str:
    """Return ``embedding-encoder`` and the other settings of the model; data and draws are shared by all arms."""
    choices = config.hydra.runtime.choices
    given = [plain for o in overrides if (plain := o.lstrip("+")).partition(".")[0] in TRAINED_GROUPS]
    values = {key: value for key, _, value in (override.partition("=") for override in given) if "." in key}
    keys = [f"{group}.{name}" for group in TRAINED_GROUPS for name in config[group]]
    return single_name(f"{choices['embedding']}-{choices['encoder']}", values, keys)


def _flat(built: Mapping[str, Stage]) -> dict[str, str]:
    """Return the settings of the arm's stages as ``group.key: value``, to be read and filtered by."""
    flat: dict[str, str] = {}

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                walk(f"{prefix}.{key}", item)
        elif value not in (None, "", [], {}):
            flat[prefix] = str(value)

    for group, stage in built.items():
        walk(group, described(stage))
    return flat
