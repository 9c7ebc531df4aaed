"""Encoders with a parameter chosen on validation, at the edge of the values that they try."""

import json
from collections.abc import Iterator, Sequence

from seedbed.report.analysis.analysis import Analysis
from seedbed.report.analysis.results import finished_groups
from seedbed.report.wording import sanitize

PARAMETERS = {"probe": "c", "knn": "k"}
"""By the beginning of the metrics' names, the key of ``encoder`` with the values."""
FACTOR = 10.0
"""Between a value at the edge of C and the two beyond it that are suggested."""


def edge_of_path(study: Analysis) -> Iterator[str]:
    """Yield arms at a size whose chosen value is at the same edge in most replicates, with values to type."""
    for kind, key in PARAMETERS.items():
        edge, chosen = f"{kind}/edge", f"{kind}/{key}"
        if not {edge, chosen} <= set(study.table.columns):
            continue
        known = study.table.dropna(subset=[edge, chosen])
        for n_train, arm, cells in finished_groups(known, study.arms):
            at_edge = cells.loc[cells[edge] > 0, chosen].astype(float)
            if at_edge.empty:
                continue
            tried = _tried(study, arm, f"encoder.{key}")
            value = float(at_edge.mode().iloc[0])
            number = int((at_edge == value).sum())
            if 2 * number > len(cells) and not (key == "k" and value == 1):
                subject = f"{number} of {len(cells)} replicates" if len(cells) > 1 else "the replicate"
                yield (
                    f"{sanitize(arm, 60)} at {study.sized(n_train)}: {subject} chose encoder.{key}={value:g}, "
                    f"{_side(value, tried)} of the values{_suggestion(key, value, tried)}"
                )


def _tried(study: Analysis, arm: str, key: str) -> list[float]:
    """Return the values that an arm tries, sorted; none where its settings are not known."""
    try:
        values = json.loads(str(study.inputs.settings.get(arm, {}).get(key, "")))
        return sorted(map(float, values))
    except (TypeError, ValueError):
        return []


def _side(value: float, tried: Sequence[float]) -> str:
    if not tried:
        return "at the edge"
    return "the smallest" if value == tried[0] else "the largest"


def _suggestion(key: str, value: float, tried: Sequence[float]) -> str:
    """Return the values of C with two more beyond the edge; of neighbors a larger number is up to the user."""
    if not tried or key != "c":
        return f"; extend encoder.{key}"
    step = 1 / FACTOR if value == tried[0] else FACTOR
    values = sorted({*tried, value * step, value * step**2})
    return f"; encoder.c=[{','.join(f'{number:g}' for number in values)}]"
