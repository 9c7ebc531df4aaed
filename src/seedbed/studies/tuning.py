"""The searches of a study for its report, read from the artifacts of the cells trained with their choices.

Also the files of a search in an output folder.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.cells import CellArtifacts, Row
from seedbed.comparison.search.audit import FILE as AUDIT
from seedbed.comparison.search.trials import FILE, from_json, parse_search
from seedbed.readable import parse_json, shaped
from seedbed.report.analysis.tuning import SEARCH, TRIALS, Tuning
from seedbed.report.wording import count
from seedbed.studies.best_experiments import FOLDER

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.across_datasets import DatasetAnalyses
    from seedbed.report.analysis.analysis import Analysis

_KEY = ("dataset", "arm", "n_train", "replicate")


def search_files(result: "Analysis | DatasetAnalyses", folder: Path) -> list[Path]:
    """Return the files and folders of a search in an output folder, to be logged; empty without a search."""
    if result.inputs.tuning is None:
        return []
    best = sorted((folder / FOLDER).glob("best_*.yaml"))
    return [folder / TRIALS, folder / SEARCH, *([folder / FOLDER] if best else [])]


_CHOICE = ("metric", "lower_is_better")
"""What searches must share to be shown together."""


def tuning_of(table: "DataFrame", artifacts: CellArtifacts, log: Callable[[str], None]) -> Tuning | None:
    """Return the searches of the tuned cells of a table; None where there are none.

    The trials have test scores where these were computed: of trial 0 and of the chosen one, and with ``tune.audit``.
    ``log`` takes a line where searches differ in the metric of the choice: those like the first one are returned.
    """
    import pandas as pd

    if "setting" not in table.columns:
        return None
    cells = table.to_dict("records")
    defaults = {_key(row): row for row in cells if row["setting"] == "default"}
    rows: list[Row] = []
    spaces: dict[str, Mapping[str, str]] = {}
    left_out: dict[str, tuple[str, ...]] = {}
    methods: set[str] = set()
    choice: Mapping[str, Any] = {}
    budget = others = 0
    for row in cells:
        content = artifacts.read(str(row["run"]), FILE) if row["setting"] == "tuned" and row["run"] else None
        if content is None:
            continue
        search = parse_search(content, f"{FILE} of run {row['run']}")
        own = {name: search[name] for name in _CHOICE}
        choice = choice or own
        if own != choice:
            others += 1
            continue
        methods.add(search["method"])
        budget = max(budget, search["budget"])
        spaces[row["arm"]], left_out[row["arm"]] = search["space"], tuple(search["left_out"])
        rows += _trial_rows(row, defaults.get(_key(row), {}), search, _audited(artifacts, str(row["run"])))
    if others:
        log(f"trials of {count(others, 'cell')} left out: chosen by another metric than {choice['metric']}")
    if not rows:
        return None
    return Tuning(pd.DataFrame(rows), spaces, "+".join(sorted(methods)), budget, **choice, left_out=left_out)


def _audited(artifacts: CellArtifacts, run: str) -> Mapping[int, Mapping[str, float]]:
    content = artifacts.read(run, AUDIT)
    if content is None:
        return {}
    where = f"{AUDIT} of run {run}"
    scores = shaped(parse_json(content, where), {str: {str: (int, float, None)}}, where)
    return {int(number): of_trial for number, of_trial in scores.items() if number.isdecimal()}


def _trial_rows(
    tuned: Row, default: Row, search: Mapping[str, Any], audited: Mapping[int, Mapping[str, float]]
) -> Iterator[Row]:
    tested = {0: _test_scores(default)}
    if search["chosen"] is not None:
        tested[search["chosen"]] = _test_scores(tuned)
    for trial in from_json(search):
        scores = {name: score for name, score in trial.scores.items() if name.startswith("validation/")}
        yield {
            **{name: tuned[name] for name in _KEY},
            "trial": trial.number,
            **{key: _cell(value) for key, value in trial.values.items()},
            **scores,
            **(tested.get(trial.number) or audited.get(trial.number, {})),
            "epochs": trial.epochs,
            "seconds": trial.seconds,
            "energy_j": trial.energy_j,
            "status": trial.status,
            "chosen": trial.number == search["chosen"],
        }


def _cell(value: Any) -> Any:
    """Return a value as it is in a table: numbers, and texts as an override has them."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, int | float) else "null" if value is None else str(value)


def _test_scores(row: Row) -> dict[str, float]:
    return {name: value for name, value in row.items() if name.startswith("test/") and not math.isnan(value)}


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)
