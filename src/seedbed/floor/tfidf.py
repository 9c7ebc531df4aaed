"""TF-IDF with logistic regression: the floor of a classification task, also of sets of labels."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.floor.majority import class_frequencies
from seedbed.floor.ngrams import Codes, Ngrams
from seedbed.label_sets import LabelSet
from seedbed.metrics import binary_log_loss, has_labels

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

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
    class, that class is predicted. Sets of labels have a regression for each label (``OneVsRestClassifier``), all with
    one penalty.
    """
    sets_of = labels if any(isinstance(example.target, LabelSet) for example in train) else None
    fitted = fit(train, validation, ngrams, sets_of) if test else None
    if fitted is None:
        return np.tile(class_frequencies(train, labels), (len(test), 1))
    predicted = fitted.model.predict_proba(fitted.weighting.transform(ngrams.counts(test, fitted.vocabulary)))
    if fitted.sets_of is not None:
        return np.asarray(predicted, np.float32)
    result = np.zeros((len(test), len(labels)), np.float32)
    result[:, [list(labels).index(label) for label in fitted.model.classes_]] = predicted
    return result


@dataclass(frozen=True)
class Tfidf:
    """A fitted method: the codes of its n-grams, their weighting and the chosen model.

    ``sets_of``: the labels of sets of labels, for which the model is a ``OneVsRestClassifier``; None for classes.
    """

    vocabulary: Codes
    weighting: "TfidfTransformer"
    model: "LogisticRegression | OneVsRestClassifier"
    sets_of: Sequence[str] | None = None

    def arrays(self, labels: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Return ``idf [n-grams]``, ``kernel [n-grams, labels]`` and ``bias [labels]``.

        Probabilities of a row x of weighted counts of length one are the softmax of ``x @ kernel + bias``. The bias of
        a class without a training example is minus infinity. Of sets of labels they are the logistic function of each;
        the bias of a label that no training example has, or that all have, is minus or plus infinity.
        """
        if self.sets_of is not None:
            return {"idf": np.asarray(self.weighting.idf_, np.float64), **self._of_labels()}
        coefficients, intercepts = self.model.coef_, self.model.intercept_
        if len(coefficients) == 1:  # of two classes it has the logit of the second
            coefficients = np.concatenate([np.zeros_like(coefficients), coefficients])
            intercepts = np.concatenate([np.zeros(1), intercepts])
        columns = [list(labels).index(label) for label in self.model.classes_]
        kernel, bias = np.zeros((len(self.vocabulary), len(labels))), np.full(len(labels), -np.inf)
        kernel[:, columns], bias[columns] = coefficients.T, intercepts
        return {"idf": np.asarray(self.weighting.idf_, np.float64), "kernel": kernel, "bias": bias}

    def _of_labels(self) -> dict[str, NDArray[np.float64]]:
        models = self.model.estimators_
        kernel, bias = np.zeros((len(self.vocabulary), len(models))), np.zeros(len(models))
        for n, model in enumerate(models):
            if hasattr(model, "coef_"):
                kernel[:, n], bias[n] = model.coef_[0], model.intercept_[0]
            else:  # of scikit-learn, for a label without variation
                bias[n] = np.inf if model.y_[0] else -np.inf
        return {"kernel": kernel, "bias": bias}


def fit(
    train: Sequence[Example], validation: Sequence[Example], ngrams: Ngrams, sets_of: Sequence[str] | None = None
) -> Tfidf | None:
    """Return the method fitted to training texts, see `probabilities`; None where these are all of one class.

    ``sets_of``: the labels where targets are sets of them; None then where no label varies.
    """
    if sets_of is not None:
        return _fit_labels(train, validation, ngrams, sets_of)
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


def _fit_labels(
    train: Sequence[Example], validation: Sequence[Example], ngrams: Ngrams, labels: Sequence[str]
) -> Tfidf | None:
    from sklearn.feature_extraction.text import TfidfTransformer

    targets = has_labels([example.target for example in train], labels)
    if (targets == targets[0]).all():
        return None
    vocabulary = ngrams.vocabulary(train)
    weighting = TfidfTransformer(sublinear_tf=True)
    features = weighting.fit_transform(ngrams.counts(train, vocabulary))
    strengths = STRENGTHS if validation else (WITHOUT_VALIDATION,)
    models = [_fit(features, targets.astype(np.int64), strength) for strength in strengths]
    best = models[0]
    if validation:
        held_out = weighting.transform(ngrams.counts(validation, vocabulary))
        gold = has_labels([example.target for example in validation], labels)
        best = min(models, key=lambda model: binary_log_loss(gold, model.predict_proba(held_out)))
    return Tfidf(vocabulary, weighting, best, labels)


def _fit(
    features: "csr_matrix", targets: NDArray[np.generic], strength: float
) -> "LogisticRegression | OneVsRestClassifier":
    """Fit a model of classes ``[texts]``, or of sets of labels ``[texts, labels]``."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from threadpoolctl import threadpool_limits

    # The vectors are too short for several threads: two were thirteen times slower on a busy machine.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # close enough for a floor
        warnings.filterwarnings("ignore", "Label .* is present in all training examples|Label not")
        model = LogisticRegression(C=strength, max_iter=MAX_ITERATIONS)
        return (model if targets.ndim == 1 else OneVsRestClassifier(model)).fit(features, targets)


def _log_loss(model: "LogisticRegression", features: "csr_matrix", examples: Sequence[Example]) -> float:
    columns = {label: column for column, label in enumerate(model.classes_)}
    gold = [columns[example.target] for example in examples]
    return float(-model.predict_log_proba(features)[np.arange(len(examples)), gold].mean())
