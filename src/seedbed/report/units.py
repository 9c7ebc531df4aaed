"""Warnings of scores in several units, and of scores that are none."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.scores import metric_columns, metric_label, rate_columns
from seedbed.report.tables import LARGEST
from seedbed.report.wording import count, listed, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_FRACTION, LEAST_PERCENTAGE = 1.0, 1.5
"""A score up to the first may be a fraction; a table with one above the second is read as percentages."""


def unit_warnings(study: "Study") -> Iterator[str]:
    """Infinite scores; arms or scores that seem to hold fractions in a table that is read as percentages."""
    yield from _infinite(study)
    yield from _mixed(study)


def _infinite(study: "Study") -> Iterator[str]:
    import pandas as pd

    found = {}
    for name in metric_columns(study.table):
        given = pd.to_numeric(study.given[name], errors="coerce").abs()
        if number := int((given > LARGEST).sum()):
            found[metric_label(name)] = number
    if found:
        number = sum(found.values())
        verb = "is" if number == 1 else "are"
        which = listed([plain(name, 60) for name in found], 6)
        yield f"{sentence(count(number, 'score'))} {verb} infinite ({which}): counted as no score."


def _mixed(study: "Study") -> Iterator[str]:
    table = study.table
    rates = rate_columns(table)
    largest = table[rates].max().max() if rates else 0.0
    if not largest > LEAST_PERCENTAGE:
        return
    small = []
    for name in rates:
        tops = table.groupby("arm", sort=False)[name].max()
        own = [plain(arm, 60) for arm, top in tops.items() if 0 < top <= MOST_FRACTION]
        if own:
            small.append(f"{metric_label(name)} of {listed(own, 3)}")
    if small:
        yield (
            f"Scores of this table are read as percentages, as one is {largest:.4g}; but those of {listed(small, 4)} "
            "are at most 1, as fractions are: a table must hold one or the other."
        )
