"""The sections of a report with their tables, in reading order, for the page and report.md."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.sections.arms_and_cells import arm_table, cell_table, unfinished_table
from seedbed.report.sections.confusion import confusion_tables
from seedbed.report.sections.context import Section
from seedbed.report.sections.cost import cost_table
from seedbed.report.sections.differences import comparison_table, second_opinion_table
from seedbed.report.sections.epochs import epoch_table
from seedbed.report.sections.floor import floor_tables
from seedbed.report.sections.label_savings import saving_tables
from seedbed.report.sections.learned_mixes import mix_tables
from seedbed.report.sections.page_table import PageTable
from seedbed.report.sections.published import verdict_tables
from seedbed.report.sections.ranking import pair_table
from seedbed.report.sections.search_changes import search_change_table
from seedbed.report.sections.settings import setting_table
from seedbed.report.sections.span_matching import matching_tables
from seedbed.report.sections.stage_times import time_table
from seedbed.report.sections.tuning_tables import SECTION as TUNING
from seedbed.report.sections.tuning_tables import tuning_tables
from seedbed.report.sections.type_scores import section_title, type_tables
from seedbed.report.sections.variance import variance_tables

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


CONFUSION, CELLS = "Confusion", "All cells"


def contents(analysis: "Analysis", output: str = "") -> list[Section]:
    """Return all sections that have tables with rows; ``output``: the folder of the report, for commands."""
    tables: list[tuple[str, list[PageTable]]] = []
    if (metric := analysis.metric) is not None:
        tables += [
            (
                "Differences",
                [comparison_table(analysis, metric), second_opinion_table(analysis, metric), pair_table(analysis)],
            ),
            (TUNING, tuning_tables(analysis, output)),
            ("Arms", [arm_table(analysis, metric)]),
            ("What the arms differ in", [setting_table(analysis)]),
            ("Where the spread comes from", [*variance_tables(analysis), search_change_table(analysis)]),
            ("Label savings", saving_tables(analysis)),
            ("The floor", floor_tables(analysis)),
            ("Published numbers", verdict_tables(analysis)),
            ("Cost", [cost_table(analysis), time_table(analysis.inputs.times)]),
            (section_title(analysis), type_tables(analysis)),
            ("Matching of spans", matching_tables(analysis)),
            (CONFUSION, confusion_tables(analysis)),
            ("Training curves", [epoch_table(analysis)]),
            ("Learned mixes of layers", mix_tables(analysis)),
        ]
        kinds = (comparison_table, second_opinion_table, arm_table)
        tables.append(("Other scores", [table(analysis, name) for name in analysis.metrics[1:] for table in kinds]))
    tables.append(("Cells not finished", [unfinished_table(analysis)]))
    tables.append((CELLS, [cell_table(analysis)]))
    shown = [(title, [table for table in group if table.rows]) for title, group in tables]
    return bounded([Section(title, tables=tuple(group)) for title, group in shown if group])


def shortened(sections: Sequence[Section]) -> list[Section]:
    """Return the sections without the table of all cells, and with one confusion matrix."""
    return [
        replace(section, tables=section.tables[:1]) if section.title == CONFUSION else section
        for section in sections
        if section.title != CELLS
    ]


MOST_ROWS, FEWEST_ROWS = 4_000, 20
"""Most rows of all tables of a page together, and of each table beyond that."""
MOST_COLUMNS = 40


def bounded(sections: Sequence[Section]) -> list[Section]:
    """Return the sections with tables cut to about MOST_ROWS rows in all, the first ones complete."""
    remaining, cut_sections = MOST_ROWS, []
    for section in sections:
        tables = []
        for table in section.tables:
            tables.append(_cut(table, max(remaining, FEWEST_ROWS)))
            remaining -= len(tables[-1].rows)
        cut_sections.append(replace(section, tables=tuple(tables)))
    return cut_sections


def _cut(table: PageTable, most_rows: int) -> PageTable:
    notes = [table.note] if table.note else []
    if len(table.rows) > most_rows:
        notes.append(f"The first {most_rows:,} of {len(table.rows):,} rows; the CSV files have all data.")
    if len(table.header) > MOST_COLUMNS:
        notes.append(f"The first {MOST_COLUMNS} of {len(table.header):,} columns.")
    if len(notes) == bool(table.note):
        return table
    rows = tuple(row[:MOST_COLUMNS] for row in table.rows[:most_rows])
    return replace(table, header=table.header[:MOST_COLUMNS], rows=rows, note=" ".join(notes))
