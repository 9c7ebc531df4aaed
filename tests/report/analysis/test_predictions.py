"""Predictions are read once, in a bounded number, and unreadable ones are reported."""

from seedbed.cells import Prediction
from seedbed.errors import InputError
from seedbed.report.analysis import predictions as module
from seedbed.report.analysis.predictions import PredictionReader
from seedbed.report.analysis.results_table import check_table
from seedbed.report.sections.error_notes import prediction_notes

ONE = (Prediction("t", "a", "b"),)


def table_of(cells, **fields):
    return check_table(cells(sizes=(50,), replicates=4, **fields).assign(run=lambda table: table["cell"]))


def test_a_cell_is_read_once(cells, keeping):
    artifacts = keeping({"glove-50-1": ONE}).artifacts
    reader = PredictionReader(artifacts, table_of(cells))
    assert reader.predictions("glove-50-1") == reader.predictions("glove-50-1") == ONE
    assert reader.predictions("glove-50-0") == reader.predictions("no run") == ()
    assert artifacts.asked == ["glove-50-1", "glove-50-0"]
    assert prediction_notes(reader.unread()) == []


def test_of_too_many_cells_those_of_the_first_replicates_are_read(cells, keeping, monkeypatch):
    monkeypatch.setattr(module, "MOST_CELLS", 4)
    reader = PredictionReader(keeping({}).artifacts, table_of(cells))
    assert reader.runs == ("random-50-0", "glove-50-0", "random-50-1", "glove-50-1")
    assert prediction_notes(reader.unread()) == ["Four cells left out here: predictions are read as far as they fit."]


def test_arms_of_the_same_settings_share_runs_and_leave_none_out(cells, keeping):
    table = table_of(cells)
    table["run"] = table["run"].str.replace("glove", "random")
    reader = PredictionReader(keeping({}).artifacts, table)
    assert (len(reader.runs), reader.n_finished) == (4, 4)
    assert prediction_notes(reader.unread()) == []
    table.loc[0, "run"] = None
    assert PredictionReader(keeping({}).artifacts, table).n_finished == 5


def test_of_too_many_predictions_no_more_are_kept(cells, keeping, monkeypatch):
    monkeypatch.setattr(module, "MOST_PREDICTIONS", 3)
    runs = [f"{arm}-50-{n}" for n in range(2) for arm in ("random", "glove")]
    reader = PredictionReader(keeping(dict.fromkeys(runs, ONE)).artifacts, table_of(cells))
    assert [len(reader.predictions(run)) for run in runs] == [1, 1, 1, 0]
    assert prediction_notes(reader.unread()) == ["One cell left out here: predictions are read as far as they fit."]


def test_damage_of_one_cell_is_reported_and_hides_no_other(cells, keeping):
    artifacts = keeping({"glove-50-0": InputError("predictions.jsonl of run 1: cut"), "random-50-0": ONE}).artifacts
    reader = PredictionReader(artifacts, table_of(cells))
    assert (reader.predictions("glove-50-0"), reader.predictions("random-50-0")) == ((), ONE)
    assert prediction_notes(reader.unread()) == [
        "Predictions of one cell cannot be read: predictions.jsonl of run 1: cut"
    ]


def test_unfinished_cells_and_tables_without_runs_have_none(cells, keeping):
    table = table_of(cells)
    table.loc[0, "status"] = "failed"
    assert "random-50-0" not in PredictionReader(keeping({}).artifacts, table).runs
    assert PredictionReader(keeping({}).artifacts, table.drop(columns="run")).runs == ()
    assert PredictionReader(None, table).runs == ()
    assert prediction_notes(PredictionReader(None, table).unread()) == []


def test_probabilities_are_those_of_the_examples_asked_for(cells, keeping):
    predictions = (
        Prediction("t", "a", "b", (0.25, 0.75)),
        Prediction("u", "a", "a"),
        Prediction("v", "a", "a", (1.0, 0.0)),
    )
    reader = PredictionReader(keeping({"glove-50-1": predictions}).artifacts, table_of(cells))
    assert reader.probabilities("glove-50-1", {"t", "u", "none"}) == {"t": (0.25, 0.75)}
    assert reader.probabilities("no run", {"t"}) == reader.probabilities("glove-50-0", {"t"}) == {}


def test_damaged_probabilities_are_reported_and_leave_the_predictions(cells, keeping, monkeypatch):
    artifacts = keeping({"glove-50-1": ONE}).artifacts

    def cut(run, places):
        raise InputError("predictions.jsonl of run 1: cut")

    monkeypatch.setattr(artifacts, "probabilities", cut)
    reader = PredictionReader(artifacts, table_of(cells))
    assert reader.probabilities("glove-50-1", {"t"}) == {}
    assert reader.predictions("glove-50-1") == ONE
    assert prediction_notes(reader.unread()) == [
        "Predictions of one cell cannot be read: predictions.jsonl of run 1: cut"
    ]
