import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.searches import cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.pictures.cost import Point, pareto_front, points_of
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.cost import cost_table


def texts(table):
    return [[entry.text for entry in row] for row in table.rows]


def test_rows_have_median_and_range_of_each_arm_and_size(cells):
    table = cells(("a", "b"), (50,), 3)
    table["seconds"] = [1.0, 3.0, 2.0, 250.0, 250.0, 250.0]
    table["energy_j"] = [math.nan, 10.0, 20.0, math.nan, math.nan, math.nan]
    table["trained_weights"] = 12_345.0
    shown = cost_table(analyse(table))
    assert shown.header == ("examples", "arm", "finished", "seconds", "peak MB", "joules", "trained weights")
    assert texts(shown) == [
        ["50", "a", "3", "2.0 (1.0 to 3.0)", "800", "15.0 (10.0 to 20.0)", "12,345"],
        ["50", "b", "3", "250", "800", "–", "12,345"],
    ]


def test_only_finished_cells_count_and_a_table_without_cost_has_no_rows(cells, bare):
    table = cells(("a",), (50,), 3).assign(status=["finished", "failed", "finished"])
    table["seconds"] = [1.0, 100.0, 3.0]
    assert texts(cost_table(analyse(table)))[0][2:4] == ["2", "2.0 (1.0 to 3.0)"]
    assert cost_table(analyse(bare({"a": [0.1, 0.2]}))).rows == ()


def searched_study(**columns):
    trials = make_trials(("a", "b"), (50,), 3, budget=4).assign(**columns)
    table = cells_of(trials)
    table = table[(table["arm"] == "b") | (table["setting"] == "default")]  # a was not tuned
    tuning = Tuning(trials, {}, "random", 4, "validation/accuracy")
    return trials, table, analyse(table, inputs=ReportInputs(tuning=tuning))


def test_a_tuned_arm_costs_its_search_too():
    trials, _, analysis = searched_study()
    shown = cost_table(analysis)
    assert shown.header[3:] == ("seconds", "seconds of its search")
    (_, _, _, own, search), (_, _, _, _, found) = shown.rows
    assert (own.text, search.text) != ("–", "–")
    assert search.text == "–"
    sums = trials[trials["arm"] == "b"].groupby("replicate")["seconds"].sum()
    assert found.number == pytest.approx(sums.median())
    assert "A tuned arm costs its search too" in shown.note


def test_joules_of_a_search_have_a_column_where_cells_have_one(cells):
    trials, table, _ = searched_study(energy_j=5.0)
    tuning = Tuning(trials, {}, "random", 4, "validation/accuracy")
    shown = cost_table(analyse(table.assign(energy_j=7.0), inputs=ReportInputs(tuning=tuning)))
    assert shown.header[3:] == ("seconds", "joules", "seconds of its search", "joules of its search")
    assert [row[-1].text for row in shown.rows] == ["–", "20.0"]
    assert "search" not in cost_table(analyse(cells())).note


def test_the_picture_of_cost_counts_the_search():
    trials, table, analysis = searched_study()
    points = {point.arm: point for point in points_of(analysis)}
    seconds = trials[trials["arm"] == "b"].groupby("replicate")["seconds"].sum()
    own = table[table["setting"] == "tuned"].set_index("replicate")["seconds"]
    assert points["b"].seconds == pytest.approx((seconds + own).median())
    assert points["a"].seconds == pytest.approx(table[table["arm"] == "a"]["seconds"].median())
    (picture,) = [one for one in pictures_of(analysis) if one.name == "cost"]
    assert "against the seconds of a cell and its search" in picture.title
    assert "s a cell and its search" in picture.alt or "a, 50 examples" in picture.alt


points = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12)


@given(points, st.booleans())
def test_no_point_beats_the_pareto_front(result, higher):
    points = [
        Point(50, str(n), seconds, seconds, seconds, score, score, score) for n, (seconds, score) in enumerate(result)
    ]
    sign = 1 if higher else -1

    def beaten(one):
        return any(
            (other.seconds, -sign * other.score) != (one.seconds, -sign * one.score)
            and other.seconds <= one.seconds
            and sign * other.score >= sign * one.score
            for other in points
        )

    expected = {(one.seconds, one.score) for one in points if not beaten(one)}
    front_ = pareto_front(points, higher)
    assert {(one.seconds, one.score) for one in front_} == expected
    assert len(front_) == len(expected)
    assert front_ == sorted(front_, key=lambda point: point.seconds)


def test_a_point_has_the_mean_and_the_median_seconds(cells):
    table = cells(("a", "b"), (50, 200), 6)
    table["seconds"] = np.arange(24.0)
    first = points_of(analyse(table))[0]
    assert (first.arm, first.n_train, first.seconds, first.fastest, first.slowest) == ("a", 50, 2.5, 0.0, 5.0)
    assert first.score == pytest.approx(100 * table["test/accuracy"][:6].mean())
    assert first.low < first.score < first.high


@pytest.mark.slow
def test_a_picture_needs_two_points(cells):
    def names(table):
        return [picture.name for picture in pictures_of(analyse(table))]

    assert "cost" in names(cells(("a", "b"), (50,)))
    assert "cost" not in names(cells(("a",), (50,)))
    assert "cost" not in names(cells().drop(columns="seconds"))
    assert "cost" not in names(cells().assign(seconds=0.0))
    assert "cost" not in names(cells().assign(seconds=math.nan))


def test_the_alt_text_has_the_pareto_front(cells):
    table = cells(("slow", "quick"), (50,), 6)
    table["seconds"] = [100.0] * 6 + [0.5] * 6
    (picture,) = [picture for picture in pictures_of(analyse(table)) if picture.name == "cost"]
    assert "quick, 50 examples" in picture.alt  # later arms score higher
    assert "slow" not in picture.alt
    assert b"seconds per cell (logarithmic)" in picture.svg
    assert picture.svg.count(b"<title>") == 2
