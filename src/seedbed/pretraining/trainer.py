"""The training of a biLM: steps, evaluations on held-out text, checkpoints, and when it ends."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from seedbed.checkpoint_file import load_checkpoint, save_checkpoint
from seedbed.embeddings.bilm.options import Architecture
from seedbed.embeddings.bilm.precision import resolve_precision
from seedbed.errors import InputError
from seedbed.pretraining.batches import Batch, prefetch, training_batch
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.evaluation import HeldOutText
from seedbed.pretraining.network import Tensor
from seedbed.pretraining.programs import training_step
from seedbed.pretraining.progress import HeldOutEvaluation, History, ProgressReport, Record
from seedbed.pretraining.sampled_softmax import LogUniformSampler
from seedbed.pretraining.settings import Training
from seedbed.pretraining.shards import Shards, shuffled_documents
from seedbed.pretraining.sizes import character_cnn
from seedbed.pretraining.streams import Block, Streams
from seedbed.pretraining.training_state import (
    CHECKPOINT,
    TrainingState,
    flatten_state,
    initial_state,
    refuse_other_recipe,
    restore_state,
)

CHECKPOINT_S = 600.0
"""Between two checkpoints."""

REPORT_STEPS = 10
"""Between two readings of the loss, each of which waits for the device."""


class Trainer:
    """Trains on ``shards``, from ``weights`` or from the checkpoint in ``folder``.

    ``recipe``: what determines the result, as JSON; a checkpoint of another one is refused. ``save_model(weights,
    evaluation)`` is called with each new best model, and may be called again with the same after Ctrl-C. All randomness
    is a function of the seed and the step.
    """

    def __init__(
        self, architecture: Architecture, settings: Training, shards: Shards, words: Sequence[str],
        weights: Mapping[str, np.ndarray], folder: Path, recipe: Record,
        save_model: Callable[[dict[str, np.ndarray], HeldOutEvaluation], None],
    ):  # fmt: skip
        self.architecture, self.settings, self.shards, self.folder = architecture, settings, shards, folder
        self.recipe, self.save_model = dict(recipe), save_model
        self.numbers = {word: n for n, word in enumerate(words)}
        self.words_per_step = settings.streams * settings.unroll
        self.steps = max(1, math.ceil(settings.epochs * shards.train.predictions / self.words_per_step))
        words_per_evaluation = settings.evaluate_every or shards.train.predictions
        self.evaluation_steps = max(1, round(words_per_evaluation / self.words_per_step))
        self.history = History()
        self._first_positions: Record | None = None  # in the text, where this session began
        self._fit = training_step(
            architecture, settings.unroll, resolve_precision(settings.precision), settings.optimizer,
            settings.clip_norm or None, settings.dropout,
        )  # fmt: skip
        self._held_out = HeldOutText(shards, self.numbers, architecture, settings.state)
        self._losses: list[Tensor] = []
        self.state = self._first_state(weights)

    def train(self, on_progress: Callable[[ProgressReport], None], seconds: float = math.inf) -> str:
        """Train until an end or for ``seconds``; return which: ``epochs``, ``patience`` or ``time``.

        A checkpoint is written at each evaluation, each ``CHECKPOINT_S``, at the end and after Ctrl-C. Raises
        InputError where it cannot be written, or where the loss is no longer a number.
        """
        started = saved = time.perf_counter()
        seconds_before, reason = self.history.seconds, ""
        batches = prefetch(self._batches())
        try:
            if self._is_evaluation_due():  # Ctrl-C came after the step, before the evaluation was complete
                on_progress(self._report(self._evaluate(recorded=True)))
                self.save()
            reason = self._end_reason()
            while not reason:
                self._step(*next(batches))
                elapsed = time.perf_counter() - started
                self.history.seconds = seconds_before + elapsed
                due = self._is_evaluation_due()
                reason = "time" if elapsed >= seconds and self.state.step < self.steps else ""
                if due or reason:
                    on_progress(self._report(self._evaluate(recorded=due)))
                    reason = self._end_reason() or reason
                elif self.state.step % REPORT_STEPS == 0:
                    on_progress(self._report())
                if due or reason or time.perf_counter() - saved >= CHECKPOINT_S:
                    self.save()
                    saved = time.perf_counter()
        except KeyboardInterrupt:
            self.save()
            raise
        finally:
            batches.close()
        return reason

    def save(self) -> None:
        """Write the checkpoint. Raises InputError."""
        positions = self.state.positions
        record = {
            "recipe": self.recipe, "step": self.state.step, "losses": self._read_losses(),
            "history": self.history.to_record(), "mark": positions.to_record() if positions else self._first_positions,
        }  # fmt: skip
        save_checkpoint(self.folder / CHECKPOINT, flatten_state(self.state), record)

    def _first_state(self, weights: Mapping[str, np.ndarray]) -> TrainingState:
        """The state before the first step, or that of the checkpoint."""
        path = self.folder / CHECKPOINT
        first = initial_state(weights, self.settings.optimizer, self.architecture, self.settings.streams)
        if not path.exists():
            return first
        arrays, record = load_checkpoint(path)
        refuse_other_recipe(path, record["recipe"], self.recipe)
        state = restore_state(first, arrays, record["step"], path)
        self.history, self._first_positions = History.from_record(record["history"]), record["mark"]
        self._losses = list(record["losses"])
        return state

    def _batches(self) -> Iterator[tuple[Block, Batch]]:
        settings, first = self.settings, self._first_positions
        texts = shuffled_documents(self.shards.folder, self.shards.train, settings.seed, first["taken"] if first else 0)
        streams = Streams(texts, self.numbers, settings.streams, settings.unroll, settings.state, first)
        characters = Characters(character_cnn(self.architecture))
        sampler = LogUniformSampler(len(self.numbers), settings.candidates)
        for step, block in enumerate(streams.blocks(), self.state.step + 1):
            yield (
                block,
                training_batch(block, step, characters, sampler, self.architecture, settings.dropout, settings.seed),
            )

    def _step(self, block: Block, batch: Batch) -> None:
        state, number = self.state, self.state.step + 1
        rate = np.float32(self.settings.rate(number, self.steps))
        weights, moments, recurrent, loss, _ = self._fit(
            state.weights, state.moments, state.recurrent, batch, rate, np.float32(number)
        )
        self._losses.append(loss)
        self.state = TrainingState(weights, moments, recurrent, number, block.positions)

    def _read_losses(self) -> list[float]:
        """The losses of the steps since the last evaluation. Raises InputError where one is not a number."""
        self._losses = [float(np.asarray(loss)) for loss in self._losses]
        if not all(map(math.isfinite, self._losses)):
            raise InputError(
                f"the loss is no longer a number before step {self.state.step}; a lower learning_rate= may help, and "
                "the last checkpoint is intact"
            )
        return self._losses

    def _report(self, evaluation: HeldOutEvaluation | None = None) -> ProgressReport:
        latest = self._read_losses()[-REPORT_STEPS:]
        loss = evaluation.loss if evaluation else float(np.mean(latest))
        words = self.state.step * self.words_per_step
        return ProgressReport(self.state.step, self.steps, words, loss, evaluation)

    def _evaluate(self, recorded: bool) -> HeldOutEvaluation:
        """Evaluate on held-out text, and save the best model so far, whether the evaluation is ``recorded`` or not."""
        perplexity = self._held_out.perplexity(self.state.weights)
        evaluation = HeldOutEvaluation(
            self.state.step, self.state.step * self.words_per_step, float(np.mean(self._read_losses() or [math.nan])),
            perplexity.forward, perplexity.backward, perplexity.mean,
        )  # fmt: skip
        saved = self.history.saved
        if saved is None or evaluation.mean < saved.mean:
            self.save_model({name: np.asarray(weight) for name, weight in self.state.weights.items()}, evaluation)
            self.history.saved = evaluation
        if recorded:
            self.history.evaluations.append(evaluation)
            self._losses = []
        return evaluation

    def _is_evaluation_due(self) -> bool:
        """Whether an evaluation is due at this step, and not yet recorded."""
        step, evaluations = self.state.step, self.history.evaluations
        due = step > 0 and (step % self.evaluation_steps == 0 or step == self.steps)
        return due and not (evaluations and evaluations[-1].step == step)

    def _end_reason(self) -> str:
        """Why training ends at this step; empty where it does not."""
        if self.state.step >= self.steps:
            return "epochs"
        patience = self.settings.patience
        return "patience" if patience and self.history.since_best >= patience else ""
