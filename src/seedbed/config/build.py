"""From nodes of a composed config to the objects that they describe, and to a whole study."""

import dataclasses
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from seedbed.config.compose import compose, nearest, said_in_one_line
from seedbed.config.schema import ARM_GROUPS, GROUPS, Arm, Study, StudyKeys
from seedbed.config.sources import Where, sources
from seedbed.errors import InputError

TARGETS = "seedbed."
"""Only what is in this package can be built from a config."""


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
    if single or not keys.arms:
        config = compose(base, config_dir)
        name = keys.arm or _arm_name(config, rest)
        built = (_arm(name, config, base),)
    else:
        built = tuple(_named_arm(name, base, own, config_dir) for name, own in keys.arms.items())
        config = compose(base, config_dir)
    if keys.baseline is not None and keys.baseline not in [arm.name for arm in built]:
        raise InputError(f"baseline={keys.baseline}: not an arm{nearest(keys.baseline, [a.name for a in built])}")
    tracking = build(config.tracking, "tracking", sources(config, base))
    return Study(_keys(config, base), built, tracking, plain(config))


def plain(config: Any) -> dict[str, Any]:
    """The composed config as nested dicts and lists, without Hydra's node."""
    from omegaconf import OmegaConf

    whole = OmegaConf.to_container(config, resolve=False)
    return {key: value for key, value in whole.items() if key != "hydra"}


def build(node: Any, path: str, where: Where) -> Any:
    """The object that a node describes: an instance of the dataclass named by its ``_target_``.

    ``path`` is the node's key, ``where`` tells of a key where it was set, for the message of an InputError: an unknown
    key, a value of the wrong type, or one that the class refuses.
    """
    from omegaconf import DictConfig

    cls = _target(node, path, where(path))
    fields = {f.name: f for f in dataclasses.fields(cls)}
    values = {}
    for key in node:
        if key == "_target_":
            continue
        if key not in fields:
            raise InputError(
                f"{path}.{key} ({where(f'{path}.{key}')}): no such key{nearest(str(key), fields, path, '.')}"
            )
        value = node._get_node(key)
        if isinstance(value, DictConfig) and not value._is_none():
            values[key] = _nested(value, f"{path}.{key}", where)
        else:
            values[key] = _typed(cls, key, node[key], f"{path}.{key}", where)
    try:
        return cls(**values)
    except InputError as error:
        refused = str(error).partition("=")[0].partition(":")[0]
        raise InputError(f"{error} ({where(refused)})") from error


def _target(node: Any, path: str, file: str) -> type:
    name = str(node.get("_target_", ""))
    if not name.startswith(TARGETS):
        raise InputError(f"{path}._target_={name} ({file}): must name a class of {TARGETS}*")
    module, _, attribute = name.rpartition(".")
    try:
        cls = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(f"{path}._target_={name} ({file}): there is no such class") from error
    if not dataclasses.is_dataclass(cls):
        raise InputError(f"{path}._target_={name} ({file}): must name a dataclass")
    return cls


def _nested(node: Any, path: str, where: Where) -> Any:
    """An object where the node has a ``_target_``; else a dict of whatever is below it."""
    from omegaconf import DictConfig, OmegaConf

    if "_target_" in node:
        return build(node, path, where)
    below = {}
    for key in node:
        value = node._get_node(key)
        nested = isinstance(value, DictConfig) and not value._is_none()
        below[key] = _nested(value, f"{path}.{key}", where) if nested else node[key]
    return {key: OmegaConf.to_container(v) if OmegaConf.is_config(v) else v for key, v in below.items()}


def _typed(cls: type, key: str, value: Any, path: str, where: Where) -> Any:
    """The value converted to the field's type by OmegaConf; InputError where it has another."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    typed = OmegaConf.structured(cls)
    OmegaConf.set_readonly(typed, False)
    try:
        typed[key] = value
    except OmegaConfBaseException as error:
        wanted = dataclasses.fields(cls)[[f.name for f in dataclasses.fields(cls)].index(key)].type
        wanted = getattr(wanted, "__name__", str(wanted))
        raise InputError(f"{path}={value} ({where(path)}): must be of type {wanted}") from error
    value = typed[key]
    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value


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
        values[key] = _typed(StudyKeys, key, config[key], key, where) if config[key] is not None else None
    keys = StudyKeys(**values)
    with said_in_one_line(overrides):
        for key in config:
            if key != "hydra" and OmegaConf.is_config(config[key]):
                OmegaConf.to_container(config[key], resolve=True)
    if keys.replicates < 1:
        raise InputError(f"replicates={keys.replicates}: must be at least 1")
    for number in keys.only or ():
        if not 0 <= number < keys.replicates:
            raise InputError(f"only=[{number}]: replicates are numbered 0 to {keys.replicates - 1}")
    if keys.device not in ("auto", "cpu", "gpu"):
        raise InputError(f"device={keys.device}: choose auto, cpu or gpu")
    if keys.sizes is not None and (not keys.sizes or min(keys.sizes) < 1 or len(set(keys.sizes)) < len(keys.sizes)):
        raise InputError(f"sizes={list(keys.sizes)}: different numbers of training examples, each at least 1")
    return keys


def _named_arm(name: str, base: Sequence[str], own: Sequence[str], config_dir: str | None) -> Arm:
    try:
        overrides = [*base, *own]
        return _arm(name, compose(overrides, config_dir), overrides)
    except InputError as error:
        raise InputError(f"arm {name}: {error}") from error


def _arm(name: str, config: Any, overrides: Sequence[str]) -> Arm:
    choices = {group: config.hydra.runtime.choices[group] for group in GROUPS}
    where = sources(config, overrides)
    built = {group: build(config[group], group, where) for group in ARM_GROUPS}
    _check_pairs(built, choices)
    return Arm(name=name, choices=choices, settings=_flat(config), **built)


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
    """``embedding-encoder``, and what else was set for this arm."""
    choices = config.hydra.runtime.choices
    values = [o.lstrip("+") for o in overrides if o.lstrip("+").split(".")[0] in ARM_GROUPS and "." in o.split("=")[0]]
    return " ".join([f"{choices['embedding']}-{choices['encoder']}", *values])


def _flat(config: Any) -> dict[str, str]:
    """Settings of the arm's groups as ``group.key: value``, for people to read and filter by."""
    from omegaconf import OmegaConf

    flat: dict[str, str] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, below in value.items():
                if key != "_target_":
                    walk(f"{prefix}.{key}", below)
        elif value not in (None, "", [], {}):
            flat[prefix] = str(value)

    for group in ARM_GROUPS:
        walk(group, OmegaConf.to_container(config[group], resolve=True))
    return flat
