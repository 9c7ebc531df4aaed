from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.sections.contents import contents
from seedbed.report.sections.stage_times import time_table


def texts(table):
    return [[entry.text for entry in row] for row in table.rows]


def test_a_row_per_stage_in_the_order_of_a_study_and_their_sum():
    table = time_table({"other": 1.0, "step": 6.0, "read": 3.0, "of_another_version": 0.0})
    assert [row[:3] for row in texts(table)] == [
        ["read", "3.00", "30"], ["step", "6.00", "60"], ["other", "1.00", "10"], ["of_another_version", "0.00", "0"],
        ["sum", "10.00", "100"],
    ]  # fmt: skip
    assert "is not included" in table.note


def test_the_table_is_in_the_section_on_cost_and_only_where_there_are_times(cells):
    def titles(times):
        sections = contents(analyse(cells(), inputs=ReportInputs(times=times)))
        return [table.title for section in sections if section.title == "Cost" for table in section.tables]

    assert titles({"step": 1.0}) == ["", "Time by stage"]
    assert titles({}) == [""]
