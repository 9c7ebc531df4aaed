"""The search of hyperparameters: its time against the default's, against Optuna with plain Keras, memory, overhead.

Searches run as in a study, from programs compiled anew; only the last bench writes to a store.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.__main__ import SAME_STOPPING, said, seconds
from tests.bench.processes import measured

from seedbed.cells import Cell, Outcome, Row, Status
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import Plan, PlannedCell, plan
from seedbed.comparison.search.run import SearchRun
from seedbed.comparison.search.trials import FILE, from_json
from seedbed.config.study import study
from seedbed.studies.display import Silent
from seedbed.tracking.opening import open_store
from seedbed.tracking.searches import Searches
from seedbed.tracking.settings import Tracking
from seedbed.training.programs import forget

BUDGET, VALUES = 32, 64
"""Trials of a search of a trained arm; values of C of a probe."""
CNN = ("experiment=quickstart", "sizes=[200]", "arms={glove_cnn: [embedding=glove,encoder=cnn,"
       "training.learning_rate=0.005,training.epochs=40,training.patience=5]}", "baseline=null")  # fmt: skip
BILSTM = ("experiment=twitter_ner_fewshot", "sizes=[200]", "arms={glove_bilstm: [embedding=glove]}", "baseline=null")
PROBES = {"glove": "embedding=glove", "minilm": "embedding=minilm"}
RATES = "training.learning_rate: log(3e-4,3e-2),encoder.dropout: uniform(0,0.6),encoder.output_dropout: uniform(0,0.6)"
STOCK = {
    "CNN": (CNN, f"tune.space={{{RATES},training.patience: int(3,10)}}", 10),
    "BiLSTM": (BILSTM, f"tune.space={{{RATES},encoder.recurrent_dropout: uniform(0,0.5),training.patience: int(3,10)}}",
               6),
}  # fmt: skip
"""Experiments, a space whose keys stock Keras layers have too, and how many times faster the goal is."""
STOCK_REPLICATES, STOCK_TRIALS = 4, 6
"""Replicates that are searched beside Keras, and how many of their trials Keras trains."""
MEMBERS = (64, 128, 256)
MEMORY_REPLICATES, MEMORY_EPOCHS = 8, 3


@dataclass
class Kept:
    """Cells and searches in memory, in the place of a store."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    trials: dict[str, bytes] = field(default_factory=dict)

    def write_group(
        self, cells: Sequence[Cell], outcomes: Sequence[Outcome], parent: str | None, tags: Mapping[str, str]
    ) -> list[str]:
        """Keep cells."""
        self.outcomes |= {cell.cell: outcome for cell, outcome in zip(cells, outcomes, strict=True)}
        return [cell.cell for cell in cells]

    def chosen(self, run: str) -> int:
        """The number of the trial that a search chose."""
        return int(json.loads(self.trials[run])["chosen"])

    def start(self, fingerprint: str, cell: Cell, parent: str | None, tags: Mapping[str, str]) -> str:
        """The fingerprint is the id."""
        return fingerprint

    def resume(self, run: str, tags: Mapping[str, str]) -> None:
        """Nothing to do."""

    def keep(self, run: str, trials: bytes, metric: str, scores: Mapping[int, float]) -> None:
        """Keep the trials."""
        self.trials[run] = trials

    def finish(self, run: str, status: Status) -> None:
        """Nothing to do."""


def searched(*settings: str) -> tuple[Plan, list[PlannedCell], list[PlannedCell]]:
    """The plan of a study of one arm, its cells as they are, and those that are searched."""
    made = plan(study(settings))
    default = list(made.as_they_are.planned)
    return made, default, [planned for planned in made.planned if planned.cell.setting == "tuned"]


def rows(cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> dict[str, Row]:
    """Finished rows of the store, by fingerprint."""
    names = ("status", "epochs", "best_epoch", "seconds", "energy_j")
    return {
        planned.cell.cell: {**outcome.metrics, **{name: getattr(outcome, name) for name in names}}
        for planned, outcome in zip(cells, outcomes, strict=True)
    }


def trained(cells: Sequence[PlannedCell]) -> tuple[float, list[Outcome]]:
    """Seconds and outcomes of cells as one model, compiled anew."""
    forget()
    took, outcomes = seconds(lambda: train_cells(cells, lambda epoch: None))
    return took, outcomes  # type: ignore[return-value]


def run_search(made: Plan, tuned: Sequence[PlannedCell], defaults: Mapping[str, Row]) -> tuple[float, Kept]:
    """Seconds of a search with the training of what it chose, compiled anew, and what it kept."""
    forget()
    kept = Kept()
    run = SearchRun(made, defaults, {}, kept, kept, None, {}, Silent(), lambda line: None)
    took, _ = seconds(lambda: run.complete(tuned))
    return took, kept


def against_the_default(title: str, settings: Sequence[str], goal: str, rounds: int) -> None:
    """All trials, with the default as trial 0, and the chosen cells, against the replicates at default."""
    made, default, tuned = searched(*settings)
    train_cells(default, lambda epoch: None)  # vectors are cached, libraries loaded
    pairs = []
    for _ in range(rounds):
        alone, outcomes = trained(default)
        took, kept = run_search(made, tuned, rows(default, outcomes))
        pairs.append((alone + took, alone))
    budget = made.tune.budget if made.tune else 0
    epochs = [trial["epochs"] for content in kept.trials.values() for trial in json.loads(content)["trials"]]
    trained_for = f"epochs {sum(epochs) / len(epochs):.0f} a trial, {statistics.mean(o.epochs for o in outcomes):.0f} "
    print(f"  {title}, {len(tuned)} replicates x {budget} trials: {said([s for s, _ in pairs])} s with the default and "
          f"the chosen cells; the default alone {said([d for _, d in pairs], 2)} s; "
          f"{trained_for + 'the default; ' if any(epochs) else ''}ratio {said([s / d for s, d in pairs])} "
          f"(goal: {goal})", flush=True)  # fmt: skip


def against_optuna_with_keras(name: str, rounds: int) -> None:
    """The trials of a search as one model, against Optuna that trains them one after the other; seconds of a trial."""
    settings, space, goal = STOCK[name]
    made, default, tuned = searched(
        *settings, SAME_STOPPING, f"replicates={STOCK_REPLICATES}", "tune=random", f"tune.budget={BUDGET}", space
    )
    _, outcomes = trained(default)
    pairs, epochs = [], ([], [])
    for _ in range(rounds):
        took, kept = run_search(made, tuned, rows(default, outcomes))
        trials = [from_json(json.loads(kept.trials[planned.search])) for planned in tuned]
        number = sum(len(own) - 1 for own in trials)
        # Spread over replicates and numbers.
        sample = [(n % len(tuned), 1 + n * (BUDGET - 2) // max(STOCK_TRIALS - 1, 1)) for n in range(STOCK_TRIALS)]
        plain = [keras_trial(made, tuned[place], trials[place][at].values) for place, at in sample]
        pairs.append((sum(own for own, _ in plain) / len(plain), took / number))
        epochs[0].extend(count for _, count in plain)
        epochs[1].extend(trials[place][at].epochs for place, at in sample)
    print(f"  {name} of {settings[0]}: Optuna with plain Keras {said([p for p, _ in pairs], 2)} s for a trial ("
          f"{STOCK_TRIALS} trials, epochs {said(epochs[0], 0)}); seedbed {said([o for _, o in pairs], 2)} s ("
          f"{len(tuned)} replicates x {BUDGET} trials with the chosen cells; epochs of the same trials "
          f"{said(epochs[1], 0)}); ratio {said([p / o for p, o in pairs])} (goal: at least {goal})",
          flush=True)  # fmt: skip


def keras_trial(made: Plan, planned: PlannedCell, values: Mapping[str, Any]) -> tuple[float, int]:
    """Seconds and epochs of one trial of an Optuna study whose objective trains a new Keras model."""
    import dataclasses

    import optuna
    from tests.bench import plain_keras

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space = made.spaces[planned.cell.arm]
    own = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    own.enqueue_trial(dict(values))
    padded, epochs = plain_keras.Padded(planned), []

    def objective(trial: optuna.Trial) -> float:
        asked = {key: trial._suggest(key, distribution.optuna) for key, distribution in space.distributions.items()}
        arm = space.with_values(asked)
        network = plain_keras.model(dataclasses.replace(planned, arm=arm), padded)
        epochs.append(plain_keras.fit(dataclasses.replace(planned, arm=arm), network, padded))
        return plain_keras.score(network, padded, "validation")

    took, _ = seconds(lambda: own.optimize(objective, n_trials=1))
    return took, epochs[0]


_MEMORY = """
import sys
from seedbed.devices import select_device
from tests.bench.tuning import rows, run_search, searched
from seedbed.comparison.group import train_cells
made, default, tuned = searched(*sys.argv[1:])
select_device("cpu")
run_search(made, tuned, rows(default, train_cells(default, lambda epoch: None)))
"""


def memory(rounds: int) -> None:
    """Peak memory of whole processes that train so many members at once."""
    peaks = {}
    for members, at_once in [*((number, number) for number in MEMBERS), (MEMBERS[-1], MEMBERS[0])]:
        settings = [
            *CNN, f"replicates={MEMORY_REPLICATES}", "tune=random", f"tune.budget={members // MEMORY_REPLICATES + 1}",
            f"training.group_size={at_once}", f"training.epochs={MEMORY_EPOCHS}",
        ]  # fmt: skip
        fixed = [setting.replace("training.epochs=40,", "") for setting in settings]
        command = [sys.executable, "-c", _MEMORY, *fixed]
        peaks[members, at_once] = measured(command, Path(__file__).parents[2]).mb
    whole = [peaks[number, number] for number in MEMBERS]
    steps = [(b - a) / (n - m) for a, b, m, n in zip(whole, whole[1:], MEMBERS, MEMBERS[1:], strict=False)]
    said_peaks = ", ".join(f"{peak:,.0f}" for peak in whole)
    print(f"  peak of {', '.join(map(str, MEMBERS))} members at once: {said_peaks} MB; a further member takes "
          f"{', '.join(f'{step:.1f}' for step in steps)} MB (goal: as much each time, linear); "
          f"{MEMBERS[-1]} with training.group_size={MEMBERS[0]}: {peaks[MEMBERS[-1], MEMBERS[0]]:,.0f} MB (goal: that "
          f"of {MEMBERS[0]})", flush=True)  # fmt: skip


def overhead(method: str, rounds: int) -> None:
    """All that is not training in a search with a store in SQLite: proposals, plans, files, cells, runs."""
    made, default, tuned = searched(
        *(setting.replace("training.epochs=40", "training.epochs=1") for setting in CNN), f"tune={method}",
        f"tune.budget={BUDGET}",
    )  # fmt: skip
    _, outcomes = trained(default)
    trials, per_trial = len(tuned) * (BUDGET - 1), []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(Tracking(uri=f"sqlite:///{folder}/mlflow.db"))
            searches = Searches(store, FILE)
            parent = store.start_comparison("bench", "digest", {}, [planned.cell.cell for planned in tuned])
            defaults = rows(default, outcomes)
            run = SearchRun(made, defaults, {}, store, searches, parent, {}, Silent(), lambda line: None)
            started = time.perf_counter()
            progress = run.complete(tuned)
            per_trial.append(1000 * (time.perf_counter() - started - progress.training_seconds) / trials)
    print(f"  search and store, tune={method}: {said(per_trial)} ms a trial, of {trials} trials (goal: under 10)",
          flush=True)  # fmt: skip


def cost(rounds: int) -> None:
    """The search of a CNN against its default."""
    for rule in ("none", "halving"):
        settings = [*CNN, "tune=random", f"tune.budget={BUDGET}", f"tune.prune={rule}"]
        title = f"GloVe CNN of the quickstart, tune.prune={rule}"
        against_the_default(title, settings, "at most 10 on a CPU, 4 on a GPU", rounds)


def probes(rounds: int) -> None:
    """Many values of C against one."""
    for arm, embedding in PROBES.items():
        settings = [
            "experiment=quickstart", "sizes=[200]", "baseline=null", f"arms={{{arm}: [{embedding},encoder.c=[1]]}}",
            "tune=random", f"tune.budget={VALUES}", "tune.space={encoder.c: log(1e-5,1e3)}",
        ]  # fmt: skip
        against_the_default(f"probe on {arm}, values of C", settings, "under 2", rounds)


def stores(rounds: int) -> None:
    """Search and store for two methods."""
    for method in ("random", "tpe"):
        overhead(method, rounds)


PARTS: dict[str, Callable[[int], None]] = {
    "tuning_cost": cost, **{f"tuning_stock_{name.lower()}": partial(against_optuna_with_keras, name) for name in STOCK},
    "tuning_probes": probes, "tuning_memory": memory, "tuning_overhead": stores,
}  # fmt: skip
"""What `tuning` runs; each is a bench of its own too, such as `python -m tests.bench tuning_stock_bilstm`."""


def tuning(rounds: int) -> None:
    """Run all."""
    print("\nsearch of hyperparameters")
    for part in PARTS.values():
        part(rounds)
