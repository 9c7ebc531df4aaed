"""Cells of page tables, and how every interval of a report is named."""

import math
import re

import pytest
from tests.report.searches import SPACES, cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.pages.html import render_page
from seedbed.report.pages.terminal import print_report
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.contents import contents
from seedbed.report.sections.page_table import Interval, interval_column, interval_name, table_texts
from seedbed.report.statistics.sign_flips import level_of, sign_flip_interval


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        ([0.96, 0.95], "95 % interval"),
        ([0.75, 0.75, math.nan], "75 % interval"),
        ([0.75, 0.97], "75 to 95 % interval"),
        ([math.nan], "range"),
        ([], "range"),
    ],
)
def test_an_interval_is_named_by_its_level(levels, name):
    assert interval_name(levels) == name


@pytest.mark.parametrize("number", range(1, 17))
def test_the_level_of_a_number_of_replicates_is_that_of_its_interval(number):
    covered = sign_flip_interval(list(range(number)))[2]
    assert level_of(number) == pytest.approx(min(covered, 0.95), nan_ok=True)


def test_cells_have_their_level_only_where_levels_differ():
    few, many = Interval(1.0, "1 to 2", 0.75), Interval(0.0, "0 to 3", 0.96)
    none, unknown = Interval(math.nan, "–", math.nan), Interval(2.0, "2 to 4", math.nan)
    assert [cell.text for cell in interval_column([few, none])[1]] == ["1 to 2", "–"]
    head, column = interval_column([few, many, none, unknown], "BCa")
    assert head == "BCa 75 to 95 % interval"
    assert [cell.text for cell in column] == ["1 to 2 (75 %)", "0 to 3 (95 %)", "–", "2 to 4 (range)"]
    assert [cell.number for cell in column] == [1.0, 0.0, math.inf, 2.0]


NORMAL_THEORY = ("Wilson", "of the variance")
"""Intervals that do not depend on the sign-flip test, so that few replicates do not lower their level."""


@pytest.mark.parametrize(("replicates", "level", "tuned"), [(2, "50", False), (3, "75", True)])
def test_nothing_in_a_report_of_few_replicates_is_called_a_95_percent_interval(cells, replicates, level, tuned):
    if tuned:
        arms, metric = ("random", "glove"), "validation/accuracy"
        trials = make_trials(arms, (50,), replicates)
        inputs = ReportInputs(tuning=Tuning(trials, dict.fromkeys(arms, SPACES), "random", 8, metric, False, {}))
        analysis = analyse(cells_of(trials, refit=True), inputs=inputs)
    else:
        analysis = analyse(cells(replicates=replicates))
    tables = [table for section in contents(analysis) for table in section.tables]
    heads = {head for table in tables for head in table.header}
    heads = {head for head in heads if not any(word in head for word in NORMAL_THEORY)}
    assert not [head for head in heads if "95 %" in head]
    assert {f"{level} % interval", f"{level} % interval of the mean", "BCa range"} <= heads
    texts = [text for table in tables for row in table_texts(table) for text in row]
    assert not [text for text in texts if re.search(r"\(\d+ %\)", text)]
    titles = [picture.title for picture in pictures_of(analysis)]
    assert not [title for title in titles if "95 %" in title]
    assert sum(f"{level} % interval" in title for title in titles) >= 3


def test_the_terminal_has_the_intervals_whatever_their_level(cells, capsys):
    print_report(analyse(cells(sizes=(50,), replicates=3)), verbose=True)
    shown = capsys.readouterr().out
    assert shown.count("75 % interval") >= 2
    assert "Second opinions: BCa range" in shown


def test_the_page_says_why_the_bootstrap_has_a_range(cells):
    page = " ".join(render_page(analyse(cells(sizes=(50,), replicates=3)), [], [], title="").split())
    assert "Below six pairs" in page
    assert "what the bootstrap shows is a range" in page
