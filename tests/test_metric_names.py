"""Parts of the names of metrics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import metric_order
from seedbed.metric_names import OF_LABELS, SPLITS, MetricName
from seedbed.metrics import classification_scores

NAMES = st.sampled_from(["f1", "accuracy", "support", "loss", "test", "recall/f1", "a/b", "/", "log_loss"]) | st.text(
    min_size=1
)


@given(st.sampled_from(SPLITS), st.sampled_from(OF_LABELS), NAMES)
def test_a_label_may_have_any_name(split, score, label):
    own = MetricName.of(f"{split}/{score}/{label}")
    assert own == (split, score, label)
    assert own.overall == ""
    assert MetricName.of(own.without_split) == ("", score, label)


@pytest.mark.parametrize(("name", "parts", "overall"), [
    ("test/f1", ("test", "f1", ""), "f1"), ("validation/log_loss", ("validation", "log_loss", ""), "log_loss"),
    ("f1", ("", "f1", ""), "f1"), ("BLEU", ("", "BLEU", ""), "BLEU"), ("macro_f1/x", ("", "macro_f1", "x"), ""),
    ("eval/loss", ("eval", "loss", ""), "loss"), ("test", ("", "test", ""), "test"), ("", ("", "", ""), ""),
])  # fmt: skip
def test_scores_of_splits_and_of_other_programs(name, parts, overall):
    assert MetricName.of(name) == parts
    assert MetricName.of(name).overall == overall


def test_the_scores_of_labels_are_those_that_are_computed():
    import numpy as np

    scores = classification_scores(["f1"], ["f1"], np.array([[0.5, 0.5]]), ["f1", "x"])
    assert {own.score for name in scores if (own := MetricName.of(name)).label} == set(OF_LABELS)
    assert {own.overall for name in scores if not (own := MetricName.of(name)).label} == {
        "accuracy", "macro_f1", "log_loss",
    }  # fmt: skip


def test_overall_scores_stand_before_those_of_labels():
    names = ["train/loss", "other", "test/f1/a/b", "test/f1/c", "test/recall", "validation/f1", "test/f1"]
    assert sorted(names, key=metric_order) == [
        "test/f1", "test/recall", "test/f1/a/b", "test/f1/c", "validation/f1", "train/loss", "other",
    ]  # fmt: skip
