"""Training all members of a group as one model: the replicates of an arm, or of several trials of an arm."""

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import count_bucket, should_shrink
from seedbed.cells import Outcome
from seedbed.metrics import PRIMARY
from seedbed.model.dropout import WORDS, draw_masks, draw_word_masks
from seedbed.model.network import Batch, Network
from seedbed.model.weights import generator, initialize
from seedbed.stages import stage
from seedbed.training.batches import GroupData, collate, epoch_batches, inverse_frequencies
from seedbed.training.crf_memory import refuse_long_sentences
from seedbed.training.evaluation import Evaluation, Evaluator
from seedbed.training.long_sentences import with_windows
from seedbed.training.members import Members
from seedbed.training.programs import programs
from seedbed.training.recording import NO_RECORDING, Recording
from seedbed.training.replicate import Epoch, Replicate
from seedbed.training.row_tables import RowTables
from seedbed.training.settings import Training
from seedbed.training.sources import Sources
from seedbed.training.trees import on_device, take_rows
from seedbed.types import Tensor

OnEpoch = Callable[[Epoch], None]
Leave = Callable[[Sequence[Replicate]], Collection[int]]
"""Called after each epoch with all members, in order; returns the numbers of those that stop now."""


class Group:
    """Members that train together; the results of each are those of training it alone.

    ``network`` and ``settings``: one for all members, or one for each; these may differ in elementwise settings. Raises
    InputError that names another key in which they differ.
    """

    def __init__(
        self,
        network: Network | Sequence[Network],
        data: GroupData,
        settings: Training | Sequence[Training],
        recording: Recording = NO_RECORDING,
    ):
        self.members = members = Members.of(network, settings, len(data.source_of))
        self.network, self.recording = members.network, recording
        self.data = data = with_windows(data if members.packs else dataclasses.replace(data, gap=None), self.network)
        refuse_long_sentences(self.network, data, members.shared)
        self.score = PRIMARY[self.network.task.kind]
        self.programs = programs(members.networks, members.settings)
        self.evaluator = Evaluator(self.programs.evaluate, data, self.network.task.padded_to)
        self.replicates = self._replicates()
        self.class_weights = None
        if members.weighs_classes.any():
            balanced = [inverse_frequencies(data.examples, draw, self.network.classes) for draw in data.draws]
            self.class_weights = np.stack([balanced[r.source] for r in self.replicates])
            self.class_weights[~members.weighs_classes] = 1.0
        self.rows = list(self.replicates)
        arrays = data.features.arrays
        initial = {**initialize(self.network.weights(), data.seeds), **arrays.trained}
        sparse = members.shared.sparse_updates
        self.row_tables = RowTables(getattr(data.features, "row_tables", {}) if sparse else {})
        of_members = _of_members(initial, data)
        self.weights = on_device(self.row_tables.others(of_members))
        self.weights |= {name: np.array(of_members[name]) for name in self.row_tables.inputs}
        self.state = members.optimizer.initial_state(self.weights)
        self.values = on_device(members.optimizer.values(members.settings))
        self.best = self.row_tables.on_host(self.weights)
        self.shared = on_device(arrays.shared)
        self.frozen = self._frozen()

    def _replicates(self) -> list[Replicate]:
        """The state of each member. Members of one draw share the random streams in which they would be equal."""
        data, streams = self.data, dict[object, np.random.Generator]()
        replicates = []
        for n, source in enumerate(data.source_of):
            draw, seed, settings = data.draws[source], data.seeds[source], self.members.settings[n]
            order = streams.setdefault(source, generator(seed, "order"))
            dropout = streams.setdefault((source, self.members.dropped(n)), generator(seed, "dropout"))
            total_steps = -(-len(draw["train"]) // settings.batch_size) * settings.epochs_of_schedule
            tracked = self.recording.tracked_by(n)
            replicates.append(
                Replicate(n, draw, order, dropout, total_steps=total_steps, source=source, tracked_examples=tracked)
            )
        return replicates

    @property
    def _frozen_by_draw(self) -> bool:
        return self.data.sources is not None and not self.data.features.arrays.trained

    def _frozen(self) -> dict[str, Tensor]:
        """The frozen arrays: one for each draw, or for each member where other arrays of the embedding are trained."""
        arrays = self.data.features.arrays
        by_member = {**_of_members(arrays.frozen, self.data), **self.data.member_arrays}
        return on_device(by_member if arrays.trained else arrays.frozen)

    @property
    def evaluated(self) -> dict[str, Tensor]:
        """The weights that are scored and kept: those of the last step, or their moving averages."""
        averages: dict[str, Tensor] = self.state.get("average", self.weights)
        return averages

    def constants(self) -> dict[str, Tensor]:
        """Return the arrays that are not trained, for the replicates still in the group."""
        return {**self.frozen, **self.shared}

    def settings(self, replicate: Replicate) -> Training:
        """Return the settings of a member."""
        return self.members.settings[replicate.number]

    def fit(self, on_epoch: OnEpoch, leave: Leave | None = None, first: int = 0) -> None:
        """Train until every member has stopped: by its settings, or because ``leave`` names it.

        ``first``: the epochs that the members have behind them.
        """
        for epoch in range(first, self.members.epochs):
            if not self.rows:
                return
            losses = self.train_epoch(epoch)
            with stage("evaluate"):
                evaluations = self._evaluate_epoch()
            improved = [
                not r.stopped and r.end_epoch(loss, by_split, self.settings(r), self.score)
                for r, loss, by_split in zip(self.rows, losses, evaluations, strict=True)
            ]
            self._record_learned()
            self._keep(np.array(improved))
            on_epoch(self._summary(epoch, losses, evaluations))
            self.stop(leave(self.replicates) if leave else ())

    def _keep(self, improved: NDArray[np.bool_]) -> None:
        """Take the weights of the members that improved as their best."""
        tables = self.row_tables.keep(self.best, self.weights, improved)
        best, weights = self.row_tables.others(self.best), self.row_tables.others(self.evaluated)
        self.best = {**self.programs.keep(best, weights, improved), **tables}

    def _record_learned(self) -> None:
        trained = {name: self.evaluated[name] for name in self.data.features.arrays.trained}
        for name, values in self.data.features.learned(trained).items():
            for replicate, value in zip(self.rows, values.tolist(), strict=True):
                if not replicate.stopped:
                    replicate.record({name: value})

    def _evaluate_epoch(self) -> list[dict[str, Evaluation]]:
        """The evaluations of the splits that are scored after an epoch; probabilities of tracked examples are kept."""
        weights = on_device(self.evaluated)
        self._record_tracked(weights)
        return self._evaluate(weights, self.rows, self.members.shared.score_each_epoch)

    def _record_tracked(self, weights: Mapping[str, Tensor]) -> None:
        """Record the probabilities of the tracked examples after this epoch."""
        if not any(r.tracked_examples for r in self.rows):
            return
        sources = Sources.of(self.rows, self.data.sources is not None)
        tracked = [r.tracked_examples for r in sources.readers(self.rows)]
        evaluations = self.evaluator.evaluate(weights, self.constants(), sources, tracked, record=True)
        for replicate, evaluation in zip(self.rows, evaluations, strict=True):
            if evaluation.quantized and not replicate.stopped:
                replicate.tracked_probabilities.append(np.concatenate(evaluation.quantized))

    def train_epoch(self, epoch: int) -> NDArray[np.floating]:
        """Train for one epoch; return the mean losses ``[R]``."""
        shared, lengths = self.members.shared, self.data.examples.lengths
        sources = Sources.of(self.rows, self.data.sources is not None)
        plans = [
            [] if r.stopped else epoch_batches(
                lengths[list(r.positions["train"])], shared.batch_size, epoch, r.order, shared.batches == "by_length",
                shared.max_tokens,
            )
            for r in sources.readers(self.rows)
        ]  # fmt: skip
        total, count = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for batch, active in self.data.in_time(self._batches(sources, plans)):
            losses, counts = self._train_step(batch, active, epoch)
            total, count = total + losses, count + counts
        return total / np.maximum(count, 1e-12)

    def _batches(
        self, sources: Sources, plans: Sequence[Sequence[NDArray[np.int64]]]
    ) -> Iterator[tuple[Batch, NDArray[np.bool_]]]:
        """Yield the batch of each step, and which members have examples in it. ``plans``: of each draw."""
        members, batch_size = self.members, self.members.shared.batch_size
        numbers = [r.number for r in self.rows]
        class_weights = None if self.class_weights is None else self.class_weights[numbers]
        smoothing = {} if members.label_smoothing is None else {"label_smoothing": members.label_smoothing[numbers]}
        masks, training = [members.masks[n] for n in numbers], np.array([not r.stopped for r in self.rows])
        readers = sources.readers(self.rows)
        for step in range(max(len(plan) for plan in plans)):
            positions = [
                [r.positions["train"][n] for n in plan[step]] if step < len(plan) else []
                for r, plan in zip(readers, plans, strict=True)
            ]
            columns = batch_size if members.shared.max_tokens is None else self._columns(positions)
            batch = collate(self.data, sources.held, positions, columns, class_weights, sources)
            active = np.array(sources.of_members([bool(own) for own in positions])) & training
            streams = [r.dropout if trains else None for r, trains in zip(self.rows, active, strict=True)]
            drawn = draw_masks(masks, batch_size, streams, members.mask_names)
            drawn = {name: mask[:, :columns] for name, mask in drawn.items()}
            if members.word_dropout is not None:
                lengths = np.array(sources.of_members(list(batch["lengths"])))
                rates, tokens = members.word_dropout[numbers].tolist(), len(batch["steps"])
                drawn[WORDS] = draw_word_masks(rates, lengths, tokens, streams)
            batch["masks"] = drawn
            batch["members"] = {**batch["members"], **smoothing}
            yield batch, active

    def _columns(self, positions: Sequence[Sequence[int]]) -> int:
        """The examples of a batch with ``max_tokens``: those of the replicate with the most, on JAX of few numbers."""
        return min(count_bucket(max(map(len, positions))), self.members.shared.batch_size)

    def _train_step(
        self, batch: Batch, active: NDArray[np.bool_], epoch: int
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        rates = np.array([r.rate(self.settings(r), epoch) for r in self.rows], np.float32)
        gate = {} if active.all() else {"active": active}
        tables, (batch, rows) = self.row_tables, self.row_tables.numbered(batch)
        weights, state, losses, counts = self.programs.train(
            tables.gathered(self.weights, rows), tables.gathered(self.state, rows), self.constants(), batch,
            {"learning_rate": rates, **self.values}, gate,
        )  # fmt: skip
        self.weights = tables.scattered(self.weights, weights, rows)
        self.state = tables.scattered(self.state, state, rows)
        for replicate, trains in zip(self.rows, active, strict=True):
            replicate.steps += bool(trains)
        return np.asarray(losses), np.asarray(counts)

    def _evaluate(
        self,
        weights: Mapping[str, Tensor],
        replicates: Sequence[Replicate],
        splits: Sequence[str],
        record: Collection[str] = (),
    ) -> list[dict[str, Evaluation]]:
        """By split, for each replicate; with quantized probabilities of the splits in ``record``."""
        sources = Sources.of(replicates, self.data.sources is not None)
        readers = sources.readers(replicates)
        by_split = {
            split: self.evaluator.evaluate(
                weights, self.constants(), sources, [r.positions[split] for r in readers], split in record
            )
            for split in splits
            if any(r.positions.get(split) for r in readers)
        }
        return [{split: rows[n] for split, rows in by_split.items()} for n in range(len(replicates))]

    def stop(self, leaving: Collection[int] = ()) -> None:
        """Keep the best weights of members that are done; the others continue in a smaller group if that pays."""
        for row, replicate in enumerate(self.rows):
            done = replicate.number in leaving or replicate.is_done(self.settings(replicate))
            if done and not replicate.stopped:
                replicate.stopped = True
                replicate.weights = {name: np.array(values[row]) for name, values in self.best.items()}
        running = [row for row, replicate in enumerate(self.rows) if not replicate.stopped]
        if not running or should_shrink(len(self.rows), len(running)):
            self.keep_rows(running)

    def keep_rows(self, running: Sequence[int]) -> None:
        """Go on with these rows only."""
        before = Sources.of(self.rows, self._frozen_by_draw)
        self.rows = [self.rows[row] for row in running]
        if not self.rows:
            return
        self.weights, self.best, self.state, self.values = (
            take_rows(tree, running) for tree in (self.weights, self.best, self.state, self.values)
        )
        held = Sources.of(self.rows, self._frozen_by_draw).kept(before) if self._frozen_by_draw else running
        if len(held) < len(before.held):
            self.frozen = take_rows(self.frozen, held)

    def _summary(
        self, epoch: int, losses: NDArray[np.floating], evaluations: Sequence[Mapping[str, Evaluation]]
    ) -> Epoch:
        running = [n for n, r in enumerate(self.rows) if not r.stopped]
        scores = [evaluations[n]["validation"].scores[self.score] for n in running if "validation" in evaluations[n]]
        score = float(np.mean(scores)) if scores else None
        return Epoch(epoch + 1, self.members.epochs, len(running), float(np.mean(losses[running])), score)

    def outcomes(self) -> list[Outcome]:
        """Evaluate the kept weights; return one outcome for each replicate, without its share of the time."""
        features = self.data.features
        names = self.replicates[0].weights
        weights = on_device({name: np.stack([r.weights[name] for r in self.replicates]) for name in names})
        self.frozen = self._frozen()
        record = ("test",) if self.recording.probabilities and self.data.examples.per_token else ()
        evaluations = self._evaluate(weights, self.replicates, self.members.shared.score_at_end, record)
        learned = features.learned({name: weights[name] for name in features.arrays.trained})
        outcomes = []
        for n, (replicate, by_split) in enumerate(zip(self.replicates, evaluations, strict=True)):
            values = {name: float(own[n]) for name, own in learned.items()}
            outcomes.append(replicate.outcome(by_split, self.settings(replicate), self.data.examples, values))
        return outcomes


def _of_members(arrays: Mapping[str, Tensor], data: GroupData) -> Mapping[str, Tensor]:
    """The arrays of draws, as arrays of the members that read them."""
    return arrays if data.sources is None else {name: array[list(data.sources)] for name, array in arrays.items()}
