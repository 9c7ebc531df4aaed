"""Training all replicates of an arm as one model."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import should_shrink
from seedbed.cells import Outcome
from seedbed.metrics import PRIMARY
from seedbed.model.dropout import draw_masks
from seedbed.model.network import Batch, Network
from seedbed.model.weights import generator, initialize
from seedbed.stages import stage
from seedbed.training.batches import GroupData, collate, epoch_batches, inverse_frequencies
from seedbed.training.evaluation import Evaluation, Evaluator
from seedbed.training.optimizers import Optimizer
from seedbed.training.programs import programs
from seedbed.training.recording import NO_RECORDING, Recording
from seedbed.training.replicate import Epoch, Replicate
from seedbed.training.schedules import rate
from seedbed.training.settings import Training
from seedbed.types import Tensor, Tree

OnEpoch = Callable[[Epoch], None]


class Group:
    """Replicates of one arm that train together; the results of each are those of training it alone."""

    def __init__(self, network: Network, data: GroupData, settings: Training, recording: Recording = NO_RECORDING):
        self.network, self.data, self.settings, self.recording = network, data, settings, recording
        self.score = PRIMARY[network.task.kind]
        self.programs = programs(network, settings)
        self.evaluator = Evaluator(self.programs.evaluate, data, network.task.padded_to)
        self.replicates = [
            Replicate(
                n, draw, generator(seed, "order"), generator(seed, "dropout"), tracked_examples=recording.tracked_by(n)
            )
            for n, (draw, seed) in enumerate(zip(data.draws, data.seeds, strict=True))
        ]
        for replicate in self.replicates:
            per_epoch = -(-len(replicate.positions["train"]) // settings.batch_size)
            replicate.total_steps = per_epoch * settings.epochs
        self.class_weights = None
        if network.task.class_weights:
            self.class_weights = np.stack([inverse_frequencies(data.examples, draw) for draw in data.draws])
        self.rows = list(self.replicates)
        arrays = data.features.arrays
        self.weights = _tensors({**initialize(network.weights(), data.seeds), **arrays.trained})
        self.state = Optimizer.from_settings(settings).initial_state(self.weights)
        self.best = self.weights
        self.shared = _tensors(arrays.shared)
        self.frozen = _tensors(arrays.frozen)

    def constants(self) -> dict[str, Tensor]:
        """Return the arrays that are not trained, for the replicates still in the group."""
        return {**self.frozen, **self.shared}

    def fit(self, on_epoch: OnEpoch) -> None:
        """Train until every replicate has stopped."""
        for epoch in range(self.settings.epochs):
            losses = self.train_epoch(epoch)
            with stage("evaluate"):
                evaluations = self._evaluate(self.weights, self.rows, self.settings.score_each_epoch)
            improved = [
                not r.stopped and r.end_epoch(loss, by_split, self.settings, self.score)
                for r, loss, by_split in zip(self.rows, losses, evaluations, strict=True)
            ]
            self._record_learned()
            with stage("evaluate"):
                self._record_tracked()
            self.best = self.programs.keep(self.best, self.weights, np.array(improved))
            on_epoch(self._summary(epoch, losses, evaluations))
            self._stop(last=epoch + 1 == self.settings.epochs)
            if not self.rows:
                return

    def _record_learned(self) -> None:
        trained = {name: self.weights[name] for name in self.data.features.arrays.trained}
        for name, values in self.data.features.learned(trained).items():
            for replicate, value in zip(self.rows, values.tolist(), strict=True):
                if not replicate.stopped:
                    replicate.record({name: value})

    def _record_tracked(self) -> None:
        """Record the probabilities of the tracked examples after this epoch."""
        if not any(r.tracked_examples for r in self.rows):
            return
        evaluations = self.evaluator.evaluate(
            self.weights, self.constants(), [r.number for r in self.rows], [r.tracked_examples for r in self.rows],
            record=True,
        )  # fmt: skip
        for replicate, evaluation in zip(self.rows, evaluations, strict=True):
            if evaluation.quantized and not replicate.stopped:
                replicate.tracked_probabilities.append(np.concatenate(evaluation.quantized))

    def train_epoch(self, epoch: int) -> NDArray[np.floating]:
        """Train for one epoch; return the mean losses ``[R]``."""
        by_length = self.settings.batches == "by_length"
        lengths = self.data.examples.lengths
        plans = [
            [] if r.stopped else epoch_batches(
                lengths[list(r.positions["train"])], self.settings.batch_size, epoch, r.order, by_length
            )
            for r in self.rows
        ]  # fmt: skip
        total, count = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for batch, active in self.data.in_time(self._batches(plans)):
            losses, counts = self._train_step(batch, active, epoch)
            total, count = total + losses, count + counts
        return total / np.maximum(count, 1e-12)

    def _batches(self, plans: Sequence[Sequence[NDArray[np.int64]]]) -> Iterator[tuple[Batch, NDArray[np.bool_]]]:
        """Yield the batch of each step, and which replicates have examples in it."""
        numbers = [r.number for r in self.rows]
        class_weights = None if self.class_weights is None else self.class_weights[numbers]
        for step in range(max(len(plan) for plan in plans)):
            positions = [
                [r.positions["train"][n] for n in plan[step]] if step < len(plan) else []
                for r, plan in zip(self.rows, plans, strict=True)
            ]
            batch = collate(self.data, numbers, positions, self.settings.batch_size, class_weights)
            active = np.array([bool(own) for own in positions])
            streams = [r.dropout if trains else None for r, trains in zip(self.rows, active, strict=True)]
            batch["masks"] = draw_masks(self.network.masks(), self.settings.batch_size, streams)
            yield batch, active

    def _train_step(
        self, batch: Batch, active: NDArray[np.bool_], epoch: int
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        rates = np.array([rate(self.settings, r.steps, epoch, r.total_steps) for r in self.rows], np.float32)
        gate = {} if active.all() else {"active": active}
        self.weights, self.state, losses, counts = self.programs.train(
            self.weights, self.state, self.constants(), batch, rates, gate
        )
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
        numbers = [r.number for r in replicates]
        by_split = {
            split: self.evaluator.evaluate(
                weights, self.constants(), numbers, [r.positions[split] for r in replicates], split in record
            )
            for split in splits
            if any(r.positions.get(split) for r in replicates)
        }
        return [{split: rows[n] for split, rows in by_split.items()} for n in range(len(replicates))]

    def _stop(self, last: bool) -> None:
        """Keep the best weights of replicates that are done; the others continue in a smaller group if that pays."""
        for row, replicate in enumerate(self.rows):
            if not replicate.stopped and (last or replicate.is_done(self.settings)):
                replicate.stopped = True
                replicate.weights = {name: np.asarray(values[row]) for name, values in self.best.items()}
        running = [row for row, replicate in enumerate(self.rows) if not replicate.stopped]
        if running and not should_shrink(len(self.rows), len(running)):
            return
        self.rows = [self.rows[row] for row in running]
        if self.rows:
            self.weights, self.best, self.state, self.frozen = (
                _take(tree, running) for tree in (self.weights, self.best, self.state, self.frozen)
            )

    def _summary(
        self, epoch: int, losses: NDArray[np.floating], evaluations: Sequence[Mapping[str, Evaluation]]
    ) -> Epoch:
        running = [n for n, r in enumerate(self.rows) if not r.stopped]
        scores = [evaluations[n]["validation"].scores[self.score] for n in running if "validation" in evaluations[n]]
        score = float(np.mean(scores)) if scores else None
        return Epoch(epoch + 1, self.settings.epochs, len(running), float(np.mean(losses[running])), score)

    def outcomes(self) -> list[Outcome]:
        """Evaluate the kept weights; return one outcome for each replicate, without its share of the time."""
        features = self.data.features
        names = self.replicates[0].weights
        weights = _tensors({name: np.stack([r.weights[name] for r in self.replicates]) for name in names})
        self.frozen = _tensors(features.arrays.frozen)
        record = ("test",) if self.recording.probabilities and self.data.examples.per_token else ()
        evaluations = self._evaluate(weights, self.replicates, self.settings.score_at_end, record)
        learned = features.learned({name: weights[name] for name in features.arrays.trained})
        outcomes = []
        for n, (replicate, by_split) in enumerate(zip(self.replicates, evaluations, strict=True)):
            values = {name: float(own[n]) for name, own in learned.items()}
            outcomes.append(replicate.outcome(by_split, self.settings, self.data.examples, values))
        return outcomes


def train(
    network: Network,
    data: GroupData,
    settings: Training,
    on_epoch: OnEpoch = lambda epoch: None,
    recording: Recording = NO_RECORDING,
) -> list[Outcome]:
    """Train the replicates of ``data`` together; return one outcome each, in order.

    ``recording`` has no effect on the training.
    """
    group = Group(network, data, settings, recording)
    group.fit(on_epoch)
    with stage("evaluate"):
        return group.outcomes()


def _tensors(arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy arrays to the device, once and not in each step."""
    from keras import ops

    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}


def _take(tree: Tree, rows: Sequence[int]) -> Tree:
    """The same tree with these rows of the replicate axis only."""
    from keras import ops

    if isinstance(tree, dict):
        return {name: _take(value, rows) for name, value in tree.items()}
    return ops.take(tree, np.array(rows, np.int32), axis=0)
