"""Whether a lower score is better: from its name, or stated."""

import re
from collections.abc import Mapping

from seedbed.metric_names import MetricName

_LOWER_PARTS = ("loss", "error", "perplexity", "entropy", "divergence", "distance")
"""Of a name, also inside a word: ``logloss``."""
_LOWER = frozenset({
    "aic", "bic", "bpb", "bpc", "bpw", "brier", "calibration", "cer", "cost", "crps", "der", "deviance", "ece",
    "edit", "eer", "emissions", "energy", "entropy", "err", "errors", "false", "far", "fdr", "fid", "flops",
    "fnr", "fpr", "frr", "ghg", "hausdorff", "hinge", "impurity", "kl", "kld", "latency", "ler", "levenshtein",
    "lpips", "mace", "mad", "mae", "mape", "mase", "mce", "mdae", "medae", "mer", "mpe", "msd", "mse", "msle",
    "nll", "nlpd", "nmae", "nmse", "nrmse", "ppl", "rae", "regret", "risk", "rmsd", "rmse", "rmsle", "rmsce",
    "rse", "sae", "seconds", "ser", "smape", "sse", "ter", "time", "tvd", "wape", "wer", "wil", "wmd", "wmape",
    "xent",
})  # fmt: skip
_HIGHER = frozenset({
    "acc", "accuracy", "agreement", "ap", "auc", "auprc", "aupr", "auroc", "average", "bertscore", "bleu",
    "bleurt", "chrf", "cider", "comet", "concordance", "corr", "correctness", "correlation", "coverage", "dice",
    "elbo", "em", "exact", "f", "fbeta", "fscore", "gain", "gmean", "hit", "hits", "informedness", "iou",
    "jaccard", "kappa", "kendall", "las", "likelihood", "lift", "map", "markedness", "match", "matthews",
    "mauve", "mcc", "meteor", "miou", "moverscore", "mrr", "ndcg", "npv", "pearson", "phi", "ppv", "pr",
    "precision", "prec", "purity", "quality", "r", "r2", "recall", "rec", "reward", "roc", "rouge", "rougel",
    "sacrebleu", "score", "sensitivity", "silhouette", "similarity", "spearman", "specificity", "spice",
    "success", "tau", "tnr", "tpr", "uas", "ucca", "youden",
})  # fmt: skip
_FLIPS = frozenset({
    "neg", "negated", "negative", "minus", "inverse", "inverted", "inv", "complement", "reduction", "improvement",
})  # fmt: skip
"""``neg_mean_squared_error``, as scikit-learn has it, is better the higher it is."""
_REST = re.compile(r"10*\s*-\s*[A-Za-z]")
"""``100-wer``, ``1 - f1``."""


def lower_is_better(metric: str, stated: Mapping[str, bool] | None = None) -> bool | None:
    """Return whether a lower score is better: as ``stated`` by column, or by its name; None if unknown.

    ``metric`` is a column such as ``mae``, ``test/mae`` or ``test/f1/PER``, which is an F1.
    """
    if stated and metric in stated:
        return stated[metric]
    name = MetricName.of(metric).score
    words = re.findall(r"[a-z]+\d?", re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name).lower())
    words = words[: words.index("at")] if "at" in words[1:] else words  # recall_at_fpr is a recall
    words = [word if word in _HIGHER else word.rstrip("0123456789") for word in words]
    flipped = bool(_FLIPS & set(words) or _REST.match(name)) and "likelihood" not in words
    if any(word in _LOWER or any(part in word for part in _LOWER_PARTS) for word in words):
        return not flipped
    if "likelihood" in words:
        return bool(_FLIPS & set(words))
    return flipped if _HIGHER & set(words) else None
