"""Names of the jobs of a sweep: short, only what differs between them, and in the order of the swept values."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from seedbed.config.hydra_grammar import unquote
from seedbed.config.override_syntax import key_path, override_key
from seedbed.config.schema import ARM_GROUPS

ABBREVIATIONS = {"learning_rate": "lr", "dropout": "do", "weight_decay": "wd", "batch_size": "bs"}
"""Short forms of the last part of a key, as papers have them."""
LONGEST = 40
"""Characters of the name of an arm that leave room for its scores in a terminal of 80 columns."""
_NAMED_BY_VALUE = ("embedding", "encoder")
"""Groups whose choice stands in a name without its key."""
_SHARED = ("dataset",)
"""Groups that name no arm: the same arm is trained on each data set. Nor do keys outside the groups, such as seed."""

SortKey = tuple[tuple[int, float, str], ...]


def arm_name(swept: Sequence[str], default: str) -> str:
    """Return the name of the arm of a job from its swept overrides: ``glove-cnn lr=0.01 do=0.5``.

    ``default``: where none of them names an arm, as in a sweep over sizes or seeds.
    """
    return job_name([override for override in swept if names_arm(override)], default)


def job_name(swept: Sequence[str], default: str) -> str:
    """Return the name of a job from all its swept overrides, also those that name no arm."""
    values = {override_key(override): _value(override) for override in swept}
    choices = [values[group] for group in _NAMED_BY_VALUE if group in values]
    short = short_keys([key for key in values if key not in _NAMED_BY_VALUE])
    return " ".join(["-".join(choices)] * bool(choices) + [f"{short[key]}={values[key]}" for key in short]) or default


def single_name(model: str, values: Mapping[str, str], keys: Iterable[str]) -> str:
    """Return the name of the arm of `seedbed run`: ``model`` and the settings that were given, as in a sweep.

    ``values``: by key, what was given; ``keys``: all keys of the arm, so that a short one means one of them. Settings
    that do not fit into `LONGEST` characters stand as a digest, so that other values have another name.
    """
    names = list(dict.fromkeys([*keys, *values]))
    short = short_keys(names)
    parts = [f"{short[key]}={unquote(values[key])}" for key in names if key in values]
    whole = " ".join([model, *parts])
    if len(whole) <= LONGEST or not parts:
        return whole
    digest = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:4]
    name = model
    for part in parts:
        if len(f"{name} {part} {digest}") > LONGEST:
            break
        name = f"{name} {part}"
    return f"{name} {digest}"


def names_arm(override: str) -> bool:
    """Return whether a swept override makes another arm, and is pasted to repeat it."""
    key = override_key(override)
    return re.split(r"[.@]", key)[0] in ARM_GROUPS and key not in _SHARED


def short_keys(keys: Sequence[str]) -> dict[str, str]:
    """Return by key its last part, or where two would be equal as many parts as tell them apart."""
    parts = {key: _parts(key) for key in keys}
    lengths = dict.fromkeys(keys, 1)
    while True:
        short = {key: ".".join(parts[key][-length:]) for key, length in lengths.items()}
        taken = list(short.values())
        equal = [key for key in keys if taken.count(short[key]) > 1 and lengths[key] < len(parts[key])]
        if not equal:
            return short
        for key in equal:
            lengths[key] += 1


def by_value(swept: Sequence[str]) -> SortKey:
    """Return the sort key of a job: its values in the order of the sweep's keys, numbers by size, before texts."""
    return tuple(_sort_key(_value(override)) for override in swept)


def _parts(key: str) -> list[str]:
    *first, last = key_path(key.rpartition("@")[2])
    return [*first, ABBREVIATIONS.get(last, last)]


def _value(override: str) -> str:
    return unquote(override.partition("=")[2])


def _sort_key(value: str) -> tuple[int, float, str]:
    numbers = re.fullmatch(r"\[?([^,\]]+)(?:,.*\])?\]?", value)  # a list by its first number
    try:
        number = float(numbers[1] if numbers else value)
    except ValueError:
        return (1, 0.0, value)
    return (1, 0.0, value) if math.isnan(number) else (0, number, value)
