"""Spreading one study over workers: start them, show what they do, replace those that are lost."""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell
from seedbed.comparison.run import Progress, groups_of
from seedbed.comparison.search.run import count_trials
from seedbed.config.chosen_launcher import chosen_launcher, without_launching
from seedbed.config.hidden_settings import VARIABLE, hidden
from seedbed.config.schema import ADDRESSES
from seedbed.errors import UNAVAILABLE, InputError, StoreUnavailableError
from seedbed.launching.engine import Engine, Worker
from seedbed.launching.launchers import Launcher
from seedbed.launching.orders import Order, WorkerFiles
from seedbed.launching.resources import passed_on
from seedbed.launching.supervising import Ended
from seedbed.stages import stage
from seedbed.studies.display import WorkersListener
from seedbed.studies.run import StudyRun
from seedbed.tracking.holders import NAME
from seedbed.tracking.spooling import deliver_first, sync_command

MODULE = "seedbed.cli.worker"
STARTS = 3
"""How often a worker is started that was killed or lost, before its groups are left to the others."""
POLL_S = 0.2
LINGER_S = 30.0
"""Seconds for others to end after a worker that found nothing left; Ray notices after 7 minutes that one is lost."""
BAD_INPUT = 2
"""The exit code of a worker that refused what it was given: it would refuse it again."""


@dataclass(frozen=True)
class Spread:
    """How a study is spread: by which launcher, on how many workers, and the words that each composes it from.

    ``single``: a study of one arm, as of ``seedbed run``.
    """

    launcher: Launcher
    workers: int | None
    settings: tuple[str, ...]
    config_dir: str | None
    single: bool

    def __call__(self, run: StudyRun) -> Progress:
        """Train the missing cells of a study on workers; see `train_on_workers`."""
        return train_on_workers(run, self)

    @classmethod
    def of(
        cls, settings: Sequence[str], config_dir: str | None, workers: int | None, single: bool = False
    ) -> "Spread | None":
        """Return how these words ask a study to be spread; None for not at all. Raises InputError."""
        launcher = chosen_launcher(settings, config_dir)
        if launcher.name == "basic" and (workers or 1) == 1:
            return None
        launcher.refuse()
        plain = tuple(without_launching(settings))
        return cls(launcher, workers, plain, config_dir, single)


def train_on_workers(run: StudyRun, spread: Spread) -> Progress:
    """Train the missing cells of a study on workers, which share its groups. Raises InputError.

    A worker that is killed or lost is started again, `STARTS` times at most; what is left then is said. Workers whose
    store does not answer train on and keep what they trained on their machines; then StoreUnavailableError says so.
    """
    device = run.study.keys.device
    number = spread.launcher.workers(spread.workers, _most_at_once(run), device)
    files = WorkerFiles(run.folder / "workers")
    files.clear()
    with stage("start"):
        engine = spread.launcher.engine(run.study.keys.name)
    orders = _orders(run, spread, number)
    run.display.log(f"{number} worker{'s' * (number != 1)} ({spread.launcher.name}); their logs: {files.folder}")
    progress = Progress(n_finished=len(run.plan.requested) - len(run.todo))
    searched = [planned for planned in run.todo if planned.default is not None]
    known = run.searches.known(searched) if searched and not run.study.keys.force else {}
    try:
        with run.display.workers(len(run.todo) + count_trials(run.plan, searched, known)) as shown:
            team = Team(files, shown, progress)
            with team.running(engine, orders):
                team.watch(lambda: not _left(run))
    except KeyboardInterrupt:
        with stage("write"):
            cells = [] if run.leases.others() else [planned.cell for planned in _left(run)]
            run.writer.write_group(cells, [Outcome("interrupted")] * len(cells), run.parent, run.tags)
        raise
    try:
        deliver_first(run.store, run.display.log)
        left = _left(run)
    except StoreUnavailableError as error:
        raise StoreUnavailableError(f"{error}; {_kept(run)}") from error
    if left and team.away:
        raise StoreUnavailableError(f"{len(left)} cells are not in the store: {_kept(run)}")
    if team.lost and len(left) == len(run.todo):
        number, why = next(iter(team.lost.items()))
        raise InputError(f"no worker has trained anything: worker {number} {why} (its log: {files.log(number)})")
    if left:
        run.display.log(_left_over(left, team.lost))
    return progress


def _kept(run: StudyRun) -> str:
    """Return what to do where the store did not answer the workers."""
    return (
        "what workers trained meanwhile is kept on their machines, and there is no report yet: when the store answers, "
        f"type `{sync_command(run.store)}` on each, then the same command again"
    )


def _left(run: StudyRun) -> list[PlannedCell]:
    """Return the cells that are neither finished nor failed since the study was started."""
    settled = run.settled_since(_keys(run.todo))
    return [planned for planned in run.todo if planned.cell.cell not in settled]


def _most_at_once(run: StudyRun) -> int:
    """Return how many workers have something to do at once: arms are trained as they are, then they are searched."""
    searched = {(p.cell.arm, p.cell.n_train, p.cell.setting) for p in run.todo if p.default is not None}
    return max(len(groups_of(run.plan, run.todo)), len(searched))


class Team:
    """The workers of one study, with what they told so far. ``away``: whether one ended as the store did not answer."""

    def __init__(self, files: WorkerFiles, shown: WorkersListener, progress: Progress) -> None:
        self.files, self.shown, self.progress = files, shown, progress
        self.orders: dict[int, Order] = {}
        self.workers: dict[int, Worker] = {}
        self.starts: Counter[int] = Counter()
        self.lost: dict[int, str] = {}
        self.away = False

    @contextmanager
    def running(self, engine: Engine, orders: Sequence[Order]) -> Iterator[None]:
        """Start the workers; stop those that still run at the end, also after Ctrl-C."""
        try:
            with engine as self.launch:
                try:
                    for order in orders:
                        self._start(order)
                    yield
                finally:
                    self._stop()
        finally:
            self._listen()
            self.files.forget_events()

    def watch(self, is_done: Callable[[], bool]) -> None:
        """Wait until all workers have ended, or the study has. InputError where one refuses its task.

        ``is_done``: whether no cell is left. Workers that then do not end by themselves are those of a machine that is
        lost, or jobs in a queue.
        """
        asked = 0.0  # when it was asked last, from the first worker on that has nothing to do any more
        while self.workers:
            self._listen()
            if asked and time.monotonic() - asked > LINGER_S:
                asked = time.monotonic()
                with suppress(StoreUnavailableError):
                    if is_done():
                        for number in self.workers:
                            self.shown.lost(number, f"worker {number} is stopped: no cell is left to train")
                        return
            for number, worker in list(self.workers.items()):
                if (ended := worker.ended()) is None:
                    continue
                del self.workers[number]
                if ended.code == 0:
                    self.shown.ended(number)
                    asked = time.monotonic()
                    continue
                self._listen()
                self._lose(number, ended)
            time.sleep(POLL_S)

    def _start(self, order: Order) -> None:
        self.orders[order.number] = order
        self.starts[order.number] += 1
        self.workers[order.number] = self.launch(order, self.files)

    def _lose(self, number: int, ended: Ended) -> None:
        """Start a lost worker again, unless that was done often enough or its store does not answer."""
        log, why, is_away = self.files.log(number), ended.text, ended.code == UNAVAILABLE
        if ended.code == BAD_INPUT:
            said = self.files.last_line(number).removeprefix("seedbed: ")
            raise InputError(f"worker {number}: {said or why} (its log: {log})")
        if why.startswith("ended") and (said := self.files.last_line(number)):
            why = f"{why}: {said}"
        self.away |= is_away
        again = self.starts[number] < STARTS and not is_away
        self.shown.lost(number, f"worker {number} {why}{'; it is started again' if again else ''} (its log: {log})")
        if again:
            self._start(self.orders[number])
        else:
            self.lost[number] = why

    def _listen(self) -> None:
        """Show what the workers told since the last time, and add it up."""
        for number, event in self.files.new_events():
            if event.get("event") == "ended":
                self.progress.training_seconds += float(event["training_seconds"])
                self.progress.logging_seconds += float(event["logging_seconds"])
            elif event.get("event") == "done":
                self.progress.trained.update(event["statuses"])
                self.shown.told(number, {**event, "log": str(self.files.log(number))})
            else:
                self.shown.told(number, event)

    def _stop(self) -> None:
        """Stop all workers at once."""
        import threading

        stopping = [threading.Thread(target=worker.stop, daemon=True) for worker in self.workers.values()]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()


def _orders(run: StudyRun, spread: Spread, number: int) -> list[Order]:
    """Return the order of each worker."""
    import os

    launcher, device = spread.launcher, run.study.keys.device
    settings, variables = list(spread.settings), passed_on(os.environ)
    if launcher.writes_orders:  # a password is in the environment, which the jobs have too
        settings = hidden(settings, {key: getattr(run.study.tracking, key) for key in ADDRESSES})
        variables = {name: value for name, value in variables.items() if not name.startswith(VARIABLE.format(""))}
    before = {key: run.before[key][1] if key in run.before else "" for key in _keys(run.todo)}
    task: dict[str, Any] = {
        "settings": settings, "config_dir": _absolute(spread.config_dir), "single": spread.single,
        "parent": run.parent, "cells": before, "of": number, "output": str(run.folder),
        "started_on": platform.node(),
    }  # fmt: skip
    one = Order(0, MODULE, os.getcwd(), task, variables, cores=launcher.cores_each(number))
    return [
        replace(
            one, number=n, task={**task, "number": n},
            environment={**place, NAME: f"worker {n}", "PYTHONUNBUFFERED": "1"},
        )
        for n, place in enumerate(launcher.places(number, device), 1)
    ]  # fmt: skip


def _absolute(config_dir: str | None) -> str | None:
    return str(Path(config_dir).resolve()) if config_dir else None


def _keys(cells: Sequence[PlannedCell]) -> list[str]:
    return [planned.cell.cell for planned in cells]


def _left_over(left: Sequence[PlannedCell], lost: Mapping[int, str]) -> str:
    """Return the line about cells that no worker has trained."""
    names = ", ".join(dict.fromkeys(f"{p.cell.arm} at n={p.cell.n_train}" for p in left))
    why = "; ".join(f"worker {number} {text}" for number, text in lost.items())
    return (
        f"{len(left)} cell{'s' * (len(left) != 1)} not trained: {names}" + (f" ({why})" if why else "")
        + ": the same command trains them"
    )  # fmt: skip
