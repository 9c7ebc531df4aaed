"""Members of one group that differ in elementwise settings: each gets what it gets alone, in one program."""

import dataclasses

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
from seedbed.training.group import Group
from seedbed.training.members import Members
from seedbed.training.programs import forget
from seedbed.training.recording import Recording
from seedbed.training.settings import Training
from seedbed.training.train import train

SETTINGS = Training("adamw", epochs=3, patience=2, batch_size=8, learning_rate=0.02)
ARM = {"encoder": CNN(filters=4), "task": Classification(), "training": SETTINGS}
TAGGER = ARM | {"encoder": BiLSTM(units=3), "task": Tagging()}
SGD = ARM | {"training": dataclasses.replace(SETTINGS, optimizer="sgd")}
DRAWS = (0, 1)
CHANGES = {
    "classifier": (ARM, {
        "training.learning_rate": {"training.learning_rate": 0.1},
        "training.schedule": {"training.schedule": "sqrt2"},
        "training.decay": {"training.decay": 0.5, "training.schedule": "exponential"},
        "training.warmup_steps": {"training.warmup_steps": 4, "training.schedule": "warmup"},
        "training.schedule_epochs": {
            "training.schedule_epochs": 9, "training.warmup_steps": 2, "training.schedule": "warmup",
        },
        "training.weight_decay": {"training.weight_decay": 0.5},
        "training.clip_norm": {"training.clip_norm": 0.02},
        "training.min_steps": {"training.min_steps": 9, "training.patience": 1, "training.learning_rate": 0.3},
        "training.patience": {"training.patience": 1, "training.learning_rate": 0.3},
        "training.epochs": {"training.epochs": 1},
        "training.keep": {"training.keep": "last"},
        "training.plateau_patience": {
            "training.plateau_patience": 1, "training.schedule": "plateau", "training.decay": 0.1,
            "training.learning_rate": 0.3,
        },
        "training.clip_value": {"training.clip_value": 0.002},
        "training.ema_decay": {"training.ema_decay": 0.9},
        "training.word_dropout": {"training.word_dropout": 0.4},
        "encoder.dropout": {"encoder.dropout": 0.5},
        "task.dropout": {"task.dropout": 0.5},
        "task.label_smoothing": {"task.label_smoothing": 0.3},
    }),
    "tagger": (TAGGER, {
        "training.monitor": {"training.monitor": "score"},
        "training.word_dropout": {"training.word_dropout": 0.4},
        "encoder.dropout": {"encoder.dropout": 0.5},
        "encoder.recurrent_dropout": {"encoder.recurrent_dropout": 0.5},
        "encoder.output_dropout": {"encoder.output_dropout": 0.5},
        "task.class_weights": {"task.class_weights": True},
        "task.label_smoothing": {"task.label_smoothing": 0.3},
    }),
    "sgd": (SGD, {"training.momentum": {"training.momentum": 0.9}}),
}  # fmt: skip
"""By group, an arm and by key what a member changes. The first member changes nothing."""
CASES = [(name, key) for name, (_, changes) in CHANGES.items() for key in ("", *changes)]


def changed(arm, changes):
    stages = dict(arm)
    by_stage = {}
    for key, value in changes.items():
        stage, _, name = key.partition(".")
        by_stage.setdefault(stage, {})[name] = value
    return stages | {stage: dataclasses.replace(arm[stage], **values) for stage, values in by_stage.items()}


def with_value(arm, key, value):
    return changed(arm, {key: value})


def group_data(toy, kind, embedding, replicates, sources=None):
    corpus = toy.corpora[kind]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    draws = [toy.draw(replicate) for replicate in replicates]
    features = embedding.features(encoded.examples, draws, replicates)
    return GroupData(encoded, features, draws, replicates, sources=sources)


def network(data, arm):
    features = data.features
    return Network(features.embed, features.width, arm["encoder"], arm["task"], len(data.examples.labels))


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


@pytest.fixture(scope="module")
def trained(request, toy):
    """A group of members with one changed key each, and what each member is called."""
    arm, changes = CHANGES[request.param]
    arms = {"": arm} | {key: changed(arm, values) for key, values in changes.items()}
    outcomes = together(toy, list(arms.values()))
    return arms, dict(zip(arms, zip(outcomes[::2], outcomes[1::2], strict=True), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(("trained", "key"), CASES, indirect=["trained"])
def test_a_member_equals_the_same_settings_trained_alone(toy, trained, key):
    arms, outcomes = trained
    single, member = alone(toy, arms[key], DRAWS[1]), outcomes[key][1]
    require_same_outcome(single, member, key)
    for weight, values in single.weights.items():
        np.testing.assert_allclose(member.weights[weight], values, atol=1e-4)


def test_every_elementwise_key_is_tested():
    stages = [ARM, TAGGER, {"encoder": MLPProbe()}]
    keys = {key for _, changes in CHANGES.values() for key in changes}
    assert keys == frozenset.union(*(elementwise_keys(arm) for arm in stages))


@pytest.mark.slow
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
    for n in (0, 3, 5, 6):
        require_same_outcome(alone(toy, arms[n // 2], DRAWS[n % 2]), group[n], f"member {n}")


@pytest.mark.slow
@pytest.mark.parametrize("embedding", [Random(dim=6, trainable=True), Random(dim=4)], ids=["trained", "frozen"])
def test_members_of_one_draw_have_its_vectors(toy, embedding):
    arms = [with_value(ARM, "training.learning_rate", value) for value in (0.01, 0.05)]
    group = together(toy, arms, embedding)
    for n in (1, 2):
        require_same_outcome(alone(toy, arms[n // 2], DRAWS[n % 2], embedding), group[n], f"member {n}")
    assert group[1].history != group[3].history


def test_a_member_that_leaves_early_keeps_its_best_weights_and_others_do_not_notice(toy):
    arms = [with_value(ARM, "training.learning_rate", value) for value in (0.01, 0.05)]
    group = together(toy, arms, leave=lambda members: [2] if members[2].epochs == 2 else [])
    assert [outcome.epochs for outcome in group] == [3, 3, 2, 3]
    require_same_outcome(alone(toy, with_value(arms[1], "training.epochs", 2), DRAWS[0]), group[2], "the leaver")
    require_same_outcome(alone(toy, arms[1], DRAWS[1]), group[3], "its neighbor")


def test_a_schedule_of_more_epochs_than_are_trained_has_the_rates_of_these(toy):
    warmup = Training("adam", 0.05, "warmup", warmup_steps=2, epochs=5, patience=None)
    arms = [with_value({**ARM, "training": warmup}, *own) for own in [
        ("training.epochs", 5), ("training.epochs", 2), ("training.schedule_epochs", 5),
    ]]  # fmt: skip
    arms[2] = with_value(arms[2], "training.epochs", 2)
    longer, shorter, kept = (outcome.history["validation/loss"] for outcome in together(toy, arms)[:: len(DRAWS)])
    assert kept == pytest.approx(longer[:2])
    assert kept[1] != pytest.approx(shorter[1])


def test_members_of_one_draw_are_recorded_each(toy):
    arms = [with_value(ARM, "training.learning_rate", value) for value in (0.01, 0.2)]
    tracked = [toy.draw(replicate)["test"][:3] for _ in arms for replicate in DRAWS]
    group = together(toy, arms, recording=Recording(True, tracked))
    first, other = group[0].recorded["epochs"], group[2].recorded["epochs"]
    assert first["ids"].tolist() == other["ids"].tolist()
    assert len(first["values"]) == group[0].epochs
    assert (first["values"][0] != other["values"][0]).any()


def test_other_values_compile_nothing_anew(toy, monkeypatch):
    logits, traced = Network.logits, []

    def counted(*arguments):
        traced.append(arguments)
        return logits(*arguments)

    monkeypatch.setattr(Network, "logits", counted)

    def run(shift):
        arms = [
            {
                "encoder": CNN(4, dropout=0.1 + rate, output_dropout=rate),
                "task": Classification(dropout=rate, label_smoothing=rate, class_weights=rate > 0.2),
                "training": Training("adamw", rate, weight_decay=rate, clip_norm=rate, epochs=2, patience=None),
            }
            for rate in (0.1 + shift, 0.3 + shift)
        ]
        return together(toy, arms)

    forget()
    first = run(0.0)
    number = len(traced)
    second = run(0.05)
    assert 0 < number == len(traced)
    assert first[0].history != second[0].history


def test_a_draw_is_in_memory_once_however_many_members_read_it(toy):
    data = group_data(toy, "classification", Random(dim=6), DRAWS, [0, 1] * 5)
    group = Group(network(data, ARM), data, SETTINGS)
    assert group.frozen["table"].shape[0] == len(DRAWS)
    assert {weight.shape[0] for weight in group.weights.values()} == {10}


@pytest.mark.slow
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
        ("training.optimizer", "sgd", "training.optimizer=adamw and training.optimizer=sgd"),
        ("encoder.filters", 9, "encoder.filters=4 and encoder.filters=9"),
        ("task.hidden", 3, "task.hidden=0 and task.hidden=3"),
    ],
)
def test_a_key_that_must_be_equal_is_named(toy, key, value, message):
    with pytest.raises(InputError, match=message):
        together(toy, [ARM, with_value(ARM, key, value)])


def test_the_group_size_may_differ(toy):
    data = group_data(toy, "classification", Random(dim=6), DRAWS)
    settings = [dataclasses.replace(SETTINGS, group_size=n) for n in (1, 2)]
    assert Members.of(network(data, ARM), settings, 2).settings == settings
