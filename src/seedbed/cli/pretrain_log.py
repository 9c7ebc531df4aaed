"""What ``seedbed pretrain`` logs: one run for all sessions of a training, which goes on where the store fails."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seedbed.errors import one_line
from seedbed.files import write_whole
from seedbed.pretraining import card
from seedbed.pretraining.history import Looked, Report
from seedbed.tracking.environment import environment_tags
from seedbed.tracking.mlflow_env import single_attempt
from seedbed.tracking.opening import open_store, preload
from seedbed.tracking.pretrainings import Point, PretrainingRun, points
from seedbed.tracking.store_checks import usable_location

FILE = "run.json"
"""In the folder of the model: which run is the training's."""

EVERY_S = 10.0
"""Between two points of the training loss."""

AGAIN_S = 300.0
"""A store that failed is not tried again before; each try may cost ten seconds of training."""

ENDED = {"epochs": "done", "patience": "done", "time": "time limit"}


def ask_store(tracking: Any) -> Callable[[], None]:
    """Raises InputError where the store cannot be written. MLflow is imported until what is returned is called."""
    if tracking is None:
        return lambda: None
    usable_location(tracking)
    importing = preload()
    if tracking.database is None:
        open_store(tracking)
    return importing.join


class TrainingLog:
    """Hears how far a training is, and writes it to its ``run``; nothing where that is None.

    ``say`` is called once, when the store fails for the first time: nothing that is raised here ends a training. What
    was not written is tried again.
    """

    def __init__(self, run: PretrainingRun | None, training: Any, folder: Path, say: Callable[[str], None]) -> None:
        self.run, self._training, self._folder, self._say = run, training, folder, say
        self._pending: list[Point] = []
        self._mark: tuple[int, float] | None = None  # words and time from which the speed is counted
        self._next_point = self._next_write = 0.0
        self._failed = self._over = False

    def looks(self, looks: list[Looked]) -> None:
        """Those of sessions before: what the store had not got of them."""
        for look in looks:
            self._add(of_look(look), look.words)

    def hear(self, report: Report) -> None:
        """Take in how far it is."""
        if self.run is None:
            return
        now = time.monotonic()
        if report.looked:
            self._add(of_look(report.looked), report.words)
        elif now >= self._next_point:
            self._next_point = now + EVERY_S
            rate = self._training.rate(report.step, report.steps)
            self._add({"train/loss": report.loss, "train/learning_rate": rate} | self._speed(report.words, now),
                      report.words)  # fmt: skip
        if now >= self._next_write:
            with single_attempt():
                self._next_write = now + (EVERY_S if self._try(self._write) else AGAIN_S)
        if report.looked or self._mark is None:
            self._mark = report.words, time.monotonic()

    @contextmanager
    def closing(self) -> Iterator[None]:
        """What ends here in another way than `done` is interrupted, or failed by what is raised."""
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
        """The training ended, and its card is written."""
        if self.run is None:
            return
        said = json.loads((self._folder / card.CARD).read_bytes())
        self._add(of_card(said), words)
        note = card.text_of(said).partition("\nThe recipe:")[0]
        self._end(ENDED[ended], files=[self._folder / card.README, self._folder / card.CARD], note=note)

    def _speed(self, words: int, now: float) -> dict[str, float]:
        """Words a second since the last point, without the time of looks."""
        before, self._mark = self._mark, (words, now)
        return {"train/words_a_second": (words - before[0]) / max(now - before[1], 1e-9)} if before else {}

    def _add(self, values: Mapping[str, float], words: int) -> None:
        self._pending += points({name: value for name, value in values.items() if not math.isnan(value)}, words)

    def _write(self) -> None:
        self.run.log(self._pending)
        self._pending = []

    def _end(self, ended: str, **said: Any) -> None:
        if self.run is None or self._over:
            return
        self._over = True
        if self._try(self._write):
            self._try(lambda: self.run.end(ended, **said))

    def _try(self, write: Callable[[], None]) -> bool:
        """Whether it was done. Whatever a store raises, hours of training are worth more."""
        try:
            write()
        except Exception as error:
            if not self._failed:
                self._say(f"{one_line(error)}; the training goes on, and what is not logged is tried again")
            self._failed = True
            return False
        return True


def begun(asked: Any, ready: Any, trainer: Any, device: str, say: Callable[[str], None]) -> TrainingLog:
    """The log of a training that is about to begin or to go on. Raises InputError where the store cannot be written."""
    folder = ready.job.output
    if asked.tracking is None:
        return TrainingLog(None, ready.job.training, folder, say)
    store = open_store(asked.tracking)
    name = f"pretrain {folder.name}"
    tags = environment_tags(device) | {"seedbed.name": name, "seedbed.output": str(folder)}
    digest = hashlib.sha256(json.dumps(trainer.recipe, sort_keys=True).encode()).hexdigest()
    known = {"store": asked.tracking.shown_address, "recipe": digest}
    run, run_id = None, _run_before(folder / FILE, known)
    if run_id:  # without a checkpoint, only a training that was killed goes on
        run = PretrainingRun.resume(store, run_id, tags, unended=not trainer.now.step)
    if run is None:
        run = PretrainingRun.start(store, name, params(asked, ready, trainer.recipe), tags)
        write_whole(folder / FILE, json.dumps(known | {"run": run.id}, indent=1).encode())
    log = TrainingLog(run, ready.job.training, folder, say)
    log.looks(trainer.history.looks)
    return log


def _run_before(file: Path, known: Mapping[str, str]) -> str:
    """The id of the run that a file names, if it is of this store and this recipe."""
    try:
        there = json.loads(file.read_bytes())
        return str(there["run"]) if all(there[key] == known[key] for key in known) else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def params(asked: Any, ready: Any, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, sizes of the text, and the recipe, each by one name."""
    job = ready.job
    sizes = {"train": ready.shards.train, "held_out": ready.shards.held_out}
    own = {
        "experiment": asked.recipe, "size": job.size or ("" if job.begin else "small"), "stored": job.stored,
        "min_count": job.words.min_count, "held_out": job.words.held_out, "vocabulary": len(ready.words),
        "excluded": len(job.source.excluded()),
    }  # fmt: skip
    texts = {name: {key: getattr(part, key) for key in ("documents", "sentences", "tokens")}
             for name, part in sizes.items()}  # fmt: skip
    found = own | dict(_flat(texts)) | dict(_flat(recipe))
    return {name: value for name, value in found.items() if value != ""}


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def of_look(look: Looked) -> dict[str, float]:
    """The metrics of a look at held-out text."""
    return {"perplexity/forward": look.forward, "perplexity/backward": look.backward, "perplexity/mean": look.mean,
            "train/loss_between_looks": look.loss}  # fmt: skip


def of_card(said: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of the whole: those of the weights that are kept, and the time."""
    kept = said["best"] or {}
    best = {f"best/{key}": kept[key] for key in ("forward", "backward", "mean", "words") if key in kept}
    return best | {"seconds": said["seconds"], "words_a_second": said["words_a_second"]}
