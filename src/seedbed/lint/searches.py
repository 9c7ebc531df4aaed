"""Searches of settings: those by TPE that are random, and chosen values that lie at an end of a searched range."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.comparison.plan import Plan
from seedbed.comparison.search.distributions import Distribution, parse_distribution
from seedbed.comparison.search.proposals import at_random
from seedbed.errors import InputError
from seedbed.lint.bounds import is_bound
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.tuning import Tuning

LEAST = 3
"""Least number of replicates."""
OUTERMOST = 0.05
"""Part of a range, on its scale, that is an end."""
FACTOR = 10.0
"""By how much a range on a logarithmic scale is suggested to be extended."""
MOST_SHARE = 0.9
"""The largest rate of dropout, and share of a target that is smoothed, that is suggested."""


def tpe_at_random(plan: Plan) -> Iterator[str]:
    """Yield a search by ``tpe`` whose budget is spent before it has modeled a score."""
    tune = plan.tune
    if tune is not None and tune.method == "tpe" and tune.budget <= (drawn := at_random(tune)):
        yield (
            f"tune=tpe tune.budget={tune.budget} tune.batch={tune.batch}: the first {drawn} trials of TPE are "
            f"random, so all {tune.budget} are"
        )


def edge_of_search(study: Analysis) -> Iterator[str]:
    """Yield keys of an arm at a size whose chosen values are at the same end of the range in half of the replicates."""
    tuning: Tuning | None = study.inputs.tuning
    if tuning is None:
        return
    chosen = tuning.trials[tuning.trials["chosen"]]
    groups = [name for name in ("dataset", "arm", "n_train") if name in chosen.columns]
    for _, cells in chosen.groupby(groups, sort=False):
        if len(cells) >= LEAST:
            yield from _edges(study, tuning, cells)


def _edges(study: Analysis, tuning: "Tuning", cells: "DataFrame") -> Iterator[str]:
    """Yield the findings of one arm at one size."""
    arm, n_train = str(cells["arm"].iloc[0]), int(cells["n_train"].iloc[0])
    for key in tuning.keys:
        searched = _range(key, tuning.distribution(arm, key))
        if searched is None:
            continue
        values = [value for value in map(_number, cells[key]) if value is not None]
        for end in (0, 1):
            at_end = [value for value in values if end_of(searched, value) == end]
            suggestion = wider(key, searched, end)
            if at_end and 2 * len(at_end) >= len(cells) and suggestion:
                yield (
                    f"{sanitize(arm, 60)} at {study.sized(n_train)}: {len(at_end)} of {len(cells)} replicates chose "
                    f"{sanitize(key, 60)} at the {('lower', 'upper')[end]} end of {sanitize(searched.text, 60)}; "
                    f"search a wider range, such as {suggestion}"
                )


def end_of(searched: Distribution, value: float) -> int | None:
    """Return 0 for a value at the lower end of a range, 1 for the upper one, None elsewhere.

    An end is `OUTERMOST` of the range on its scale, and of whole numbers at least the outermost one. Values beyond an
    end, which only the default can have, count to it.
    """
    low, high = searched.arguments
    if value <= low or value >= high:
        return int(value >= high)
    scale = math.log if searched.log else float
    place = (scale(value) - scale(low)) / (scale(high) - scale(low))
    return 0 if place <= OUTERMOST else 1 if place >= 1 - OUTERMOST else None


def wider(key: str, searched: Distribution, end: int) -> str:
    """Return the range extended beyond an end: tenfold on a logarithmic scale, else by its length.

    Empty where the end is a bound: 0, 1 for whole numbers, and `MOST_SHARE` for shares.
    """
    low, high = searched.arguments
    if end == 0 and is_bound(key, low):
        return ""
    if searched.log:
        low, high = (low / FACTOR, high) if end == 0 else (low, high * FACTOR)
    else:
        low, high = (low - (high - low), high) if end == 0 else (low, high + (high - low))
        low = max(low, 0) if searched.arguments[0] >= 0 else low
        high = min(high, MOST_SHARE) if key.endswith(("dropout", "smoothing")) else high
        if high <= searched.arguments[1] and end == 1:
            return ""
    if searched.kind == "int":
        return f"int({max(round(low), 1)}, {round(high)}{', log' if searched.log else ''})"
    return f"{searched.kind}({low:g}, {high:g})"


def _range(key: str, text: str) -> Distribution | None:
    """Return the range that a text describes; None for choices, and for texts that are none, as of a table alone."""
    try:
        searched = parse_distribution(key, text)
    except InputError:
        return None
    return searched if searched.kind != "choice" else None


def _number(value: object) -> float | None:
    """Return a value of a table of trials as a number: a key that has texts, such as null, has numbers as texts."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
