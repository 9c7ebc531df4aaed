"""Settings that another choice leaves without effect: refused where the user set them, not where a default stands."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from seedbed.class_names import is_builtin
from seedbed.config.sources import Sources
from seedbed.errors import InputError


class Rule(NamedTuple):
    """``key`` of a class has an effect where ``read`` is true of the object and its arm; ``by``: what reads it."""

    key: str
    read: Callable[[Any, Mapping[str, Any]], Any]
    by: str


def _split(name: str) -> Rule:
    return Rule(f"held_out.{name}", lambda data, arm: name not in _whole(data), f"a data set without files.{name}")


def _whole(data: Any) -> set[str]:
    """The splits that have files."""
    return {split for split, names in data.files.items() if names}


def _divided(data: Any, arm: Any) -> bool:
    return any(split not in _whole(data) for split in data.held_out)


def _reads_texts(data: Any, arm: Any) -> bool:
    return data.task == "classification" and not getattr(data.reader, "tokens", "")


def _looked_for(data: Any, arm: Any) -> bool:
    """Whether the files are looked for in places that the config names."""
    return not data.path and bool(data.folder or data.package)


def _drawn(sampling: Any, arm: Any) -> bool:
    """Whether some examples are drawn from a split other than train."""
    return _number(sampling.test) or (_number(sampling.validation) and sampling.validation_from != "train")


def _number(wanted: Any) -> bool:
    return wanted not in ("all", 0)


RULES: Mapping[str, tuple[Rule, ...]] = {
    "Dataset": (
        Rule("keep_tokens", lambda data, arm: data.max_tokens is not None, "a data set with dataset.max_tokens"),
        Rule("tokenizer", _reads_texts, "a data set of texts"),
        _split("test"),
        _split("validation"),
        Rule("split_seed", _divided, "a data set that takes a split out of train"),
        Rule("files.unlabelled", lambda data, arm: False, "`seedbed pretrain`"),
        Rule("folder", lambda data, arm: not data.path, "a data set without dataset.path"),
        Rule("package", lambda data, arm: not data.path, "a data set without dataset.path"),
        Rule("url", _looked_for, "a data set with dataset.folder or dataset.package and no dataset.path"),
        Rule("unpack", lambda data, arm: data.url and _looked_for(data, arm), "a data set with dataset.url"),
        Rule("sha256", lambda data, arm: not data.path or not (data.folder or data.package or data.url),
             "a data set without dataset.path"),
    ),
    "JsonLines": (
        Rule("text", lambda reader, arm: not reader.tokens, "a reader without dataset.reader.tokens"),
        Rule("label", lambda reader, arm: not reader.tags, "a reader without dataset.reader.tags"),
        *(Rule(key, lambda reader, arm: reader.tags, "a reader with dataset.reader.tags")
          for key in ("scheme", "outside", "tag_separator", "tag_suffix", "untyped", "tag_names")),
    ),
    "Static": (
        *(Rule(key, lambda table, arm: not table.path, "a table without embedding.path")
          for key in ("folder", "names", "url", "package")),
        Rule("sha256", lambda table, arm: table.url and not table.path,
             "a table with embedding.url and no embedding.path"),
    ),
    "Elmo": (
        *(Rule(key, lambda model, arm: model.source == "hub", "embedding.source=hub")
          for key in ("handle", "signature")),
        *(Rule(key, lambda model, arm: model.source == "bilm", "embedding.source=bilm")
          for key in ("options", "options_sha256", "weights", "weights_sha256", "precision")),
        Rule("folder", lambda model, arm: model.source == "bilm" and "://" in model.options + model.weights,
             "embedding.source=bilm with URLs"),
        Rule("cache_gb", lambda model, arm: model.cache, "embedding.cache=true"),
    ),
    **dict.fromkeys(("BiLSTM", "ResidualBiLSTM"), (
        Rule("pooling", lambda encoder, arm: not arm["task"].per_token, "task=classification"),
    )),
    "Sampling": (
        Rule("redraw_test", _drawn, "a number of sampling.test, or of validation from another split than train"),
        Rule("validation_from", lambda sampling, arm: sampling.validation != 0, "sampling.validation above 0"),
    ),
    "Training": (
        Rule("decay", lambda training, arm: training.schedule in ("exponential", "inverse_time"),
             "training.schedule=exponential or inverse_time"),
        Rule("warmup_steps", lambda training, arm: training.schedule == "warmup", "training.schedule=warmup"),
        Rule("clip_by", lambda training, arm: training.clip_norm is not None, "training.clip_norm"),
        Rule("monitor", lambda training, arm: training.patience is not None or training.keep == "best",
             "training.patience or training.keep=best"),
    ),
}  # fmt: skip
"""By the name of a class. What goes against another setting of its own whoever sets it is refused by the class."""


def unread(built: Mapping[str, Any], where: Sources) -> dict[str, str]:
    """By key, the line about each setting of an arm that the user set and nothing there reads."""
    return {
        path: f"{path}{'' if isinstance(value, dict) else f'={value}'} ({where(path)}): only {by} reads it"
        for group, stage in built.items()
        for path, value, by in _unread(stage, group, built, where)
    }


def refuse_unread(built: Mapping[str, Any], where: Sources) -> None:
    """Raises InputError for the first of them."""
    for line in unread(built, where).values():
        raise InputError(line)


def unread_by_all(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What none of several arms or jobs reads."""
    first, *others = found
    return {key: line for key, line in first.items() if all(key in other for other in others)}


def _unread(stage: Any, path: str, arm: Mapping[str, Any], where: Sources) -> Iterator[tuple[str, Any, str]]:
    if not dataclasses.is_dataclass(stage):
        return
    defaults = {field.name: field.default for field in dataclasses.fields(stage)}
    rules = RULES.get(type(stage).__name__, ()) if is_builtin(type(stage)) else ()
    for key, read, by in rules:
        name, _, within = key.partition(".")
        value = getattr(stage, name, None)
        value = value.get(within) if within and value else value
        idle = value in (None, "", {}, defaults.get(name))  # a default that is said once more changes nothing
        if not idle and where.given(f"{path}.{key}") and not read(stage, arm):
            yield f"{path}.{key}", value, by
    yield from _of_no_file(stage, path, where)
    for field in dataclasses.fields(stage):
        below = getattr(stage, field.name)
        for name, one in below.items() if isinstance(below, dict) else [("", below)]:
            yield from _unread(one, f"{path}.{field.name}{name and f'.{name}'}", arm, where)


def _of_no_file(stage: Any, path: str, where: Sources) -> Iterator[tuple[str, Any, str]]:
    """Hashes of files that a data set does not have."""
    if type(stage).__name__ != "Dataset":
        return
    lists = [names if isinstance(names, list | tuple) else [names] for names in stage.files.values()]
    known = [str(name) for names in lists for name in names if name]
    for name, sha256 in stage.sha256.items():
        if name not in (*known, stage.url.rpartition("/")[2]) and where.given(f"{path}.sha256.{name}"):
            yield f"{path}.sha256.{name}", sha256, f"a data set with a file {name} ({', '.join(known)} here)"
