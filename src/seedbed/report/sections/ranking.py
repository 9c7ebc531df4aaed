"""The ranked table: arms and floors, best first, with letters; and the tests behind the letters."""

from typing import TYPE_CHECKING

from seedbed.report.analysis.floor import ArmVsBaseline, BaselineScores, floor_name
from seedbed.report.analysis.ranking import PairTest, RankedArm, Ranking
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    interval_column,
    interval_of,
    metric_title,
    number_cell,
    shown_digits,
)
from seedbed.report.sections.rows import primary
from seedbed.report.statistics.sign_flips import sign_flip_interval
from seedbed.report.wording import count, join_limited, p_text, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

MOST_SIZES = 4
"""Sizes with a column; of more, only that of the headline."""
MOST_ROWS = 200
BEATS = {True: "yes", False: "no", None: "–"}
_COLUMNS = ("n_train", "rank", "arm", "kind", "n", "mean", "ci_low", "ci_high", "ci_level", "letters")


def ranked_table(analysis: "Analysis") -> PageTable:
    """Return a row per arm and floor at the size of the headline, best first, with other sizes if they are few."""
    ranking = analysis.ranking
    if ranking is None:
        return PageTable("", (), ())
    metric, scale = primary(analysis)
    others = [size for size in reversed(analysis.sizes) if size != ranking.n_train and analysis.rankings[size].arms]
    others = others if len(others) < MOST_SIZES else []
    names, with_floor = arm_cells(analysis), analysis.floor is not None
    by_size = {size: {row.arm: row for row in analysis.rankings[size].arms} for size in others}
    rows = [
        (row, names[row.arm], [by_size[size].get(row.arm) for size in others], _beats(analysis, ranking, row.arm))
        for row in ranking.arms
    ]
    floors = {size: {row.arm: row for row in floor_rows(analysis, size)} for size in others}
    rows += [
        (row, TableCell(_floor_text(row.arm), muted=True), [floors[size].get(row.arm) for size in others], "")
        for row in floor_rows(analysis, ranking.n_train)
    ]
    rows.sort(key=lambda row: -scale.gain(row[0].mean))
    head, intervals = interval_column([interval_of(row, scale, shown_digits(scale)) for row, *_ in rows])
    cells = tuple(
        (name, TableCell(row.letters or ("" if name.muted else "–")), _mean(analysis, row), interval,
         *(_with_letters(analysis, other) for other in elsewhere), *([TableCell(beats)] if with_floor else []))
        for (row, name, elsewhere, beats), interval in zip(rows, intervals, strict=True)
    )  # fmt: skip
    header = ("arm", "ties", f"at {ranking.n_train:,}", head, *(f"at {size:,}" for size in others),
              *(["beats floor"] if with_floor else []))  # fmt: skip
    title = f"{metric_title(analysis, metric)} at {analysis.sized(ranking.n_train)}, best first"
    return PageTable(title, header, cells[:MOST_ROWS], _note(analysis, ranking))


def floor_rows(analysis: "Analysis", n_train: int) -> list[RankedArm]:
    """Return the floors at a size as rows without letters, with the interval of their mean over draws."""
    series = [] if analysis.floor is None else analysis.floor.at(n_train)
    return [_floor_row(floor) for floor in series if floor.mean == floor.mean]


def _floor_row(floor: BaselineScores) -> RankedArm:
    scores = list(floor.scores.values())
    return RankedArm(floor.floor, len(scores), floor.mean, *sign_flip_interval(scores), "")


def _floor_text(floor: str) -> str:
    return f"floor: {floor_name(sanitize(floor, 60), short=True)}"


def _mean(analysis: "Analysis", row: RankedArm) -> TableCell:
    scale = analysis.scale
    return number_cell(row.mean, scale.show(row.mean, shown_digits(scale)))


def _with_letters(analysis: "Analysis", row: RankedArm | None) -> TableCell:
    """``60.9 ab``: the mean at another size with its letters there."""
    if row is None:
        return number_cell(float("nan"), "–")
    cell = _mean(analysis, row)
    return number_cell(row.mean, f"{cell.text} {row.letters}".rstrip())


def _beats(analysis: "Analysis", ranking: Ranking, arm: str) -> str:
    comparison: ArmVsBaseline | None = None
    if analysis.floor is not None:
        comparison = analysis.floor.comparison(ranking.n_train, arm)
    return BEATS[None if comparison is None else comparison.beats]


def _note(analysis: "Analysis", ranking: Ranking) -> str:
    """Return how letters are to be read, and the arms and pairs that they lack."""
    tested = [test for test in ranking.tests if test.tested]
    notes = []
    if not ranking.tests and len(ranking.arms) > 1:
        notes.append("The column ties is empty: there are too many pairs of arms to test.")
    elif not tested and len(ranking.arms) > 1:
        notes.append("The column ties is empty: no two arms share two pairs.")
    elif ranking.too_few:
        pairs = count(max(test.pairs for test in tested), "pair")
        notes.append(
            f"The column ties is empty: with {pairs} no difference can be significant after Holm's correction."
        )
    elif tested:
        corrected = f", corrected for the {count(len(tested), 'pair')} of arms at this size (Holm)," * (len(tested) > 1)
        notes.append(f"Arms that share a letter are tied: p of their paired test{corrected} is above 0.05.")
    if tested and len(tested) < len(ranking.tests):
        untested = [test for test in ranking.tests if not test.tested]
        names = [f"{analysis.labels[test.arm]} and {analysis.labels[test.other]}" for test in untested]
        notes.append(f"Not tested, as they share fewer than two replicates on the same draw: {join_limited(names, 3)}.")
    scored = {row.arm for row in ranking.arms}
    if absent := [analysis.labels[arm] for arm in analysis.arms if arm not in scored]:
        notes.append(f"Without a score at this size: {join_limited(absent, 4)}.")
    if len(ranking.arms) > MOST_ROWS:
        notes.append(f"The best {MOST_ROWS}; ranking.csv has all {len(ranking.arms):,} arms.")
    return " ".join(notes)


def pair_table(analysis: "Analysis") -> PageTable:
    """Return the tests behind the letters at the size of the headline; no rows for a single pair."""
    ranking = analysis.ranking
    if ranking is None or len(ranking.tests) < 2:
        return PageTable("", (), ())
    (_, scale), arms = primary(analysis), arm_cells(analysis)
    head, intervals = interval_column([interval_of(test, scale) for test in ranking.tests])
    rows = [
        (
            arms[test.arm], arms[test.other], integer_cell(test.pairs),
            number_cell(test.difference, scale.signed(test.difference)), interval,
            *(number_cell(p, p_text(p)) for p in (test.p_value, test.p_holm)), TableCell(_separated(test)),
        )
        for test, interval in zip(ranking.tests, intervals, strict=True)
    ]  # fmt: skip
    header = ("arm", "other arm", "pairs", "mean difference", head, "p", "p (Holm)", "separated")
    note = "The tests behind the letters of the ranked table: p (Holm) is corrected for all rows of this table."
    return PageTable(f"All pairs of arms at {analysis.sized(ranking.n_train)}", header, tuple(rows), note, True)


def _separated(test: PairTest) -> str:
    return "–" if not test.tested else "yes" if test.separated else "no"


def ranking_frame(analysis: "Analysis") -> "DataFrame":
    """Return the rows of ``ranking.csv`` in the unit of the table; ``kind`` is ``arm`` or ``floor``, without a rank."""
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for size, ranking in analysis.rankings.items():
        kinds = [("arm", str(rank), row) for rank, row in enumerate(ranking.arms, start=1)]
        kinds += [("floor", "", row) for row in floor_rows(analysis, size)]
        for kind, rank, row in kinds:
            values = (row.n, row.mean, row.ci_low, row.ci_high, row.ci_level, row.letters)
            rows.append((size, rank, row.arm, kind, *values))
    return pd.DataFrame(rows, columns=list(_COLUMNS))
