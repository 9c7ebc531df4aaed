"""A training that was killed goes on from its checkpoint, and ends exactly as one that was not."""

import math
import os
import time

import numpy as np
import pytest

from seedbed.embeddings.random import Random
from seedbed.model.encoders import CNN, BiLSTM
from seedbed.model.network import Network
from seedbed.model.tasks import Classification, Tagging
from seedbed.training import checkpoint as module
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.checkpoint import Checkpoint
from seedbed.training.group import Group
from seedbed.training.recording import Recording
from seedbed.training.settings import Training
from seedbed.training.train import train
from seedbed.word_forms.characters import Characters

EPOCHS = 7
CASES = {
    "a cnn that stops replicates at their own time": (
        CNN(filters=6, widths=[2, 3], dropout=0.2), Classification(), Random(dim=6), {"patience": 1}, 4,
    ),
    "a bilstm with trained vectors and recorded probabilities": (
        BiLSTM(units=5, dropout=0.3, recurrent_dropout=0.3), Tagging(dropout=0.1), Random(dim=4, trainable=True),
        {"patience": 2, "clip_norm": 1.0, "schedule": "exponential", "decay": 0.9}, 2,
    ),
    "a tagger with all that steps and batches can have": (
        BiLSTM(units=4, dropout=0.2), Tagging(), Characters(dim=3, filters=4),
        {"ema_decay": 0.9, "accumulate": 2, "schedule": "plateau", "decay": 0.5, "plateau_patience": 1,
         "word_dropout": 0.2, "max_tokens": 80, "clip_value": 0.1, "patience": 3}, 2,
    ),
    "words and their moments in the memory of the host": (
        CNN(filters=5), Tagging(), Random(dim=4, trainable=True), {"sparse_updates": True, "patience": 1}, 4,
    ),
    "no improvement before min_steps, for longer than patience": (
        CNN(filters=4), Classification(), Random(dim=4),
        {"learning_rate": 3.0, "optimizer": "sgd", "batch_size": 4, "patience": 1, "min_steps": 60}, 2,
    ),
    "trials that share draws": (
        CNN(filters=5, dropout=0.1), Classification(), Random(dim=5), {"optimizer": "sgd", "momentum": 0.9}, 2,
    ),
}  # fmt: skip


class KilledError(Exception):
    """Stands for the end of a process."""


class Case:
    def __init__(self, toy, name):
        self.encoder, self.task, self.embedding, settings, self.replicates = CASES[name]
        self.settings = Training(**{"epochs": EPOCHS, "batch_size": 8, "learning_rate": 0.05, **settings})
        self.shares = name.startswith("trials")
        self.corpus = toy.corpora[self.task.kind]
        self.draws = [toy.draw(n) for n in range(self.replicates)]

    def arguments(self):
        """A new network and data, as a new process has them."""
        encoded = EncodedExamples.from_corpus(self.corpus, [example.id for example in self.corpus])
        features = self.embedding.features(encoded.examples, self.draws, list(range(self.replicates)))
        network = Network(features.embed, features.width, self.encoder, self.task, len(self.corpus.labels), "float32")
        sources = [0, 0, 1, 1, 1] if self.shares else None
        data = GroupData(encoded, features, self.draws, list(range(self.replicates)), sources=sources)
        tracked = [draw["test"][:3] for draw in self.draws]
        recording = Recording(True, tracked) if self.task.per_token else Recording()
        return network, data, self.settings, recording

    def train(self, checkpoint=None, killed_after=math.inf):
        """Train; raises KilledError before the first epoch of this number."""
        network, data, settings, recording = self.arguments()
        seen = []

        def watch(epoch):
            if epoch.number > killed_after:
                raise KilledError
            seen.append(epoch)

        return train(network, data, settings, watch, recording, checkpoint=checkpoint), seen


@pytest.fixture(params=CASES)
def case(request, toy):
    return Case(toy, request.param)


def assert_equal(one, other):
    for first, second in zip(one, other, strict=True):
        assert (first.status, first.epochs, first.best_epoch) == (second.status, second.epochs, second.best_epoch)
        assert first.metrics == second.metrics
        assert first.history == second.history
        assert first.predictions == second.predictions
        for name, weight in first.weights.items():
            np.testing.assert_array_equal(weight, second.weights[name])
        for name, arrays in first.recorded.items():
            for key, array in arrays.items():
                np.testing.assert_array_equal(array, second.recorded[name][key])


@pytest.mark.slow
def test_killed_after_an_epoch_it_ends_exactly_as_if_nothing_had_happened(case, tmp_path):
    whole, seen = case.train()
    longest = len(seen)
    for killed_after in range(1, longest, 2):
        path = tmp_path / f"{killed_after}.npz"
        with pytest.raises(KilledError):
            case.train(Checkpoint(path, "recipe", every_s=0.0), killed_after)
        resumed, rest = case.train(Checkpoint(path, "recipe", every_s=math.inf))
        assert [epoch.number for epoch in rest] == list(range(killed_after + 1, longest + 1))
        assert_equal(whole, resumed)


def test_the_time_of_before_counts(toy, tmp_path):
    case = Case(toy, "trials that share draws")
    with pytest.raises(KilledError):
        case.train(Checkpoint(tmp_path / "c.npz", "recipe", 0.0), 3)
    again = Checkpoint(tmp_path / "c.npz", "recipe", math.inf)
    assert again.seconds == 0.0
    case.train(again)
    assert 0.0 < again.seconds < 600.0


def test_nothing_is_written_before_it_is_time(toy, tmp_path):
    Case(toy, "trials that share draws").train(Checkpoint(tmp_path / "c.npz", "recipe", 3600.0))
    assert list(tmp_path.iterdir()) == []


OF_THE_LAST_MEMBER = {
    "no counter": lambda arrays, record: record["members"][-1].pop("best_epoch"),
    "a counter of another type": lambda arrays, record: record["members"][-1].update(steps="many"),
    "no stream": lambda arrays, record: record["members"][-1].pop("dropout"),
    "a stream of another kind": lambda arrays, record: record["members"][-1]["dropout"].update(bit_generator="MT"),
    "nothing monitored": lambda arrays, record: arrays.pop(f"member{len(record['members']) - 1}/monitored"),
    "no epochs": lambda arrays, record: record.pop("epochs"),
    "no seconds": lambda arrays, record: record.pop("seconds"),
    "unknown rows": lambda arrays, record: record.update(rows=[n + 50 for n in record["rows"]]),
}


@pytest.mark.parametrize("fault", ["recipe", "cut", "empty", "shape", "members", "text", *OF_THE_LAST_MEMBER])
def test_one_that_cannot_be_used_is_removed_and_the_training_starts_anew(toy, tmp_path, fault, caplog):
    case, path = Case(toy, "trials that share draws"), tmp_path / "c.npz"
    with pytest.raises(KilledError):
        case.train(Checkpoint(path, "recipe", 0.0), 2)
    arrays, record = module.load_checkpoint(path)
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif fault == "empty":
        path.write_bytes(b"")
    elif fault == "shape":
        name = next(name for name in arrays if name.startswith("weights/"))
        module.save_checkpoint(path, {**arrays, name: arrays[name][:, :1]}, record)
    elif fault == "members":
        module.save_checkpoint(path, arrays, {**record, "members": record["members"][:-1]})
    elif fault == "text":
        module.save_checkpoint(path, arrays, {**record, "rows": ["x"]})
    elif fault in OF_THE_LAST_MEMBER:
        OF_THE_LAST_MEMBER[fault](arrays, record)
        module.save_checkpoint(path, arrays, record)
    network, data, settings, recording = case.arguments()
    group = Group(network, data, settings, recording)
    before = {name: np.array(value) for name, value in group.weights.items()}
    streams = [member.order.bit_generator.state for member in group.replicates]
    assert Checkpoint(path, "another" if fault == "recipe" else "recipe", 0.0).restore(group) == 0
    assert "the training starts anew" in caplog.text
    assert not path.exists()
    for name, value in group.weights.items():
        np.testing.assert_array_equal(before[name], value)
    assert all(member.steps == member.epochs == 0 and not member.history for member in group.replicates)
    assert [member.order.bit_generator.state for member in group.replicates] == streams
    assert len(group.rows) == len(group.replicates)


def test_a_folder_that_cannot_be_written_is_said_and_training_goes_on(toy, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    outcomes, _ = Case(toy, "trials that share draws").train(Checkpoint(tmp_path / "file" / "c.npz", "recipe", 0.0))
    assert {outcome.status for outcome in outcomes} == {"finished"}
    assert "no checkpoint: " in caplog.text


def test_checkpoints_of_long_ago_are_removed(toy, tmp_path):
    old, new = tmp_path / "old.npz", tmp_path / "new.npz"
    for file, days in ((old, module.KEPT_DAYS + 1), (new, module.KEPT_DAYS - 1)):
        file.write_bytes(b"")
        os.utime(file, (time.time() - days * 86_400,) * 2)
    with pytest.raises(KilledError):
        Case(toy, "trials that share draws").train(Checkpoint(tmp_path / "c.npz", "recipe", 0.0), 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c.npz", "new.npz"]
