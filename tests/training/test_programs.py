"""Arms share compiled programs where the compiled steps are the same, and only there."""

import dataclasses
import gc
import os

import pytest

from seedbed.embeddings.lookup import ReplicateRows, SharedRows
from seedbed.model.encoders import CNN
from seedbed.model.network import Network
from seedbed.model.pooling import Pooling
from seedbed.model.tasks import Tagging
from seedbed.training import programs as cache
from seedbed.training.programs import forget, pooling_program, programs
from seedbed.training.settings import Training

SETTINGS = Training(epochs=3, patience=None, batch_size=8, learning_rate=0.02)
NETWORK = Network(ReplicateRows(False), 6, CNN(filters=4), Tagging(), 2)
NOT_READ = {
    "learning_rate": 0.1, "schedule": "sqrt2", "epochs": 9, "patience": 7, "batch_size": 4, "batches": "shuffled",
    "monitor": "score", "score_each_epoch": ["validation", "test"], "group_size": 2, "max_tokens": 90,
}  # fmt: skip
READ = (
    {"optimizer": "sgd"}, {"optimizer": "adamw", "weight_decay": 0.1}, {"clip_norm": 1.0}, {"deterministic": True},
    {"clip_norm": 1.0, "clip_by": "weight"}, {"optimizer": "sgd", "momentum": 0.5}, {"clip_value": 0.1},
    {"accumulate": 2}, {"ema_decay": 0.9}, {"word_dropout": 0.1},
)  # fmt: skip
INPUTS = (
    ({"optimizer": "adamw", "weight_decay": 0.1}, {"optimizer": "adamw", "weight_decay": 0.2}),
    ({"optimizer": "sgd", "momentum": 0.5}, {"optimizer": "sgd", "momentum": 0.9}),
    ({"clip_norm": 1.0}, {"clip_norm": 2.0}),
    ({"ema_decay": 0.9, "word_dropout": 0.1}, {"ema_decay": 0.99, "word_dropout": 0.2}),
)  # fmt: skip


@pytest.mark.parametrize("key", NOT_READ)
def test_settings_that_no_step_reads_share_a_program(key):
    other = dataclasses.replace(SETTINGS, **{key: NOT_READ[key]})
    assert programs(NETWORK, other) == programs(NETWORK, SETTINGS)


def test_settings_that_a_step_reads_do_not_share():
    settings = [SETTINGS, *(dataclasses.replace(SETTINGS, **changes) for changes in READ)]
    assert len({programs(NETWORK, own).train for own in settings}) == len(settings)


def test_optimizers_share_the_programs_of_evaluation():
    first, second = (programs(NETWORK, dataclasses.replace(SETTINGS, optimizer=name)) for name in ("adam", "sgd"))
    assert first.evaluate is second.evaluate
    assert first.keep is second.keep


@pytest.mark.parametrize(("one", "other"), INPUTS)
def test_numbers_that_a_step_takes_as_inputs_share_a_program(one, other):
    first, second = (dataclasses.replace(SETTINGS, **changes) for changes in (one, other))
    assert programs(NETWORK, first) == programs(NETWORK, second)


def test_equal_embeddings_share_the_program_that_pools_their_vectors_until_it_is_forgotten():
    first = pooling_program(ReplicateRows(False), Pooling("mean"))
    assert pooling_program(ReplicateRows(False), Pooling("mean")) is first
    others = [(SharedRows(), Pooling("mean")), (ReplicateRows(False), Pooling("max")), (ReplicateRows(False), None)]
    assert all(pooling_program(*other) is not first for other in others)
    forget()
    assert pooling_program(ReplicateRows(False), Pooling("mean")) is not first


def test_rates_of_dropout_share_a_program():
    first, second = (dataclasses.replace(NETWORK, encoder=CNN(filters=4, dropout=rate)) for rate in (0.1, 0.7))
    assert programs(first, SETTINGS) == programs(second, SETTINGS)


@pytest.mark.parametrize(
    "changes",
    [{"encoder": CNN(filters=4, dropout=0.1)}, {"task": Tagging(hidden=3)}, {"precision": "bfloat16"}, {"classes": 3}],
)
def test_other_networks_do_not_share(changes):
    assert programs(dataclasses.replace(NETWORK, **changes), SETTINGS).train is not programs(NETWORK, SETTINGS).train


def test_the_least_recently_used_programs_are_dropped(monkeypatch):
    monkeypatch.setattr(cache, "MOST", 2)
    first, second, third = (dataclasses.replace(NETWORK, encoder=CNN(filters=n)) for n in (2, 3, 5))
    forget()
    kept, dropped = programs(first, SETTINGS), programs(second, SETTINGS)
    assert programs(first, SETTINGS) == kept
    programs(third, SETTINGS)
    assert programs(first, SETTINGS) == kept
    assert programs(second, SETTINGS).train is not dropped.train
    assert programs(second, SETTINGS).evaluate is not dropped.evaluate


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow", reason="graphs of TensorFlow")
@pytest.mark.parametrize("decoder", ["softmax", "crf"])
def test_no_graph_of_dropped_programs_stays_in_memory(toy, monkeypatch, decoder):
    from tensorflow.python.framework.func_graph import FuncGraph

    def graphs():
        gc.collect()
        return sum(isinstance(value, FuncGraph) for value in gc.get_objects())

    monkeypatch.setattr(cache, "MOST", 1)
    forget()
    before, numbers = graphs(), []
    for filters in (6, 7, 8):
        toy.outcomes(CNN(filters=filters), Tagging(decoder=decoder), dataclasses.replace(SETTINGS, epochs=1), [0])
        numbers.append(graphs() - before)
    assert numbers[0] == numbers[1] == numbers[2] > 0
    forget()
    assert graphs() <= before


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{"learning_rate": 0.1}, {"schedule": "inverse_time", "decay": 0.5, "batch_size": 16}],
    ids=["learning rate", "schedule and batches"],
)
def test_a_shared_program_gives_the_numbers_of_its_own(toy, changes):
    other = dataclasses.replace(SETTINGS, **changes)
    encoder = CNN(filters=5, dropout=0.2)
    forget()
    (alone,) = toy.outcomes(encoder, Tagging(), other, [0])
    forget()
    (first,) = toy.outcomes(encoder, Tagging(), SETTINGS, [0])
    (shared,) = toy.outcomes(encoder, Tagging(), other, [0])
    assert shared == alone  # bit for bit
    assert first.history != shared.history
