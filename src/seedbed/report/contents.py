"""What a report has to show in tables, in reading order: one list for the page and for report.md."""

from typing import TYPE_CHECKING

from seedbed.report.comparison_tables import comparison_table, opinion_table
from seedbed.report.context import Section
from seedbed.report.entries import PageTable
from seedbed.report.floor_shown import floor_tables
from seedbed.report.mixes import mix_tables
from seedbed.report.page_tables import arm_table, cell_table, type_tables, unfinished_table

if TYPE_CHECKING:
    from seedbed.report.study import Study


def contents(study: "Study", cells: bool = True) -> list[Section]:
    """The tables under the pictures; those that would be empty are left out. ``cells``: with a row of each cell."""
    tables: list[tuple[str, list[PageTable]]] = []
    if study.metric is not None:
        tables += [
            ("Differences", [comparison_table(study, study.metric), opinion_table(study, study.metric)]),
            ("Arms", [arm_table(study, study.metric)]),
            ("The floor", floor_tables(study)),
            ("F1 by type", type_tables(study)),
            ("Learned mixes of layers", mix_tables(study)),
        ]
        kinds = (comparison_table, opinion_table, arm_table)
        tables.append(("Other scores", [table(study, name) for name in study.metrics[1:] for table in kinds]))
    tables.append(("Cells not finished", [unfinished_table(study)]))
    if cells:
        tables.append(("All cells", [cell_table(study)]))
    kept = [(title, [table for table in found if table.rows]) for title, found in tables]
    return [Section(title, tables=tuple(found)) for title, found in kept if found]
