"""Setting the mappings whose keys the user chooses, in a config that Hydra has composed."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seedbed.config.freeing import FREE, REPLACED, Free, free_of, unescaped
from seedbed.config.quoting import advice
from seedbed.config.splitting import QUOTED, is_within, split_at_commas
from seedbed.errors import InputError, nearest


def parted(overrides: Iterable[str]) -> tuple[list[str], list[Free]]:
    """What Hydra reads, and what we set in the config that it makes."""
    both = [(override, free_of(override)) for override in overrides]
    return [override for override, free in both if not free], [free for _, free in both if free]


def fill(config: Any, given: Sequence[Free]) -> None:
    """Set the free mappings of a composed config, one override after the other. Raises InputError."""
    from omegaconf import DictConfig, OmegaConf, open_dict

    for one in given:
        above, _, last = one.path.rpartition(".")
        parent = OmegaConf.select(config, above) if above else config
        if not isinstance(parent, DictConfig):
            raise InputError(f"command line: no key {one.key}")
        there = parent.get(last)
        there = OmegaConf.to_container(there, resolve=False) if isinstance(there, DictConfig) else {}
        with open_dict(config):
            parent[last] = _changed({str(key): value for key, value in there.items()}, one)


def _changed(there: dict[str, Any], one: Free) -> Any:
    if one.name is None:
        if one.value is None:
            return {}
        new = _whole(one, one.value.strip())
        return new if one.path in REPLACED or not isinstance(new, dict) else _merged(there, new)
    if one.override.startswith("~"):
        if one.name not in there:
            raise InputError(f"command line: {one.override}: there is no {one.key}{nearest(one.name, there)}")
        if one.value is not None and _value(one, one.value) != there[one.name]:
            raise InputError(f"command line: {one.override}: {one.key} is {there[one.name]}")
        return {key: value for key, value in there.items() if key != one.name}
    return _merged(there, {one.name: _value(one, one.value or "")})


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = {key for key in new if isinstance(new[key], dict) and isinstance(old.get(key), dict)}
    return old | {key: _merged(old[key], value) if key in both else value for key, value in new.items()}


def _whole(one: Free, text: str) -> Any:
    if text.lower() == "null" and one.path in REPLACED:
        return {}
    if text.startswith("${"):
        return text
    if not text.startswith("{"):
        return _value(one, text)
    if not is_within(text, "{"):
        raise _unreadable(one)
    pairs = [(unescaped(key), value) for key, value in _pairs(text[1:-1], one)]
    for key, number in Counter(key for key, _ in pairs).items():
        if number > 1:
            raise InputError(f"command line: {one.override}: the key {key} is there twice")
    return {key: _value(one, value) for key, value in pairs}


def _pairs(text: str, one: Free) -> Iterator[tuple[str, str]]:
    for part in split_at_commas(text):
        found = re.fullmatch(rf"({QUOTED}|(?:[^:\\]|\\.)*?)\s*:(.*)", part, re.DOTALL)
        if not found:
            raise _unreadable(one)
        yield found[1], found[2].strip()


def _value(one: Free, raw: str) -> Any:
    from hydra.errors import HydraException

    try:
        return FREE[one.path](raw.strip())
    except InputError as error:
        many = f"command line: {one.override}: several values; `seedbed run -m` sweeps over them"
        raise InputError(many + _advice(one)) from error
    except ValueError as error:
        raise InputError(f"command line: {one.override}: {error}") from error
    except (HydraException, RecursionError) as error:
        raise _unreadable(one) from error


def _unreadable(one: Free) -> InputError:
    if one.path in REPLACED:
        how = (f"write {one.key}{'' if one.name else '.NAME'}=[embedding=glove,encoder=cnn], and in a mapping quotes "
               "around an override that has brackets or commas itself")  # fmt: skip
    elif one.name is None:
        how = f"write {one.path}={{NAME: VALUE, NAME: VALUE}}, with quotes around a text that has , : or quotes itself"
    else:
        how = "write key=value" + _advice(one)
    return InputError(f"command line: cannot read {one.override!r}: {how}")


def _advice(one: Free) -> str:
    """What to type in the place of a single value; the key as it was typed."""
    return "" if one.name is None else advice(one.override.removesuffix(f"={one.value}"), one.value or "")
