"""The trials of one search: what was tried in one replicate of an arm, and which trial is chosen."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.space import LOSS, SearchSpace
from seedbed.readable import parse_json, shaped

TrialStatus = Literal["finished", "failed", "pruned"]
FILE = "trials.json"
"""The artifact with the trials of a search, of its own run and of the cell that was trained with the chosen one."""


@dataclass(frozen=True)
class Trial:
    """Values of the searched keys, and what came out.

    ``number``: from 0, the default. ``scores``: ``validation/...`` as fractions, the loss, and the value that a
    probe chose of its parameter. ``failed``: training diverged.
    """

    number: int
    values: Mapping[str, Any]
    scores: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    energy_j: float = math.nan
    status: TrialStatus = "finished"
    error: str = ""


_NAMES = tuple(part.name for part in dataclasses.fields(Trial))


def rank(trial: Trial, space: SearchSpace) -> tuple[float, float, int]:
    """Return the sort key of a finished trial, the best first: score, loss on validation, number."""
    score = trial.scores.get(space.metric, math.nan)
    worst = math.inf
    signed = score if space.lower_is_better else -score
    loss = trial.scores.get(LOSS, worst)
    return signed if math.isfinite(signed) else worst, loss if math.isfinite(loss) else worst, trial.number


def best_of(trials: Sequence[Trial], space: SearchSpace) -> Trial:
    """Return the trial that is chosen; trial 0 where none finished."""
    finished = [trial for trial in trials if trial.status == "finished"]
    return min(finished, key=lambda trial: rank(trial, space), default=trials[0])


def to_json(trials: Sequence[Trial], space: SearchSpace, tune: Tune) -> dict[str, Any]:
    """Return a search JSON-ready: how it searched, its trials, and the number of the one that is chosen.

    NaN is null, and so is the choice where no trial finished.
    """
    rows = []
    for trial in trials:
        scores = {name: _finite(score) for name, score in trial.scores.items()}
        own = {"values": dict(trial.values), "scores": scores, "energy_j": _finite(trial.energy_j)}
        rows.append(vars(trial) | own)  # dataclasses.asdict would copy every value deeply
    return {
        "method": tune.method,
        "budget": tune.budget,
        "metric": space.metric,
        "lower_is_better": space.lower_is_better,
        "space": space.texts,
        "left_out": list(space.left_out),
        "chosen": best_of(trials, space).number if any(trial.status == "finished" for trial in trials) else None,
        "trials": rows,
    }


_SCORE = (int, float, None)
_SHAPE = {
    "method": str, "budget": int, "metric": str, "lower_is_better": bool, "space": {str: str}, "left_out": [str],
    "chosen": (int, None),
    "trials": [{
        "number": int, "values": dict, "scores": {str: _SCORE}, "energy_j": _SCORE, "?epochs": int, "?best_epoch": int,
        "?seconds": (int, float), "?status": str, "?error": str,
    }],
}  # fmt: skip


def parse_search(content: bytes, where: str) -> dict[str, Any]:
    """Return the search in the content of a file, as `to_json` made it. InputError names ``where`` it is from.

    Older files of searches in which no trial finished have the default as their choice: it is none.
    """
    search: dict[str, Any] = shaped(parse_json(content, where), _SHAPE, where)
    if all(row.get("status", "finished") != "finished" for row in search["trials"]):
        search["chosen"] = None
    return search


def from_json(content: Mapping[str, Any]) -> list[Trial]:
    """Return the trials of `to_json`, in the order of their numbers."""
    trials = []
    for row in content["trials"]:
        scores = {name: math.nan if score is None else score for name, score in row["scores"].items()}
        energy = math.nan if row["energy_j"] is None else row["energy_j"]
        known = {name: row[name] for name in _NAMES if name in row}
        trials.append(Trial(**{**known, "scores": scores, "energy_j": energy}))
    return sorted(trials, key=lambda trial: trial.number)


def trials_bytes(trials: Sequence[Trial], space: SearchSpace, tune: Tune) -> bytes:
    """Return the content of the file of a search."""
    return json.dumps(to_json(trials, space, tune), allow_nan=False).encode()


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
