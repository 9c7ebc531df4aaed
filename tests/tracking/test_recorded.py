"""Probabilities as files of a cell's run, and predictions that do not come back whole."""

import io

import numpy as np
import pytest

from seedbed.errors import InputError
from seedbed.tracking.settings import Tracking

ARRAYS = {
    "ids": np.array(["test/0", "é <b>"]),
    "lengths": np.array([1, 2]),
    "values": np.arange(6, dtype=np.uint8).reshape(3, 2),
    "labels": np.array(["O", "B-x"]),
}


def test_recorded_arrays_come_back_without_unpickling(store, make_cell, make_outcome):
    recorded = {"probabilities": ARRAYS, "epochs": {**ARRAYS, "values": ARRAYS["values"][None]}}
    run_id = store.write_group([make_cell()], [make_outcome(recorded=recorded)], None, {})[0]
    for name, arrays in recorded.items():
        with np.load(io.BytesIO(store.cell_artifacts().read(run_id, f"{name}.npz")), allow_pickle=False) as file:
            assert set(file) == set(arrays)
            for key, values in arrays.items():
                np.testing.assert_array_equal(file[key], values)


def test_where_nothing_was_recorded_there_is_no_file(store, written):
    run_id = store.write_group(*([one] for one in written), None, {})[0]
    assert store.cell_artifacts().read(run_id, "probabilities.npz") is None
    assert store.cell_artifacts().read(run_id, "epochs.npz") is None


def test_bytes_of_a_parent_run_are_replaced_as_a_whole(store):
    run_id = store.start_comparison("a study", "digest", {})
    for content in (b"first and longer", b"second"):
        store.log_bytes(run_id, "items.json.gz", content)
        assert store.read_bytes(run_id, "items.json.gz") == content


@pytest.mark.parametrize(
    "line",
    [b'{"id": "test/0", "gold"', b"[]", b"7", b'{"id": 3, "gold": "a", "predicted": "a"}', b'{"gold": "a"}',
     b'{"id": "a", "gold": null, "predicted": "a"}', b'{"id": "a", "gold": [1], "predicted": ["O"]}',
     b'{"id": "a", "gold": "x", "predicted": "x", "probabilities": ["many"]}', b"\xff\xfe", b"[" * 100_000],
)  # fmt: skip
def test_damaged_predictions_are_refused_with_the_run(store, written, line):
    run_id = store.write_group(*([one] for one in written), None, {})[0]
    store.log_bytes(run_id, "predictions.jsonl", line)
    with pytest.raises(InputError, match=rf"predictions.jsonl of run {run_id}: the file is damaged"):
        store.cell_artifacts().predictions(run_id)


def test_cells_that_agree_share_their_predictions(store, make_cell, make_outcome):
    outcome = make_outcome()
    runs = [store.write_group([make_cell(f"c{n}")], [outcome], None, {})[0] for n in range(2)]
    kept = store.cell_artifacts()
    first, second = (kept.predictions(run) for run in runs)
    assert first == second
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_only_what_is_asked_for_is_recorded():
    assert Tracking().recorded == {"probabilities": True, "watch_examples": 0, "save_model": False}
    assert Tracking(probabilities=False, watch_examples=5).recorded == {
        "probabilities": False, "watch_examples": 5, "save_model": False,
    }  # fmt: skip


@pytest.mark.parametrize("number", [-1, 1_001])
def test_watching_no_sensible_number_is_refused(number):
    with pytest.raises(InputError, match=f"tracking.watch_examples={number}: must be from 0 to 1000"):
        Tracking(watch_examples=number)
