"""Train the cells of one group, from their draws to their outcomes: of one arm at one size, or of trials of an arm."""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed import backend
from seedbed.backend import can_pack
from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell, examples_of
from seedbed.config.schema import TRAINED_GROUPS, Arm
from seedbed.embeddings.features import Embedded, quiet
from seedbed.files import state_folder
from seedbed.stages import stage
from seedbed.tracking.environment import versions
from seedbed.training.energy import Energy
from seedbed.training.memory import PeakMemory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seedbed.embeddings.features import Features, Positions
    from seedbed.training.batches import EncodedExamples
    from seedbed.training.checkpoint import Checkpoint
    from seedbed.training.fit_cache import FitCache
    from seedbed.training.group import Leave
    from seedbed.training.recording import Recording
    from seedbed.training.replicate import Epoch


def train_cells(
    cells: Sequence[PlannedCell],
    on_epoch: "Callable[[Epoch], None]",
    ids: Sequence[str] | None = None,
    on_embedded: Callable[[Embedded], None] = quiet,
    probabilities: bool = False,
    watch_examples: int = 0,
    leave: "Leave | None" = None,
    checkpoint: Path | None = None,
    save_model: bool = False,
    caches: "dict[str, FitCache] | None" = None,
) -> list[Outcome]:
    """Return one outcome per cell, in order, each with its share of the group's time and energy.

    The arms of the cells may differ in elementwise settings, see `elementwise_keys`. Cells of one draw and seed share
    its examples and vectors. Raises InputError that names another key.

    Time and energy are measured from building the model to the test scores. ``on_epoch`` is called after each epoch,
    ``on_embedded`` while vectors are computed. ``ids``: the examples of all groups of the arm, so that their
    vectors are looked up once; by default those of these cells. ``probabilities``: record those of tags on the test
    split; ``watch_examples``: how many test examples have theirs recorded after each epoch. ``leave``: which cells, by
    their places, stop early, see `seedbed.training.group.Group.fit`; not asked for encoders that are fitted at once.
    ``checkpoint``: the file of the state of a long training, see ``training.checkpoint_minutes``.
    ``save_model``: the files of an outcome are those of its model, in the folder `seedbed.saved_models.folder.FOLDER`.
    ``caches``: what calls before with the same ``ids`` left of encoders that are fitted at once; filled by this one.
    """
    from seedbed.model.fitted import FittedEncoder
    from seedbed.model.tasks import decoding_of
    from seedbed.training.batches import EncodedExamples
    from seedbed.training.pooled import reads_sentences, text_embedding
    from seedbed.training.recording import Recording, first_examples

    arm, corpus, arms = cells[0].arm, cells[0].corpus, [planned.arm for planned in cells]
    require_one_group(arms)
    position = {example: n for n, example in enumerate(ids or examples_of(cells))}
    first, sources = shared_draws(cells)
    draws = [
        {split: [position[i] for i in getattr(planned.draw, split)] for split in ("train", "validation", "test")}
        for planned in first
    ]
    seeds = [planned.cell.init_seed for planned in first]
    tracked = [first_examples(corpus.by_id, planned.draw.test, watch_examples) for planned in cells]
    recording = Recording(probabilities, [[position[i] for i in examples] for examples in tracked])
    encoded = EncodedExamples.from_corpus(corpus, list(position), decoding_of(arm.task, corpus.labels))
    with stage("embed"):
        embedding = arm.embedding.features
        if reads_sentences(arm.encoder, arm.task.per_token):
            embedding = text_embedding(arm.embedding, arm.choices["embedding"]).text_features
        features = embedding(encoded.examples, draws, seeds, on_embedded)
    train = _train_by_steps
    if isinstance(arm.encoder, FittedEncoder):
        train = partial(_fit, caches=caches)
    kept = _checkpoint(checkpoint, cells, watch_examples)
    with PeakMemory() as memory, Energy() as energy:
        started = time.perf_counter()
        outcomes, sizes = train(arms, encoded, features, draws, seeds, sources, on_epoch, recording, leave, kept)
        seconds = time.perf_counter() - started + (kept.seconds if kept else 0.0)
    return [
        dataclasses.replace(
            outcome,
            metrics={**outcome.metrics, **features.reports[n]} if outcome.status == "finished" else {},
            weights={},
            files=_model_files(planned, outcome, features.saved(n)) if save_model and outcome.weights else {},
            seconds=seconds / len(cells),
            peak_mb=memory.megabytes,
            energy_j=energy.joules / len(cells),
            trained_weights=size + features.size(n)[0],
            frozen_weights=features.size(n)[1],
        )
        for planned, n, outcome, size in zip(cells, sources, outcomes, sizes, strict=True)
    ]


def _model_files(
    planned: PlannedCell, outcome: Outcome, saved: "Mapping[str, NDArray[np.generic]]"
) -> dict[str, bytes]:
    """The files of the model of a trained cell, under their folder."""
    from seedbed.saved_models.folder import FOLDER, with_manifest
    from seedbed.saved_models.saving import cell_files

    files = cell_files(planned.cell, planned.arm, planned.corpus, outcome.weights, saved, versions())
    return {f"{FOLDER}/{name}": content for name, content in with_manifest(files).items()}


def checkpoint_file(cells: Sequence[PlannedCell]) -> Path:
    """Return the file of the checkpoint of a group of cells; it exists where a long training was killed."""
    fingerprints = "\n".join(planned.cell.cell for planned in cells)
    return state_folder() / "checkpoints" / f"{hashlib.sha256(fingerprints.encode()).hexdigest()[:32]}.npz"


def _checkpoint(path: Path | None, cells: Sequence[PlannedCell], watch_examples: int) -> "Checkpoint | None":
    from seedbed.model.fitted import FittedEncoder

    arm = cells[0].arm
    minutes = arm.training.checkpoint_minutes
    if path is None or minutes is None or isinstance(arm.encoder, FittedEncoder):  # those are fitted at once
        return None
    from seedbed.training.checkpoint import Checkpoint

    recipe = [[planned.cell.cell for planned in cells], watch_examples, backend.name(), versions()]
    return Checkpoint(path, json.dumps(recipe), minutes * 60)


def require_one_group(arms: Sequence[Arm]) -> None:
    """Raise InputError that names a key in which arms differ and must not, to train as one group."""
    from seedbed.model.elementwise import require_same_shape

    for name in TRAINED_GROUPS:
        require_same_shape(name, [getattr(arm, name) for arm in arms])


def shared_draws(cells: Sequence[PlannedCell]) -> tuple[list[PlannedCell], list[int]]:
    """Return the first cell of each draw and seed, and for every cell the number of its draw and seed."""
    keys = [(planned.draw.digest, planned.cell.init_seed) for planned in cells]
    first: dict[tuple[str, int], PlannedCell] = {}
    for key, planned in zip(keys, cells, strict=True):
        first.setdefault(key, planned)
    number = {key: n for n, key in enumerate(first)}
    return list(first.values()), [number[key] for key in keys]


def _train_by_steps(
    arms: Sequence[Arm], examples: "EncodedExamples", features: "Features", draws: Sequence["Positions"],
    seeds: Sequence[int], sources: Sequence[int], on_epoch: "Callable[[Epoch], None]", recording: "Recording",
    leave: "Leave | None", checkpoint: "Checkpoint | None",
) -> tuple[list[Outcome], list[int]]:  # fmt: skip
    """Return the outcomes of training by gradient steps, and the weights of encoder and head of each replicate."""
    from seedbed.model.network import Network
    from seedbed.training.batches import GroupData
    from seedbed.training.pooled import pool_once
    from seedbed.training.train import train

    with stage("table"):
        pooled = None
        # A dropped word is not in the mean of its text.
        if not arms[0].task.per_token and not any(arm.training.word_dropout for arm in arms):
            pooled = pool_once(features, arms[0].encoder, examples.examples, draws, arms[0].training.precision)
    encoders = [arm.encoder for arm in arms]
    if pooled is not None:
        features, encoders = pooled[0], [encoder.pooled() for encoder in encoders]
    networks = [
        Network.of(features.embed, features.width, encoder, arm.task, examples.labels, arm.training.precision)
        for encoder, arm in zip(encoders, arms, strict=True)
    ]
    gap = networks[0].gap if can_pack() else None
    shared = sources if len(draws) < len(arms) else None
    data = GroupData(examples, features, draws, seeds, gap, pooled is not None, shared, mix_penalties(arms))
    outcomes = train(networks, data, [arm.training for arm in arms], on_epoch, recording, leave, checkpoint)
    return outcomes, [networks[0].size] * len(arms)


def mix_penalties(arms: Sequence[Arm]) -> dict[str, "NDArray[np.float32]"]:
    """Return the penalties of learned mixes by the names of their arrays, ``[R]``; none if all arms have the same."""
    import numpy as np

    from seedbed.embeddings.mix import penalties

    rows = [penalties(arm.embedding) for arm in arms]
    if all(row == rows[0] for row in rows):
        return {}
    return {name: np.array([row[name] for row in rows], np.float32) for name in rows[0]}


def _fit(
    arms: Sequence[Arm], examples: "EncodedExamples", features: "Features", draws: Sequence["Positions"],
    seeds: Sequence[int], sources: Sequence[int], on_epoch: "Callable[[Epoch], None]", recording: "Recording",
    leave: "Leave | None", checkpoint: "Checkpoint | None", caches: "dict[str, FitCache] | None" = None,
) -> tuple[list[Outcome], list[int]]:  # fmt: skip
    """Return the outcomes of an encoder that is fitted at once, and the weights of each member."""
    from seedbed.model.elementwise import shape
    from seedbed.training.fit_cache import FitCache, cache_of
    from seedbed.training.fitted import FittedGroup
    from seedbed.training.pooled import PooledFeatures, vectors_of

    arm, cache = arms[0], FitCache()
    if caches is not None and not features.arrays.frozen:  # vectors of a replicate's own may depend on its draw
        cache = cache_of(caches, repr((arm.embedding, shape(arm.encoder))))
    with stage("table"):
        vectors = vectors_of(features, arm.encoder, examples, draws, cache.vectors)
        cache.vectors = vectors if isinstance(vectors, PooledFeatures) else None  # those of tokens are read anew
    shared = sources if len(draws) < len(arms) else None
    group = FittedGroup([member.encoder for member in arms], arm.task, examples, vectors, draws, seeds, shared, cache)
    return group.fit(arm.training, on_epoch, recording)
