"""Whether more or less of a score is better."""

import pytest

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.directions import lower_is_better
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.scores import stated_directions
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of

LOWER = (
    "mae", "rmse", "wer", "cer", "brier", "nll", "ece", "test/loss", "test/log_loss", "logLoss", "MAE",
    "test_mae", "word_error_rate", "perplexity", "ppl", "brier_score", "validation/mse",
    "negative_log_likelihood", "mean_absolute_error", "cross_entropy", "fpr95", "EER", "hamming_loss", "smape",
    "bpc", "eval/loss",
)  # fmt: skip
HIGHER = (
    "test/f1", "test/f1/loss", "test/f1/PER", "accuracy", "macro_f1", "r2", "auc", "roc_auc", "bleu", "rougeL",
    "neg_mean_squared_error", "hits@10", "spearman", "log_likelihood", "error_reduction", "recall_at_fpr",
    "ndcg@10", "mrr", "f1_score", "average_precision", "exact_match", "test/accuracy",
    "f1/loss", "macro_f1/loss", "eval/f1/loss",
)  # fmt: skip


def test_names_tell_the_direction():
    assert {name: lower_is_better(name) for name in (*LOWER, *HIGHER)} == (
        dict.fromkeys(LOWER, True) | dict.fromkeys(HIGHER, False)
    )
    assert [lower_is_better(name) for name in ("speed", "test/quux", "test/support/f1")] == [None, None, None]
    assert lower_is_better("test/quux", {"test/quux": True})


@pytest.mark.parametrize("metric", ["mae", "rmse", "wer", "brier"])
def test_the_arm_with_the_lower_error_is_better(bare, metric):
    table = bare({"a": [0.10, 0.11, 0.12, 0.13, 0.12, 0.14], "b": [0.2, 0.22, 0.21, 0.24, 0.23, 0.26]})
    table = table.rename(columns={name: metric for name in table.columns if "/" in name})
    (answer,) = answers(analyse(table))
    assert answer.text.startswith("a beats b by ")


def test_a_stated_direction_counts_and_an_unknown_one_is_said(bare):
    table = bare({"a": [0.10, 0.11, 0.12, 0.13, 0.12, 0.14], "b": [0.2, 0.22, 0.21, 0.24, 0.23, 0.26]})
    table = table.rename(columns={name: "test/quux" for name in table.columns if "/" in name})
    analysis = analyse(table)
    assert answers(analysis)[0].text.startswith("b beats a by ")
    assert [said for said in warnings_of(analysis) if "quux" in said] == [
        "quux: higher is taken as better, as the name does not show it; if lower is better, report with "
        "lower_is_better=test/quux."
    ]
    told = analyse(table, inputs=ReportInputs(lower_is_better=stated_directions(table, ["quux"], [])))
    assert answers(told)[0].text.startswith("a beats b by ")
    assert told.comparisons["improved"].tolist() == [0.0]
    assert not [said for said in warnings_of(told) if "quux" in said]


def test_a_score_that_is_not_there_or_stated_both_ways_is_refused(bare):
    table = bare({"a": [0.1, 0.2]})
    with pytest.raises(InputError, match=r"lower_is_better=acuracy: the table has no such score; did you mean"):
        stated_directions(table, ["acuracy"], [])
    with pytest.raises(InputError, match=r"lower_is_better=test/accuracy: also in higher_is_better="):
        stated_directions(table, ["accuracy"], ["test/accuracy"])
