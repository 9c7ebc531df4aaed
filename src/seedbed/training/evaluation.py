"""Losses, predictions and scores of trained replicates on a split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet, Target, tags_of
from seedbed.metrics import THRESHOLD, multilabel_scores, scores_of_classes, tagging_scores
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.programs import EvaluationStep
from seedbed.training.recording import quantize
from seedbed.training.sources import Sources
from seedbed.training.step_outputs import step_outputs
from seedbed.types import Tensor


@dataclass(frozen=True)
class Evaluation:
    """One replicate on one split: mean loss, scores by name, and predictions in the order of ``positions``.

    ``predicted``: the index of the class, or of the tag of each token, or which labels a text has, bool ``[labels]``.
    ``probabilities``: ``[examples, classes]``, not for tagging. ``quantized``: if requested, the probabilities of each
    example in 255ths, ``[tokens, labels]``.
    """

    loss: float
    scores: Mapping[str, float]
    positions: Sequence[int]
    predicted: tuple[int | NDArray[np.generic], ...]
    probabilities: NDArray[np.floating] | None
    quantized: tuple[NDArray[np.uint8], ...] | None = None


@dataclass(frozen=True)
class Evaluator:
    """Evaluates replicates of a group. ``padded_to``: see ``tagging_scores``."""

    step: EvaluationStep
    data: GroupData
    padded_to: int | None = None

    def evaluate(
        self,
        weights: Mapping[str, Tensor],
        constants: Mapping[str, Tensor],
        sources: Sources,
        positions: Sequence[Sequence[int]],
        record: bool = False,
    ) -> list[Evaluation]:
        """Evaluate each member on the examples at the positions of the draw that it reads, without dropout.

        ``record``: also return quantized probabilities.
        """
        examples = self.data.examples
        members = sources.of_members(range(len(sources.held)))
        outputs: list[dict[int, NDArray[np.generic]]] = [{} for _ in members]
        quantized: list[dict[int, NDArray[np.uint8]]] = [{} for _ in members]
        losses, counts = np.zeros(len(members)), np.zeros(len(members))
        for step in step_outputs(self.step, self.data, weights, constants, sources, positions, record):
            losses, counts = losses + step.losses, counts + step.counts
            output = step.probabilities if step.tags is None else step.tags
            if examples.per_token and step.tags is None:
                output = step.probabilities.argmax(axis=-1)
            for r, of_source in enumerate(members):
                for column, position in enumerate(step.positions[of_source]):
                    index = (r, slice(0, examples.lengths[position]), column) if examples.per_token else (r, column)
                    outputs[r][position] = output[index]
                    if record:
                        quantized[r][position] = quantize(np.atleast_2d(step.probabilities[index]))
        return [
            evaluation(
                examples,
                own,
                [outputs[r][position] for position in own],
                float(losses[r] / max(counts[r], 1.0)),
                tuple(quantized[r][position] for position in own) if record else None,
                self.padded_to,
            )
            for r, own in enumerate(positions[of_source] for of_source in members)
        ]


def evaluation(
    examples: EncodedExamples,
    positions: Sequence[int],
    outputs: Sequence[NDArray[np.generic]],
    loss: float,
    quantized: tuple[NDArray[np.uint8], ...] | None,
    padded_to: int | None,
) -> Evaluation:
    """Return the evaluation of a replicate from its outputs: the tags of each example, or class probabilities.

    ``outputs``: of the positions in order; probabilities may be one array ``[positions, classes]``.
    """
    if examples.per_token:
        targets = [examples.examples[position].target for position in positions]
        tags = [_label_names(examples, row) for row in outputs]
        scores = tagging_scores(list(map(tags_of, targets)), tags, padded_to)
        return Evaluation(loss, scores, positions, tuple(outputs), None, quantized)
    probabilities = _stacked(outputs) if len(outputs) else np.zeros((0, len(examples.labels)), np.float32)
    if examples.multilabel:
        has = probabilities > THRESHOLD
        gold = np.array([examples.targets[position] for position in positions], bool).reshape(has.shape)
        scores = multilabel_scores(gold, has, probabilities, examples.labels)
        return Evaluation(loss, scores, positions, tuple(has), probabilities, quantized)
    (result,) = evaluations_of_classes(examples, positions, probabilities[None], [loss])
    return replace(result, quantized=quantized)


def evaluations_of_classes(
    examples: EncodedExamples, positions: Sequence[int], probabilities: NDArray[np.floating], losses: Sequence[float]
) -> list[Evaluation]:
    """Return the evaluations of several classifiers on the same texts: probabilities ``[classifiers, texts, classes]``.

    Texts have one class each.
    """
    gold = np.array([examples.targets[position] for position in positions], np.int64)
    predicted = probabilities.argmax(axis=-1)
    scores = scores_of_classes(gold, predicted, probabilities, examples.labels)
    made = zip(losses, scores, predicted.tolist(), probabilities, strict=True)
    return [Evaluation(float(loss), own, positions, tuple(classes), rows) for loss, own, classes, rows in made]


def predictions(examples: EncodedExamples, evaluation: Evaluation) -> tuple[Prediction, ...]:
    """Return the predictions with label names; probabilities are rounded to six digits."""
    probabilities: Sequence[tuple[float, ...] | None] = [None] * len(evaluation.predicted)
    if evaluation.probabilities is not None:
        probabilities = [tuple(row) for row in evaluation.probabilities.astype(float).round(6).tolist()]
    rows = []
    for position, output, row in zip(evaluation.positions, evaluation.predicted, probabilities, strict=True):
        example = examples.examples[position]
        rows.append(Prediction(example.id, example.target, _named(examples, output), row))
    return tuple(rows)


def _named(examples: EncodedExamples, output: int | NDArray[np.generic]) -> Target:
    if isinstance(output, int):
        return examples.labels[output]
    if examples.multilabel:
        return LabelSet.of(label for label, has in zip(examples.labels, output.tolist(), strict=True) if has)
    return _label_names(examples, output)


def _label_names(examples: EncodedExamples, indices: NDArray[np.generic]) -> tuple[str, ...]:
    return tuple(examples.labels[n] for n in indices.tolist())


def _stacked(outputs: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return outputs if isinstance(outputs, np.ndarray) else np.stack(outputs)
