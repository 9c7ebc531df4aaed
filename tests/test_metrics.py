import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval import scheme
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from sklearn import metrics as sk

from seedbed.metrics import (
    PRIMARY,
    classification_scores,
    entity_spans,
    multilabel_scores,
    scores_of_classes,
    tagging_scores,
)  # fmt: skip

TAGS = ["O", "B-person", "I-person", "B-geo-loc", "I-geo-loc", "I-other", "B-rare"]


@st.composite
def sentences(draw):
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    rows = [draw(st.lists(st.sampled_from(TAGS), min_size=2 * n, max_size=2 * n)) for n in lengths]
    gold = [row[: len(row) // 2] for row in rows]
    return gold, [row[len(row) // 2 :] for row in rows]


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning", "ignore::sklearn.exceptions.UndefinedMetricWarning")
@given(sentences())
def test_tagging_scores_are_those_of_strict_seqeval_on_any_tags(pair):
    gold, predicted = pair
    scores = tagging_scores(gold, predicted)
    types = {name.split("/")[1] for name in scores if "/" in name}
    if not types:  # seqeval itself cannot report on no entities at all
        assert scores["f1"] == 0
        assert not any(entity_spans(tags) for tags in gold + predicted)
        return
    report = classification_report(gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
    assert types == set(report) - {"micro avg", "macro avg", "weighted avg"}
    for name, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert scores[name] == pytest.approx(report["micro avg"][theirs])
        assert scores[f"macro_{name}"] == pytest.approx(report["macro avg"][theirs])
        for kind in types:
            assert scores[f"{name}/{kind}"] == pytest.approx(report[kind][theirs])
    assert {kind: scores[f"support/{kind}"] for kind in types} == {kind: report[kind]["support"] for kind in types}
    flat = [(a, b) for ours, theirs in zip(gold, predicted, strict=True) for a, b in zip(ours, theirs, strict=True)]
    assert scores["accuracy"] == pytest.approx(sum(a == b for a, b in flat) / len(flat))


def test_an_inside_tag_that_continues_nothing_is_no_entity():
    assert entity_spans(["I-a", "B-a", "I-b", "I-b", "O", "I-a", "B-b", "B-b", "I-b"]) == [
        (1, 2, "a"),
        (6, 7, "b"),
        (7, 9, "b"),
    ]


def test_a_sentence_is_parsed_once_and_no_caller_can_change_it(monkeypatch):
    parsed = []
    stock = scheme.Entities
    monkeypatch.setattr(scheme, "Entities", lambda *given, **named: parsed.append(1) or stock(*given, **named))
    tags = ["B-once", "I-once", "O"]
    for _ in range(2):
        assert entity_spans(tags) == [(0, 2, "once")]
        entity_spans(tuple(tags)).clear()
    assert len(parsed) == 1


def test_tagging_scores_refuse_sentences_of_other_lengths():
    with pytest.raises(ValueError, match="1 predicted tags for a sentence of 2"):
        tagging_scores([["O", "O"]], [["O"]])


def test_nothing_found_and_nothing_to_find_is_zero():
    assert tagging_scores([["O"]], [["O"]]) == dict.fromkeys(
        ["precision", "recall", "f1", "macro_precision", "macro_recall", "macro_f1"], 0.0
    ) | {"accuracy": 1.0}


LABELS = ("a", "b", "c", "never")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=30), st.integers(0, 99))
def test_classification_scores_are_those_of_scikit_learn(pairs, seed):
    gold, predicted = zip(*pairs, strict=True)
    logits = np.random.default_rng(seed).normal(size=(len(gold), 4)) * 30
    logits[:, 3] -= 2000
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities = (probabilities / probabilities.sum(1, keepdims=True)).astype(np.float32)
    scores = classification_scores(gold, predicted, probabilities, LABELS)
    assert scores["accuracy"] == pytest.approx(sk.accuracy_score(gold, predicted))
    assert scores["macro_f1"] == pytest.approx(sk.f1_score(gold, predicted, average="macro", zero_division=0))
    assert scores["log_loss"] == pytest.approx(sk.log_loss(gold, probabilities, labels=LABELS), rel=1e-5, abs=1e-6)
    each = sk.precision_recall_fscore_support(gold, predicted, labels=LABELS, zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), each, strict=True):
        assert [scores[f"{name}/{label}"] for label in LABELS] == pytest.approx(list(values))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_of_several_classifiers_are_those_of_each(dtype):
    rng = np.random.default_rng(0)
    gold, probabilities = rng.integers(0, 3, 40), rng.dirichlet([0.05] * 4, (6, 40)).astype(dtype)
    predicted = probabilities.argmax(axis=-1)
    for own, rows, scores in zip(
        predicted, probabilities, scores_of_classes(gold, predicted, probabilities, LABELS), strict=True
    ):
        named = [[LABELS[n] for n in numbers] for numbers in (gold, own)]
        assert scores == classification_scores(*named, rows, LABELS)
    assert scores_of_classes(gold[:0], predicted[:, :0], probabilities[:, :0], LABELS)[5]["log_loss"] == 0


def test_probabilities_of_other_examples_are_refused():
    with pytest.raises(ValueError, match=r"\(1, 2, 4\), not \(1, 3\) and \(1, 3, 4\)"):
        scores_of_classes(np.zeros(3, int), np.zeros((1, 3), int), np.ones((1, 2, 4)), LABELS)


def test_a_probability_of_zero_for_the_gold_class_is_a_finite_loss():
    assert 0 < classification_scores(["a"], ["b"], np.array([[0.0, 1.0]]), ("a", "b"))["log_loss"] < 100


def test_the_primary_scores_are_among_the_scores():
    assert PRIMARY["tagging"] in tagging_scores([["O"]], [["O"]])
    assert PRIMARY["classification"] in classification_scores(["a"], ["a"], np.ones((1, 1)), ["a"])


def test_the_accuracy_with_padding_counts_padding_as_right_and_hides_the_errors():
    gold, predicted = [("B-x", "O"), ("O",) * 4], [("O", "O"), ("O", "O", "B-x", "O")]
    assert "padded_accuracy" not in tagging_scores(gold, predicted)
    scores = tagging_scores(gold, predicted, padded_to=10)
    assert scores["accuracy"] == pytest.approx(4 / 6)
    assert scores["padded_accuracy"] == pytest.approx(18 / 20)
    assert scores["f1"] == 0.0
    assert tagging_scores(gold, predicted, padded_to=3)["padded_accuracy"] == pytest.approx(5 / 7)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
@given(st.integers(0, 40), st.integers(0, 10_000), st.sampled_from([np.float32, np.float64]))
def test_scores_of_sets_of_labels_are_those_of_scikit_learn(examples, seed, kind):
    """One of the labels never occurs, and another is never predicted."""
    rng, labels = np.random.default_rng(seed), ("a", "b", "never", "not predicted")
    gold = rng.random((examples, 4)) < [0.6, 0.2, 0.0, 0.5]
    probabilities = (rng.random((examples, 4)) * [1.0, 1.0, 0.4, 0.4]).astype(kind)
    predicted = probabilities > 0.5
    scores = multilabel_scores(gold, predicted, probabilities, labels)
    if not examples:
        assert set(scores.values()) == {0.0}
        return
    for average in ("micro", "macro"):
        theirs = sk.precision_recall_fscore_support(gold, predicted, average=average, zero_division=0)
        for name, value in zip(("precision", "recall", "f1"), theirs, strict=False):
            assert scores[f"{average}_{name}"] == pytest.approx(value)
    theirs = sk.precision_recall_fscore_support(gold, predicted, average=None, zero_division=0)
    for name, values in zip(("precision", "recall", "f1", "support"), theirs, strict=True):
        assert [scores[f"{name}/{label}"] for label in labels] == pytest.approx(values.tolist())
    assert scores["subset_accuracy"] == pytest.approx(sk.accuracy_score(gold, predicted))
    losses = [sk.log_loss(own, p, labels=[False, True]) for own, p in zip(gold.T, probabilities.T, strict=True)]
    assert scores["log_loss"] == pytest.approx(np.mean(losses), abs=1e-5)


def test_arrays_of_sets_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"not \(1, 2\)"):
        multilabel_scores(np.ones((1, 2), bool), np.ones((1, 3), bool), np.ones((1, 2)), ["a", "b"])
