"""The answer on labels in one sentence, and tables: forecasts, sizes for a target, curves, and lacking types."""

import math

from seedbed.cells import EXAMPLES
from seedbed.report.analysis.label_growth import ArmGrowth, Expected, LabelGrowth, Reach
from seedbed.report.analysis.scores import metric_label, metric_scale
from seedbed.report.sections.label_savings import saving_answers
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    between,
    integer_cell,
    interval_column,
    interval_name,
    interval_of,
    interval_text,
    number_cell,
    score_text,
    shown_digits,
)
from seedbed.report.statistics.growth import FAMILIES, FARTHEST
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count, join_and, mean_count_text, sanitize, sentence

_FORECAST = interval_name([1 - LEVEL])  # a forecast needs the replicates that reach it
MOST_NAMED = 3
"""Types that are named in a sentence."""
_FORMULAS = {
    "power": "power law a − b n^−c",
    "root": "square root a − b n^−½",
    "logarithm": "logarithm a + b ln n",
    "exponential": "exponential a − b e^(−n/t)",
    "accelerating": "accelerating a + b n^½",
    "last": "last value",
}


def labels_answer(growth: LabelGrowth) -> str:
    """Return the answer for the best arm in one sentence or two: its score with more labels, or what is missing."""
    best, size = growth.best, growth.size
    if best.is_noisy(size):
        return _noisy(growth, best)
    expected = best.expected(size)
    now = best.measured[best.largest]
    text = f"With {size:,} {growth.unit} {best.label} would have about {_score(growth, expected.mean)} "
    interval = interval_text(expected, growth.scale)
    text += f"{metric_label(growth.analysis.metric or '')} ({interval}), {_more(growth, expected, now)}"
    if growth.is_far:
        text += f" That is {size / best.largest:.0f} times the largest size measured: too far to rely on."
    return text


def _more(growth: LabelGrowth, expected: Expected, now: float) -> str:
    scale, best = growth.scale, growth.best
    gain = scale.gain(expected.mean - now)
    amount = f"{scale.show(abs(gain), shown_digits(scale))}{f' {scale.unit}' if scale.unit else ''}"
    if expected.size <= best.largest:
        return f"which is within the sizes measured, up to {best.largest:,}."
    least = min(scale.gain(end - now) for end in (expected.ci_low, expected.ci_high))
    none = "; the interval includes no gain" if least <= 0 else ""
    return f"{amount} {'better' if gain >= 0 else 'worse'} than with {best.largest:,}{none}."


def _noisy(growth: LabelGrowth, best: ArmGrowth) -> str:
    expected = best.expected(growth.size)
    more, number = best.more_replicates(growth.size), len(best.growth.scores)
    text = (
        f"The curve of {best.label} is still too noisy to say what {growth.size:,} {growth.unit} would give: "
        f"about {_score(growth, expected.mean)} ({interval_text(expected, growth.scale)})."
    )
    if more is None:
        return f"{text} More replicates would not help, as the forecasts differ: measure sizes above {best.largest:,}."
    return f"{text} About {count(more, 'more replicate')} would do: replicates={number + more}."


def label_sentences(growth: LabelGrowth) -> list[str]:
    """Return further sentences: the target, what a better representation saves, the floor, and lacking types."""
    lines = [*_target_lines(growth), *_saved(growth)]
    if growth.floor:
        method, score = growth.floor.label.removeprefix("floor: "), growth.floor.expected(growth.size).mean
        if growth.scale.gain(score) >= growth.scale.gain(growth.best.expected(growth.size).mean):
            lines.append(
                f"No arm is forecast to beat the simple baseline ({method}): {_score(growth, score)} with "
                f"{growth.size:,} {growth.unit}."
            )
    if growth.lacking:
        lines.append(_lacking(growth))
    lines += [f"{name} has no forecast: it {why}." for name, why in growth.refused.items()]
    for arm in growth.with_floor(growth.arms):
        if arm.left_out:
            lines.append(f"{arm.label}: {count(arm.left_out, 'replicate')} left out, which lack a size.")
    return lines


def _target_lines(growth: LabelGrowth) -> list[str]:
    if growth.target is None:
        return []
    wanted = _score(growth, growth.target)
    parts = [f"{arm.label} {_reach(arm.reach(growth.target), arm)}" for arm in growth.with_floor(growth.ranked)]
    return [f"{sentence(growth.unit)} for {wanted} {metric_label(growth.analysis.metric or '')}: {'; '.join(parts)}."]


def _saved(growth: LabelGrowth) -> list[str]:
    """Return what the best arm saves against the next: as measured, else by the forecasts."""
    if measured := saving_answers(growth.analysis):
        return measured[:1]
    if len(growth.ranked) < 2 or any(arm.is_noisy(growth.size) for arm in growth.ranked[:2]):
        return []
    best, other = growth.ranked[:2]
    size = best.reach(other.expected(growth.size).mean).size
    if not math.isfinite(size) or size >= growth.size:
        return []
    return [
        f"{best.label} would reach with about {size:,.0f} {growth.unit} what {other.label} would have with "
        f"{growth.size:,}."
    ]


def _lacking(growth: LabelGrowth) -> str:
    scale = metric_scale(growth.analysis.table, "test/f1")
    parts = []
    for one in growth.lacking[:MOST_NAMED]:
        known = math.isfinite(one.training) and growth.analysis.size_unit is EXAMPLES
        of = f", {mean_count_text(one.training)} of {growth.best.largest:,}" if known else ""
        parts.append(f"{sanitize(one.name, 40)} ({scale.show(one.f1, 1)} % F1{of})")
    return f"Labels are most lacking for {join_and(parts)}."


def forecast_table(growth: LabelGrowth) -> PageTable:
    """Return the score of each arm at the largest size, and at each size that is forecast."""
    scale, sizes, rows = growth.scale, growth.forecast_sizes, []
    for arm in growth.with_floor(growth.ranked):
        now = arm.measured[arm.largest]
        cells = [number_cell(now, scale.show(now, shown_digits(scale)))]
        cells += [_expected_cell(growth, expected) for expected in arm.at(sizes)]
        rows.append((TableCell(arm.label, arm=arm.index, muted=arm is growth.floor), *cells))
    header = ("arm", f"{growth.largest:,} {growth.unit}", *(_size_head(growth, size) for size in sizes))
    return PageTable("", header, tuple(rows), _table_note(growth))


def _size_head(growth: LabelGrowth, size: int) -> str:
    times = size / growth.largest
    return f"{size:,}" + (f" ({times:.0f}x)" if times >= 1 and times == round(times) else "")


def _table_note(growth: LabelGrowth) -> str:
    note = f"{sentence(metric_label(growth.analysis.metric or ''))}: measured, then forecasts with their {_FORECAST}s."
    far = [f"{size:,}" for size in growth.forecast_sizes if size > FARTHEST * growth.largest]
    return note + (
        f" More than {FARTHEST} times the largest size measured, too far to rely on: {', '.join(far)}." if far else ""
    )


def _expected_cell(growth: LabelGrowth, expected: Expected) -> TableCell:
    scale, digits = growth.scale, shown_digits(growth.scale)
    ends = between(scale.show(expected.ci_low, digits), scale.show(expected.ci_high, digits))
    return number_cell(expected.mean, f"{scale.show(expected.mean, digits)} ({ends})")


def reach_table(growth: LabelGrowth) -> PageTable:
    """Return the labels that each arm needs for the target, with intervals; without rows if there is no target."""
    rows = []
    for arm in growth.with_floor(growth.ranked) if growth.target is not None else ():
        reach = arm.reach(growth.target or 0.0)
        ends = between(_size(reach.low, arm), _size(reach.high, arm))
        rows.append((
            TableCell(arm.label, arm=arm.index), number_cell(reach.size, _size(reach.size, arm)),
            number_cell(reach.low, ends),
        ))  # fmt: skip
    title = "" if growth.target is None else f"{sentence(growth.unit)} for {_score(growth, growth.target)}"
    return PageTable(title, ("arm", growth.unit, _FORECAST), tuple(rows))


def lacking_table(growth: LabelGrowth) -> PageTable:
    """Return the types or classes of the best arm, the lowest F1 first."""
    scale, rows = metric_scale(growth.analysis.table, "test/f1"), []
    head, intervals = interval_column([interval_of(one, scale, 1) for one in growth.lacking])
    for one, interval in zip(growth.lacking, intervals, strict=True):
        training = mean_count_text(one.training)
        rows.append((
            TableCell(sanitize(one.name, 60)), number_cell(one.f1, scale.show(one.f1, 1)),
            number_cell(one.training, training),
            number_cell(one.gain, scale.signed(one.gain, 1)), interval,
        ))  # fmt: skip
    note = (
        f"{growth.best.label} at {growth.best.largest:,} {growth.unit}: mean F1 in %, mean number of training examples "
        "(of entities for tagging), and the gain of F1 in points per doubling, between the two largest sizes."
    )
    return PageTable("", ("class or type", "F1", "training examples", "gain", head), tuple(rows), note)


def curve_table(growth: LabelGrowth) -> PageTable:
    """Return how well each family of curves predicted the largest size of each arm, and its weight."""
    rows = []
    for arm in growth.with_floor(growth.arms):
        for place, family in enumerate(FAMILIES):
            error = arm.sign * float(arm.growth.errors[place])
            weight = float(arm.growth.weights[place])
            alone = arm.sign * float(arm.growth.fits[place].at([growth.size]).mean())
            rows.append((
                TableCell(arm.label, arm=arm.index), TableCell(_FORMULAS[family]),
                number_cell(error, growth.scale.signed(error, 1 + shown_digits(growth.scale))),
                number_cell(weight, f"{100 * weight:.0f}"),
                number_cell(alone, growth.scale.show(alone, shown_digits(growth.scale))),
                integer_cell(len(arm.growth.scores)),
            ))  # fmt: skip
    header = ("arm", "curve", f"error at {growth.largest:,}", "weight (%)", f"at {growth.size:,} alone", "replicates")
    note = "Error: forecast minus score at the largest size, by curves fitted to the smaller sizes of each replicate."
    return PageTable("", header, tuple(rows), note, folded=True)


def _reach(reach: Reach, arm: ArmGrowth) -> str:
    size, low, high = (_size(value, arm) for value in (reach.size, reach.low, reach.high))
    if reach.size == reach.high == -math.inf:
        return f"{size}"
    return f"about {size} ({low} to {high})" if math.isfinite(reach.size) else f"{size} ({low} at best)"


def _size(size: float, arm: ArmGrowth) -> str:
    if size == -math.inf:
        return f"{arm.sizes[0]:,} or fewer"
    if size == math.inf:
        return f"over {FARTHEST * arm.largest:,}"
    digits = max(0, 2 - len(f"{size:.0f}"))
    return f"{round(size, digits if size < 100 else 2 - len(f'{size:.0f}')):,.0f}"


def _score(growth: LabelGrowth, value: float) -> str:
    return score_text(value, growth.scale)
