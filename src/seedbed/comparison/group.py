"""Train the cells of one arm at one size, from their draws to their outcomes."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from seedbed.backend import can_pack
from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell, examples_of
from seedbed.embeddings.features import Embedded, quiet
from seedbed.stages import stage
from seedbed.training.energy import Energy
from seedbed.training.memory import PeakMemory

if TYPE_CHECKING:
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
    from seedbed.model.network import Network
    from seedbed.training.batches import EncodedExamples, GroupData
    from seedbed.training.group import train
    from seedbed.training.pooled import pool_once
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
        features = arm.embedding.features(encoded.examples, draws, seeds, on_embedded)
    with PeakMemory() as memory, Energy() as energy:
        started = time.perf_counter()
        with stage("table"):
            pooled = pool_once(features, arm.encoder, encoded.examples, draws, arm.training.precision)
        encoder = arm.encoder
        if pooled is not None:
            features, encoder = pooled
        network = Network(features.embed, features.width, encoder, arm.task, len(corpus.labels), arm.training.precision)
        gap = network.gap if can_pack() else None
        data = GroupData(encoded, features, draws, seeds, gap, pooled is not None)
        outcomes = train(network, data, arm.training, on_epoch, recording)
        seconds = time.perf_counter() - started
    return [
        dataclasses.replace(
            outcome,
            metrics={**outcome.metrics, **report} if outcome.status == "finished" else {},
            weights={**outcome.weights, **features.saved(n)} if outcome.weights else {},
            seconds=seconds / len(cells),
            peak_mb=memory.megabytes,
            energy_j=energy.joules / len(cells),
            trained_weights=network.size + features.size(n)[0],
            frozen_weights=features.size(n)[1],
        )
        for n, (outcome, report) in enumerate(zip(outcomes, features.reports, strict=True))
    ]
