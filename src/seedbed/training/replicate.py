"""One replicate of a group: all of its state that is not an array on the device."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seedbed.cells import Outcome
from seedbed.embeddings.features import Positions
from seedbed.training.batches import Labelled
from seedbed.training.evaluation import Judged, predictions
from seedbed.training.recording import FINAL, WATCHED, arrays
from seedbed.training.settings import Training

NEVER = (-math.inf, -math.inf)
"""Worse than any epoch."""


@dataclass(frozen=True)
class Epoch:
    """What a progress bar shows: means over the replicates that still train."""

    number: int
    of: int
    training: int
    loss: float
    score: float | None


@dataclass
class Replicate:
    """Random streams, steps taken, history, the best epoch so far, and in the end the weights that are kept."""

    number: int
    positions: Positions
    order: np.random.Generator
    dropout: np.random.Generator
    steps: int = 0
    total_steps: int = 0
    epochs: int = 0
    best: tuple[float, float] = NEVER
    best_epoch: int = 0
    error: str = ""
    over: bool = False
    history: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    watched: Sequence[int] = ()
    seen: list[np.ndarray] = field(default_factory=list)
    """Of the watched examples, the probabilities after each epoch, ``[tokens of all, labels]``."""

    def close_epoch(self, loss: float, judged: Mapping[str, Judged], settings: Training, score: str) -> bool:
        """Write an epoch into the history; whether its weights are the ones to keep so far.

        ``score`` is the one that ``monitor: score`` watches.
        """
        self.epochs += 1
        self.record({"train/loss": loss})
        for split, found in judged.items():
            # The loss while training is with dropout and moving weights; that of the train split afterwards is not.
            self.record({"train/loss_after" if split == "train" else f"{split}/loss": found.loss})
            self.record({f"{split}/{name}": value for name, value in found.scores.items()})
        for split, value in (("training", loss), *((split, found.loss) for split, found in judged.items())):
            if not math.isfinite(value):
                self.error = f"the {split} loss was {value} in epoch {self.epochs}"
                return False
        improved = True
        if "validation" in judged:
            value = _monitored(judged["validation"], settings, score)
            improved = value > self.best
            self.best = max(value, self.best)
        if improved:
            self.best_epoch = self.epochs
        return improved or settings.keep == "last"

    def record(self, values: Mapping[str, float]) -> None:
        """Add an epoch's value to the history of each name."""
        for name, value in values.items():
            self.history.setdefault(name, []).append(float(value))

    def is_done(self, settings: Training) -> bool:
        """Whether it failed, or has waited long enough for a better epoch."""
        waited = self.epochs - self.best_epoch
        return bool(self.error) or (settings.patience is not None and waited >= settings.patience)

    def outcome(
        self, judged: Mapping[str, Judged], settings: Training, labelled: Labelled, learned: Mapping[str, float]
    ) -> Outcome:
        """What came of it, given the scores of its kept weights and what else is logged of them."""
        history = {name: tuple(values) for name, values in self.history.items()}
        kept = self.epochs if settings.keep == "last" else self.best_epoch
        progress = {"epochs": self.epochs, "best_epoch": kept}
        wrong = [split for split, found in judged.items() if not math.isfinite(found.loss)]
        if wrong and not self.error:
            self.error = f"the {wrong[0]} loss of the kept weights was {judged[wrong[0]].loss}"
        if self.error:
            return Outcome("failed", history=history, error=self.error, **progress)
        metrics = {f"{split}/{name}": float(v) for split, found in judged.items() for name, v in found.scores.items()}
        metrics |= {f"{split}/loss": found.loss for split, found in judged.items()} | learned
        said = predictions(labelled, judged["test"]) if "test" in judged else ()
        kept = self._recorded(labelled, judged.get("test"))
        return Outcome("finished", metrics, history, said, weights=self.weights, recorded=kept, **progress)

    def _recorded(self, labelled: Labelled, test: Judged | None) -> dict[str, dict[str, np.ndarray]]:
        """The probabilities that were asked for, as arrays by name."""
        kept = {}
        if test is not None and test.rounded:
            kept[FINAL] = arrays(labelled, test.positions, np.concatenate(test.rounded))
        if self.seen:
            kept[WATCHED] = arrays(labelled, self.watched, np.stack(self.seen))
        return kept


def _monitored(found: Judged, settings: Training, score: str) -> tuple[float, float]:
    """What is to rise: the score, or nothing of it, and of equals the one with the lower loss.

    In its first epochs a tagger finds no entity at all; with F1 alone it would be stopped while it still learns.
    """
    return 0.0 if settings.monitor == "loss" else found.scores[score], -found.loss
