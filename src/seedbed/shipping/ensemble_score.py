"""The score of all replicates as one ensemble, from the predictions that a study has recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import CellArtifacts, Prediction, Row
from seedbed.label_sets import labels_of, tags_of
from seedbed.matching import matching_scores
from seedbed.metric_names import MetricName
from seedbed.metrics import classification_scores, has_labels, multilabel_scores, tagging_scores
from seedbed.model.decoding import SOFTMAX
from seedbed.model.tasks import decoding_of
from seedbed.report.analysis.probabilities import FINAL, read_probabilities
from seedbed.saved_models.description import Description
from seedbed.saved_models.results import MEAN, VOTE, chosen, chosen_labels, combined, combined_labels

FEWEST = 30
"""Fewest shared test examples from which a score is computed."""

Probabilities = Mapping[str, NDArray[np.float32]]
"""Of a replicate: by test example ``[1 or tokens, labels]``."""


@dataclass(frozen=True)
class EnsembleScore:
    """Scores on the test examples that all replicates have, which therefore none trained on or chose with.

    ``examples``: their number; ``tested``: the most test examples of a replicate. ``single``: the mean score of the
    replicates there; ``mean`` and ``vote``: the scores of the ensemble, see `seedbed.saved_models.results.combined`.
    """

    metric: str
    examples: int
    tested: int
    single: float
    mean: float
    vote: float


def ensemble_score(
    rows: Sequence[Row], artifacts: CellArtifacts, metric: str, description: Description
) -> EnsembleScore | str:
    """Return the scores of the ensemble of these cells, or why they cannot be computed.

    ``metric``: such as ``test/accuracy``; ``description``: that of the model. Raises InputError for a damaged file.
    """
    labels, per_token = description.labels, description.per_token
    decodings = [decoding_of(variant.task, labels) for variant in description.variants]
    if any(decoding is not None and decoding.decoder != SOFTMAX for decoding in decodings):
        return "its tags are decoded as whole sequences, and not each by its probability"
    recorded = [artifacts.predictions(str(row["run"])) for row in rows]
    if not all(recorded):
        return "not all replicates have recorded predictions"
    by_id = [{prediction.id: prediction for prediction in own} for own in recorded]
    shared = sorted(set.intersection(*map(set, by_id)))
    tested = max(map(len, by_id))
    if len(shared) < FEWEST:
        return (
            f"each replicate was tested on examples of its own, and all share {len(shared)} of {tested:,} (at least "
            f"{FEWEST} are needed); sampling.redraw_test=false tests all on the same ones"
        )
    read = _tag_probabilities if per_token else _class_probabilities
    probabilities = [read(artifacts, str(row["run"]), own, labels) for row, own in zip(rows, recorded, strict=True)]
    if any(example not in own for own in probabilities for example in shared):
        return "not all replicates have recorded probabilities (tracking.probabilities=true records them)"
    stacked = np.stack([np.concatenate([own[example] for example in shared]) for own in probabilities])
    if description.multilabel:
        known = _label_set_scores(stacked, [[own[example] for example in shared] for own in by_id], labels, metric)
        return _score(metric, len(shared), tested, known)
    number = {label: n for n, label in enumerate(labels)}
    found = np.array(
        [[number[label] for example in shared for label in labels_of(own[example].predicted)] for own in by_id]
    )
    gold = [by_id[0][example].gold for example in shared]
    name = MetricName.of(metric).without_split
    values = {by: combined(stacked, by, ()) for by in (MEAN, VOTE)}
    chosen_by = [(own, chosen(stacked, own, by)) for by, own in values.items()]
    pairs = [*zip(stacked, found, strict=True), *chosen_by]
    known = [_scores(gold, own, classes, labels, per_token).get(name) for own, classes in pairs]
    return _score(metric, len(shared), tested, known)


def _score(metric: str, examples: int, tested: int, scores: Sequence[float | None]) -> EnsembleScore | str:
    """Return the score of the ensemble; ``scores``: of the replicates, then by mean and by vote."""
    known = [score for score in scores if score is not None]
    if len(known) < len(scores):
        return f"{metric} is not computed from predictions"
    return EnsembleScore(metric, examples, tested, float(np.mean(known[:-2])), known[-2], known[-1])


def _label_set_scores(
    stacked: NDArray[np.float32], predictions: Sequence[Sequence[Prediction]], labels: Sequence[str], metric: str
) -> list[float | None]:
    """Return the score of each replicate, by mean and by vote; ``stacked``: probabilities ``[R, examples, labels]``."""
    gold = has_labels([prediction.gold for prediction in predictions[0]], labels)
    answers = [
        (own, has_labels([one.predicted for one in of_replicate], labels))
        for own, of_replicate in zip(stacked, predictions, strict=True)
    ]
    for by in (MEAN, VOTE):
        values = combined_labels(stacked, by, ())
        answers.append((values, chosen_labels(stacked, values, by)))
    name = MetricName.of(metric).without_split
    return [multilabel_scores(gold, predicted, values, labels).get(name) for values, predicted in answers]


def _class_probabilities(
    artifacts: CellArtifacts, run: str, recorded: Sequence[Prediction], labels: Sequence[str]
) -> Probabilities:
    rows = artifacts.probabilities(run, range(len(recorded)))
    return {
        prediction.id: np.array([values], np.float32)
        for prediction, values in zip(recorded, rows, strict=True)
        if values is not None and len(values) == len(labels)
    }


def _tag_probabilities(
    artifacts: CellArtifacts, run: str, recorded: Sequence[Prediction], labels: Sequence[str]
) -> Probabilities:
    """As they are recorded: in steps of 1/255, in which the predicted tag may have equals; it is put above these."""
    found = read_probabilities(artifacts, run, FINAL)
    if found is None or found.labels != tuple(labels):
        return {}
    number = {label: n for n, label in enumerate(labels)}
    made: dict[str, NDArray[np.float32]] = {}
    for prediction in recorded:
        values, tags = found.values.get(prediction.id), tags_of(prediction.predicted)
        if values is None or len(values) != len(tags) or not set(tags) <= number.keys():
            continue
        rows: NDArray[np.float32] = np.divide(values, 255, dtype=np.float32)
        rows[np.arange(len(tags)), [number[tag] for tag in tags]] += np.float32(1e-6)
        made[prediction.id] = rows
    return made


def _scores(
    gold: Sequence[object], values: NDArray[np.float32], classes: NDArray[np.int64], labels: Sequence[str],
    per_token: bool,
) -> Mapping[str, float]:  # fmt: skip
    named = [labels[n] for n in classes.tolist()]
    if not per_token:
        return classification_scores([str(label) for label in gold], named, values, labels)
    sentences = [list(map(str, tags)) for tags in gold if isinstance(tags, tuple)]
    ends = np.cumsum([len(tags) for tags in sentences]).tolist()
    starts = [0, *ends[:-1]]
    predicted = [named[start:end] for start, end in zip(starts, ends, strict=True)]
    return tagging_scores(sentences, predicted) | matching_scores(sentences, predicted)
