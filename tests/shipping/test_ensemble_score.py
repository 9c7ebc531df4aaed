"""The score of an ensemble beside that of one replicate, from recorded predictions."""

import io

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from seedbed.cells import Prediction
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
    score = ensemble_score(
        rows(4), Recorded({f"run{n}": predictions(gold, own, ids) for n, own in enumerate(values)}), metric, LABELS,
        per_token=False,
    )  # fmt: skip
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
    score = ensemble_score(rows(3), Recorded(recorded), "test/accuracy", LABELS, per_token=False)
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
    said = ensemble_score(rows(2), Recorded(recorded), "test/accuracy", LABELS, per_token=False)
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
    said = ensemble_score(rows(2), Recorded(recorded), metric, LABELS, per_token=False)
    expected = {"predictions": "recorded predictions", "probabilities": "tracking.probabilities=true",
                "metric": "test/loss is not computed"}  # fmt: skip
    assert expected[lack] in said


def test_tags_are_scored_from_the_probabilities_of_each_token():
    rng = np.random.default_rng(3)
    lengths = rng.integers(2, 7, size=40)
    ends = np.cumsum(lengths)
    gold = rng.choice(3, size=ends[-1], p=[0.5, 0.3, 0.2])
    values = rng.dirichlet([2, 1, 1], (3, ends[-1])) + 0.4 * np.eye(3)[gold]
    values = (values / values.sum(-1, keepdims=True)).astype(np.float32)

    def sentences(classes):
        return [tuple(TAGS[n] for n in part) for part in np.split(classes, ends[:-1])]

    ids = [f"e{n:02}" for n in range(40)]
    recorded, files = {}, {}
    for n, own in enumerate(values):
        recorded[f"run{n}"] = [
            Prediction(example, right, found)
            for example, right, found in zip(ids, sentences(gold), sentences(own.argmax(-1)), strict=True)
        ]
        content = io.BytesIO()
        np.savez(content, ids=np.array(ids), lengths=lengths, labels=np.array(TAGS), values=quantize(own))
        files[f"run{n}"] = content.getvalue()
    score = ensemble_score(rows(3), Recorded(recorded, files), "test/accuracy", TAGS, per_token=True)
    assert score.single == pytest.approx(np.mean([accuracy_score(gold, own.argmax(-1)) for own in values]))
    assert score.mean == pytest.approx(accuracy_score(gold, values.mean(0).argmax(-1)), abs=0.01)  # 255ths
    counts = np.eye(3)[values.argmax(-1)].sum(0)
    clear = counts.max(-1) >= 2
    assert abs(score.vote - accuracy_score(gold, counts.argmax(-1))) <= 1 - clear.mean()
    assert ensemble_score(rows(3), Recorded(recorded), "test/f1", TAGS, per_token=True).startswith("not all")


def test_tags_that_are_no_most_probable_ones_are_not_combined():
    """A decoder chooses whole sequences: the mean of the probabilities of each token is not what would be predicted."""
    recorded = [Prediction(f"e{n}", ("O", "O"), ("O", "B-x")) for n in range(FEWEST)]
    content = io.BytesIO()
    values = quantize(np.tile(np.array([0.7, 0.2, 0.1], np.float32), (2 * FEWEST, 1)))
    ids, lengths = np.array([one.id for one in recorded]), np.full(FEWEST, 2)
    np.savez(content, ids=ids, lengths=lengths, labels=np.array(TAGS), values=values)
    store = Recorded({"run0": recorded, "run1": recorded}, dict.fromkeys(["run0", "run1"], content.getvalue()))
    assert "decoded as whole sequences" in ensemble_score(rows(2), store, "test/f1", TAGS, per_token=True)
