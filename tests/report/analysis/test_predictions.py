"""Predictions are read once, in a bounded number, and what cannot be read is told."""

from seedbed.cells import Prediction
from seedbed.errors import InputError
from seedbed.report.analysis import predictions as module
from seedbed.report.analysis.predictions import PredictionReader
from seedbed.report.analysis.results_table import check_table

ONE = (Prediction("t", "a", "b"),)


def table_of(cells, **fields):
    return check_table(cells(sizes=(50,), replicates=4, **fields).assign(run=lambda table: table["cell"]))


def test_a_cell_is_read_once(cells, keeping):
    kept = keeping({"glove-50-1": ONE}).kept
    said = PredictionReader(kept, table_of(cells))
    assert said.predictions("glove-50-1") == said.predictions("glove-50-1") == ONE
    assert said.predictions("glove-50-0") == said.predictions("no run") == ()
    assert kept.asked == ["glove-50-1", "glove-50-0"]
    assert said.left_out() == []


def test_of_too_many_cells_those_of_the_first_replicates_are_read(cells, keeping, monkeypatch):
    monkeypatch.setattr(module, "MOST_CELLS", 4)
    said = PredictionReader(keeping({}).kept, table_of(cells))
    assert said.runs == ("random-50-0", "glove-50-0", "random-50-1", "glove-50-1")
    assert said.left_out() == ["Four cells left out here: predictions are read as far as they fit."]


def test_arms_of_the_same_settings_share_runs_and_leave_none_out(cells, keeping):
    table = table_of(cells)
    table["run"] = table["run"].str.replace("glove", "random")
    said = PredictionReader(keeping({}).kept, table)
    assert (len(said.runs), said.finished) == (4, 4)
    assert said.left_out() == []
    table.loc[0, "run"] = None
    assert PredictionReader(keeping({}).kept, table).finished == 5


def test_of_too_many_predictions_no_more_are_kept(cells, keeping, monkeypatch):
    monkeypatch.setattr(module, "MOST_PREDICTIONS", 3)
    runs = [f"{arm}-50-{n}" for n in range(2) for arm in ("random", "glove")]
    said = PredictionReader(keeping(dict.fromkeys(runs, ONE)).kept, table_of(cells))
    assert [len(said.predictions(run)) for run in runs] == [1, 1, 1, 0]
    assert said.left_out() == ["One cell left out here: predictions are read as far as they fit."]


def test_damage_of_one_cell_is_told_and_hides_no_other(cells, keeping):
    kept = keeping({"glove-50-0": InputError("predictions.jsonl of run 1: cut"), "random-50-0": ONE}).kept
    said = PredictionReader(kept, table_of(cells))
    assert (said.predictions("glove-50-0"), said.predictions("random-50-0")) == ((), ONE)
    assert said.left_out() == ["Predictions of one cell cannot be read: predictions.jsonl of run 1: cut"]


def test_unfinished_cells_and_tables_without_runs_have_none(cells, keeping):
    table = table_of(cells)
    table.loc[0, "status"] = "failed"
    assert "random-50-0" not in PredictionReader(keeping({}).kept, table).runs
    assert PredictionReader(keeping({}).kept, table.drop(columns="run")).runs == ()
    assert PredictionReader(None, table).runs == ()
    assert PredictionReader(None, table).left_out() == []


def test_probabilities_are_those_of_the_examples_asked_for(cells, keeping):
    told = (Prediction("t", "a", "b", (0.25, 0.75)), Prediction("u", "a", "a"), Prediction("v", "a", "a", (1.0, 0.0)))
    said = PredictionReader(keeping({"glove-50-1": told}).kept, table_of(cells))
    assert said.probabilities("glove-50-1", {"t", "u", "none"}) == {"t": (0.25, 0.75)}
    assert said.probabilities("no run", {"t"}) == said.probabilities("glove-50-0", {"t"}) == {}


def test_damaged_probabilities_are_told_and_leave_the_predictions(cells, keeping, monkeypatch):
    kept = keeping({"glove-50-1": ONE}).kept

    def cut(run, places):
        raise InputError("predictions.jsonl of run 1: cut")

    monkeypatch.setattr(kept, "probabilities", cut)
    said = PredictionReader(kept, table_of(cells))
    assert said.probabilities("glove-50-1", {"t"}) == {}
    assert said.predictions("glove-50-1") == ONE
    assert said.left_out() == ["Predictions of one cell cannot be read: predictions.jsonl of run 1: cut"]
