"""Sweeps: arms with several values of a number, and whether the best value is at the edge."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from seedbed.config.job_names import ABBREVIATIONS
from seedbed.lint.bounds import is_bound
from seedbed.lint.paths import edge_of_path
from seedbed.lint.plan_data import report_settings
from seedbed.lint.searches import edge_of_search
from seedbed.report.analysis.analysis import Analysis
from seedbed.report.wording import join_limited, sanitize

LEAST = 3
"""Least number of values: of two, both are at an edge."""


@dataclass(frozen=True)
class Swept:
    """An arm as a point of a sweep: its numeric settings by key, and its other settings."""

    fixed: frozenset[str]
    numbers: Mapping[str, float]


def edge_of_sweep(study: Analysis) -> Iterator[str]:
    """Yield keys whose best value is the smallest or largest tried: of arms, of an encoder's path, or of a search."""
    yield from _edge_of_arms(study)
    yield from edge_of_path(study)
    yield from edge_of_search(study)


def _edge_of_arms(study: Analysis) -> Iterator[str]:
    """Yield keys whose best value is the smallest or largest of at least three, at more than half of the sizes."""
    if study.metric is None:
        return
    means: dict[int, dict[str, float]] = {}
    for row in study.summaries[study.metric].itertuples():
        if row.mean == row.mean:
            means.setdefault(int(row.n_train), {})[str(row.arm)] = float(row.mean)
    better = max if study.scales[study.metric].higher_is_better else min
    for key, values in sweeps(study):
        best = {}
        for size, by_arm in means.items():
            by_value = {value: by_arm[arm] for value, arm in values.items() if arm in by_arm}
            if len(by_value) >= LEAST:
                best[size] = better(by_value, key=by_value.__getitem__)
        edges = [value for value in best.values() if value in (min(values), max(values)) and not is_bound(key, value)]
        if edges and 2 * len(edges) > len(best):
            of = f", at {len(edges)} of {len(best)} sizes" if len(best) > 1 else ""
            yield (
                f"{key}: the best value is the {'smallest' if edges[0] == min(values) else 'largest'} tried{of} "
                f"({', '.join(dict.fromkeys(f'{value:g}' for value in edges))} of {join_limited(_texts(values))})"
            )


def sweeps(study: Analysis) -> Iterator[tuple[str, dict[float, str]]]:
    """Yield (key, arm by value) for each set of at least ``LEAST`` arms that differ only in the value of one key."""
    overrides = report_settings(study).get("arms") or {}
    points = {arm: point(arm, overrides.get(arm, study.inputs.swept.get(arm))) for arm in study.arms}
    values_by_key: dict[tuple[str, frozenset[str], frozenset[tuple[str, float]]], dict[float, str]] = {}
    for arm, swept in points.items():
        for key, value in swept.numbers.items():
            other_numbers = frozenset((name, number) for name, number in swept.numbers.items() if name != key)
            values_by_key.setdefault((key, swept.fixed, other_numbers), {})[value] = arm
    for (key, *_), values in values_by_key.items():
        if len(values) >= LEAST:
            yield sanitize(key, 60), values


def point(arm: str, overrides: Sequence[str] | None = None) -> Swept:
    """Return an arm's settings from its overrides, or from its name, as ``seedbed run -m`` names arms: ``lr=0.01``."""
    words = arm.split(" ") if overrides is None else [str(override).lstrip("+") for override in overrides]
    fixed, numbers = set(), {}
    for word in words:
        key, _, value = word.partition("=")
        number = _number(value) if "." in key or key in ABBREVIATIONS.values() else None
        if number is None:
            fixed.add(word)
        else:
            numbers[key] = number
    return Swept(frozenset(fixed), numbers)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _texts(values: Mapping[float, str]) -> list[str]:
    return [f"{value:g}" for value in sorted(values)]
