"""Training the cells of one arm at one size, from their draws to their outcomes."""

import dataclasses
import time
from collections.abc import Callable, Sequence

from seedbed.comparison.plan import Planned, examples_of
from seedbed.embeddings.features import quiet
from seedbed.results import Outcome
from seedbed.training.energy import Energy
from seedbed.training.memory import PeakMemory


def train_cells(
    cells: Sequence[Planned],
    watch: Callable,
    ids: Sequence[str] | None = None,
    embedded: Callable = quiet,
    probabilities: bool = False,
    watch_examples: int = 0,
) -> list[Outcome]:
    """One outcome a cell, in order; each carries its share of the group's time and energy, from model building to test
    scores.

    ``watch`` is told of each epoch, ``embedded`` of vectors that are computed first.
    ``ids``: the examples of all groups of the same corpus, so that their tokens are looked up once; at least those of
    these cells, which is also the default. ``probabilities`` of tags on the test split are kept, and after each epoch
    those of the first ``watch_examples`` examples of it.
    """
    from seedbed.model.network import Network
    from seedbed.training.batches import EncodedExamples, GroupData
    from seedbed.training.group import train
    from seedbed.training.recording import Recording, first_examples

    arm, corpus = cells[0].arm, cells[0].corpus
    position = {example: n for n, example in enumerate(ids or examples_of(cells))}
    draws = [
        {split: [position[i] for i in getattr(planned.draw, split)] for split in ("train", "validation", "test")}
        for planned in cells
    ]
    seeds = [planned.cell.init_seed for planned in cells]
    watched = [first_examples(corpus.by_id, planned.draw.test, watch_examples) for planned in cells]
    recording = Recording(probabilities, [[position[i] for i in own] for own in watched])
    encoded = EncodedExamples.from_corpus(corpus, list(position))
    features = arm.embedding.features(encoded.examples, draws, seeds, embedded)
    with PeakMemory() as memory, Energy() as energy:
        started = time.perf_counter()
        network = Network(
            features.embed, features.width, arm.encoder, arm.task, len(corpus.labels), arm.training.precision
        )
        outcomes = train(network, GroupData(encoded, features, draws, seeds), arm.training, watch, recording)
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
