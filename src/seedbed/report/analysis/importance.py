"""The importance of each key of a search, by Optuna's PED-ANOVA."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seedbed.report.analysis.best_settings import is_log, value_text, with_numbers
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.analysis.tuning_gains import searches, with_scores

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from pandas import DataFrame

FEWEST_TRIALS = 20
"""Trials of an arm at a size, over all replicates, from which keys have an importance."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Importance:
    """The importance of each key for an arm at a size, as shares that sum to 1, from so many trials."""

    arm: str
    n_train: int
    trials: int
    shares: Mapping[str, float]


def importances(tuning: Tuning) -> tuple[Importance, ...]:
    """Return the importance of the keys for each arm at each size with enough trials and two keys that vary.

    PED-ANOVA (Watanabe et al. 2023) as in Optuna: how much the distribution of a key among the best tenth of the trials
    differs from that among all. The trials of all replicates count, each by its score minus the median of its search.
    None where trials were pruned: their scores are not final, and those of the others alone are not of the whole space.
    """
    found = []
    for (arm, size), trials in searches(tuning):
        if (trials["status"] == "pruned").any():
            continue
        centred = with_numbers(tuning, arm, _centred(tuning, trials))
        used = [key for key in tuning.keys if centred[key].notna().any()]
        centred = centred.dropna(subset=used)  # such as a default that is a list of numbers
        distributions = {
            key: distribution
            for key in tuning.keys
            if (distribution := _distribution(tuning, arm, key, centred[key].dropna().tolist())) is not None
        }
        if len(centred) >= FEWEST_TRIALS and len(distributions) > 1 and centred["score"].nunique() > 1:
            found.append(Importance(arm, size, len(centred), _shares(centred, distributions)))
    return tuple(found)


def _centred(tuning: Tuning, trials: "DataFrame") -> "DataFrame":
    """Return the trials with a column ``score``: higher is better, and replicates do not differ in their median."""
    import pandas as pd

    parts = [scored for _, search in trials.groupby("replicate") if len(scored := with_scores(tuning, search))]
    if not parts:
        return trials.iloc[:0].assign(score=0.0)
    scores = [(1 - 2 * tuning.lower_is_better) * part[tuning.metric] for part in parts]
    return pd.concat([part.assign(score=score - score.median()) for part, score in zip(parts, scores, strict=True)])


def _distribution(tuning: Tuning, arm: str, key: str, values: Sequence[Any]) -> "BaseDistribution | None":
    """Return the distribution of a key, wide enough for the default, which may be outside its space; None if fixed."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if len(set(values)) < 2:
        return None
    text = tuning.distribution(arm, key)
    if text.startswith("choice") or any(isinstance(value, str) for value in values):
        return CategoricalDistribution(sorted({value_text(value, text) for value in values}))
    ends = [float(number) for number in _NUMBER.findall(text)[:2]]
    low, high = min([*values, *ends]), max([*values, *ends])
    logarithmic = is_log(tuning, arm, key) and low > 0
    if all(value == int(value) for value in (*values, low, high)):
        return IntDistribution(int(low), int(high), log=logarithmic)
    return FloatDistribution(low, high, log=logarithmic)


def _shares(trials: "DataFrame", distributions: "Mapping[str, BaseDistribution]") -> dict[str, float]:
    import optuna
    from optuna.distributions import CategoricalDistribution, IntDistribution
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    def typed(key: str, value: Any) -> Any:
        if isinstance(distributions[key], CategoricalDistribution):
            return value_text(value, "choice")
        return int(value) if isinstance(distributions[key], IntDistribution) else float(value)

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study(direction="maximize")
        study.add_trials(
            optuna.trial.create_trial(
                params={key: typed(key, trial[key]) for key in distributions},
                distributions=dict(distributions),
                value=trial["score"],
            )
            for trial in trials.to_dict("records")
        )
        shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    finally:
        optuna.logging.set_verbosity(verbosity)
    return {key: float(shares[key]) for key in distributions}
