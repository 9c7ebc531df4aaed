"""One replicate of a group: all of its state that is not an array on the device."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Outcome
from seedbed.embeddings.features import Positions
from seedbed.label_sets import tags_of
from seedbed.matching import matching_scores
from seedbed.training.batches import EncodedExamples
from seedbed.training.evaluation import Evaluation, predictions
from seedbed.training.recording import FINAL, TRACKED, to_arrays
from seedbed.training.schedules import rate
from seedbed.training.settings import Training

WORST = (-math.inf, -math.inf)
"""Below the monitored value of any epoch."""


@dataclass(frozen=True)
class Epoch:
    """The state of a group after an epoch, for a progress bar.

    ``training``: how many replicates still train; ``loss`` and ``score`` are means over these. ``unit``: what
    ``number`` counts, epochs or the fits of a probe.
    """

    number: int
    total: int
    training: int
    loss: float
    score: float | None
    unit: str = "epoch"


@dataclass
class Replicate:
    """Random streams, steps taken, history, the best epoch so far, and after training the weights that are kept.

    ``steps``: its training batches. ``waits_from``: the epochs before patience counts. ``source``: the number of its
    draw in the data of the group. ``tracked_probabilities``: of the tracked examples, a quantized array
    ``[tokens, labels]`` for each epoch. For ``schedule: plateau``, ``waited``: the epochs since the best one or since
    the rate was reduced, and ``reductions``: how often it was.
    """

    number: int
    positions: Positions
    order: np.random.Generator
    dropout: np.random.Generator
    steps: int = 0
    total_steps: int = 0
    epochs: int = 0
    best: tuple[float, float] = WORST
    best_epoch: int = 0
    waits_from: int = 0
    error: str = ""
    stopped: bool = False
    history: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    source: int = 0
    tracked_examples: Sequence[int] = ()
    tracked_probabilities: list[NDArray[np.uint8]] = field(default_factory=list)
    waited: int = 0
    reductions: int = 0

    def rate(self, settings: Training, epoch: int) -> float:
        """Return the learning rate of the next step; one step takes ``accumulate`` batches."""
        each = settings.accumulate
        return rate(settings, self.steps // each, epoch, self.total_steps // each, self.reductions)

    def end_epoch(self, loss: float, evaluations: Mapping[str, Evaluation], settings: Training, score: str) -> bool:
        """Add an epoch to the history; return whether its weights are the best so far, or the last ones are kept.

        ``evaluations``: by split. ``score``: the one that ``monitor: score`` monitors.
        """
        self.epochs += 1
        if self.steps // settings.accumulate < settings.min_steps:
            self.waits_from = self.epochs
        self.record({"train/loss": loss})
        for split, evaluation in evaluations.items():
            # The training loss is with dropout and over changing weights; that of the train split afterwards is not.
            self.record({"train/loss_after" if split == "train" else f"{split}/loss": evaluation.loss})
            self.record({f"{split}/{name}": value for name, value in evaluation.scores.items()})
        for split, value in (("training", loss), *((split, own.loss) for split, own in evaluations.items())):
            if not math.isfinite(value):
                self.error = f"the {split} loss was {value} in epoch {self.epochs}"
                return False
        improved = True
        if "validation" in evaluations:
            monitored = _monitored(evaluations["validation"], settings, score)
            improved = monitored > self.best
            self.best = max(monitored, self.best)
            self.waited = 0 if improved else self.waited + 1
            if settings.schedule == "plateau" and self.waited >= settings.plateau_patience:
                self.waited, self.reductions = 0, self.reductions + 1
        if improved:
            self.best_epoch = self.epochs
        return improved or settings.keep == "last"

    def record(self, values: Mapping[str, float]) -> None:
        """Add a value to the history of each name."""
        for name, value in values.items():
            self.history.setdefault(name, []).append(float(value))

    def is_done(self, settings: Training) -> bool:
        """Return whether training failed, is complete, or has not improved for ``patience`` epochs."""
        waited = self.epochs - max(self.best_epoch, self.waits_from)
        return (
            bool(self.error)
            or self.epochs >= settings.epochs
            or (settings.patience is not None and waited >= settings.patience)
        )

    def kept_epoch(self, settings: Training) -> int:
        """Return the epoch of the weights that are kept so far; from 1, 0 for none."""
        return self.epochs if settings.keep == "last" else self.best_epoch

    def outcome(
        self,
        evaluations: Mapping[str, Evaluation],
        settings: Training,
        examples: EncodedExamples,
        learned: Mapping[str, float],
    ) -> Outcome:
        """Return the outcome, from the evaluations of the kept weights by split and other metrics of them."""
        history = {name: tuple(values) for name, values in self.history.items()}
        best_epoch = self.kept_epoch(settings)
        wrong = [split for split, evaluation in evaluations.items() if not math.isfinite(evaluation.loss)]
        if wrong and not self.error:
            self.error = f"the {wrong[0]} loss of the kept weights was {evaluations[wrong[0]].loss}"
        if self.error:
            return Outcome("failed", history=history, error=self.error, epochs=self.epochs, best_epoch=best_epoch)
        metrics: dict[str, float] = {}
        for split, evaluation in evaluations.items():
            metrics |= {f"{split}/{name}": float(value) for name, value in evaluation.scores.items()}
        metrics |= {f"{split}/loss": evaluation.loss for split, evaluation in evaluations.items()}
        test = evaluations.get("test")
        predicted = () if test is None else predictions(examples, test)
        if examples.per_token and test is not None:
            matching = matching_scores(
                [tags_of(row.gold) for row in predicted], [tags_of(row.predicted) for row in predicted]
            )
            metrics |= {f"test/{name}": value for name, value in matching.items()}
        return Outcome(
            "finished",
            metrics={**metrics, **learned},
            history=history,
            predictions=predicted,
            epochs=self.epochs,
            best_epoch=best_epoch,
            weights=self.weights,
            recorded=self._recorded(examples, test),
        )

    def _recorded(
        self, examples: EncodedExamples, test: Evaluation | None
    ) -> dict[str, dict[str, NDArray[np.generic]]]:
        """The recorded probabilities, as arrays by name."""
        recorded = {}
        if test is not None and test.quantized:
            recorded[FINAL] = to_arrays(examples, test.positions, np.concatenate(test.quantized))
        if self.tracked_probabilities:
            recorded[TRACKED] = to_arrays(examples, self.tracked_examples, np.stack(self.tracked_probabilities))
        return recorded


def _monitored(evaluation: Evaluation, settings: Training, score: str) -> tuple[float, float]:
    """The value to maximize: the score if it is monitored, then the negative loss.

    In its first epochs a tagger finds no entity: with F1 alone it would stop while it still learns.
    """
    return 0.0 if settings.monitor == "loss" else evaluation.scores[score], -evaluation.loss
