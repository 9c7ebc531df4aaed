"""Names of scores tell whether more or less is better."""

from seedbed.directions import lower_is_better

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
