import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.histories import epoch_curve
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.pages.html import render_page
from seedbed.report.pages.terminal import print_report
from seedbed.report.pages.write import write_report
from seedbed.report.pictures.epochs import MOST_BY_TYPE, NAMES, SECTION
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.contents import contents
from seedbed.report.sections.epochs import epoch_table

FINITE = st.floats(-10, 10)


@given(st.lists(st.lists(FINITE, max_size=6), min_size=1, max_size=6))
def test_a_course_is_over_those_that_still_train_and_ends_at_half(values):
    found, values = epoch_curve(values), [own for own in values if own]
    if not values:
        assert found is None
        return
    for epoch in range(len(found.mean)):
        here = [own[epoch] for own in values if len(own) > epoch]
        assert found.training[epoch] == len(here) >= len(values) / 2
        assert found.mean[epoch] == pytest.approx(np.mean(here))
        assert [found.low[epoch], found.high[epoch]] == pytest.approx(np.percentile(here, [10, 90]))
    assert sum(len(own) > len(found.mean) for own in values) < len(values) / 2


def test_what_is_not_finite_is_left_out():
    found = epoch_curve([[1.0, np.nan, 3.0], [2.0, 4.0, np.inf]])
    assert found.mean.tolist() == [1.5, 4.0, 3.0]
    assert epoch_curve([[np.nan, 1.0]]) is None


class Histories:
    """A store that keeps histories alone."""

    def __init__(self, of):
        self.of = of

    def history(self, run):
        return self.of(run)

    def predictions(self, run):
        return ()

    def read(self, run, name):
        return None

    def address(self, run):
        return f"https://mlflow.example.org/{run}"


def history(run, types=("per", "<b>"), epochs=None):
    epochs = epochs or 3 + int(run.rpartition("-")[2]) % 3
    names = ["train/loss", "validation/loss", "validation/f1", "test/f1"]
    names += [
        f"{split}/{s}/{t}" for split in ("validation", "test") for s in ("precision", "recall", "f1") for t in types
    ]
    return {name: tuple(0.1 * (n + 1) for n in range(epochs)) for name in names}


def analysis(cells, of, arms=("a", "b"), **changes):
    table = cells(arms, (50, 200), 4, "tagging", ("per", "<b>"))
    table["run"] = [f"run-{n}" for n in range(len(table))]
    return analyse(table.assign(**changes), inputs=ReportInputs(artifacts=Histories(of)))


@pytest.mark.slow
def test_pictures_of_the_largest_size_stand_in_their_section(cells):
    found = analysis(cells, history, epochs=4.0, best_epoch=2.0)
    pictures = [picture for picture in pictures_of(found) if picture.section == SECTION]
    assert [picture.name for picture in pictures] == ["epochs", "types-0", "types-1"]
    assert set(NAMES) >= {picture.name for picture in pictures}
    assert "200 examples" in pictures[0].title
    assert b"a, epoch 1: 10.00 (10.00 to 10.00), four replicates" in pictures[0].svg
    assert b"replicates still training" in pictures[0].svg
    page = render_page(found, contents(found), pictures, title="x")
    at = page.index(f">{SECTION}</h2>")
    assert page.count("<figure>") == 3
    assert page.count("<figure>", at) == 3
    assert "<b>, " not in page


@pytest.mark.slow
def test_without_a_section_of_their_own_the_pictures_are_shown_all_the_same(cells):
    found = analysis(cells, history)
    page = render_page(found, contents(found), pictures_of(found), title="x")
    assert page.count("<figure>") == len(pictures_of(found))
    assert f">{SECTION}</h2>" not in page


@pytest.mark.slow
def test_the_number_of_pictures_is_bounded(cells):
    arms = tuple("abcdefghij")
    names = [picture.name for picture in pictures_of(analysis(cells, history, arms)) if picture.section == SECTION]
    assert len(names) == 1 + MOST_BY_TYPE


@pytest.mark.slow
def test_damaged_and_missing_histories_are_no_error(cells):
    def damaged(run):
        raise InputError(f"{run}: not whole")

    for of in (damaged, lambda run: {}, lambda run: {"train/loss": ()}, lambda run: history(run, epochs=1)):
        assert not [picture for picture in pictures_of(analysis(cells, of)) if picture.section == SECTION]


@pytest.mark.slow
def test_a_damaged_history_is_said_with_its_run_on_every_page_and_in_the_terminal(cells, tmp_path):
    def of(run):
        if run in ("run-5", "run-13"):
            raise InputError(f"epochs.json of run {run}: the file is damaged: no end")
        return history(run)

    found, said = analysis(cells, of), "cells cannot be read: epochs.json of run run-5: the file is damaged: no end"
    write_report(found, tmp_path, title="x")
    assert warnings_of(found)[-1] == f"Epochs of two {said}"
    for file in ("index.html", "report.md"):
        assert said in (tmp_path / "report" / file).read_text("utf-8")
    for verbose in (False, True):
        out = io.StringIO()
        print_report(found, Console(file=out, width=200), verbose)
        assert out.getvalue().count(f"! Epochs of two {said}") == 1


@pytest.mark.slow
def test_types_without_a_value_have_no_picture(cells):
    found = analysis(cells, lambda run: {"train/loss": (1.0, 0.5), "test/f1/per": ()})
    names = [picture.name for picture in pictures_of(found) if picture.section == SECTION]
    assert names == ["epochs"]


@pytest.mark.slow
def test_every_type_and_score_is_in_the_picture_with_each_split(cells):
    picture = next(one for one in pictures_of(analysis(cells, history)) if one.name == "types-0")
    svg = picture.svg.decode()
    for kind in ("per", "&lt;b&gt;"):
        for split in ("validation", "test"):
            for score in ("precision", "recall", "F1"):
                assert f"{kind}, {score}, {split}, epoch 1: 10.00" in svg


def test_the_table_says_how_long_arms_trained(cells):
    table = cells(("a",), (50,), 3).assign(epochs=[4.0, 6.0, 9.0], best_epoch=2.0)
    (row,) = epoch_table(analyse(table)).rows
    assert [entry.text for entry in row] == ["50", "a", "3", "6 (4 to 9)", "2"]
    assert epoch_table(analyse(cells())).rows == ()


def test_arms_that_are_fitted_at_once_have_no_row_of_epochs(cells):
    table = cells(arms=("probe", "cnn"), replicates=6)
    table["epochs"], table["best_epoch"] = 0, 0
    assert epoch_table(analyse(table)).rows == ()
    of_cnn = table["arm"] == "cnn"
    table.loc[of_cnn, ["epochs", "best_epoch"]] = [9, 5]
    rows = epoch_table(analyse(table)).rows
    assert {row[1].text for row in rows} == {"cnn"}
    assert len(rows) == table["n_train"].nunique()


def test_cells_link_to_their_runs(cells):
    page = render_page(analysis(cells, history), contents(analysis(cells, history)), [], title="x")
    assert page.count('<a href="https://mlflow.example.org/run-') == 16
    assert 'rel="noreferrer">run-0</a>' in page
    assert "must be running" in page


def test_an_address_that_is_none_of_the_web_is_no_link(cells):
    class Bad(Histories):
        def address(self, run):
            return "javascript:alert(1)"

    table = cells().assign(run="r1")
    found = analyse(table, inputs=ReportInputs(artifacts=Bad(history)))
    page = render_page(found, contents(found), [], title="x")
    assert "javascript:" not in page
    assert "must be running" not in page
