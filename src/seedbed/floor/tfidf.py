"""TF-IDF with logistic regression: the floor of a classification task."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.floor.majority import class_frequencies
from seedbed.floor.ngrams import Codes, Ngrams

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

STRENGTHS = (1.0, 10.0, 100.0)
"""The inverse penalties C to choose from: few-shot scores are lower below this range, and no higher above it."""
WITHOUT_VALIDATION = 100.0
MAX_ITERATIONS = 1000


def probabilities(
    train: Sequence[Example],
    validation: Sequence[Example],
    test: Sequence[Example],
    labels: Sequence[str],
    ngrams: Ngrams,
) -> NDArray[np.float32]:
    """Return the probabilities ``[test, labels]`` of scikit-learn's logistic regression; test targets are not read.

    Features are unigrams and bigrams of lower-cased tokens of the training texts: one plus the logarithm of their
    counts, times smoothed inverse document frequency, in rows of length one. The penalty is the one of ``STRENGTHS``
    with the lowest log loss on the validation texts; of equal ones the strongest. If all training texts are of one
    class, that class is predicted.
    """
    fitted = fit(train, validation, ngrams) if test else None
    if fitted is None:
        return np.tile(class_frequencies(train, labels), (len(test), 1))
    predicted = fitted.model.predict_proba(fitted.weighting.transform(ngrams.counts(test, fitted.vocabulary)))
    result = np.zeros((len(test), len(labels)), np.float32)
    result[:, [list(labels).index(label) for label in fitted.model.classes_]] = predicted
    return result


@dataclass(frozen=True)
class Tfidf:
    """A fitted method: the codes of its n-grams, their weighting and the chosen model."""

    vocabulary: Codes
    weighting: "TfidfTransformer"
    model: "LogisticRegression"

    def arrays(self, labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Return ``idf [n-grams]``, ``kernel [n-grams, labels]`` and ``bias [labels]``.

        Probabilities of a row x of weighted counts of length one are the softmax of ``x @ kernel + bias``. The bias of
        a class without a training example is minus infinity.
        """
        coefficients, intercepts = self.model.coef_, self.model.intercept_
        if len(coefficients) == 1:  # of two classes it has the logit of the second
            coefficients = np.concatenate([np.zeros_like(coefficients), coefficients])
            intercepts = np.concatenate([np.zeros(1), intercepts])
        columns = [list(labels).index(label) for label in self.model.classes_]
        kernel, bias = np.zeros((len(self.vocabulary), len(labels))), np.full(len(labels), -np.inf)
        kernel[:, columns], bias[columns] = coefficients.T, intercepts
        return {"idf": np.asarray(self.weighting.idf_, np.float64), "kernel": kernel, "bias": bias}


def fit(train: Sequence[Example], validation: Sequence[Example], ngrams: Ngrams) -> Tfidf | None:
    """Return the method fitted to training texts, see `probabilities`; None where these are all of one class."""
    from sklearn.feature_extraction.text import TfidfTransformer

    targets = np.array([str(example.target) for example in train])
    if len(set(targets)) < 2:
        return None
    vocabulary = ngrams.vocabulary(train)
    weighting = TfidfTransformer(sublinear_tf=True)
    features = weighting.fit_transform(ngrams.counts(train, vocabulary))
    held_out = [example for example in validation if example.target in set(targets)]
    models = [_fit(features, targets, strength) for strength in (STRENGTHS if held_out else (WITHOUT_VALIDATION,))]
    best = models[0]
    if held_out:
        held_out_features = weighting.transform(ngrams.counts(held_out, vocabulary))
        best = min(models, key=lambda model: _log_loss(model, held_out_features, held_out))
    return Tfidf(vocabulary, weighting, best)


def _fit(features: "csr_matrix", targets: NDArray[np.str_], strength: float) -> "LogisticRegression":
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    # The vectors are too short for several threads: two were thirteen times slower on a busy machine.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a floor
        return LogisticRegression(C=strength, max_iter=MAX_ITERATIONS).fit(features, targets)


def _log_loss(model: "LogisticRegression", features: "csr_matrix", examples: Sequence[Example]) -> float:
    columns = {label: column for column, label in enumerate(model.classes_)}
    gold = [columns[example.target] for example in examples]
    return float(-model.predict_log_proba(features)[np.arange(len(examples)), gold].mean())
