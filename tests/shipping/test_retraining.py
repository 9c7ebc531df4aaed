"""The cells of a refit: on training and validation examples, as long as was best."""

import math

import pytest
from tests.cli.conftest import split_words_in

from seedbed.comparison.plan import plan
from seedbed.config.study import study
from seedbed.errors import InputError
from seedbed.shipping.retraining import refitted


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Returns the first cell of an arm."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    words = split_words_in(tmp_path)
    return lambda *more: plan(study([*words, *more], single=True)).planned[0]


def test_a_network_is_trained_for_its_best_number_of_epochs(planned):
    before = planned("encoder=pool", "training.epochs=9", "training.patience=2")
    after = refitted(before, {"best_epoch": 5.0, "test/accuracy": 0.8})
    training = after.arm.training
    assert (training.epochs, training.patience, training.keep, training.score_each_epoch) == (5, None, "last", [])
    assert after.draw.train == (*before.draw.train, *before.draw.validation)
    assert (after.draw.validation, after.draw.test) == ((), before.draw.test)
    assert (after.cell.n_train, after.cell.setting, after.cell.cell) == (40, "refit", before.cell.cell)
    assert after.arm.encoder == before.arm.encoder


@pytest.mark.parametrize(("encoder", "row", "chosen"), [
    ("probe", {"probe/c": 0.1}, {"c": [0.1]}), ("knn", {"knn/k": 5.0}, {"k": [5]}), ("prototype", {}, {}),
])  # fmt: skip
def test_an_encoder_that_is_fitted_at_once_keeps_the_chosen_value(planned, encoder, row, chosen):
    after = refitted(planned(f"encoder={encoder}"), {"best_epoch": math.nan, **row})
    for name, value in chosen.items():
        assert getattr(after.arm.encoder, name) == value
        assert type(getattr(after.arm.encoder, name)[0]) is type(value[0])


def test_a_cell_without_validation_examples_cannot_be_refitted(planned):
    with pytest.raises(InputError, match="replicate 0 has no validation examples"):
        refitted(planned("encoder=prototype", "sampling.validation=0"), {})


def test_a_cell_whose_schedule_reads_validation_cannot_be_refitted(planned):
    cell = planned("encoder=pool", "training.schedule=plateau", "training.decay=0.5")
    with pytest.raises(InputError, match=r"^refit=true: arm .*training\.schedule=plateau reads .*use refit=false, or"):
        refitted(cell, {"best_epoch": 5.0, "test/accuracy": 0.8})
