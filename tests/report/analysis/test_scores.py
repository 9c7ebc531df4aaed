import math

import pytest

from seedbed.errors import InputError
from seedbed.report.analysis.scores import (
    choose_metric,
    main_metrics,
    metric_label,
    metric_scale,
    rate_columns,
    type_columns,
)


def test_tagging_is_judged_by_f1_and_classification_by_accuracy(cells):
    assert main_metrics(cells(task="tagging")) == ["test/f1", "test/precision", "test/recall"]
    assert main_metrics(cells()) == ["test/accuracy", "test/macro_f1", "test/log_loss"]


def test_sets_of_labels_are_judged_by_micro_f1(cells):
    names = {"test/accuracy": "test/micro_f1", "test/macro_f1": "test/subset_accuracy"}
    assert main_metrics(cells().rename(columns=names).assign(task="multilabel"))[0] == "test/micro_f1"
    assert metric_label("test/micro_f1") == "micro F1"


def test_scores_of_types_are_not_main_ones(cells):
    table = cells(task="tagging", types=("person", "geo/loc"))
    assert "test/f1/person" not in main_metrics(table)
    assert type_columns(table) == {"person": "test/f1/person", "geo/loc": "test/f1/geo/loc"}


def test_without_test_scores_validation_is_used_and_without_splits_any_number(bare):
    assert main_metrics(bare({"a": [0.5]}, metric="validation/f1")) == ["validation/f1"]
    assert main_metrics(bare({"a": [0.5]}, metric="BLEU")) == ["BLEU"]


def test_scores_of_labels_that_are_named_as_scores_are_not_taken_for_these(bare):
    """Where a table has no other scores, they are all in its order."""
    labels = ("partial_f1", "loss", "log_loss", "accuracy")
    table = bare({"a": [0.5]}, metric="test/precision/x").assign(**{f"test/f1/{label}": 0.5 for label in labels})
    assert main_metrics(table) == ["test/precision/x", *(f"test/f1/{label}" for label in labels)]


def test_a_metric_is_found_with_or_without_its_split(cells):
    assert choose_metric(cells(), "macro_f1") == choose_metric(cells(), "test/macro_f1") == "test/macro_f1"
    with pytest.raises(InputError, match=r"metric=acuracy: .*; did you mean test/accuracy\?"):
        choose_metric(cells(), "acuracy")


@pytest.mark.parametrize(("scores", "shown"), [([0.5, 0.732], "73.20"), ([50, 73.2], "73.20")])
def test_fractions_and_percentages_are_shown_alike(bare, scores, shown):
    table = bare({"a": scores})
    assert metric_scale(table, "test/accuracy").show(scores[1]) == shown


def test_a_loss_is_shown_as_it_is_and_lower_is_better(cells):
    scale = metric_scale(cells(), "test/log_loss")
    assert (scale.show(0.51234), scale.unit, scale.higher_is_better) == ("0.5123", "", False)


def test_signs_and_missing_numbers(bare):
    scale = metric_scale(bare({"a": [0.5]}), "test/accuracy")
    assert [scale.signed(value) for value in (0.01, -0.01, -0.0000001, math.nan)] == ["+1.00", "−1.00", "0.00", "–"]


def test_metrics_are_said_in_words():
    names = ("test/f1", "test/macro_f1", "validation/accuracy", "BLEU")
    assert [metric_label(name) for name in names] == ["F1", "macro F1", "validation accuracy", "BLEU"]
    names = ("test/precision/first_name", "validation/f1/macro f1", "eval/macro_f1")
    assert [metric_label(name) for name in names] == [
        "precision/first_name", "validation F1/macro f1", "eval/macro F1",
    ]  # fmt: skip


@pytest.mark.parametrize("label", ["recall", "micro_f1", "accuracy"])
def test_a_label_with_the_name_of_a_score_does_not_make_its_support_a_rate(cells, label):
    table = cells().assign(**{f"test/support/{label}": 30.0, f"test/f1/{label}": 0.5})
    assert f"test/f1/{label}" in rate_columns(table)
    assert f"test/support/{label}" not in rate_columns(table)
    assert metric_scale(table, "test/accuracy").factor == metric_scale(table, f"test/f1/{label}").factor == 100.0
    assert metric_scale(table, f"test/support/{label}").factor == 1.0
