"""The keys of an arm that a search can change, and the refusal of those that a space names and no arm has."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from seedbed.comparison.search.distributions import parse_distribution, parse_space
from seedbed.comparison.search.settings import DEFAULT, Tune
from seedbed.config.build import non_fingerprint_fields
from seedbed.config.conf_files import conf_dir
from seedbed.config.schema import TRAINED_GROUPS, Arm
from seedbed.config.yaml_files import read_yaml
from seedbed.errors import InputError, nearest

SCORED = "training.score_at_end"
"""The splits that are scored: a search sets it, as test stays closed."""


def searchable(arm: Arm, every: bool = False) -> Iterator[str]:
    """Yield the keys of an arm that can be searched; ``every``: also those that do not change what is trained."""
    for name in TRAINED_GROUPS:
        yield from _fields(getattr(arm, name), name, every)


def example(arm: Arm, tune: Tune) -> str:
    """Return a key of an arm with a distribution, to type: of the space of its encoder, or of seedbed's own."""
    own, encoder = set(searchable(arm)), arm.choices["encoder"]
    spaces = (tune.spaces.get(encoder, {}), shipped_space(encoder), shipped_space(DEFAULT))
    found = (f"{key}: {text}" for space in spaces for key, text in space.items() if key in own)
    return next(found, "KEY: DISTRIBUTION")


def refuse_unknown_encoders(tune: Tune, encoders: Collection[str]) -> None:
    """Raise InputError for a space of an encoder that does not exist; ``encoders``: all choices."""
    for name in tune.spaces:
        if name != DEFAULT and name not in encoders:
            hint = nearest(name, [*encoders, DEFAULT], "tune.spaces", ".")
            raise InputError(f"tune.spaces.{name}: there is no encoder={name}{hint}")


def check_keys(arms: Sequence[Arm], tune: Tune) -> None:
    """Raise InputError for a key of a space that none of the arms with this space has.

    Of the spaces in conf/tune/space only what was changed is checked: they serve encoders that lack some keys.
    """
    for name, space in () if tune.space else tune.spaces.items():
        parse_space(space, f"tune.spaces.{name}")  # of all encoders
    by_space: dict[str, list[Arm]] = {}
    for arm in arms:
        by_space.setdefault(tune.key_of(arm.choices["encoder"]), []).append(arm)
    for where, own in by_space.items():
        encoder = own[0].choices["encoder"]
        shipped = {} if tune.space else shipped_space(where.rpartition(".")[2])
        for key, text in tune.space_of(encoder).items():
            if shipped.get(key) != text:
                _check_key(where, key, text, own)


def _check_key(where: str, key: str, text: str, arms: Sequence[Arm]) -> None:
    """Raise InputError for a key that none of these arms has; ``where``: the key of their space."""
    if key == SCORED:
        raise InputError(f"{where}: {key}: cannot be searched: trials are scored on validation only")
    names = {name for arm in arms for name in searchable(arm)}
    if key in names:
        return
    if key in {name for arm in arms for name in searchable(arm, every=True)}:
        raise InputError(f"{where}: {key}: cannot be searched: no score depends on it")
    if key in TRAINED_GROUPS:
        choices = parse_distribution(key, text, where).arguments
        arm_of_each = ", ".join(f"{choice}: [{key}={choice}]" for choice in choices)
        raise InputError(f"{where}: {key}: choices of {key} are compared, not searched; use arms={{{arm_of_each}}}")
    hint = nearest(key, names - {SCORED})
    if key.partition(".")[0] not in TRAINED_GROUPS or "." not in key:
        groups = ", ".join(TRAINED_GROUPS)
        raise InputError(f"{where}: {key}: search keys of {groups}, such as encoder.dropout{hint}")
    encoder = where.removeprefix("tune.spaces.")
    which = "no arm" if where == "tune.space" or encoder == DEFAULT else f"no arm with encoder={encoder}"
    raise InputError(f"{where}: {key}: {which} has such a key{hint}")


@cache
def shipped_space(name: str) -> Mapping[str, str]:
    """Return the space of that name in conf/tune/space, empty without one."""
    import yaml

    file = conf_dir() / "tune" / "space" / f"{name}.yaml"
    content: Mapping[str, str] = yaml.safe_load(read_yaml(file).text) if file.is_file() else {}
    return content


def _fields(value: object, path: str, every: bool) -> Iterable[str]:
    if dataclasses.is_dataclass(value):
        left_out = () if every else non_fingerprint_fields(value)
        items = {own.name: getattr(value, own.name) for own in dataclasses.fields(value) if own.name not in left_out}
    else:
        items = dict(value) if isinstance(value, Mapping) else {}
    for name, item in items.items():
        yield f"{path}.{name}"
        yield from _fields(item, f"{path}.{name}", every)
