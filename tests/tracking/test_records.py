import json
import math
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import CELL_COLUMNS, Cell, Outcome, Prediction, cells_table
from seedbed.tracking import records

CELL = Cell(
    "glove", "mr", "glove50", "cnn", "classification", 50, 7, 11, 2**40, "d" * 64, "c" * 64, {"encoder.units": "8"}
)
names = st.sampled_from(["test", "validation", "train"]).flatmap(
    lambda split: st.text(min_size=1, max_size=5).map(lambda name: f"{split}/{name}")
)


def row_of(cell, outcome):
    metrics = {key: value for key, value, _ in records.cell_metrics(outcome)}
    return records.row_of_run(records.cell_tags(cell, outcome), metrics, records.TO_MLFLOW[outcome.status])


# The largest float is what a database holds for infinity.
floats = st.floats().filter(lambda value: abs(value) != sys.float_info.max)


@given(st.dictionaries(names, floats), st.sampled_from(["finished", "failed", "interrupted"]))
def test_a_cell_comes_back_from_what_is_stored_of_it(metrics, status):
    row = row_of(CELL, Outcome(status, metrics, {"test/f1": (0.1, 0.2)}, (), 1.25, 80.5))
    fixed = {name: getattr(CELL, name) for name in CELL_COLUMNS if hasattr(CELL, name)}
    measured = {"seconds": 1.25, "peak_mb": 80.5, "energy_j": math.nan, "trained_weights": math.nan}
    measured |= {"frozen_weights": math.nan, "epochs": 0.0, "best_epoch": 0.0}
    expected = fixed | {"status": status} | measured | {"run": "", "error": ""} | metrics
    assert {name: repr(value) for name, value in row.items()} == {name: repr(value) for name, value in expected.items()}


def test_the_history_is_not_taken_for_the_final_metric_of_the_same_name():
    outcome = Outcome("finished", {"validation/f1": 0.5}, {"validation/f1": (0.5, 0.25)})
    assert [entry for entry in records.cell_metrics(outcome) if "f1" in entry[0]] == [
        ("epoch/validation/f1", 0.5, 1),
        ("epoch/validation/f1", 0.25, 2),
        ("validation/f1", 0.5, 0),
    ]
    assert row_of(CELL, outcome)["validation/f1"] == 0.5


def test_a_run_that_is_no_cell_has_no_row():
    assert records.row_of_run({"seedbed.arm": "a"}, {}, "FINISHED") is None


def test_a_single_precision_metric_is_stored_as_the_same_number():
    (value,) = [
        value for key, value, _ in records.cell_metrics(Outcome("finished", {"a": np.float32(0.1)})) if key == "a"
    ]
    assert type(value) is float
    assert value == float(np.float32(0.1))


def test_predictions_are_one_json_line_an_example():
    lines = records.prediction_lines(
        [Prediction("test/0", "né\n", "b", (0.25, np.float32(0.75))), Prediction("test/1", ("O", "B-x"), ("O", "O"))]
    )
    assert [json.loads(line) for line in lines.decode().splitlines()] == [
        {"id": "test/0", "gold": "né\n", "predicted": "b", "probabilities": [0.25, 0.75]},
        {"id": "test/1", "gold": ["O", "B-x"], "predicted": ["O", "O"]},
    ]


def test_the_table_has_the_columns_of_results_csv_and_then_test_scores_first():
    outcome = Outcome("finished", {"validation/f1": 0.5, "test/f1/person": 0.1, "test/f1": 0.2, "test/accuracy": 0.3})
    table = cells_table([row_of(CELL, outcome), row_of(CELL, Outcome("failed", {"train/f1": math.nan}))])
    metrics = ["test/accuracy", "test/f1", "test/f1/person", "validation/f1", "train/f1"]
    assert list(table) == [*CELL_COLUMNS, *metrics]
    assert {str(table[name].dtype) for name in ("n_train", "replicate", "data_seed", "init_seed")} == {"int64"}
    assert math.isnan(table["test/f1"][1])


def test_an_empty_table_has_the_same_columns_and_types():
    table = cells_table([])
    assert list(table) == list(CELL_COLUMNS)
    assert str(table.n_train.dtype) == "int64"
    assert str(table.seconds.dtype) == "float64"
