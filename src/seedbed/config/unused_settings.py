"""Settings without effect because of another choice: refused where the user set them, not where they are defaults."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from seedbed.class_names import is_builtin
from seedbed.config.provenance import Provenance
from seedbed.config.schema import Stage, parts
from seedbed.errors import InputError


class Rule(NamedTuple):
    """``key`` of a class has an effect where ``is_read`` is true of object and arm; ``reader``: what reads it."""

    key: str
    is_read: Callable[[Stage, Mapping[str, Stage]], object]
    reader: str


def _split_rule(name: str) -> Rule:
    return Rule(
        f"held_out.{name}", lambda data, arm: name not in _file_splits(data), f"a data set without files.{name}"
    )


def _file_splits(data: Stage) -> set[str]:
    """Return the splits that have files."""
    return {split for split, names in data.files.items() if names}


def _splits_train(data: Stage, arm: Stage) -> bool:
    """Return whether a part of train is held out."""
    return bool(data.holds_out)


def _reads_texts(data: Stage, arm: Stage) -> bool:
    return bool(data.reads_texts)


def _searches_files(data: Stage, arm: Stage) -> bool:
    """Return whether the files are searched for in the folders that the config names."""
    return not data.path and bool(data.folder or data.package)


def _draws_episodes(sampling: Stage, arm: Stage) -> bool:
    return bool(sampling.strategy == "episodes")


def _draws_other_splits(sampling: Stage, arm: Stage) -> bool:
    """Return whether some examples are drawn from a split other than train."""
    return _is_drawn(sampling.test) or (_is_drawn(sampling.validation) and sampling.validation_from != "train")


def _is_drawn(size: object) -> bool:
    return size not in ("all", 0)


def _is_fitted(arm: Mapping[str, Stage]) -> bool:
    """Return whether the encoder is fitted at once: it names the keys of training that it reads."""
    return hasattr(arm["encoder"], "training_fields")


def _steps_rule(key: str, is_read: Callable[[Stage, Mapping[str, Stage]], object], reader: str) -> Rule:
    """Return the rule for a key of training or task, which has no effect on an encoder that is fitted at once."""

    def is_read_by_steps(stage: Stage, arm: Mapping[str, Stage]) -> object:
        return not _is_fitted(arm) and is_read(stage, arm)

    return Rule(key, is_read_by_steps, reader)


def _trains_words(embedding: Stage) -> bool:
    """Return whether an embedding or a part of it trains a table of words."""
    return any(getattr(part, "trainable", False) is True for _, part in parts(embedding, ""))


def _always(stage: Stage, arm: Mapping[str, Stage]) -> bool:
    return True


_BY_STEPS = "an encoder that is trained by gradient steps"
_HEAD_RULES = tuple(
    _steps_rule(key, _always, _BY_STEPS) for key in ("hidden", "dropout", "class_weights", "label_smoothing")
)
_POOLING_RULE = Rule("pooling", lambda encoder, arm: not arm["task"].per_token, "task=classification")

RULES: Mapping[str, tuple[Rule, ...]] = {
    "Dataset": (
        Rule("keep_tokens", lambda data, arm: data.max_tokens is not None, "a data set with dataset.max_tokens"),
        Rule("tokenizer", _reads_texts, "a data set of texts"),
        _split_rule("test"),
        _split_rule("validation"),
        Rule("split_seed", _splits_train, "a data set that takes a split out of train"),
        Rule("files.unlabelled", lambda data, arm: False, "`seedbed pretrain`"),
        Rule("folder", lambda data, arm: not data.path, "a data set without dataset.path"),
        Rule("package", lambda data, arm: not data.path, "a data set without dataset.path"),
        Rule("url", _searches_files, "a data set with dataset.folder or dataset.package and no dataset.path"),
        Rule("unpack", lambda data, arm: data.url and _searches_files(data, arm), "a data set with dataset.url"),
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
    "Characters": (
        *(Rule(key, lambda characters, arm: characters.network == "cnn", "embedding.network=cnn")
          for key in ("filters", "widths")),
        Rule("units", lambda characters, arm: characters.network == "bilstm", "embedding.network=bilstm"),
    ),
    "WordShape": (
        *(Rule(key, lambda shape, arm: shape.affixes, "embedding.affixes of at least one length")
          for key in ("dim", "min_count")),
    ),
    "StaticTokens": (
        *(Rule(key, lambda model, arm: not model.path, "a model without embedding.path")
          for key in ("folder", "package", "url")),
    ),
    "BPEmb": (
        *(Rule(key, lambda model, arm: not model.path, "a model without embedding.path")
          for key in ("folder", "url", "model_sha256", "vectors_sha256")),
    ),
    "FastTextBin": (
        *(Rule(key, lambda model, arm: not model.path, "a model without embedding.path")
          for key in ("folder", "names", "url")),
        Rule("sha256", lambda model, arm: model.url and not model.path,
             "a model with embedding.url and no embedding.path"),
    ),
    "Precomputed": (
        Rule("table_gb", lambda vectors, arm: vectors.level == "token", "embedding.level=token"),
    ),
    "Elmo": (
        *(Rule(key, lambda model, arm: model.source == "hub", "embedding.source=hub")
          for key in ("handle", "signature", "trust")),
        *(Rule(key, lambda model, arm: model.source == "bilm", "embedding.source=bilm")
          for key in ("options", "options_sha256", "weights", "weights_sha256", "precision")),
        Rule("folder", lambda model, arm: model.source == "bilm" and "://" in model.options + model.weights,
             "embedding.source=bilm with URLs"),
        Rule("cache_gb", lambda model, arm: model.cache, "embedding.cache=true"),
    ),
    "Transformer": (
        *(Rule(key, lambda model, arm: not model.path, "an encoder without embedding.path")
          for key in ("package", "hub")),
        Rule("revision", lambda model, arm: model.hub and not (model.path or model.package),
             "an encoder of embedding.hub"),
        Rule("overlap", lambda model, arm: model.long == "window", "embedding.long=window"),
        Rule("cache_gb", lambda model, arm: model.cache, "embedding.cache=true"),
    ),
    **dict.fromkeys(("BiLSTM", "MLPProbe", "ResidualBiLSTM", "Prototype"), (_POOLING_RULE,)),
    "Probe": (
        _POOLING_RULE,
        Rule("select", lambda probe, arm: len(probe.c) > 1, "several values of encoder.c"),
    ),
    "KNN": (
        _POOLING_RULE,
        Rule("select", lambda knn, arm: len(knn.k) > 1, "several values of encoder.k"),
    ),
    "NNTagger": (
        Rule("temperature", lambda tagger, arm: tagger.transitions, "encoder.transitions=true"),
        Rule("select", lambda tagger, arm: len(tagger.candidates()) > 1, "several values of encoder.temperature"),
    ),
    "Classification": _HEAD_RULES,
    "Multilabel": _HEAD_RULES,
    "Tagging": (
        *_HEAD_RULES,
        _steps_rule("window", _always, _BY_STEPS),
        Rule("constraints", lambda tagging, arm: tagging.decoder == "crf", "task.decoder=crf"),
    ),
    "Sampling": (
        Rule("redraw_test", _draws_other_splits,
             "a number of sampling.test, or of validation from another split than train"),
        Rule("validation_from", lambda sampling, arm: sampling.validation != 0, "sampling.validation above 0"),
        Rule("redraw_test", lambda sampling, arm: not _draws_episodes(sampling, arm), "another strategy than episodes"),
        *(Rule(key, _draws_episodes, "sampling.strategy=episodes") for key in ("ways", "queries")),
        Rule("test", lambda sampling, arm: sampling.queries is None, "sampling.queries=null"),
    ),
    "Training": (
        _steps_rule("decay", lambda training, arm: training.schedule in ("exponential", "inverse_time", "plateau"),
             "training.schedule=exponential, inverse_time or plateau"),
        _steps_rule("plateau_patience", lambda training, arm: training.schedule == "plateau",
             "training.schedule=plateau"),
        *(_steps_rule(key, lambda training, arm: training.schedule == "warmup", "training.schedule=warmup")
          for key in ("warmup_steps", "schedule_epochs")),
        _steps_rule("clip_by", lambda training, arm: training.clip_norm is not None, "training.clip_norm"),
        _steps_rule("monitor", lambda training, arm: training.patience is not None or training.keep == "best"
             or training.schedule == "plateau",
             "training.patience or training.keep=best"),
        _steps_rule("min_steps", lambda training, arm: training.patience is not None, "training.patience"),
        *(_steps_rule(key, _always, _BY_STEPS)
          for key in ("optimizer", "learning_rate", "schedule", "momentum", "weight_decay", "batch_size", "batches",
                      "epochs", "patience", "keep", "clip_norm", "precision", "deterministic", "score_each_epoch",
                      "group_size", "checkpoint_minutes", "clip_value", "max_tokens", "accumulate", "word_dropout",
                      "ema_decay")),
        _steps_rule("sparse_updates", lambda training, arm: _trains_words(arm["embedding"]),
             "an embedding with trainable=true"),
    ),
}  # fmt: skip
"""By name of a class. A class itself refuses its settings that contradict each other."""


def unused_settings(built: Mapping[str, Stage], where: Provenance) -> dict[str, str]:
    """Return, by key, a message about each setting of an arm that the user set and nothing reads."""
    return {
        path: f"{path}{'' if isinstance(value, dict) else f'={value}'} ({where(path)}): only {reader} reads it"
        for group, stage in built.items()
        for path, value, reader in _unused(stage, group, built, where)
    }


def refuse_unused(built: Mapping[str, Stage], where: Provenance) -> None:
    """Raise InputError for the first unused setting."""
    for message in unused_settings(built, where).values():
        raise InputError(message)


def unused_by_all(arms: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return what none of several arms or jobs reads, from the unused settings of each."""
    first, *others = arms
    return {key: message for key, message in first.items() if all(key in unused for unused in others)}


def _unused(stage: Stage, path: str, arm: Mapping[str, Stage], where: Provenance) -> Iterator[tuple[str, object, str]]:
    """Yield key, value and reader of each unused setting of a stage and of the objects in it."""
    if not dataclasses.is_dataclass(stage):
        return
    defaults = {field.name: field.default for field in dataclasses.fields(stage)}
    rules = RULES.get(type(stage).__name__, ()) if is_builtin(type(stage)) else ()
    for key, is_read, reader in rules:
        name, _, item = key.partition(".")
        value = getattr(stage, name, None)
        value = value.get(item) if item and value else value
        is_default = value in (None, "", {}, defaults.get(name))
        if not is_default and where.is_set_by_user(f"{path}.{key}") and not is_read(stage, arm):
            yield f"{path}.{key}", value, reader
    yield from _unknown_hashes(stage, path, where)
    for field in dataclasses.fields(stage):
        content = getattr(stage, field.name)
        for name, part in content.items() if isinstance(content, dict) else [("", content)]:
            yield from _unused(part, f"{path}.{field.name}{name and f'.{name}'}", arm, where)


def _unknown_hashes(stage: Stage, path: str, where: Provenance) -> Iterator[tuple[str, object, str]]:
    """Yield the hashes of files that a data set does not have."""
    if type(stage).__name__ != "Dataset":
        return
    lists = [names if isinstance(names, list | tuple) else [names] for names in stage.files.values()]
    known = [str(name) for names in lists for name in names if name]
    for name, sha256 in stage.sha256.items():
        if name not in (*known, stage.url.rpartition("/")[2]) and where.is_set_by_user(f"{path}.sha256.{name}"):
            yield f"{path}.sha256.{name}", sha256, f"a data set with a file {name} ({', '.join(known)} here)"
