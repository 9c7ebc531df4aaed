"""The settings that a search chose, over replicates: a value for each key, to be used as overrides."""

import math
import shlex
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median, median_low
from typing import TYPE_CHECKING, Any

from seedbed.report.analysis.tuning import Tuning
from seedbed.report.analysis.tuning_gains import searches

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_NUMERIC = ("log", "uniform", "int")
"""Distributions of numbers."""


@dataclass(frozen=True)
class BestSetting:
    """One key: its ``value`` as typed in an override, how it follows from the chosen values, and their range.

    ``how``: ``median``, ``median of logarithms`` or ``most frequent``; ``chosen``: how often, or from where to where.
    """

    key: str
    value: str
    how: str
    chosen: str
    distribution: str

    @property
    def override(self) -> str:
        """``encoder.dropout=0.3``."""
        return f"{self.key}={self.value}"


@dataclass(frozen=True)
class BestSettings:
    """The settings of an arm at a size, from the choices of so many replicates."""

    arm: str
    n_train: int
    replicates: int
    settings: tuple[BestSetting, ...]

    @property
    def command_line(self) -> str:
        """The overrides as typed in a shell."""
        return " ".join(shlex.quote(setting.override) for setting in self.settings)


def best_settings(tuning: Tuning) -> tuple[BestSettings, ...]:
    """Return, for each arm and size, a value per key: the median of the chosen values, or the most frequent one.

    The median is that of the logarithms where the space is logarithmic, and one of the chosen values for whole numbers.
    Categories, numbers among them, have the most frequent one, of several that of the first replicate. So do keys whose
    default is no number of their space, such as a list, where it is chosen in most replicates.
    """
    best = []
    for (arm, size), trials in searches(tuning):
        chosen = trials[trials["chosen"]].sort_values("replicate")
        numbers = with_numbers(tuning, arm, chosen)
        settings = []
        for key in tuning.keys:
            if values := chosen[key].dropna().tolist():
                distribution, logarithmic = tuning.distribution(arm, key), is_log(tuning, arm, key)
                setting = _best(key, values, numbers[key].dropna().tolist(), distribution, logarithmic)
                settings.append(_as_list(setting, trials[key].dropna().tolist()))
        if settings:
            best.append(BestSettings(arm, size, len(chosen), tuple(settings)))
    return tuple(best)


def _as_list(setting: BestSetting, tried: Sequence[object]) -> BestSetting:
    """Return the setting with its value as a list, if the key has a list in other trials, such as the default."""
    has_lists = any(isinstance(value, str) and value.startswith("[") for value in tried)
    return replace(setting, value=f"[{setting.value}]") if has_lists and setting.value[:1] != "[" else setting


def is_log(tuning: Tuning, arm: str, key: str) -> bool:
    """Return whether a key is searched on a log scale; where the space is unknown, from the values of its trials."""
    from pandas.api.types import is_numeric_dtype

    distribution = tuning.distribution(arm, key)
    if distribution:
        return "log" in distribution
    values = tuning.trials.loc[tuning.trials["arm"] == arm, key].dropna()
    if values.empty or not is_numeric_dtype(values):
        return False
    return bool(values.min() > 0 and values.max() / values.min() >= 30 and values.nunique() > 3)


def is_numeric(tuning: Tuning, arm: str, key: str) -> bool:
    """Return whether a key is searched as a number, where its space is known."""
    return tuning.distribution(arm, key).startswith(_NUMERIC)


def with_numbers(tuning: Tuning, arm: str, trials: "DataFrame") -> "DataFrame":
    """Return trials of an arm with numbers in the columns of its numeric spaces.

    A default that is none, such as a list of values that a probe chooses from, is missing.
    """
    import pandas as pd

    numeric = [key for key in tuning.keys if is_numeric(tuning, arm, key)]
    return trials.assign(**{key: pd.to_numeric(trials[key], errors="coerce").astype("float64") for key in numeric})


def is_list_default(values: "Series", numbers: "Series") -> "Series":
    """Return which values are no numbers on an axis of numbers: defaults that are lists of values to choose from."""
    return values.notna() & (values.astype(str).str.strip() != "") & numbers.isna()


def value_text(value: object, distribution: str = "") -> str:
    """Return a setting as typed: whole numbers of ``int`` and ``choice`` without a point, others to four digits."""
    if isinstance(value, str) and distribution.startswith(_NUMERIC):
        with suppress(ValueError):
            value = float(value)
    if not isinstance(value, int | float):
        return str(value)
    is_discrete = distribution.startswith(("int", "choice"))
    if isinstance(value, int) or (is_discrete and math.isfinite(value) and value == int(value)):
        return str(int(value))
    return repr(value) if is_discrete else f"{value:.4g}"


def _best(
    key: str, values: Sequence[object], numbers: Sequence[Any], distribution: str, logarithmic: bool
) -> BestSetting:
    """Return the value of a key from the chosen ``values``, of which ``numbers`` are in its space, if it is numeric."""
    texts = [value_text(value, distribution) for value in values]
    others = len(values) - len(numbers)
    if distribution.startswith("choice") or any(isinstance(number, str) for number in numbers) or others > len(numbers):
        (value, number), *_ = Counter(texts).most_common(1)
        return BestSetting(key, value, "most frequent", f"{number} of {len(values)}", distribution)
    between = " to ".join(dict.fromkeys(value_text(end, distribution) for end in (min(numbers), max(numbers))))
    between += f"; {others} of {len(values)} as by default" if others else ""
    if distribution.startswith("int") or all(isinstance(number, int) for number in numbers):
        return BestSetting(key, str(int(median_low(numbers))), "median", between, distribution)
    if logarithmic and min(numbers) > 0:
        middle = math.exp(median(map(math.log, numbers)))
        return BestSetting(key, value_text(middle, distribution), "median of logarithms", between, distribution)
    return BestSetting(key, value_text(float(median(numbers)), distribution), "median", between, distribution)
