from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.settings import MOST_ROWS, setting_table

SETTINGS = {
    "a": {"encoder.units": "8", "training.epochs": "5", "task.crf": ""},
    "b": {"encoder.units": "<b>", "training.epochs": "5", "encoder.widths": "[3]", "task.crf": "x"},
    "elsewhere": {"training.epochs": "9"},
}


def test_only_settings_that_differ_are_shown_an_arm_a_column(cells):
    table = setting_table(analyse(cells(("a", "b")), inputs=ReportInputs(settings=SETTINGS)))
    assert table.header == ("setting", "a", "b")
    assert [[entry.text for entry in row] for row in table.rows] == [
        ["encoder.units", "8", "<b>"], ["task.crf", "(empty)", "x"], ["encoder.widths", "–", "[3]"],
    ]  # fmt: skip


def test_arms_without_settings_are_left_out(cells):
    assert setting_table(analyse(cells(("a", "c")), inputs=ReportInputs(settings=SETTINGS))).rows == ()
    assert setting_table(analyse(cells())).rows == ()


def test_the_table_is_bounded(cells):
    settings = {arm: {f"k{n}": arm for n in range(MOST_ROWS + 5)} for arm in "ab"}
    table = setting_table(analyse(cells(("a", "b")), inputs=ReportInputs(settings=settings)))
    assert len(table.rows) == MOST_ROWS
    assert f"first {MOST_ROWS} of {MOST_ROWS + 5}" in table.note
