"""Training all replicates of an arm as one model."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from seedbed.backend import worth_shrinking
from seedbed.cells import Outcome
from seedbed.embeddings.features import Features, Positions
from seedbed.metrics import PRIMARY
from seedbed.model.dropout import masks
from seedbed.model.network import Network
from seedbed.model.weights import generator, initial
from seedbed.training import optimizers
from seedbed.training.batches import Labelled, collate, inverse_frequencies, training_order
from seedbed.training.evaluation import Judged, judge
from seedbed.training.programs import programs
from seedbed.training.recording import NOTHING, Recording
from seedbed.training.replicate import Epoch, Replicate
from seedbed.training.schedules import rate
from seedbed.training.settings import Training

Watch = Callable[[Epoch], None]


class Group:
    """Replicates of one arm that train side by side; each gives what it would give alone."""

    def __init__(
        self, network: Network, features: Features, labelled: Labelled, draws: Sequence[Positions],
        seeds: Sequence[int], settings: Training, recording: Recording = NOTHING,
    ):  # fmt: skip
        self.network, self.features, self.labelled, self.settings = network, features, labelled, settings
        self.score = PRIMARY[network.task.kind]
        self.recording = recording
        self.programs = programs(network, settings)
        self.replicates = [
            Replicate(n, draw, generator(seed, "order"), generator(seed, "dropout"), watched=recording.of(n))
            for n, (draw, seed) in enumerate(zip(draws, seeds, strict=True))
        ]
        for replicate in self.replicates:
            per_epoch = -(-len(replicate.positions["train"]) // settings.batch_size)
            replicate.total_steps = per_epoch * settings.epochs
        self.class_weights = None
        if network.task.class_weights:
            self.class_weights = np.stack([inverse_frequencies(labelled, draw) for draw in draws])
        self.rows = list(self.replicates)
        self.weights = _tensors({**initial(network.weights(), seeds), **features.arrays.trained})
        self.state = optimizers.start(settings, self.weights)
        self.best = self.weights
        self.shared = _tensors(features.arrays.shared)
        self.frozen = _tensors(features.arrays.frozen)

    def constants(self) -> dict[str, Any]:
        """The arrays that are not trained, of the replicates still in the group."""
        return {**self.frozen, **self.shared}

    def fit(self, watch: Watch) -> None:
        """Train until every replicate has stopped."""
        for epoch in range(self.settings.epochs):
            losses = self._train_epoch(epoch)
            judged = self._judge(self.weights, self.rows, self.settings.score_each_epoch)
            improved = [
                not r.over and r.close_epoch(loss, found, self.settings, self.score)
                for r, loss, found in zip(self.rows, losses, judged, strict=True)
            ]
            self._record_learned()
            self._record_watched()
            self.best = self.programs.keep(self.best, self.weights, np.array(improved))
            watch(self._summary(epoch, losses, judged))
            self._stop(last=epoch + 1 == self.settings.epochs)
            if not self.rows:
                return

    def _record_learned(self) -> None:
        trained = {name: self.weights[name] for name in self.features.arrays.trained}
        for name, values in self.features.learned(trained).items():
            for replicate, value in zip(self.rows, values.tolist(), strict=True):
                if not replicate.over:
                    replicate.record({name: value})

    def _record_watched(self) -> None:
        """The probabilities of the watched examples after this epoch; nothing is computed where none are."""
        if not any(r.watched for r in self.rows):
            return
        found = judge(
            self.programs.judge, self.weights, self.constants(), self.labelled, self.features,
            [r.number for r in self.rows], [r.watched for r in self.rows], rounded=True,
        )  # fmt: skip
        for replicate, one in zip(self.rows, found, strict=True):
            if one.rounded and not replicate.over:
                replicate.seen.append(np.concatenate(one.rounded))

    def _train_epoch(self, epoch: int) -> np.ndarray:
        by_length = self.settings.batches == "by_length"
        plans = [
            [] if r.over else training_order(
                self.labelled.lengths[list(r.positions["train"])], self.settings.batch_size, epoch, r.order, by_length
            )
            for r in self.rows
        ]  # fmt: skip
        total, count = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for step in range(max(len(plan) for plan in plans)):
            chosen = [
                [r.positions["train"][n] for n in plan[step]] if step < len(plan) else []
                for r, plan in zip(self.rows, plans, strict=True)
            ]
            losses, counts = self._train_step(chosen, epoch)
            total, count = total + losses, count + counts
        return total / np.maximum(count, 1e-12)

    def _train_step(self, chosen: Sequence[Sequence[int]], epoch: int) -> tuple[np.ndarray, np.ndarray]:
        numbers = [r.number for r in self.rows]
        weights = None if self.class_weights is None else self.class_weights[numbers]
        batch = collate(self.labelled, self.features, numbers, chosen, self.settings.batch_size, weights)
        active = np.array([bool(own) for own in chosen])
        streams = [r.dropout if on else None for r, on in zip(self.rows, active, strict=True)]
        batch["masks"] = masks(self.network.masks(), self.settings.batch_size, streams)
        rates = np.array([rate(self.settings, r.steps, epoch, r.total_steps) for r in self.rows], np.float32)
        gate = {} if active.all() else {"active": active}
        self.weights, self.state, losses, counts = self.programs.fit(
            self.weights, self.state, self.constants(), batch, rates, gate
        )
        for replicate, on in zip(self.rows, active, strict=True):
            replicate.steps += bool(on)
        return np.asarray(losses), np.asarray(counts)

    def _judge(
        self, weights: Any, replicates: Sequence[Replicate], splits: Sequence[str], rounded: Collection[str] = ()
    ) -> list[dict[str, Judged]]:
        numbers = [r.number for r in replicates]
        by_split = {
            split: judge(
                self.programs.judge, weights, self.constants(), self.labelled, self.features, numbers,
                [r.positions[split] for r in replicates], self.network.task.padded_to, split in rounded,
            )
            for split in splits
            if any(r.positions.get(split) for r in replicates)
        }  # fmt: skip
        return [{split: found[n] for split, found in by_split.items()} for n in range(len(replicates))]

    def _stop(self, last: bool) -> None:
        """Take the kept weights of replicates that are over; the others go on in a smaller group where that pays."""
        for row, replicate in enumerate(self.rows):
            if not replicate.over and (last or replicate.is_done(self.settings)):
                replicate.over = True
                replicate.weights = {name: np.asarray(values[row]) for name, values in self.best.items()}
        stay = [row for row, replicate in enumerate(self.rows) if not replicate.over]
        if stay and not worth_shrinking(len(self.rows), len(stay)):
            return
        self.rows = [self.rows[row] for row in stay]
        if self.rows:
            self.weights, self.best, self.state, self.frozen = (
                _taken(tree, stay) for tree in (self.weights, self.best, self.state, self.frozen)
            )

    def _summary(self, epoch: int, losses: np.ndarray, judged: Sequence[Mapping[str, Judged]]) -> Epoch:
        running = [n for n, r in enumerate(self.rows) if not r.over]
        scores = [judged[n]["validation"].scores[self.score] for n in running if "validation" in judged[n]]
        score = float(np.mean(scores)) if scores else None
        return Epoch(epoch + 1, self.settings.epochs, len(running), float(np.mean(losses[running])), score)

    def outcomes(self) -> list[Outcome]:
        """Judge the kept weights at the end: one outcome a replicate, without its share of the time."""
        names = self.replicates[0].weights
        weights = _tensors({name: np.stack([r.weights[name] for r in self.replicates]) for name in names})
        self.frozen = _tensors(self.features.arrays.frozen)
        rounded = ("test",) if self.recording.probabilities and self.labelled.per_token else ()
        judged = self._judge(weights, self.replicates, self.settings.score_at_end, rounded)
        learned = self.features.learned({name: weights[name] for name in self.features.arrays.trained})
        return [
            r.outcome(found, self.settings, self.labelled, {name: float(own[n]) for name, own in learned.items()})
            for n, (r, found) in enumerate(zip(self.replicates, judged, strict=True))
        ]


def train(
    network: Network, features: Features, labelled: Labelled, draws: Sequence[Positions], seeds: Sequence[int],
    settings: Training, watch: Watch = lambda epoch: None, recording: Recording = NOTHING,
) -> list[Outcome]:  # fmt: skip
    """Train the replicates with these draws and ``init_seeds`` together; one outcome each, in order.

    ``recording`` changes nothing of what is trained.
    """
    group = Group(network, features, labelled, draws, seeds, settings, recording)
    group.fit(watch)
    return group.outcomes()


def _tensors(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays on the device, once and not at each step."""
    from keras import ops

    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}


def _taken(tree: Any, rows: Sequence[int]) -> Any:
    """The same tree of arrays with these rows of the replicate axis only."""
    from keras import ops

    if isinstance(tree, dict):
        return {name: _taken(value, rows) for name, value in tree.items()}
    return ops.take(tree, np.array(rows, np.int32), axis=0)
