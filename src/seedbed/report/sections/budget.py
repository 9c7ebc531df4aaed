"""Tables of the expected score of the best of n trials, and of the importance of the keys."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.scores import Scale, metric_label, metric_scale
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.sections.cost import short
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    between,
    integer_cell,
    interval_name,
    number_cell,
    percent,
    size_cell,
)
from seedbed.report.sections.rows import primary
from seedbed.report.sections.tuning import lead_sentence, pruned_sentences
from seedbed.report.statistics.sign_flips import level_of
from seedbed.report.wording import sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.budget_curves import Array, BudgetCurve

_INDEPENDENT = "The estimates hold for trials that do not depend on each other"
_DEPENDENT = {
    "tpe": "; those of TPE do, so that its curves are a rough guide",
    "quasi": "; a Sobol sequence with points left out is no Sobol sequence, so that its curves are a rough guide",
    "grid": "; a subset of a grid is not itself a grid, so that its curves are a rough guide",
}
"""By the method of a search, why its curves are not exact."""


def validation_scale(tuning: Tuning) -> Scale:
    """Return the scale of the score that settings are chosen by."""
    return metric_scale(tuning.trials, tuning.metric, {tuning.metric: tuning.lower_is_better})


def budgets_shown(budget: int) -> list[int]:
    """``1, 2, 4, 8, ...`` and the budget itself."""
    powers = [2**power for power in range(budget.bit_length()) if 2**power < budget]
    return [*powers, budget] if budget else []


def budget_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the expected scores at some budgets, and folded at all of them; empty without a search."""
    tuning, curves = analysis.inputs.tuning, analysis.budget_curves
    if tuning is None or not curves:
        return []
    return [_short_table(analysis, tuning, curves), _long_table(analysis, tuning, curves)]


def _short_table(analysis: "Analysis", tuning: Tuning, curves: "Sequence[BudgetCurve]") -> PageTable:
    scale, arms = validation_scale(tuning), arm_cells(analysis)
    budgets = {curve.budget for curve in curves}
    *shown, largest = budgets_shown(max(budgets))
    rows = [
        (
            size_cell(curve.n_train), arms[curve.arm], integer_cell(len(curve.replicates)),
            *(_at(curve.mean, n, scale) for n in (*shown, curve.budget)),
        )
        for curve in curves
    ]  # fmt: skip
    last = "best of all" if len(budgets) > 1 else f"best of {largest}"
    header = (analysis.size_unit.many, "arm", "replicates", *(f"best of {n}" for n in shown), last)
    independent = _INDEPENDENT + "".join(_DEPENDENT.get(method, "") for method in tuning.methods)
    note = (
        f"Expected {metric_label(tuning.metric)} of the best of n trials: of the default, which is always the first, "
        "and of n − 1 others, the mean over all subsets of these (Tang et al. 2020), then over replicates. A trial "
        f"that diverged counts as the worst of its search. {independent}."
    )
    if len(budgets) > 1:
        note += " Best of all: of as many trials as each search of the arm has."
    leads = (lead_sentence(analysis, lead) for lead in reversed(analysis.leads))
    note = " ".join([*leads, *pruned_sentences(analysis, tuning), note])
    return PageTable(f"{_title(tuning, scale)} of the best of n trials", header, tuple(rows), note)


def _long_table(analysis: "Analysis", tuning: Tuning, curves: "Sequence[BudgetCurve]") -> PageTable:
    """Return a row per arm, size and budget."""
    scale, arms = validation_scale(tuning), arm_cells(analysis)
    test_scale = primary(analysis)[1]
    columns = list(_columns(scale, test_scale, curves))
    rows = [
        (
            size_cell(curve.n_train), arms[curve.arm], integer_cell(n),
            *(_cell(column, curve, n) for column in columns),
        )
        for curve in curves
        for n in range(1, curve.budget + 1)
        if math.isfinite(curve.mean[n - 1])
    ]  # fmt: skip
    note = (
        "Intervals are over replicates. Plug-in: the mean over all sequences of n − 1 others with repetition (Dodge et "
        "al. 2019), which is too low. Seconds and joules: those of the default and n − 1 others, means."
    )
    header = (analysis.size_unit.many, "arm", "trials", *(column.title for column in columns))
    return PageTable("Every number of trials", header, tuple(rows), note, True)


@dataclass(frozen=True)
class _Column:
    """A column of the long table: one value, or the ends of an interval, with its scale; or a cost."""

    title: str
    names: tuple[str, ...]
    scale: Scale | None


def _columns(scale: Scale, test_scale: Scale, curves: "Sequence[BudgetCurve]") -> Iterator[_Column]:
    yield _Column("best of them", ("mean",), scale)
    interval = interval_name(level_of(len(curve.replicates)) for curve in curves)
    yield _Column(interval, ("low", "high"), scale)
    yield _Column("plug-in", ("plug_in",), scale)
    if any(curve.test is not None for curve in curves):
        yield _Column("its test score", ("test",), test_scale)
        yield _Column(f"{interval} (test)", ("test_low", "test_high"), test_scale)
    for title, name in (("seconds", "seconds"), ("joules", "energy_j")):
        if any(np.isfinite(getattr(curve, name)).any() for curve in curves):
            yield _Column(title, (name,), None)


def _cell(column: _Column, curve: "BudgetCurve", n: int) -> TableCell:
    arrays = [getattr(curve, name) for name in column.names]
    values = [math.nan if array is None else float(array[n - 1]) for array in arrays]
    if column.scale is None:
        return number_cell(values[0], short(values[0]) if math.isfinite(values[0]) else "–")
    texts = [column.scale.show(value) for value in values]
    return number_cell(values[0], texts[0] if len(texts) == 1 else between(*texts))


def _at(values: "Array", n: int, scale: Scale) -> TableCell:
    value = float(values[n - 1]) if n <= len(values) else math.nan
    return number_cell(value, scale.show(value))


def _title(tuning: Tuning, scale: Scale) -> str:
    return sentence(sanitize(metric_label(tuning.metric), 60)) + (" (%)" if scale.unit else "")


def importance_table(analysis: "Analysis", tuning: Tuning) -> PageTable:
    """Return the importance of each key for each arm at each size."""
    arms, found = arm_cells(analysis), analysis.importances
    keys = [key for key in tuning.keys if any(key in row.shares for row in found)]
    rows = [
        (
            size_cell(row.n_train), arms[row.arm], integer_cell(row.trials),
            *(_share(row.shares.get(key, math.nan)) for key in keys),
        )
        for row in found
    ]  # fmt: skip
    note = (
        "Percent of the importance, PED-ANOVA as in Optuna (Watanabe et al. 2023): how far the values of a key in the "
        "best tenth of the trials differ from those in all trials. A dash: the arm lacks the key, or it does not vary."
    )
    header = (analysis.size_unit.many, "arm", "trials", *(sanitize(key, 60) for key in keys))
    return PageTable("Importance of each key (%)", header, tuple(rows), note)


def _share(share: float) -> TableCell:
    cell = number_cell(share, percent(share))
    return TableCell(cell.text, cell.number, shade=share if math.isfinite(share) else 0.0)
