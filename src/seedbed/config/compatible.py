"""Choices of an arm that depend on each other: what cannot be combined, and the pooling that fits the embedding."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from seedbed.config.schema import Stage, parts
from seedbed.errors import InputError


def check_compatible(built: Mapping[str, Stage], choices: Mapping[str, str]) -> None:
    """Raise InputError for choices that cannot be combined."""
    dataset, encoder, task, sampling = (built[group] for group in ("dataset", "encoder", "task", "sampling"))
    if dataset.task not in (task.kind, "auto"):  # auto: the task of a file that is not there yet
        sets = (dataset.task, task.kind) == ("classification", "multilabel")
        raise InputError(
            f"task={choices['task']} does not fit dataset={choices['dataset']}, a {dataset.task} set "
            f"(conf/dataset/{choices['dataset']}.yaml); did you mean task={dataset.task}"
            + ", or dataset.task=multilabel for sets of labels" * sets
            + "?"
            + getattr(dataset.reader, "tagging_hint", "") * (task.kind == "tagging")
        )
    if task.per_token and not encoder.tags:
        raise InputError(
            f"encoder={choices['encoder']} gives one vector per sequence and cannot tag tokens "
            f"(conf/encoder/{choices['encoder']}.yaml); use encoder=bilstm, residual_bilstm or cnn"
        )
    dropped = built["training"].word_dropout
    if dropped and not task.per_token and getattr(with_pooling(built), "pooling", "") == "sentence":
        raise InputError(
            f"training.word_dropout={dropped}: encoder.pooling=sentence reads one vector of each text, and no words; "
            "use encoder.pooling=mean"
        )
    if not task.per_token and getattr(encoder, "tags_only", False):
        raise InputError(
            f"encoder={choices['encoder']} tags tokens and gives no class of a sequence "
            f"(conf/encoder/{choices['encoder']}.yaml); use encoder=knn"
        )
    if hasattr(encoder, "training_fields"):
        _check_fitted(built, choices)
    if not task.per_token and getattr(encoder, "pooling", "") == "sentence":
        for path in _without_text_vectors(built["embedding"]):
            raise InputError(
                f"encoder.pooling=sentence: {path} ({choices['embedding']}) has no vectors of whole texts; "
                "use encoder.pooling=mean"
            )
    if sampling.strategy == "per_class" and dataset.task == "multilabel":
        raise InputError(
            "sampling.strategy=per_class: texts with several labels are in no class; use stratified (each label at "
            "least once) or random"
        )
    if sampling.strategy in ("stratified", "per_class") and dataset.task == "tagging":
        raise InputError(
            f"sampling.strategy={sampling.strategy} balances classes; for tagging use random or k_per_type"
        )
    if sampling.strategy.startswith(("k_per_type", "episodes")) and dataset.task != "tagging":
        raise InputError(
            f"sampling.strategy={sampling.strategy} counts mentions; for classification use random, stratified or "
            "per_class"
        )


def with_pooling(built: Mapping[str, Stage]) -> Stage:
    """Return the encoder with what ``pooling: auto`` stands for: the embedding's vectors of texts, else the mean."""
    encoder, per_token = built["encoder"], built["task"].per_token
    if getattr(encoder, "pooling", "") != "auto":
        return encoder
    has_texts = not per_token and not _without_text_vectors(built["embedding"])
    resolved: Stage = replace(encoder, pooling="sentence" if has_texts else "mean")
    return resolved


def with_splits(built: Mapping[str, Stage]) -> Stage:
    """Return the data set: divided once for all replicates where each takes every example of its splits."""
    dataset = built["dataset"]
    return dataset.divided() if built["sampling"].strategy == "all" else dataset


def _check_fitted(built: Mapping[str, Stage], choices: Mapping[str, str]) -> None:
    """Raise InputError for what an encoder that is fitted at once cannot be combined with."""
    key, candidates = built["encoder"].parameter.rpartition("/")[2], built["encoder"].candidates()
    if len(candidates) > 1 and built["sampling"].validation == 0:
        middle = candidates[len(candidates) // 2]
        raise InputError(
            f"sampling.validation=0: encoder={choices['encoder']} chooses one of {len(candidates)} values of "
            f"encoder.{key} on validation; use sampling.validation=100 or encoder.{key}=[{middle:g}]"
        )
    if built["task"].kind == "multilabel" and not getattr(built["encoder"], "fits_labels", False):
        raise InputError(
            f"encoder={choices['encoder']} is fitted to one class of each text; for task=multilabel use "
            "encoder=probe, knn or prototype, or one that is trained by gradient steps"
        )
    for path, part in parts(built["embedding"], "embedding"):
        if getattr(part, "trains_network", False) and not hasattr(part, "affixes"):
            raise InputError(
                f"{path}: characters are read by a trained network, and encoder={choices['encoder']} is fitted to "
                "frozen vectors; use encoder=bilstm or cnn, or another embedding"
            )
    for name, plain in (("decoder", "softmax"), ("scheme", "iob2")):
        if getattr(built["task"], name, plain) != plain:
            raise InputError(
                f"task.{name}={getattr(built['task'], name)}: encoder={choices['encoder']} is fitted to single tokens; "
                f"use encoder=bilstm, residual_bilstm, cnn or mlp_probe, or task.{name}={plain}"
            )
    for path, value, frozen in _trained_vectors(built["embedding"]):
        raise InputError(
            f"{path}={value}: encoder={choices['encoder']} is fitted to frozen vectors; use {path}={frozen}"
        )


def _without_text_vectors(embedding: Stage) -> list[str]:
    """Return the paths of embeddings that have a vector for each token only."""
    return [
        path
        for path, part in parts(embedding, "embedding")
        if not hasattr(part, "text_features") or getattr(part, "level", "") == "token"
    ]


def _trained_vectors(embedding: Stage) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and the value to type instead of what trains the vectors of an embedding or of its parts."""
    for path, part in parts(embedding, "embedding"):
        if getattr(part, "trainable", False) is True:
            yield f"{path}.trainable", "true", "false"
        if getattr(part, "mix", "") == "learned":
            yield f"{path}.mix", "learned", "average"
        if getattr(part, "trains_network", False):
            yield f"{path}.affixes", str(part.affixes).replace(" ", ""), "[]"
