"""The training of a biLM: step by step, with looks at held-out text, checkpoints, and an end."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.embeddings.bilm.precision import resolve_precision
from seedbed.errors import InputError
from seedbed.pretraining.batches import ahead, batch
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.evaluation import HeldOut
from seedbed.pretraining.programs import fitting
from seedbed.pretraining.progress import History, Looked, Report
from seedbed.pretraining.sampled_softmax import LogUniform
from seedbed.pretraining.settings import Training
from seedbed.pretraining.shards import Shards, shuffled
from seedbed.pretraining.streams import Block, Feed
from seedbed.pretraining.training_state import (
    CHECKPOINT,
    Now,
    at_first,
    flat,
    load_checkpoint,
    refuse_another,
    restored,
    save_checkpoint,
)

CHECKPOINT_S = 600.0
"""Between two checkpoints."""

REPORT_STEPS = 10
"""Between two looks at the loss, each of which waits for the device."""


class Trainer:
    """Trains on ``shards``, from ``weights`` or from the checkpoint in ``folder``.

    ``recipe``: what determines the result, as JSON has it; a checkpoint of another one is refused. ``keep(weights,
    look)`` is called with what is best so far, and may be called again with the same after Ctrl-C. All that is random
    depends on the seed and the step.
    """

    def __init__(
        self, architecture: Architecture, settings: Training, shards: Shards, words: Sequence[str],
        weights: Mapping[str, np.ndarray], folder: Path, recipe: Mapping[str, Any],
        keep: Callable[[dict[str, np.ndarray], Looked], None],
    ):  # fmt: skip
        self.architecture, self.settings, self.shards, self.folder = architecture, settings, shards, folder
        self.recipe, self.keep = dict(recipe), keep
        self.numbers = {word: n for n, word in enumerate(words)}
        self.block = settings.streams * settings.unroll
        self.steps = max(1, math.ceil(settings.epochs * shards.train.predictions / self.block))
        self.every = max(1, round((settings.evaluate_every or shards.train.predictions) / self.block))
        self.held = resolve_precision(settings.precision)
        self.history = History()
        self._record: Mapping[str, Any] | None = None  # of the place in the text where this session began
        self._fit = fitting(
            architecture, settings.unroll, self.held, settings.optimizer, settings.clip_norm or None, settings.dropout
        )
        self._held_out = HeldOut(shards, self.numbers, architecture, settings.state)
        self._losses: list[Any] = []
        self.now = self._started(weights)

    def train(self, watch: Callable[[Report], None], seconds: float = math.inf) -> str:
        """Train until an end, or for so many seconds; returns which: ``epochs``, ``patience`` or ``time``.

        A checkpoint is written at each look, each ``CHECKPOINT_S``, at the end and after Ctrl-C. Raises InputError
        where it cannot be written, or where the loss is no longer a number.
        """
        begun = saved = time.perf_counter()
        before, ended = self.history.seconds, ""
        blocks = ahead(self._batches())
        try:
            if self._unseen():  # Ctrl-C came after the step, before the look was done
                watch(self._report(self._look(recorded=True)))
                self.save()
            ended = self._over()
            while not ended:
                self._step(*next(blocks))
                spent = time.perf_counter() - begun
                self.history.seconds = before + spent
                due = self._unseen()
                ended = "time" if spent >= seconds and self.now.step < self.steps else ""
                if due or ended:
                    watch(self._report(self._look(recorded=due)))
                    ended = self._over() or ended
                elif self.now.step % REPORT_STEPS == 0:
                    watch(self._report())
                if due or ended or time.perf_counter() - saved >= CHECKPOINT_S:
                    self.save()
                    saved = time.perf_counter()
        except KeyboardInterrupt:
            self.save()
            raise
        finally:
            blocks.close()
        return ended

    def save(self) -> None:
        """Write the checkpoint."""
        record = {
            "recipe": self.recipe, "step": self.now.step, "losses": self._read_losses(),
            "history": asdict(self.history), "mark": self.now.mark.record() if self.now.mark else self._record,
        }  # fmt: skip
        save_checkpoint(self.folder / CHECKPOINT, flat(self.now), record)

    def _started(self, weights: Mapping[str, np.ndarray]) -> Now:
        """Where training begins, or goes on."""
        path = self.folder / CHECKPOINT
        first = at_first(weights, self.settings.optimizer, self.architecture, self.settings.streams)
        if not path.exists():
            return first
        arrays, record = load_checkpoint(path)
        refuse_another(path, record["recipe"], self.recipe)
        now = restored(first, arrays, record["step"], path)
        self.history, self._record = History.of(record["history"]), record["mark"]
        self._losses = list(record["losses"])
        return now

    def _batches(self) -> Iterator[tuple[Block, dict[str, Any]]]:
        settings = self.settings
        texts = shuffled(self.shards.folder, self.shards.train, settings.seed, (self._record or {}).get("taken", 0))
        feed = Feed(texts, self.numbers, settings.streams, settings.unroll, settings.state, self._record)
        characters = Characters(self.architecture.characters)
        candidates = LogUniform(len(self.numbers), settings.candidates)
        for step, block in enumerate(feed.blocks(), self.now.step + 1):
            yield block, batch(block, step, characters, candidates, self.architecture, settings.dropout, settings.seed)

    def _step(self, block: Block, made: dict[str, Any]) -> None:
        now, number = self.now, self.now.step + 1
        rate = np.float32(self.settings.rate(number, self.steps))
        weights, moments, state, loss, _ = self._fit(
            now.weights, now.moments, now.state, made, rate, np.float32(number)
        )
        self._losses.append(loss)
        self.now = Now(weights, moments, state, number, block.mark)

    def _read_losses(self) -> list[float]:
        """The losses of the steps since the last look; raises InputError where one is no number."""
        self._losses = [float(np.asarray(loss)) for loss in self._losses]
        if not all(map(math.isfinite, self._losses)):
            raise InputError(
                f"the loss is no longer a number before step {self.now.step}; a lower learning_rate= may help, and the "
                "last checkpoint is intact"
            )
        return self._losses

    def _report(self, looked: Looked | None = None) -> Report:
        latest = self._read_losses()[-REPORT_STEPS:]
        loss = looked.loss if looked else float(np.mean(latest))
        return Report(self.now.step, self.steps, self.now.step * self.block, loss, looked)

    def _look(self, recorded: bool) -> Looked:
        """Look at held-out text, and keep what is the best so far; recorded or not, it is what the files have."""
        found = self._held_out.perplexity(self.now.weights)
        loss = float(np.mean(self._read_losses() or [math.nan]))
        looked = Looked(self.now.step, self.now.step * self.block, loss, found.forward, found.backward, found.mean)
        kept = self.history.kept
        if kept is None or looked.mean < kept.mean:
            self.keep({name: np.asarray(weight) for name, weight in self.now.weights.items()}, looked)
            self.history.kept = looked
        if recorded:
            self.history.looks.append(looked)
            self._losses = []
        return looked

    def _unseen(self) -> bool:
        """Whether a look is due at this step, and is not recorded."""
        step, looks = self.now.step, self.history.looks
        due = step > 0 and (step % self.every == 0 or step == self.steps)
        return due and not (looks and looks[-1].step == step)

    def _over(self) -> str:
        """Why training is over, or nothing."""
        if self.now.step >= self.steps:
            return "epochs"
        return "patience" if self.settings.patience and self.history.worse >= self.settings.patience else ""
