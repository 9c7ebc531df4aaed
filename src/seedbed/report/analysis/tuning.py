"""The search of a study: its trials with their settings and scores, and what it searched."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.directions import lower_is_better
from seedbed.errors import InputError
from seedbed.limits import JSON_BYTES
from seedbed.readable import exists, parse_json, read_bytes
from seedbed.report.analysis.trials_table import check_trials, read_trials, trials_bytes, tuned_keys

if TYPE_CHECKING:
    from pandas import DataFrame

TRIALS, SEARCH = "trials.csv", "tuning.json"
"""The files of a search in the folder of a report: a row a trial, and the other fields of `Tuning`."""
METHODS = {"random": "random search", "quasi": "quasi-random search", "tpe": "TPE", "grid": "grid search"}


@dataclass(frozen=True)
class Tuning:
    """A search for settings inside each replicate, the same for each arm.

    ``trials``: a row a trial (`seedbed.report.analysis.trials_table`). ``spaces``: by arm and key, its distribution,
    such as ``log(1e-4, 0.1)``. ``method``: random, quasi, tpe or grid. ``budget``: trials for each arm, size and
    replicate. ``metric``: the validation score of the choice. ``left_out``: by arm, keys of the space that it lacks.
    """

    trials: "DataFrame"
    spaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    method: str = ""
    budget: int = 0
    metric: str = ""
    lower_is_better: bool = False
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that were searched, in the order of the table."""
        return tuned_keys(self.trials)

    @property
    def method_name(self) -> str:
        """``random search``; ``search`` if the method is unknown."""
        return METHODS.get(self.method, self.method) or "search"

    def gain(self, value: float) -> float:
        """Return a score in the metric of the choice, negated if lower is better."""
        return -value if self.lower_is_better else value

    def distribution(self, arm: str, key: str) -> str:
        """Return the distribution of a key in an arm as text; empty where it is unknown."""
        return self.spaces.get(arm, {}).get(key, "")

    def of_cells(self, table: "DataFrame") -> "Tuning | None":
        """Return the search with the trials, checked, of the arms, sizes and data sets of a table; None without any.

        Raises InputError.
        """
        names = [name for name in ("dataset", "arm", "n_train") if {name} <= {*table.columns} & {*self.trials.columns}]
        known = set(table[names].astype(str).itertuples(index=False, name=None))
        keys = self.trials[names].astype(str).itertuples(index=False, name=None)
        trials = self.trials[[key in known for key in keys]].reset_index(drop=True)
        return replace(self, trials=check_trials(trials)) if len(trials) else None

    def record(self) -> bytes:
        """Return everything but the trials as JSON."""
        content = {part.name: getattr(self, part.name) for part in fields(self) if part.name != "trials"}
        return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode("utf-8")

    def files(self) -> dict[str, bytes]:
        """Return the content of ``trials.csv`` and ``tuning.json``, which `read_tuning` reads."""
        return {TRIALS: trials_bytes(self.trials), SEARCH: self.record()}


def read_tuning(folder: Path) -> Tuning | None:
    """Return the search whose files are in a folder, or None if it has no ``trials.csv``. Raises InputError.

    Without ``tuning.json``, as with trials of other programs, the metric is the only validation score that is best in
    every chosen trial.
    """
    if not (folder / TRIALS).is_file():
        return None
    trials, file = read_trials(folder / TRIALS), folder / SEARCH
    if exists(file):
        return tuning_of_record(trials, read_bytes(file, JSON_BYTES), str(file))
    return tuning_of_trials(trials, str(folder / TRIALS))


def tuning_of_record(trials: "DataFrame", content: bytes, where: str) -> Tuning:
    """Return the search with these trials and the JSON of `Tuning.record`. InputError names ``where`` it is from."""
    try:
        record = parse_json(content, where)
        spaces = {str(arm): {str(k): str(v) for k, v in space.items()} for arm, space in record["spaces"].items()}
        left_out = {str(arm): tuple(map(str, keys)) for arm, keys in record["left_out"].items()}
        method, metric, budget = str(record["method"]), str(record["metric"]), int(record["budget"])
        tuning = Tuning(trials, spaces, method, budget, metric, bool(record["lower_is_better"]), left_out)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{where}: not the description of a search: {error!r}") from error
    if metric not in trials.columns:
        raise InputError(f"{where}: metric {metric}: the trials have no such score")
    return tuning


def tuning_of_trials(trials: "DataFrame", where: str) -> Tuning:
    """Return the search with these trials, its metric and direction found by what explains the choices.

    A score explains them if every chosen trial has the highest score of its search, or the lowest one; only that which
    is better by its name, if the name shows it. InputError unless exactly one score does in one direction.
    """
    keys = [name for name in ("dataset", "arm", "n_train", "replicate") if name in trials.columns]
    chosen = trials[trials["chosen"]].set_index(keys)
    scores, found = [name for name in trials.columns if name.startswith("validation/")], list[tuple[str, bool]]()
    for score in scores:
        groups = trials.groupby(keys)[score]
        for low, best in ((False, groups.max()), (True, groups.min())):
            explains = len(chosen) and (chosen[score] == best.reindex(chosen.index)).all()
            if explains and lower_is_better(score) in (low, None):
                found.append((score, low))
    if len(found) != 1:
        raise InputError(
            f"{where}: {'more than one' if found else 'none'} of {', '.join(scores)} is best in all chosen trials: say "
            f"in {SEARCH} beside it by which score settings were chosen"
        )
    budget = int(trials.groupby(keys).size().max())
    return Tuning(trials, budget=budget, metric=found[0][0], lower_is_better=found[0][1])
