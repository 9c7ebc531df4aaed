"""Train the cells of one arm at one size, from their draws to their outcomes."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seedbed.backend import can_pack
from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell, examples_of
from seedbed.config.schema import Arm
from seedbed.embeddings.features import Embedded, quiet
from seedbed.stages import stage
from seedbed.training.energy import Energy
from seedbed.training.memory import PeakMemory

if TYPE_CHECKING:
    from seedbed.embeddings.features import Features, Positions
    from seedbed.training.batches import EncodedExamples
    from seedbed.training.recording import Recording
    from seedbed.training.replicate import Epoch


def train_cells(
    cells: Sequence[PlannedCell],
    on_epoch: "Callable[[Epoch], None]",
    ids: Sequence[str] | None = None,
    on_embedded: Callable[[Embedded], None] = quiet,
    probabilities: bool = False,
    watch_examples: int = 0,
) -> list[Outcome]:
    """Return one outcome per cell, in order, each with its share of the group's time and energy.

    Time and energy are measured from building the model to the test scores. ``on_epoch`` is called after each epoch,
    ``on_embedded`` while vectors are computed. ``ids``: the examples of all groups of the arm, so that their
    vectors are looked up once; by default those of these cells. ``probabilities``: record those of tags on the test
    split; ``watch_examples``: how many test examples have theirs recorded after each epoch.
    """
    from seedbed.model.fitted import FittedEncoder
    from seedbed.training.batches import EncodedExamples
    from seedbed.training.pooled import reads_sentences, text_embedding
    from seedbed.training.recording import Recording, first_examples

    arm, corpus = cells[0].arm, cells[0].corpus
    position = {example: n for n, example in enumerate(ids or examples_of(cells))}
    draws = [
        {split: [position[i] for i in getattr(planned.draw, split)] for split in ("train", "validation", "test")}
        for planned in cells
    ]
    seeds = [planned.cell.init_seed for planned in cells]
    tracked = [first_examples(corpus.by_id, planned.draw.test, watch_examples) for planned in cells]
    recording = Recording(probabilities, [[position[i] for i in examples] for examples in tracked])
    encoded = EncodedExamples.from_corpus(corpus, list(position))
    with stage("embed"):
        embedding = arm.embedding.features
        if reads_sentences(arm.encoder, arm.task.per_token):
            embedding = text_embedding(arm.embedding, arm.choices["embedding"]).text_features
        features = embedding(encoded.examples, draws, seeds, on_embedded)
    train = _fit if isinstance(arm.encoder, FittedEncoder) else _train_by_steps
    with PeakMemory() as memory, Energy() as energy:
        started = time.perf_counter()
        outcomes, sizes = train(arm, encoded, features, draws, seeds, on_epoch, recording)
        seconds = time.perf_counter() - started
    return [
        dataclasses.replace(
            outcome,
            metrics={**outcome.metrics, **report} if outcome.status == "finished" else {},
            weights={**outcome.weights, **features.saved(n)} if outcome.weights else {},
            seconds=seconds / len(cells),
            peak_mb=memory.megabytes,
            energy_j=energy.joules / len(cells),
            trained_weights=size + features.size(n)[0],
            frozen_weights=features.size(n)[1],
        )
        for n, (outcome, report, size) in enumerate(zip(outcomes, features.reports, sizes, strict=True))
    ]


def _train_by_steps(
    arm: Arm, examples: "EncodedExamples", features: "Features", draws: Sequence["Positions"], seeds: Sequence[int],
    on_epoch: "Callable[[Epoch], None]", recording: "Recording",
) -> tuple[list[Outcome], list[int]]:  # fmt: skip
    """Return the outcomes of training by gradient steps, and the weights of encoder and head of each replicate."""
    from seedbed.model.network import Network
    from seedbed.training.batches import GroupData
    from seedbed.training.group import train
    from seedbed.training.pooled import pool_once

    with stage("table"):
        pooled = None
        if not arm.task.per_token:
            pooled = pool_once(features, arm.encoder, examples.examples, draws, arm.training.precision)
    encoder = arm.encoder
    if pooled is not None:
        features, encoder = pooled
    network = Network(features.embed, features.width, encoder, arm.task, len(examples.labels), arm.training.precision)
    gap = network.gap if can_pack() else None
    data = GroupData(examples, features, draws, seeds, gap, pooled is not None)
    return train(network, data, arm.training, on_epoch, recording), [network.size] * len(seeds)


def _fit(
    arm: Arm, examples: "EncodedExamples", features: "Features", draws: Sequence["Positions"], seeds: Sequence[int],
    on_epoch: "Callable[[Epoch], None]", recording: "Recording",
) -> tuple[list[Outcome], list[int]]:  # fmt: skip
    """Return the outcomes of an encoder that is fitted at once, and the weights of each replicate."""
    from seedbed.training.fitted import FittedGroup
    from seedbed.training.pooled import vectors_of

    with stage("table"):
        vectors = vectors_of(features, arm.encoder, examples, draws)
    return FittedGroup(arm.encoder, arm.task, examples, vectors, draws, seeds).fit(arm.training, on_epoch, recording)
