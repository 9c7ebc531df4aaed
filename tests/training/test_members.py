"""Members of one group that differ in elementwise settings: each gets what it gets alone, in one program."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from seedbed import backend
from seedbed.embeddings.random import Random
from seedbed.errors import InputError
from seedbed.model.elementwise import elementwise_keys
from seedbed.model.encoders import CNN, BiLSTM
from seedbed.model.mlp_probe import MLPProbe
from seedbed.model.network import Network
from seedbed.model.tasks import Classification, Tagging
from seedbed.testing.samples import require_same_outcome
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import Group, train
from seedbed.training.programs import forget
from seedbed.training.recording import Recording
from seedbed.training.settings import Training

SETTINGS = Training(epochs=4, patience=2, batch_size=8, learning_rate=0.02)
ARM = {"encoder": CNN(filters=4), "task": Classification(), "training": SETTINGS}
TAGGER = ARM | {"encoder": BiLSTM(units=3), "task": Tagging()}
DRAWS = (0, 1)
CASES = {
    "training.learning_rate": (ARM, [0.01, 0.1, 0.02]),
    "training.schedule": (ARM, ["sqrt2", "constant"]),
    "training.decay": (ARM | {"training": dataclasses.replace(SETTINGS, schedule="exponential", decay=1.0)}, [0.5, 0.9]),
    "training.warmup_steps": (
        ARM | {"training": dataclasses.replace(SETTINGS, schedule="warmup", warmup_steps=1)}, [4, 9],
    ),
    "training.momentum": (ARM | {"training": dataclasses.replace(SETTINGS, optimizer="sgd")}, [0.0, 0.9]),
    "training.weight_decay": (ARM | {"training": dataclasses.replace(SETTINGS, optimizer="adamw")}, [0.0, 0.5]),
    "training.clip_norm": (ARM, [None, 0.02, 0.2]),
    "training.patience": (ARM, [1, None]),
    "training.epochs": (ARM, [1, 3]),
    "training.monitor": (TAGGER, ["score", "loss"]),
    "training.keep": (ARM, ["last", "best"]),
    "encoder.dropout": (ARM, [0.5, 0.0, 0.2]),
    "encoder.recurrent_dropout": (TAGGER, [0.5, 0.0]),
    "encoder.output_dropout": (TAGGER, [0.0, 0.5]),
    "task.dropout": (ARM, [0.5, 0.2]),
    "task.class_weights": (TAGGER, [True, False]),
    "task.label_smoothing": (TAGGER, [0.0, 0.2]),
}  # fmt: skip
"""By key, an arm and values of the key for its members."""


def with_value(arm, key, value):
    stage, _, name = key.partition(".")
    return arm | {stage: dataclasses.replace(arm[stage], **{name: value})}


def group_data(toy, kind, embedding, replicates, sources=None):
    corpus = toy.corpora[kind]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    draws = [toy.draw(replicate) for replicate in replicates]
    features = embedding.features(encoded.examples, draws, replicates)
    return GroupData(encoded, features, draws, replicates, sources=sources)


def network(data, arm):
    features = data.features
    gap_and_shape = features.embed, features.width, arm["encoder"], arm["task"], len(data.examples.labels)
    return Network(*gap_and_shape, arm["training"].precision)


def packed(data, arm):
    gap = network(data, arm).gap if backend.can_pack() else None
    return dataclasses.replace(data, gap=gap)


def together(toy, arms, embedding=Random(dim=6), **more):  # noqa: B008
    """The outcomes of every arm on every draw, trained as one group that shares the draws."""
    sources = [source for _ in arms for source in range(len(DRAWS))]
    data = packed(group_data(toy, arms[0]["task"].kind, embedding, DRAWS, sources), arms[0])
    members = [arm for arm in arms for _ in DRAWS]
    return train([network(data, arm) for arm in members], data, [arm["training"] for arm in members], **more)


def alone(toy, arm, replicate, embedding=Random(dim=6)):  # noqa: B008
    data = packed(group_data(toy, arm["task"].kind, embedding, [replicate]), arm)
    (outcome,) = train(network(data, arm), data, arm["training"])
    return outcome


@pytest.mark.parametrize("key", CASES)
def test_a_member_equals_the_same_settings_trained_alone(toy, key):
    arm, values = CASES[key]
    arms = [with_value(arm, key, value) for value in values]
    group = together(toy, arms)
    singles = [alone(toy, own, replicate) for own in arms for replicate in DRAWS]
    for member, single in zip(group, singles, strict=True):
        require_same_outcome(single, member, key)
        for name, weight in single.weights.items():
            np.testing.assert_allclose(member.weights[name], weight, atol=1e-4)
    assert len({repr(outcome.history) for outcome in group[:: len(DRAWS)]}) == len(values) or key in HOST


HOST = ("training.monitor", "training.keep")
"""Keys that do not change a history."""


def test_every_elementwise_key_is_tested():
    classes = [ARM, TAGGER, {"encoder": MLPProbe()}]
    assert set(CASES) == frozenset.union(*(elementwise_keys(arm) for arm in classes))


def test_members_that_differ_in_everything_stop_each_at_its_own_time(toy):
    rates = (0.3, 0.003, 0.05, 0.0)
    arms = [
        {
            "encoder": CNN(filters=4, dropout=rate, output_dropout=0.2),
            "task": Classification(dropout=0.1, label_smoothing=rate),
            "training": Training(epochs=4 + n, patience=1 + n, batch_size=8, learning_rate=0.02 + rate, clip_norm=1.0),
        }
        for n, rate in enumerate(rates)
    ]
    group = together(toy, arms)
    assert len({outcome.epochs for outcome in group}) > 2
    for n, outcome in enumerate(group):
        require_same_outcome(alone(toy, arms[n // 2], DRAWS[n % 2]), outcome, f"member {n}")


@pytest.mark.parametrize("embedding", [Random(dim=6, trainable=True), Random(dim=4)], ids=["trained", "frozen"])
def test_members_of_one_draw_have_its_vectors(toy, embedding):
    arms = [with_value(TAGGER, "training.learning_rate", value) for value in (0.01, 0.05)]
    group = together(toy, arms, embedding)
    for n, outcome in enumerate(group):
        require_same_outcome(alone(toy, arms[n // 2], DRAWS[n % 2], embedding), outcome, f"member {n}")


def test_members_of_one_draw_are_recorded_each(toy):
    arms = [with_value(TAGGER, "training.learning_rate", value) for value in (0.01, 0.2)]
    tracked = [toy.draw(replicate)["test"][:3] for _ in arms for replicate in DRAWS]
    group = together(toy, arms, recording=Recording(True, tracked))
    first, other = group[0].recorded["epochs"], group[2].recorded["epochs"]
    assert first["ids"].tolist() == other["ids"].tolist()
    assert len(first["values"]) == group[0].epochs
    assert (first["values"][0] != other["values"][0]).any()


def test_other_values_compile_nothing_anew(toy, monkeypatch):
    traced = Counter()

    class Watched(CNN):
        ELEMENTWISE_FIELDS = CNN.ELEMENTWISE_FIELDS

        def encode(self, *arguments):
            traced["encode"] += 1
            return super().encode(*arguments)

    def run(shift):
        arms = [
            {
                "encoder": Watched(4, dropout=0.1 + rate, output_dropout=rate),
                "task": Classification(dropout=rate, label_smoothing=rate, class_weights=rate > 0.2),
                "training": Training("adamw", rate, weight_decay=rate, clip_norm=rate, epochs=2, patience=None),
            }
            for rate in (0.1 + shift, 0.3 + shift)
        ]
        return together(toy, arms)

    forget()
    first = run(0.0)
    after_first = traced["encode"]
    second = run(0.05)
    assert after_first > 0
    assert traced["encode"] == after_first
    assert first[0].history != second[0].history


def test_a_draw_is_in_memory_once_however_many_members_read_it(toy):
    data = group_data(toy, "classification", Random(dim=6), DRAWS, [0, 1] * 5)
    group = Group(network(data, ARM), data, SETTINGS)
    assert group.frozen["table"].shape[0] == len(DRAWS)
    assert {weight.shape[0] for weight in group.weights.values()} == {10}


def test_trials_of_a_replicate_start_with_the_same_weights_and_see_the_same_order(toy):
    data = group_data(toy, "classification", Random(dim=6), DRAWS, [0, 0, 1])
    group = Group(network(data, ARM), data, SETTINGS)
    for weight in map(np.asarray, group.weights.values()):
        np.testing.assert_array_equal(weight[0], weight[1])
    assert any((np.asarray(w)[0] != np.asarray(w)[2]).any() for w in group.weights.values())
    single = Group(network(data, ARM), dataclasses.replace(data, sources=None), SETTINGS)
    losses, expected = group.train_epoch(0), single.train_epoch(0)
    np.testing.assert_allclose(losses, expected[[0, 0, 1]], rtol=1e-5)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("training.batch_size", 16, "training.batch_size=8 and training.batch_size=16"),
        ("training.optimizer", "sgd", "training.optimizer=adam and training.optimizer=sgd"),
        ("encoder.filters", 9, "encoder.filters=4 and encoder.filters=9"),
        ("task.hidden", 3, "task.hidden=0 and task.hidden=3"),
    ],
)
def test_a_key_that_must_be_equal_is_named(toy, key, value, message):
    with pytest.raises(InputError, match=message):
        together(toy, [ARM, with_value(ARM, key, value)])


def test_the_group_size_may_differ(toy):
    together(toy, [with_value(with_value(ARM, "training.epochs", 1), "training.group_size", n) for n in (1, 2)])
