"""The MLflow run of a pretraining: one for all its sessions; training continues where the store fails."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.errors import InputError, one_line
from seedbed.files import write_whole
from seedbed.pretraining import card
from seedbed.pretraining.job import PreparedJob
from seedbed.pretraining.progress import HeldOutEvaluation, ProgressReport
from seedbed.pretraining.settings import Training
from seedbed.pretraining.trainer import Trainer
from seedbed.readable import read_json
from seedbed.tracking.environment import environment_tags
from seedbed.tracking.mlflow_env import single_attempt
from seedbed.tracking.mlflow_import import preload
from seedbed.tracking.opening import open_store
from seedbed.tracking.pretrainings import Point, PretrainingRun, points
from seedbed.tracking.settings import Tracking
from seedbed.tracking.store_checks import usable_location

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

FILE = "run.json"
"""In the folder of the model: the id of the run."""

POINT_S = 10.0
"""Between two points of the training loss, and between two writes."""

RETRY_S = 300.0
"""After a failure of the store: each try may cost ten seconds of training."""

ENDED = {"epochs": "done", "patience": "done", "time": "time limit"}


def check_store(tracking: Tracking | None) -> Callable[[], None]:
    """Raise InputError where the store cannot be written; return a function that waits for the import of MLflow."""
    if tracking is None:
        return lambda: None
    usable_location(tracking)
    importing = preload()
    if tracking.database is None:
        open_store(tracking)
    return importing.join


class TrainingLog:
    """Writes the progress of a training to ``run``; nothing where that is None.

    ``log`` is called once, when the store fails for the first time: nothing raised here ends a training. Points that
    could not be written are tried again.
    """

    def __init__(
        self, run: PretrainingRun | None, training: Training, folder: Path, log: Callable[[str], None]
    ) -> None:
        self.run, self._training, self._folder, self._log = run, training, folder, log
        self._pending: list[Point] = []
        self._last: tuple[int, float] | None = None  # words and time from which the speed is measured
        self._next_point = self._next_write = 0.0
        self._failed = self._ended = False

    def add_evaluations(self, evaluations: Sequence[HeldOutEvaluation]) -> None:
        """Log those of earlier sessions that the store lacks."""
        for evaluation in evaluations:
            self._add(evaluation_metrics(evaluation), evaluation.words)

    def on_progress(self, report: ProgressReport) -> None:
        """Log the progress."""
        if self.run is None:
            return
        now = time.monotonic()
        if report.evaluation:
            self._add(evaluation_metrics(report.evaluation), report.words)
        elif now >= self._next_point:
            self._next_point = now + POINT_S
            rate = self._training.rate(report.step, report.steps)
            self._add({"train/loss": report.loss, "train/learning_rate": rate} | self._speed(report.words, now),
                      report.words)  # fmt: skip
        if now >= self._next_write:
            with single_attempt():
                self._next_write = now + (POINT_S if self._try(self._write) else RETRY_S)
        if report.evaluation or self._last is None:
            self._last = report.words, time.monotonic()

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Mark the run as interrupted or failed where its session ends with an exception."""
        try:
            yield
        except KeyboardInterrupt:
            with single_attempt():
                self._end("interrupted")
            raise
        except BaseException as error:
            self._end("failed", error=one_line(error) or type(error).__name__)
            raise

    def done(self, ended: str, words: int) -> None:
        """End the run of a session that has written its card; ``ended``: a key of ``card.ENDS``."""
        if self.run is None:
            return
        content: card.Card = json.loads((self._folder / card.CARD).read_bytes())
        self._add(card_metrics(content), words)
        note = card.to_markdown(content).partition("\nThe recipe:")[0]
        self._end(ENDED[ended], [self._folder / card.README, self._folder / card.CARD], note)

    def _speed(self, words: int, now: float) -> dict[str, float]:
        """Words a second since the last point, without the time of evaluations."""
        before, self._last = self._last, (words, now)
        return {"train/words_a_second": (words - before[0]) / max(now - before[1], 1e-9)} if before else {}

    def _add(self, values: Mapping[str, float], words: int) -> None:
        self._pending += points({name: value for name, value in values.items() if not math.isnan(value)}, words)

    def _write(self) -> None:
        if self.run:
            self.run.log(self._pending)
        self._pending = []

    def _end(self, ended: str, files: Sequence[Path] = (), note: str = "", error: str = "") -> None:
        run = self.run
        if run is None or self._ended:
            return
        self._ended = True
        if self._try(self._write):
            self._try(lambda: run.end(ended, files, note, error))

    def _try(self, write: Callable[[], None]) -> bool:
        """Whether ``write`` succeeded. No error of a store is worth hours of training."""
        try:
            write()
        except Exception as error:
            if not self._failed:
                self._log(f"{one_line(error)}; the training continues, and unlogged metrics are tried again")
            self._failed = True
            return False
        return True


def open_log(
    tracking: Tracking | None, experiment: str, prepared: PreparedJob, trainer: Trainer, device: str,
    log: Callable[[str], None],
) -> TrainingLog:  # fmt: skip
    """Return the log of a training that starts or continues. Raises InputError where the store cannot be written."""
    folder = prepared.job.output
    if tracking is None:
        return TrainingLog(None, prepared.job.training, folder, log)
    store: Store = open_store(tracking)
    name = f"pretrain {folder.name}"
    tags = environment_tags(device) | {"seedbed.name": name, "seedbed.output": str(folder)}
    digest = hashlib.sha256(json.dumps(trainer.recipe, sort_keys=True).encode()).hexdigest()
    known = {"store": tracking.shown_address, "recipe": digest}
    run, run_id = None, _run_id(folder / FILE, known)
    if run_id:  # without a checkpoint, only the run of a killed process is continued
        run = PretrainingRun.resume(store, run_id, tags, unended=not trainer.state.step)
    if run is None:
        run = PretrainingRun.start(store, name, params(experiment, prepared, trainer.recipe), tags)
        write_whole(folder / FILE, json.dumps(known | {"run": run.id}, indent=1).encode())
    training_log = TrainingLog(run, prepared.job.training, folder, log)
    training_log.add_evaluations(trainer.history.evaluations)
    return training_log


def _run_id(file: Path, known: Mapping[str, str]) -> str:
    """The id of the run in a file; empty where it is of another store or recipe."""
    try:
        record = read_json(file)
        return str(record["run"]) if all(record[key] == known[key] for key in known) else ""
    except (InputError, KeyError, TypeError):
        return ""


def params(experiment: str, prepared: PreparedJob, recipe: Mapping[str, object]) -> dict[str, object]:
    """Return the settings, the sizes of the text, and the recipe, flattened."""
    job = prepared.job
    settings: dict[str, object] = {
        "experiment": experiment, "size": job.size or ("" if job.init_from else "small"), "stored": job.stored,
        "min_count": job.words.min_count, "held_out": job.words.held_out, "vocabulary": len(prepared.words),
        "excluded": len(job.source.excluded()),
    }  # fmt: skip
    sizes = {
        f"{name}.{key}": getattr(part, key)
        for name, part in (("train", prepared.shards.train), ("held_out", prepared.shards.held_out))
        for key in ("documents", "sentences", "tokens")
    }
    return {name: value for name, value in (settings | sizes | dict(_flat(recipe))).items() if value != ""}


def _flat(tree: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def evaluation_metrics(evaluation: HeldOutEvaluation) -> dict[str, float]:
    """Return the metrics of an evaluation on held-out text."""
    return {
        "perplexity/forward": evaluation.forward, "perplexity/backward": evaluation.backward,
        "perplexity/mean": evaluation.mean, "train/loss_between_looks": evaluation.loss,
    }  # fmt: skip


def card_metrics(content: card.Card) -> dict[str, float]:
    """Return the metrics of the whole training: those of the saved weights, and the time."""
    saved = content["best"] or {}
    best = {f"best/{key}": saved[key] for key in ("forward", "backward", "mean", "words") if key in saved}
    return best | {"seconds": content["seconds"], "words_a_second": content["words_a_second"]}
