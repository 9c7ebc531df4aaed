"""The score of an ensemble beside that of one replicate, from recorded predictions."""

import io

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet
from seedbed.matching import matching_scores
from seedbed.model.tasks import Classification, Multilabel, Tagging
from seedbed.saved_models.description import NETWORK, Description, ReplicateInfo, Variant
from seedbed.saved_models.text import TextPreparation
from seedbed.shipping.ensemble_score import FEWEST, EnsembleScore, ensemble_score
from seedbed.training.recording import quantize

LABELS = ("a", "b", "c")
TAGS = ("O", "B-x", "I-x")


class Recorded:
    """Predictions of runs, as a store has them; ``files``: probabilities of tags."""

    def __init__(self, by_run, files=None):
        self.by_run, self.files = by_run, files or {}

    def predictions(self, run):
        return tuple(one._replace(probabilities=None) for one in self.by_run[run])

    def probabilities(self, run, indices):
        return [self.by_run[run][n].probabilities for n in indices]

    def read(self, run, name):
        return self.files.get(run) if name == "probabilities.npz" else None


def of_model(labels, task=None):
    """The description of a model with these labels."""
    task = task or Classification()
    variant = Variant({}, {}, task)
    replicates = (ReplicateInfo(0, 0, "", "", 0, 0, 20),)
    return Description(NETWORK, task.kind, labels, "arm", "own", "", TextPreparation(), replicates, (variant,))


def rows(number):
    return [{"run": f"run{n}"} for n in range(number)]


def drawn(number, examples, seed=0):
    """Gold labels, and probabilities ``[replicates, examples, labels]`` that are somewhat right."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(3, size=examples)
    values = rng.dirichlet([1, 1, 1], (number, examples)) + 0.3 * np.eye(3)[gold]
    return gold, (values / values.sum(-1, keepdims=True)).astype(np.float32)


def predictions(gold, values, ids):
    return [
        Prediction(example, LABELS[label], LABELS[row.argmax()], tuple(map(float, row)))
        for example, label, row in zip(ids, gold, values, strict=True)
    ]


@pytest.mark.parametrize("metric", ["test/accuracy", "test/macro_f1", "test/log_loss"])
def test_scores_of_labels_are_those_of_scikit_learn(metric):
    gold, values = drawn(4, 90)
    ids = [f"e{n:03}" for n in range(90)]
    store = Recorded({f"run{n}": predictions(gold, own, ids) for n, own in enumerate(values)})
    score = ensemble_score(rows(4), store, metric, of_model(LABELS))
    votes = np.eye(3)[values.argmax(-1)].mean(0)
    best = np.where(votes == votes.max(-1, keepdims=True), values.mean(0), -1).argmax(-1)

    def expected(probabilities, classes):
        if metric == "test/accuracy":
            return accuracy_score(gold, classes)
        if metric == "test/macro_f1":
            return f1_score(gold, classes, average="macro")
        epsilon = np.finfo(np.float32).eps
        return -np.log(np.clip(probabilities[np.arange(len(gold)), gold], epsilon, 1 - epsilon)).mean()

    assert isinstance(score, EnsembleScore)
    assert (score.examples, score.tested, score.metric) == (90, 90, metric)
    assert score.single == pytest.approx(np.mean([expected(own, own.argmax(-1)) for own in values]), abs=1e-5)
    assert score.mean == pytest.approx(expected(values.mean(0), values.mean(0).argmax(-1)), abs=1e-5)
    assert score.vote == pytest.approx(expected(votes, best), abs=1e-5)


def test_only_examples_that_every_replicate_was_tested_on_count():
    """Another example may have been in the training set of some replicate."""
    gold, values = drawn(3, 100)
    ids = [f"e{n:03}" for n in range(100)]
    parts = [range(60), range(20, 90), range(15, 100)]
    recorded = {
        f"run{n}": predictions(gold[list(part)], own[list(part)], [ids[i] for i in part])
        for n, (own, part) in enumerate(zip(values, parts, strict=True))
    }
    score = ensemble_score(rows(3), Recorded(recorded), "test/accuracy", of_model(LABELS))
    shared = slice(20, 60)
    assert (score.examples, score.tested) == (40, 85)
    assert score.mean == pytest.approx(accuracy_score(gold[shared], values[:, shared].mean(0).argmax(-1)))


def test_replicates_with_tests_of_their_own_have_no_score():
    gold, values = drawn(2, 100)
    parts = [range(FEWEST + 20), range(21, 100)]
    recorded = {
        f"run{n}": predictions(gold[list(part)], own[list(part)], [f"e{i:03}" for i in part])
        for n, (own, part) in enumerate(zip(values, parts, strict=True))
    }
    said = ensemble_score(rows(2), Recorded(recorded), "test/accuracy", of_model(LABELS))
    assert said.startswith("each replicate was tested on examples of its own, and all share 29 of 79")


@pytest.mark.parametrize("lack", ["predictions", "probabilities", "metric"])
def test_what_was_not_recorded_is_said(lack):
    gold, values = drawn(2, 50)
    recorded = {f"run{n}": predictions(gold, own, [f"e{i}" for i in range(50)]) for n, own in enumerate(values)}
    if lack == "predictions":
        recorded["run1"] = []
    if lack == "probabilities":
        recorded["run1"] = [one._replace(probabilities=None) for one in recorded["run1"]]
    metric = "test/loss" if lack == "metric" else "test/accuracy"
    said = ensemble_score(rows(2), Recorded(recorded), metric, of_model(LABELS))
    expected = {"predictions": "recorded predictions", "probabilities": "tracking.probabilities=true",
                "metric": "test/loss is not computed"}  # fmt: skip
    assert expected[lack] in said


@pytest.fixture
def tagged():
    """Gold tags of 40 sentences, the probabilities of three replicates and their lengths, and the store of them."""
    rng = np.random.default_rng(3)
    lengths = rng.integers(2, 7, size=40)
    gold = rng.choice(3, size=lengths.sum(), p=[0.5, 0.3, 0.2])
    values = rng.dirichlet([2, 1, 1], (3, len(gold))) + 0.4 * np.eye(3)[gold]
    values = (values / values.sum(-1, keepdims=True)).astype(np.float32)
    ids = [f"e{n:02}" for n in range(40)]
    recorded, files = {}, {}
    for n, own in enumerate(values):
        pairs = zip(ids, sentences(gold, lengths), sentences(own.argmax(-1), lengths), strict=True)
        recorded[f"run{n}"] = [Prediction(example, right, found) for example, right, found in pairs]
        content = io.BytesIO()
        np.savez(content, ids=np.array(ids), lengths=lengths, labels=np.array(TAGS), values=quantize(own))
        files[f"run{n}"] = content.getvalue()
    return gold, values, lengths, Recorded(recorded, files)


def sentences(classes, lengths):
    return [tuple(TAGS[n] for n in part) for part in np.split(classes, np.cumsum(lengths)[:-1])]


def test_tags_are_scored_from_the_probabilities_of_each_token(tagged):
    gold, values, _, store = tagged
    score = ensemble_score(rows(3), store, "test/accuracy", of_model(TAGS, Tagging()))
    assert score.single == pytest.approx(np.mean([accuracy_score(gold, own.argmax(-1)) for own in values]))
    assert score.mean == pytest.approx(accuracy_score(gold, values.mean(0).argmax(-1)), abs=0.01)  # 255ths
    counts = np.eye(3)[values.argmax(-1)].sum(0)
    clear = counts.max(-1) >= 2
    assert abs(score.vote - accuracy_score(gold, counts.argmax(-1))) <= 1 - clear.mean()
    without = Recorded(store.by_run)
    assert ensemble_score(rows(3), without, "test/f1", of_model(TAGS, Tagging())).startswith("not all")


@pytest.mark.parametrize("name", ["partial_f1", "boundary_recall"])
def test_every_score_of_tags_that_a_study_has_is_computed(tagged, name):
    gold, values, lengths, store = tagged
    score = ensemble_score(rows(3), store, f"test/{name}", of_model(TAGS, Tagging()))
    right = sentences(gold, lengths)
    single = [matching_scores(right, sentences(own.argmax(-1), lengths))[name] for own in values]
    assert score.single == pytest.approx(np.mean(single))


@pytest.mark.parametrize("decoder", ["constrained", "crf"])
def test_tags_of_a_decoder_are_not_combined(tagged, decoder):
    """It chooses whole sequences, also where each tag is the most probable one, as in this store."""
    *_, store = tagged
    said = ensemble_score(rows(3), store, "test/f1", of_model(TAGS, Tagging(decoder=decoder)))
    assert "decoded as whole sequences" in said
    assert isinstance(ensemble_score(rows(3), store, "test/f1", of_model(TAGS, Tagging(scheme="bilou"))), EnsembleScore)


@pytest.mark.parametrize(("metric", "average"), [("test/micro_f1", "micro"), ("test/macro_f1", "macro")])
def test_scores_of_sets_of_labels_are_those_of_scikit_learn(metric, average):
    rng = np.random.default_rng(0)
    gold = rng.random((90, 3)) < 0.4
    values = np.clip(rng.random((4, 90, 3)) + 0.3 * gold - 0.1, 0, 1).astype(np.float32)
    ids = [f"e{n:03}" for n in range(90)]

    def named(row):
        return LabelSet(tuple(label for label, has in zip(LABELS, row, strict=True) if has))

    store = Recorded({
        f"run{n}": [
            Prediction(example, named(of_gold), named(row > 0.5), tuple(map(float, row)))
            for example, of_gold, row in zip(ids, gold, own, strict=True)
        ]
        for n, own in enumerate(values)
    })  # fmt: skip
    score = ensemble_score(rows(4), store, metric, of_model(LABELS, Multilabel()))
    votes, mean = (values > 0.5).mean(0), values.mean(0)
    by_vote = (votes > 0.5) | ((votes == 0.5) & (mean > 0.5))
    expected = [f1_score(gold, own, average=average) for own in (mean > 0.5, by_vote)]
    assert [score.mean, score.vote] == pytest.approx(expected)
    assert score.single == pytest.approx(np.mean([f1_score(gold, own > 0.5, average=average) for own in values]))
