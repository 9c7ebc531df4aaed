"""Search the settings of each arm at each size inside each replicate, and train what was chosen."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from seedbed.cells import Cell, Outcome, Row, Status
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import Plan, PlannedCell, examples_of
from seedbed.comparison.run import CellWriter, Listener, Progress
from seedbed.comparison.search.announcement import announcement
from seedbed.comparison.search.audit import audit, left_to_audit
from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.proposals import most_trials, propose, search_seed
from seedbed.comparison.search.pruning import Member, Pruner
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.shapes import groups_of_shapes, members_at_once
from seedbed.comparison.search.trials import Trial
from seedbed.comparison.sharing import Alone
from seedbed.errors import InputError, StoreUnavailableError
from seedbed.stages import stage
from seedbed.tracking.retrying import at_once
from seedbed.tracking.settings import Recorded


class SearchStore(Protocol):
    """Keeps the trials of searches, as `seedbed.tracking.searches.Searches` does."""

    def start(self, fingerprint: str, cell: Cell, parent: str | None, tags: Mapping[str, str]) -> str:
        """Return the id of the run of a new search."""

    def resume(self, run: str, tags: Mapping[str, str]) -> None:
        """Mark the run of a search as running again, of the worker in these tags."""

    def keep(self, run: str, trials: bytes, metric: str, scores: Mapping[int, float]) -> None:
        """Write the file of all trials of a search, and the scores of new ones by number."""

    def finish(self, run: str, status: Status) -> None:
        """Close the run of a search."""


Known = Mapping[str, tuple[str, list[Trial]]]
"""By fingerprint of a search, the id of its run and its trials."""


def count_trials(plan: Plan, todo: Sequence[PlannedCell], known: Known = MappingProxyType({})) -> int:
    """Return the number of trials that the searches of these cells train at most, besides the ``known`` ones."""
    arms = {planned.search: planned.cell.arm for planned in todo}
    if not plan.tune:
        return 0
    there = {search: len(trials) for search, (_, trials) in known.items()}
    most = {arm: most_trials(plan.spaces[arm], plan.tune) for arm in arms.values()}
    # Searches of older versions repeated the settings of a small space.
    return sum(max(0, most[arm] - max(there.get(key, 0), 1)) for key, arm in arms.items())


@dataclass
class SearchRun:
    """Trains the ``tuned`` and ``refit`` cells of a plan, one arm at one size after the other.

    ``defaults``: the finished and failed rows of the arms as they are, by fingerprint. ``known``: by fingerprint of a
    search, its run and the trials in the store, which are not trained again. ``cells``, ``searches``: where they are
    written. ``sharing``: with other processes; ``known_now`` reads the searches of cells that one of them has begun.
    """

    plan: Plan
    defaults: Mapping[str, Row]
    known: Known
    cells: CellWriter
    searches: SearchStore
    parent: str | None
    tags: Mapping[str, str]
    listener: Listener
    log: Callable[[str], None]
    recorded: Recorded | None = None
    progress: Progress = field(default_factory=Progress)
    sharing: Alone = field(default_factory=Alone)
    known_now: Callable[[Sequence[PlannedCell]], Known] | None = None

    @property
    def tune(self) -> Tune:
        """How arms are searched."""
        assert self.plan.tune is not None
        return self.plan.tune

    @property
    def is_pruned(self) -> bool:
        """Whether trials are compared while they train."""
        return self.tune.prune != "none"

    def complete(self, todo: Sequence[PlannedCell]) -> Progress:
        """Search and train these cells. At Ctrl-C unfinished searches and cells are written as interrupted."""
        unfinished = {planned.cell.cell: planned for planned in todo}

        def mark_finished(cells: Sequence[PlannedCell]) -> None:
            for planned in cells:
                unfinished.pop(planned.cell.cell, None)

        def trained_elsewhere(cells: Sequence[PlannedCell]) -> None:
            mark_finished(cells)
            self._count_elsewhere(cells)

        for cells in self.sharing.groups(_by_arm_and_size(todo), lambda: None, trained_elsewhere):
            searches: dict[str, Search] = {}
            try:
                if self.known_now and self.sharing.taken_over(cells):
                    self.known = {**self.known, **self.known_now(cells)}
                self._open(cells, searches)
                shared: dict[str, object] = {"ids": examples_of(cells), "caches": {}}
                self._run_trials(searches, shared)
                self._train_chosen(cells, searches, shared)
            except BaseException as error:
                self._close(searches.values(), error)
                if isinstance(error, KeyboardInterrupt):
                    left = self.sharing.interrupted(list(unfinished.values()), cells)
                    self._write(left, [Outcome("interrupted")] * len(left))
                raise
            mark_finished(cells)
        return self.progress

    def _close(self, searches: Iterable[Search], error: BaseException) -> None:
        """Close the runs of searches that an error ends; the error is what is raised, whatever the store says."""
        status: Status = "interrupted" if isinstance(error, KeyboardInterrupt | StoreUnavailableError) else "failed"
        for run in [search.run for search in searches if search.run]:
            with suppress(InputError), at_once():
                self.searches.finish(run, status)

    def count_audit(self, tuned: Sequence[PlannedCell]) -> int:
        """Return the number of trials that `audit` trains again."""
        return sum(len(left_to_audit(self._search(planned))) for planned in tuned)

    def audit(self, tuned: Sequence[PlannedCell]) -> Iterator[tuple[PlannedCell, bytes]]:
        """Yield the test scores of the trials of each search, as a file, for these cells that were trained before."""
        for cells in _by_arm_and_size(tuned):
            ids = examples_of(cells)
            searches = [self._search(planned) for planned in cells]
            files = audit(searches, lambda group, ids=ids: self._train_again(group, ids))  # type: ignore[misc]
            yield from zip(cells, files, strict=True)

    def _open(self, cells: Sequence[PlannedCell], searches: dict[str, Search]) -> None:
        """Add the search of each replicate by its fingerprint, with the trials that are in the store."""
        for planned in {planned.search: planned for planned in cells}.values():
            searches[planned.search] = search = self._search(planned)
            with self._writing():
                if search.run:
                    self.searches.resume(search.run, self.tags)
                else:
                    search.run = self.searches.start(planned.search, planned.cell, self.parent, self.tags)
            if not search.trials:
                self._keep(search, [search.default_trial(self._default_of(planned))])

    def _default_of(self, planned: PlannedCell) -> Row:
        """Return the row of the default. InputError where the store has none: a failed trial 0 is for good."""
        assert planned.default is not None
        row = self.defaults.get(planned.default.cell.cell)
        if row is None:
            cell = planned.default.cell
            raise InputError(
                f"tune={self.tune.method}: arm {cell.arm}, n={cell.n_train}, replicate {cell.replicate}: the "
                "default, trial 0 of the search, is not in the store; repeat the command"
            )
        return row

    def _search(self, planned: PlannedCell) -> Search:
        """Return the search of a cell, with its run and trials in the store if any."""
        cell = planned.cell
        seed = search_seed(self.tune, cell.init_seed, cell.data_seed, cell.setting)
        run, trials = self.known.get(planned.search, ("", []))
        return Search(planned, self.plan.spaces[cell.arm], self.tune, seed, run, list(trials))

    def _run_trials(self, searches: Mapping[str, Search], shared: Mapping[str, object]) -> None:
        """Train all trials that are left, in batches of all replicates.

        ``shared``: keywords of `train_cells` for all groups.
        """
        announced = False
        while True:
            with stage("plan"):
                planned: list[tuple[Search, Trial, PlannedCell]] = []
                for search in searches.values():
                    values = propose(search.space, self.tune, search.seed, search.trials)
                    trials = [Trial(number, own) for number, own in enumerate(values, len(search.trials))]
                    planned += [(search, trial, search.trial_cell(trial)) for trial in trials]
            if not planned:
                return
            if not announced:
                self.log(announcement(searches.values(), self._members_at_once(searches), len(planned)))
                announced = True
            origin = {id(cell): (search, trial) for search, trial, cell in planned}
            done: dict[str, dict[int, Trial]] = {key: {} for key in searches}
            batch = Counter(search.planned.search for search, *_ in planned)
            waiting = 0
            most, space = self._members_at_once(searches), planned[0][0].space
            pruner = Pruner(self.tune.prune, space.metric, space.lower_is_better) if self.is_pruned else None
            for group in groups_of_shapes([cell for *_, cell in planned], most, self.is_pruned):
                trained = [origin[id(cell)] for cell in group]
                members = [
                    Member(search.planned.search, trial.number, cell.arm.training)
                    for (search, trial), cell in zip(trained, group, strict=True)
                ]
                leave = pruner.group(members) if pruner else None
                outcomes = self._train(group, **shared, leave=leave)
                for place, ((search, trial), outcome) in enumerate(zip(trained, outcomes, strict=True)):
                    is_pruned = leave is not None and place in leave.pruned
                    done[search.planned.search][trial.number] = search.after(trial, outcome, is_pruned)
                for key, search in searches.items():
                    if not self.is_pruned or len(done[key]) == batch[key]:  # else they would race anew in parts
                        self._keep(search, _following(search, done[key]))
                waiting += 1
                if all(number < len(searches[key].trials) for key, own in done.items() for number in own):
                    for _ in range(waiting):
                        self.listener.group_stored()
                    waiting = 0

    def _train_chosen(
        self, cells: Sequence[PlannedCell], searches: Mapping[str, Search], shared: Mapping[str, object]
    ) -> None:
        """Train the chosen settings of each replicate with test scores, and write these cells."""
        chosen = [searches[planned.search].chosen_cell(planned) for planned in cells]
        for group in groups_of_shapes(chosen, self._members_at_once(searches)):
            outcomes = self._train(group, **shared, **(self.recorded or {}))
            with self._writing(), self.sharing.writing(group, outcomes, self._count_elsewhere) as kept:
                own = [searches[planned.search].chosen_outcome(outcome) for planned, outcome in kept]
                self.progress.runs += self._write([planned for planned, _ in kept], own)
                self.progress.trained.update(outcome.status for outcome in own)
            self.listener.group_stored()
        for search in searches.values():
            with self._writing():
                self.searches.finish(search.run, "finished")

    def _count_elsewhere(self, cells: Sequence[PlannedCell]) -> None:
        self.progress.elsewhere += len(cells)
        self.listener.elsewhere(cells, count_trials(self.plan, cells, self.known))

    def _write(self, cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> list[str]:
        return self.cells.write_group([planned.cell for planned in cells], outcomes, self.parent, self.tags)

    def _train(self, group: Sequence[PlannedCell], **options: object) -> list[Outcome]:
        self.listener.group(group)
        started = time.perf_counter()
        with stage("step"):
            outcomes = train_cells(group, self.listener.epoch, on_embedded=self.listener.embedded, **options)  # type: ignore[arg-type]
        self.progress.training_seconds += time.perf_counter() - started
        self.listener.group_done(outcomes)
        return outcomes

    def _train_again(self, group: Sequence[PlannedCell], ids: Sequence[str]) -> list[Outcome]:
        """Train trials whose scores are written when all of a search are there."""
        outcomes = self._train(group, ids=ids)
        self.listener.group_stored()
        return outcomes

    def _keep(self, search: Search, new: Sequence[Trial]) -> None:
        """Add trials to a search, and write them."""
        if new:
            search.trials += new
            metric = search.space.metric
            scores = {trial.number: trial.scores[metric] for trial in new if metric in trial.scores}
            with self._writing():
                self.searches.keep(search.run, search.content, metric, scores)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        started = time.perf_counter()
        with stage("write"):
            yield
        self.progress.logging_seconds += time.perf_counter() - started

    def _members_at_once(self, searches: Mapping[str, Search]) -> int | None:
        return members_at_once(next(iter(searches.values())).planned, self.is_pruned)


def _by_arm_and_size(todo: Sequence[PlannedCell]) -> list[tuple[PlannedCell, ...]]:
    """Return the cells of each arm and size; those of a second search apart: trials are pruned within one search."""
    groups: dict[tuple[str, int, str], list[PlannedCell]] = {}
    for planned in todo:
        cell = planned.cell
        number = "tuned" if cell.setting == "refit" else cell.setting
        groups.setdefault((cell.arm, cell.n_train, number), []).append(planned)
    return [tuple(cells) for cells in groups.values()]


def _following(search: Search, done: Mapping[int, Trial]) -> list[Trial]:
    """Return the trials that follow those kept so far without a gap: groups do not train in the order of trials."""
    new: list[Trial] = []
    while (number := len(search.trials) + len(new)) in done:
        new.append(done[number])
    return new
