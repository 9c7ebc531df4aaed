"""Arms that try several values of a number, and whether the best one lies at the edge of what was tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seedbed.lint.plan_data import report_settings
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import join_limited, sanitize

LEAST = 3
"""Of two values one is always the edge."""


@dataclass(frozen=True)
class Swept:
    """An arm as a point of a sweep: its numeric settings by key, and all else that it says of itself."""

    rest: frozenset[str]
    numbers: Mapping[str, float]


def edge_of_sweep(study: Analysis) -> Iterator[str]:
    """Keys whose best value is the smallest or the largest of three or more, at most of the sizes."""
    if study.metric is None:
        return
    means: dict[int, dict[str, float]] = {}
    for row in study.summaries[study.metric].itertuples():
        if row.mean == row.mean:
            means.setdefault(int(row.n_train), {})[str(row.arm)] = float(row.mean)
    better = max if study.scales[study.metric].higher_is_better else min
    for key, values in sweeps(study):
        best = {
            size: better(there, key=lambda value: there[value])
            for size, own in means.items()
            if len(there := {value: own[arm] for value, arm in values.items() if arm in own}) >= LEAST
        }
        edges = [value for value in best.values() if value in (min(values), max(values)) and not _bound(key, value)]
        if edges and 2 * len(edges) > len(best):
            of = f", at {len(edges)} of {len(best)} sizes" if len(best) > 1 else ""
            yield (
                f"{key}: the best value is the {'smallest' if edges[0] == min(values) else 'largest'} tried{of} "
                f"({', '.join(dict.fromkeys(f'{value:g}' for value in edges))} of {join_limited(_texts(values))})"
            )


def sweeps(study: Analysis) -> Iterator[tuple[str, dict[float, str]]]:
    """(key, value to arm) for each set of arms that are alike but for the value of one key, ``LEAST`` or more."""
    own = report_settings(study).get("arms") or {}
    points = {arm: point(arm, own.get(arm)) for arm in study.arms}
    found: dict[tuple[str, frozenset[str], frozenset[tuple[str, float]]], dict[float, str]] = {}
    for arm, swept in points.items():
        for key, value in swept.numbers.items():
            others = frozenset((name, number) for name, number in swept.numbers.items() if name != key)
            found.setdefault((key, swept.rest, others), {})[value] = arm
    for (key, *_), values in found.items():
        if len(values) >= LEAST:
            yield sanitize(key, 60), values


def point(arm: str, overrides: Sequence[str] | None = None) -> Swept:
    """What an arm's overrides say, or else its name: the arms of ``seedbed run -m`` are called after what is swept."""
    words = arm.split(" ") if overrides is None else [str(override).lstrip("+") for override in overrides]
    rest, numbers = set(), {}
    for word in words:
        key, _, value = word.partition("=")
        number = _number(value) if "." in key else None
        if number is None:
            rest.add(word)
        else:
            numbers[key] = number
    return Swept(frozenset(rest), numbers)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _bound(key: str, value: float) -> bool:
    """Whether a key goes no further: nothing below 0, and below 1 nothing of a number of things."""
    return value == 0 or (value == 1 and not key.endswith(("rate", "scale", "norm", "decay")))


def _texts(values: Mapping[float, str]) -> list[str]:
    return [f"{value:g}" for value in sorted(values)]
