"""What a report shows of a study too large to be shown whole: what keeps a page small, and a word on the rest."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from seedbed.report.context import Section
from seedbed.report.entries import PageTable

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_ARMS = 16
"""Arms in a picture."""
MOST_PANELS, MOST_SIZES = 9, 60
"""Sizes in a picture that has a panel a size, and in one that has them on an axis."""
MOST_ROWS, FEWEST_ROWS = 4_000, 20
"""Rows of all tables of a page together, and of each when those are used up."""
MOST_COLUMNS = 40

T = TypeVar("T")


def spread_out(values: Sequence[T], most: int) -> list[T]:
    """``most`` of the values at even distances, the first and the last among them; all where there are no more."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]


def drawn_part(study: "Study", most_sizes: int) -> tuple["Study", str]:
    """The arms and sizes of a study that fit a picture, and what follows its title where some do not.

    Of the arms the first, which is the baseline, and those that are best at the largest size where they have a score.
    """
    arms, sizes = _best_arms(study), spread_out(study.sizes, most_sizes)
    if len(arms) == len(study.arms) and len(sizes) == len(study.sizes):
        return study, ""
    said = []
    if len(arms) < len(study.arms):
        said.append(f"the first and the best {len(arms) - 1} of {len(study.arms):,} arms")
    if len(sizes) < len(study.sizes):
        said.append(f"{len(sizes)} of {len(study.sizes):,} sizes")
    tables = {name: _within(table, arms, sizes) for name, table in study.summaries.items()}
    part = replace(
        study, arms=tuple(arms), sizes=tuple(sizes), table=_within(study.table, arms, sizes), summaries=tables
    )
    return part, f"; {' and '.join(said)}"


def bounded(sections: Sequence[Section]) -> list[Section]:
    """The sections with tables cut so that all together have about MOST_ROWS rows, the first ones whole."""
    left, found = MOST_ROWS, []
    for section in sections:
        tables = []
        for table in section.tables:
            tables.append(_cut(table, max(left, FEWEST_ROWS)))
            left -= len(tables[-1].rows)
        found.append(replace(section, tables=tuple(tables)))
    return found


def _cut(table: PageTable, most_rows: int) -> PageTable:
    said = [table.note] if table.note else []
    if len(table.rows) > most_rows:
        said.append(f"The first {most_rows:,} of {len(table.rows):,} rows; the CSV files hold what all are made of.")
    if len(table.heads) > MOST_COLUMNS:
        said.append(f"The first {MOST_COLUMNS} of {len(table.heads):,} columns.")
    if len(said) == bool(table.note):
        return table
    rows = tuple(row[:MOST_COLUMNS] for row in table.rows[:most_rows])
    return replace(table, heads=table.heads[:MOST_COLUMNS], rows=rows, note=" ".join(said))


def _best_arms(study: "Study") -> list[str]:
    if len(study.arms) <= MOST_ARMS:
        return list(study.arms)
    summary = study.summaries[study.metric]
    last = summary[summary["mean"].notna()].drop_duplicates("arm", keep="last")
    ranked = last.sort_values("mean", ascending=not study.scales[study.metric].higher_is_better, kind="stable")["arm"]
    best = [arm for arm in ranked if arm != study.arms[0]][: MOST_ARMS - 1]
    return [arm for arm in study.arms if arm in {study.arms[0], *best}]


def _within(table: T, arms: Sequence[str], sizes: Sequence[int]) -> T:
    return table[table["arm"].isin(arms) & table["n_train"].isin(sizes)].reset_index(drop=True)
