"""What the store gives back of a cell beside its scores."""

from dataclasses import replace

import pytest

from seedbed.errors import InputError


def test_predictions_and_history_come_back_as_they_were_written(store, written):
    cell, outcome = written
    tagged = outcome.predictions[0]._replace(id="test/2", gold=("B-PER", "O"), predicted=("O", "O"), probabilities=None)
    outcome = replace(outcome, predictions=(*outcome.predictions, tagged))
    run_id = store.write_group([cell], [outcome], None, {})[0]
    kept = store.cell_artifacts()
    assert kept.predictions(run_id) == tuple(one._replace(probabilities=None) for one in outcome.predictions)
    assert kept.probabilities(run_id, [0, 1, 2]) == [one.probabilities for one in outcome.predictions]
    assert kept.history(run_id) == outcome.history


def test_a_run_that_kept_nothing_gives_nothing(store, make_cell, make_outcome):
    run_id = store.write_group([make_cell()], [make_outcome(predictions=(), history={})], None, {})[0]
    kept = store.cell_artifacts()
    for run in (run_id, "", "no such run"):
        assert kept.predictions(run) == ()
        assert kept.history(run) == {}
        assert kept.read(run, "model/manifest.json") is None


def test_another_file_comes_back_as_bytes(store, written):
    run_id = store.write_group(*([one] for one in written), None, {})[0]
    store.log_json(run_id, "more/own.json", {"a": 1})
    assert b'"a": 1' in store.cell_artifacts().read(run_id, "more/own.json")


def test_a_run_has_an_address_that_a_browser_opens(store, written):
    run_id = store.write_group(*([one] for one in written), None, {})[0]
    assert (
        store.cell_artifacts().address(run_id)
        == f"http://127.0.0.1:5000/#/experiments/{store.experiment_id}/runs/{run_id}"
    )
    assert store.cell_artifacts().address("") == ""


@pytest.mark.parametrize("content", [b"", b'{"a": [1', b"[]", b'{"train/loss": ["x", null]}', b'{"train/loss": 3}',
                                     b"\xff", b"[" * 100_000, b'{"a": [1' + b"0" * 400 + b"]}"])  # fmt: skip
def test_a_damaged_history_is_refused_with_its_run(store, written, content):
    run_id = store.write_group(*([one] for one in written), None, {})[0]
    store.log_bytes(run_id, "epochs.json", content)
    with pytest.raises(InputError, match=f"^epochs.json of run {run_id}: the file is damaged: ") as refused:
        store.cell_artifacts().history(run_id)
    assert "\n" not in str(refused.value)
