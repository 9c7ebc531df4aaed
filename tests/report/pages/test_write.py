import pandas as pd
import pytest
from tests.report.searches import SPACES, cells_of, make_trials

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.comparisons import compare_arms
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import read_table
from seedbed.report.analysis.trials_table import check_trials
from seedbed.report.analysis.tuning import Tuning, read_tuning
from seedbed.report.pages.write import write_report


def test_every_file_of_a_report_is_written(cells, tmp_path):
    index = write_report(analyse(cells()), tmp_path / "new" / "folder", title="A study")
    assert index == tmp_path / "new" / "folder" / "report" / "index.html"
    files = sorted(str(path.relative_to(tmp_path / "new" / "folder")) for path in tmp_path.rglob("*.*"))
    names = ("box", "cost", "curve", "dots", "paired")
    pictures = [f"report/{name}.{kind}" for name in names for kind in ("png", "svg")]
    tables = ["comparisons.csv", "ranking.csv", "results.csv"]
    assert files == sorted([*tables, "report/index.html", "report/report.md", *pictures])


def test_the_csv_files_hold_the_computed_tables(cells, tmp_path):
    table = cells()
    write_report(analyse(table, "glove", "macro_f1"), tmp_path, title="A study")
    pd.testing.assert_frame_equal(read_table(tmp_path / "results.csv"), table, check_exact=True, check_dtype=False)
    written = pd.read_csv(tmp_path / "comparisons.csv")
    metrics = ["test/macro_f1", "test/accuracy", "test/log_loss"]
    pd.testing.assert_frame_equal(written, compare_arms(table, metrics, "glove"), check_exact=True, check_dtype=False)


def test_columns_of_a_cell_come_first(cells, tmp_path):
    table = cells()
    write_report(analyse(table[sorted(table.columns, reverse=True)]), tmp_path, title="A study")
    header = (tmp_path / "results.csv").read_text().splitlines()[0]
    assert header.startswith(
        "arm,dataset,embedding,encoder,task,n_train,replicate,data_seed,init_seed,draw,cell,status"
    )


def test_the_same_table_gives_the_same_files(cells, tmp_path):
    first, second = (write_report(analyse(cells()), tmp_path / name, title="A study").parent for name in "ab")
    assert all((second / path.name).read_bytes() == path.read_bytes() for path in first.iterdir())


def test_pictures_of_an_earlier_report_are_removed(cells, tmp_path):
    write_report(analyse(cells()), tmp_path, title="A study")
    index = write_report(analyse(cells(sizes=(50,))), tmp_path, title="A study")
    assert not (index.parent / "curve.png").exists()


def test_a_folder_that_cannot_be_written_is_refused(cells, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.*: cannot be written"):
        write_report(analyse(cells()), tmp_path / "file", title="A study")


def test_a_bad_table_writes_nothing(cells, tmp_path):
    with pytest.raises(InputError, match="no column arm"):
        write_report(analyse(cells().drop(columns="arm")), tmp_path / "out", title="A study")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_trials_of_a_search_are_written_beside_the_cells(tmp_path):
    trials = make_trials()
    tuning = Tuning(trials, {"glove": SPACES}, "random", 8, "validation/accuracy")
    write_report(analyse(cells_of(trials), inputs=ReportInputs(tuning=tuning)), tmp_path, title="A study")
    read = read_tuning(tmp_path)
    pd.testing.assert_frame_equal(read.trials, check_trials(trials), check_exact=True)
    assert (read.spaces, read.method, read.budget) == (tuning.spaces, "random", 8)
    assert len(read_table(tmp_path / "results.csv")) == 48  # default and tuned cells
