"""What the arms differ in, and what they share."""

from dataclasses import replace

from tests.report.searches import make_trials

from seedbed.cells import NOT_READ
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.sections.settings import MOST_ROWS, setting_table

SETTINGS = {
    "a": {"encoder.units": "8", "training.epochs": "5", "task.crf": ""},
    "b": {"encoder.units": "<b>", "training.epochs": "5", "encoder.widths": "[3]", "task.crf": "x"},
    "elsewhere": {"training.epochs": "9"},
}


def test_only_settings_that_differ_are_shown(cells):
    table = setting_table(analyse(cells(("a", "b")), inputs=ReportInputs(settings=SETTINGS)))
    assert table.header == ("setting", "a", "b")
    assert [[entry.text for entry in row] for row in table.rows] == [
        ["encoder.units", "8", "<b>"], ["task.crf", "(empty)", "x"], ["encoder.widths", "–", "[3]"],
    ]  # fmt: skip


def test_arms_without_settings_are_left_out(cells):
    assert setting_table(analyse(cells(("a", "c")), inputs=ReportInputs(settings=SETTINGS))).rows == ()
    assert setting_table(analyse(cells())).rows == ()


def test_a_default_that_records_leave_out_is_no_dash(cells):
    base = {"task.class": "Classification", "encoder.class": "CNN", "encoder.dropout": "0.1"}
    settings = {
        "a": base, "b": base | {"task.label_smoothing": "0.1"},
        "c": {"task.class": "Tagging", "encoder.class": "BiLSTM", "encoder.recurrent_dropout": "0.2"},
    }  # fmt: skip
    inputs = ReportInputs(settings=settings)
    assert rows_of(cells, inputs)["task.label_smoothing"] == ["default", "0.1", "–"]
    assert rows_of(cells, inputs)["encoder.recurrent_dropout"] == ["–", "–", "0.2"]
    as_run = settings | {"a": base | {"task.label_smoothing": "0.0"}}
    assert rows_of(cells, replace(inputs, as_run=as_run))["task.label_smoothing"] == ["0.0", "0.1", "–"]


def test_defaults_are_compared_only_where_all_arms_have_them(cells):
    """Older records, without defaults, beside a new one: the arms differ in what was set alone."""
    settings = {arm: {"encoder.class": "CNN", "encoder.filters": size} for arm, size in zip("abc", "886", strict=True)}
    defaults = {"training.epochs": "200", "training.patience": "9"}
    as_run = {arm: own | defaults for arm, own in settings.items()}
    mixed = ReportInputs(settings=settings, as_run={"a": as_run["a"]})
    assert rows_of(cells, mixed) == {"encoder.filters": ["8", "8", "6"]}
    assert rows_of(cells, replace(mixed, as_run=as_run)) == {"encoder.filters": ["8", "8", "6"]}
    notes = [
        setting_table(analyse(cells(("a", "b", "c")), inputs=replace(mixed, as_run=own))).note
        for own in (mixed.as_run, as_run)
    ]
    assert "the arm may have a default" in notes[0]
    assert notes[1].startswith("A dash: the arm has no such setting.")


def rows_of(cells, inputs):
    table = setting_table(analyse(cells(("a", "b", "c")), inputs=inputs))
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}


def test_what_an_arm_does_not_read_is_no_difference_of_its_own(cells):
    settings = {"a": {"training.epochs": NOT_READ, "training.patience": NOT_READ},
                "b": {"training.epochs": "4", "training.patience": "2"},
                "c": {"training.epochs": "4", "training.patience": "3"}}  # fmt: skip
    assert rows_of(cells, ReportInputs(as_run=settings)) == {"training.patience": [NOT_READ, "2", "3"]}


def test_a_searched_setting_is_marked(cells):
    trials = make_trials(("a", "b", "c"), (50,), 2)
    tuning = Tuning(trials, {"a": {"encoder.dropout": "uniform(0, 0.6)"}}, "random", 8, "validation/accuracy")
    settings = {arm: {"encoder.dropout": "0.0"} for arm in "abc"}
    inputs = ReportInputs(settings=settings, tuning=tuning)
    assert rows_of(cells, inputs) == {"encoder.dropout": ["0.0 (default; searched)", "0.0", "0.0"]}


def test_the_table_is_bounded(cells):
    settings = {arm: {f"k{n}": arm for n in range(MOST_ROWS + 5)} for arm in "ab"}
    table = setting_table(analyse(cells(("a", "b")), inputs=ReportInputs(settings=settings)))
    assert len(table.rows) == MOST_ROWS
    assert f"first {MOST_ROWS} of {MOST_ROWS + 5}" in table.note
