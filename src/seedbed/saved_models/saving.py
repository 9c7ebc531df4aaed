"""The files of a model of trained cells: of one cell as it is stored, and of several together."""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Cell
from seedbed.config.plugins import AllowedModule
from seedbed.config.schema import ARM_GROUPS, Arm
from seedbed.data.corpus import Corpus
from seedbed.embeddings.stack import leaves
from seedbed.embeddings.static import Static
from seedbed.embeddings.vector_table import Table
from seedbed.errors import InputError
from seedbed.saved_models.description import (
    CONFIG,
    MODEL,
    NETWORK,
    WEIGHTS,
    WORDS,
    Arrays,
    Description,
    ReplicateInfo,
    Variant,
    arrays_to_bytes,
    numbered,
    of_replicate,
    read_arrays,
    read_description,
    read_words,
)
from seedbed.saved_models.mlflow_files import mlflow_files
from seedbed.saved_models.objects import to_json
from seedbed.saved_models.text import TextPreparation

Files = Mapping[str, bytes]

KEPT = "kept/"
"""Before the number of the variant and the part of its embedding, in the names of words and vectors that are kept."""


def content_of(embedding: Any) -> dict[str, dict[str, str]]:  # Any: settings of an embedding
    """Return the digests of the files of an embedding by part; the embedding itself has an empty name."""
    return {part: dict(one.content()) for part, one in leaves(embedding)}


def cell_files(
    cell: Cell, arm: Arm, corpus: Corpus, weights: Arrays, saved: Arrays, versions: Mapping[str, str]
) -> dict[str, bytes]:
    """Return the files of the model of a trained cell, with those of MLflow and without their manifest.

    ``weights``: the trained arrays; ``saved``: what the features keep, the ``words`` of a table's rows from 1 on and
    the ``table`` where it is not trained.
    """
    words = {name: [str(word) for word in saved[name].tolist()] for name in saved if is_words(name)}
    arrays = {**weights, **{name: array for name, array in saved.items() if name not in words}}
    for name, own in words.items():
        table = name.removesuffix("words") + "table"
        arrays[table] = arrays[table][: 1 + len(own)]
    variant = Variant(arm.embedding, arm.encoder, arm.task, arm.training.precision, content_of(arm.embedding))
    description = Description(
        NETWORK, corpus.task, corpus.labels, arm.name, cell.dataset, corpus.data, TextPreparation.of(arm.dataset),
        (replicate_info(cell),), (variant,), corpus.notation, versions,
    )  # fmt: skip
    files = files_of(description, numbered(0, arrays), numbered(0, words), config_of(arm, ARM_GROUPS))
    return files | mlflow_files(description)


def config_of(arm: Arm, groups: Sequence[str]) -> bytes:
    """Return the content of ``config.json``: the settings of some groups of an arm."""
    config = {group: to_json(getattr(arm, group)) for group in groups}
    return json.dumps(config, indent=1, ensure_ascii=False).encode()


def replicate_info(cell: Cell, variant: int = 0) -> ReplicateInfo:
    """Return where the model of a cell is from."""
    return ReplicateInfo(
        variant, cell.replicate, cell.cell, cell.draw, cell.data_seed, cell.init_seed, cell.n_train, cell.setting
    )


def files_of(
    description: Description, arrays: Arrays, words: Mapping[str, Sequence[Any]], config: bytes
) -> dict[str, bytes]:
    """Return the files of a model, without their manifest. ``config``: the content of ``config.json``."""
    return {
        MODEL: description.to_bytes(),
        CONFIG: config,
        WEIGHTS: arrays_to_bytes(arrays),
        WORDS: json.dumps(words, separators=(",", ":")).encode(),
    }


def merged(models: Sequence[tuple[str, Files]], allowed: Sequence[AllowedModule] = ()) -> dict[str, bytes]:
    """Return the files of one model with the replicates of several; each has a name for messages and its files.

    ``allowed``: modules of plugins that may be imported. Raises InputError where models differ in their labels or their
    text preparation.
    """
    names, files = zip(*models, strict=True)
    read = [read_description(own[MODEL], name, allowed) for name, own in models]
    first, variants = read[0], list[Variant]()
    replicates: list[ReplicateInfo] = []
    arrays: dict[str, NDArray[np.generic]] = {}
    words: dict[str, Sequence[str]] = {}
    for name, own, one in zip(names, files, read, strict=True):
        if (one.labels, one.text, one.task, one.kind) != (first.labels, first.text, first.task, first.kind):
            raise InputError(f"{name}: has other labels or another text preparation than {names[0]}")
        own_arrays, own_words = read_arrays(own[WEIGHTS], name), read_words(own[WORDS], name)
        for number, replicate in enumerate(one.replicates):
            place = len(replicates)
            variant = one.variants[replicate.variant] if one.variants else None
            if variant is not None and variant not in variants:
                variants.append(variant)
            index = 0 if variant is None else variants.index(variant)
            replicates.append(dataclasses.replace(replicate, variant=index))
            arrays |= numbered(place, of_replicate(own_arrays, number))
            words |= numbered(place, of_replicate(own_words, number))
    whole = dataclasses.replace(first, replicates=tuple(replicates), variants=tuple(variants))
    return files_of(whole, arrays, words, files[0][CONFIG])


def with_vectors(
    files: Files, where: str, words: Iterable[str] | None, allowed: Sequence[AllowedModule] = ()
) -> dict[str, bytes]:
    """Return the files of a model with the vectors of these words; None: of all words of its static files.

    So that the model can be used where these files are not. ``allowed``: as in `merged`. Raises InputError.
    """
    description = read_description(files[MODEL], where, allowed)
    static = {
        f"{KEPT}{number}/{part}": settings
        for number, variant in enumerate(description.variants)
        for part, settings in leaves(variant.embedding)
        if isinstance(settings, Static)
    }
    if not static and words is not None:
        return dict(files)
    arrays, lists = read_arrays(files[WEIGHTS], where), dict(read_words(files[WORDS], where))
    asked = None if words is None else sorted(set(words))
    for name, settings in static.items():
        lists[name], arrays[name] = _all_vectors(settings) if asked is None else _some_vectors(settings, asked)
    description = dataclasses.replace(description, whole=words is None)
    return {**files, **files_of(description, arrays, lists, files[CONFIG])}


def _some_vectors(settings: Static, words: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
    vectors = settings.vectors(words)
    return list(vectors.words), vectors.matrix


def _all_vectors(settings: Static) -> tuple[list[str], NDArray[np.float32]]:
    def taken(table: Table) -> tuple[list[str], NDArray[np.float32]]:
        rows = np.arange(len(table.matrix))[: settings.limit]
        return table.words(rows), table.take(rows)

    return settings.use_table(taken)


def is_words(name: str) -> bool:
    """Return whether arrays or words of this name are the words of the rows of a table."""
    return name.rpartition("/")[2] == "words"
