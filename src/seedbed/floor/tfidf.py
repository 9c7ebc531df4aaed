"""TF-IDF with logistic regression: the floor of a classification."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.floor.majority import shares
from seedbed.floor.ngrams import Ngrams

STRENGTHS = (1.0, 10.0, 100.0)
"""The inverse penalties C that are tried: below, few-shot scores fall; above, they no longer rise."""
WITHOUT_VALIDATION = 100.0
MOST_STEPS = 1000


def probabilities(
    train: Sequence[Example],
    validation: Sequence[Example],
    test: Sequence[Example],
    labels: Sequence[str],
    ngrams: Ngrams,
) -> NDArray[np.float32]:
    """``[test, labels]``: what scikit-learn's logistic regression says of the test texts; their targets are not read.

    Uni- and bigrams of lower-cased tokens, those of the training texts alone; one plus the logarithm of their counts,
    by smoothed inverse document frequency, rows of length one. The penalty is the one of ``STRENGTHS`` with the lowest
    log loss on the validation texts, the stronger where two are equal. Where all training texts are of one class, the
    answer is that class.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    targets = np.array([str(example.target) for example in train])
    if len(set(targets)) < 2 or not test:
        return np.tile(shares(train, labels), (len(test), 1))
    vocabulary = ngrams.vocabulary(train)
    weighting = TfidfTransformer(sublinear_tf=True)
    known = weighting.fit_transform(ngrams.counts(train, vocabulary))
    judged = [example for example in validation if example.target in set(targets)]
    models = [_fitted(known, targets, strength) for strength in (STRENGTHS if judged else (WITHOUT_VALIDATION,))]
    chosen = models[0]
    if judged:
        seen = weighting.transform(ngrams.counts(judged, vocabulary))
        chosen = min(models, key=lambda model: _log_loss(model, seen, judged))
    said = chosen.predict_proba(weighting.transform(ngrams.counts(test, vocabulary)))
    found = np.zeros((len(test), len(labels)), np.float32)
    found[:, [list(labels).index(label) for label in chosen.classes_]] = said
    return found


def _fitted(known: Any, targets: NDArray[np.str_], strength: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    # Its vectors are too short for more than one thread: two were thirteen times as slow on a busy machine.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a floor
        return LogisticRegression(C=strength, max_iter=MOST_STEPS).fit(known, targets)


def _log_loss(model: Any, seen: Any, judged: Sequence[Example]) -> float:
    columns = {label: column for column, label in enumerate(model.classes_)}
    of_gold = model.predict_log_proba(seen)[np.arange(len(judged)), [columns[example.target] for example in judged]]
    return float(-of_gold.mean())
