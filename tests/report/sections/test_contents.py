import io
from math import comb

import pandas as pd
import pytest
from rich.console import Console

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.comparisons import MOST_COMPARISONS, compare_arms, too_many
from seedbed.report.analysis.results import find_results
from seedbed.report.analysis.summaries import MOST_MISSING, missing_cells
from seedbed.report.pages.terminal import MOST_TERMINAL_ROWS, print_report
from seedbed.report.pictures.selection import MOST_ARMS, drawn_part
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.contents import MOST_ROWS, bounded
from seedbed.report.sections.context import Section
from seedbed.report.sections.page_table import PageTable, TableCell
from seedbed.report.statistics.grids import spread_out


def grid(arms, sizes, replicates=2):
    return pd.DataFrame([
        {"arm": f"arm{arm}", "n_train": size, "replicate": replicate, "test/accuracy": 0.4 + arm / 1e4 + replicate / 99}
        for arm in range(arms) for size in range(1, sizes + 1) for replicate in range(replicates)
    ])  # fmt: skip


@pytest.fixture(scope="module")
def many():
    """A study of too many arms."""
    return analyse(grid(120, 1))


def test_values_are_evenly_spaced_with_both_ends():
    assert spread_out(range(5), 5) == [0, 1, 2, 3, 4]
    assert spread_out(range(101), 5) == [0, 25, 50, 75, 100]


def test_beyond_many_comparisons_each_arm_is_compared_with_the_first(many):
    assert comb(120, 2) > MOST_COMPARISONS
    assert len(many.comparisons) == 119
    assert set(many.comparisons["baseline"]) == {"arm0"}
    assert set(compare_arms(grid(120, 1), baseline="arm7")["baseline"]) == {"arm7"}
    assert "120 arms: each is compared with arm0, not with every other." in warnings_of(many)
    assert not too_many(["a", "b"], range(10**6))
    assert not too_many(["a"] * 10, range(44))


def test_pictures_of_many_arms_show_the_first_and_the_best(many):
    part, note = drawn_part(many, 9)
    assert part.arms == ("arm0", *(f"arm{n}" for n in range(120 - MOST_ARMS + 1, 120)))
    assert set(part.table["arm"]) == set(part.arms) == set(part.summaries["test/accuracy"]["arm"])
    assert note == "; the first and the best 15 of 120 arms"


def test_pictures_of_many_sizes_show_evenly_spaced_ones():
    part, note = drawn_part(analyse(grid(2, 41)), 9)
    assert part.sizes == (1, 6, 11, 16, 21, 26, 31, 36, 41)
    assert note == "; 9 of 41 sizes"


def test_pictures_of_a_small_table_show_everything(cells):
    analysis = analyse(cells())
    assert drawn_part(analysis, 9) == (analysis, "")


def test_long_tables_are_cut_with_a_note():
    long = PageTable("t", ("n",), tuple((TableCell(str(n)),) for n in range(MOST_ROWS + 10)), "A note.")
    wide = PageTable("w", tuple("x" * 50), ((TableCell("1"),) * 50,))
    (section,) = bounded([Section("s", tables=(long, long, wide))])
    assert [len(table.rows) for table in section.tables] == [MOST_ROWS, 20, 1]
    assert section.tables[0].note == ("A note. The first 4,000 of 4,010 rows; the CSV files have all data.")
    assert len(section.tables[2].header) == len(section.tables[2].rows[0]) == 40
    assert section.tables[2].note == "The first 40 of 50 columns."


def test_the_terminal_cuts_long_tables_with_a_note(many):
    out = io.StringIO()
    print_report(many, Console(file=out, width=100), verbose=True)
    assert f"the first {MOST_TERMINAL_ROWS} of 120 rows" in out.getvalue()
    assert len(out.getvalue().splitlines()) < 4 * MOST_TERMINAL_ROWS


def test_missing_cells_of_a_sparse_table_are_counted():
    table = pd.DataFrame({
        "arm": [f"a{n}" for n in range(300)], "n_train": range(300), "replicate": range(300), "test/f1": 0.5,
        "status": "finished",
    })  # fmt: skip
    assert len(missing_cells(find_results(table))) == MOST_MISSING
    analysis = analyse(table.iloc[:40])
    assert analysis.missing_number == 40**3 - 40
    assert any("63,960 cells missing" in line for line in warnings_of(analysis))
