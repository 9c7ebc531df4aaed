"""A store in memory of cells and searches, which can fail as a process that is killed does, and searches into it."""

import json
from dataclasses import dataclass, field, replace
from types import MappingProxyType, SimpleNamespace
from typing import ClassVar

import pytest

from seedbed.comparison.plan import plan
from seedbed.comparison.run import missing, run_missing
from seedbed.comparison.search.run import SearchRun
from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.trials import from_json
from seedbed.config.study import study


class KilledError(Exception):
    """Stands for the end of the process."""


@dataclass
class Memory:
    """What `SearchRun` asks of the stores of cells and of searches; ``kill_at``: the number of a call of ``keep``."""

    cells: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    latest: dict = field(default_factory=dict)
    status: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)
    kept: int = 0
    written: int = 0
    kill_at: int | None = None
    killed: ClassVar = KilledError

    def write_group(self, cells, outcomes, parent, tags):
        self.written += len(cells)
        self.cells |= {cell.cell: (cell, outcome) for cell, outcome in zip(cells, outcomes, strict=True)}
        return [cell.cell for cell in cells]

    def start(self, fingerprint, cell, parent, tags):
        run = f"search {len(self.files)}"
        self.files[run], self.latest[fingerprint] = b"[]", run
        return run

    def resume(self, run, tags):
        self.status[run] = "running"

    def keep(self, run, trials, metric, scores):
        if self.kept == self.kill_at:
            raise KilledError
        self.kept += 1
        self.files[run] = trials

    def finish(self, run, status):
        self.status[run] = status

    def rows(self, *statuses):
        done = {key: outcome for key, (_, outcome) in self.cells.items() if outcome.status in ("finished", *statuses)}
        return {
            key: {"status": outcome.status, "epochs": outcome.epochs, "best_epoch": outcome.best_epoch,
                  "seconds": outcome.seconds, "energy_j": outcome.energy_j, **outcome.metrics}
            for key, outcome in done.items()
        }  # fmt: skip

    def known(self):
        found = {key: (run, json.loads(self.files[run])) for key, run in self.latest.items()}
        return {key: (run, from_json(content)) for key, (run, content) in found.items() if content}

    def run(self, plan, force=False):
        """Train what is missing, as a study does."""
        todo = missing(plan, {} if force else self.rows())
        listener = SimpleNamespace(**dict.fromkeys(("embedded", "epoch", "group_done"), lambda value: None))
        groups, said = [], []
        before = self.n_kept()

        def group_stored():
            said.append(groups[len(said)])
            assert sum(said) <= self.n_kept() - before

        listener.group, listener.group_stored = lambda cells: groups.append(len(cells)), group_stored
        run_missing(plan, [p for p in todo if p.default is None], self, None, {}, listener)
        known = {} if force else self.known()
        search = SearchRun(plan, self.rows("failed"), known, self, self, None, {}, listener, self.lines.append)
        progress = search.complete([p for p in todo if p.default is not None])
        assert said == groups
        return progress

    def n_kept(self):
        """How often something was written: cells, and trials that are no cells."""
        trials = [from_json(json.loads(file)) for file in self.files.values() if json.loads(file)]
        return self.written + sum(len(own) - 1 for own in trials)

    def trials(self, plan):
        """The trials of each search, and what was chosen: what must be the same however often it was killed."""
        found = {}
        for planned in plan.requested:
            if planned.search:
                trials = self.known()[planned.search][1]
                cell, outcome = self.cells[planned.cell.cell]
                found[planned.cell.arm, planned.cell.n_train, planned.cell.replicate, cell.setting] = (
                    [(t.number, dict(t.values), dict(t.scores), t.epochs, t.status) for t in trials],
                    cell.settings.get("tune.trial"), dict(outcome.metrics),
                )  # fmt: skip
        return found


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def memories():
    """A new store at every call."""
    return Memory


@pytest.fixture(scope="session")
def base(reviews):
    """A study with an arm of each kind of encoder, all small."""
    names = ("cnn", "bilstm", "pool", "mlp_probe", "probe", "knn")
    arms = ", ".join([f"{name}: [encoder={name}]" for name in names] + ["elmo: [encoder=pool, embedding=elmo_reviews]"])
    return study([
        "dataset=csv", f"dataset.files.train={reviews}", "task=classification", "embedding.dim=6", "sampling=fewshot",
        "sampling.strategy=stratified", "sampling.validation=10", "sampling.test=20", f"arms={{{arms}}}",
        "dataset.held_out={test: 0.2, validation: 0.1}", "training=default",
    ])  # fmt: skip


SMALL = {"cnn": {"filters": 4, "dropout": 0.2, "output_dropout": 0.1}, "pool": {"dropout": 0.2},
         "bilstm": {"units": 3, "dropout": 0.2, "recurrent_dropout": 0.1, "output_dropout": 0.1},
         "mlp_probe": {"hidden": 4, "dropout": 0.2}, "probe": {}, "knn": {}, "elmo": {"dropout": 0.2}}  # fmt: skip


@pytest.fixture
def searches(base):
    """The plan of a search of some arms; ``training``, ``task``, ``keys``: other settings of these."""

    def made(*names, training=MappingProxyType({}), task=MappingProxyType({}), keys=MappingProxyType({}), **tune):
        arms = []
        for arm in (arm for arm in base.arms if arm.name in names):
            own = replace(arm.training, **{"epochs": 3, "batch_size": 4, "learning_rate": 0.02, **training})
            encoder = replace(arm.encoder, **SMALL[arm.name])
            arms.append(replace(arm, training=own, encoder=encoder, task=replace(arm.task, **task)))
        own_keys = replace(base.keys, **{"sizes": [6], "replicates": 2, **keys})
        return plan(replace(base, arms=tuple(arms), keys=own_keys, tune=Tune(**tune)))

    made.memory = Memory
    return made
