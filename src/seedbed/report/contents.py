"""What a report has to show in tables, in reading order: one list for the page and for report.md."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.bounds import bounded
from seedbed.report.comparison_tables import comparison_table, opinion_table
from seedbed.report.confusion_shown import confusion_tables
from seedbed.report.context import Section
from seedbed.report.cost import cost_table
from seedbed.report.entries import PageTable
from seedbed.report.epochs import epoch_table
from seedbed.report.floor_shown import floor_tables
from seedbed.report.mixes import mix_tables
from seedbed.report.page_tables import arm_table, cell_table, unfinished_table
from seedbed.report.published.verdicts_shown import verdict_tables
from seedbed.report.savings_shown import saving_tables
from seedbed.report.settings_shown import setting_table
from seedbed.report.type_scores import type_tables
from seedbed.report.variance_shown import variance_tables

if TYPE_CHECKING:
    from seedbed.report.study import Study


CONFUSION, CELLS = "Confusion", "All cells"


def contents(study: "Study") -> list[Section]:
    """The tables under the pictures; those that would be empty are left out."""
    tables: list[tuple[str, list[PageTable]]] = []
    if study.metric is not None:
        tables += [
            ("Differences", [comparison_table(study, study.metric), opinion_table(study, study.metric)]),
            ("Arms", [arm_table(study, study.metric)]),
            ("What the arms differ in", [setting_table(study)]),
            ("Where the spread comes from", variance_tables(study)),
            ("Label savings", saving_tables(study)),
            ("The floor", floor_tables(study)),
            ("Published numbers", verdict_tables(study)),
            ("Cost", [cost_table(study)]),
            ("Scores by type", type_tables(study)),
            (CONFUSION, confusion_tables(study)),
            ("Epoch by epoch", [epoch_table(study)]),
            ("Learned mixes of layers", mix_tables(study)),
        ]
        kinds = (comparison_table, opinion_table, arm_table)
        tables.append(("Other scores", [table(study, name) for name in study.metrics[1:] for table in kinds]))
    tables.append(("Cells not finished", [unfinished_table(study)]))
    tables.append((CELLS, [cell_table(study)]))
    kept = [(title, [table for table in found if table.rows]) for title, found in tables]
    return bounded([Section(title, tables=tuple(found)) for title, found in kept if found])


def shortened(sections: Sequence[Section]) -> list[Section]:
    """Without the row of each cell, and with one confusion matrix."""
    return [
        replace(section, tables=section.tables[:1]) if section.title == CONFUSION else section
        for section in sections
        if section.title != CELLS
    ]
