"""Fitting the encoders that are not trained by gradient steps: fit, choose on validation, evaluate."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Outcome
from seedbed.embeddings.features import Positions
from seedbed.errors import InputError
from seedbed.metrics import PRIMARY
from seedbed.model.fitted import FittedEncoder, FittedPath, Sample
from seedbed.model.tasks import Head
from seedbed.model.weights import generator
from seedbed.stages import stage
from seedbed.training.batches import EncodedExamples
from seedbed.training.evaluation import Evaluation, evaluation
from seedbed.training.pooled import Blocks
from seedbed.training.recording import Recording, quantize
from seedbed.training.replicate import Epoch, Replicate
from seedbed.training.settings import Training

FIT_BYTES = 256_000_000
"""Most bytes of training vectors of the replicates that are fitted at once; one replicate may have more."""


@dataclass(frozen=True)
class FittedGroup:
    """The replicates of an arm with their vectors, draws and seeds."""

    encoder: FittedEncoder
    task: Head
    examples: EncodedExamples
    vectors: Blocks
    draws: Sequence[Positions]
    seeds: Sequence[int]

    def fit(
        self, settings: Training, on_epoch: Callable[[Epoch], None], recording: Recording
    ) -> tuple[list[Outcome], list[int]]:
        """Return the outcome of each replicate, and how many weights it has.

        An outcome has no epochs. ``on_epoch`` is called with the number of fits instead. Raises InputError where
        several values are to be chosen from and a replicate has no validation examples.
        """
        self._check_validation()
        outcomes: list[Outcome] = []
        sizes: list[int] = []
        for samples in self._samples():
            first = len(outcomes)
            valid = [sample for sample in samples if np.isfinite(sample.x).all()]
            fits = iter(self.encoder.fit(valid, len(self.examples.labels), self._progress(first, on_epoch)))
            with stage("evaluate"):
                for n, sample in enumerate(samples, first):
                    path = next(fits) if np.isfinite(sample.x).all() else None
                    outcomes.append(self._outcome(n, path, settings, recording))
                    sizes.append(0 if path is None else path.size)
        return outcomes, sizes

    def _check_validation(self) -> None:
        values = self.encoder.candidates()
        if len(values) > 1 and not all(draw.get("validation") for draw in self.draws):
            key = self.encoder.parameter.rpartition("/")[2]
            raise InputError(
                f"encoder.{key}: one of {len(values)} values is chosen on validation, and a draw has no validation "
                f"examples; use encoder.{key}=[{values[len(values) // 2]:g}] or sampling.validation=100"
            )

    def _samples(self) -> Iterator[list[Sample]]:
        """Yield the training vectors of some replicates at a time."""
        samples: list[Sample] = []
        for replicate, draw in enumerate(self.draws):
            with stage("table"):
                blocks = [
                    (x, self._targets(positions)) for positions, x in self.vectors.blocks(replicate, draw["train"])
                ]
                sample = Sample(np.concatenate([x for x, _ in blocks]), np.concatenate([y for _, y in blocks]))
            if samples and sum(s.x.nbytes for s in (*samples, sample)) > FIT_BYTES:
                yield samples
                samples = []
            samples.append(sample)
        yield samples

    def _targets(self, positions: Sequence[int]) -> NDArray[np.int64]:
        return np.concatenate([np.atleast_1d(self.examples.targets[n]) for n in positions]).astype(np.int64)

    def _progress(self, first: int, on_epoch: Callable[[Epoch], None]) -> Callable[[int, int, float], None]:
        before, total = (count * len(self.encoder.candidates()) for count in (first, len(self.draws)))

        def watch(done: int, _: int, loss: float) -> None:
            on_epoch(Epoch(before + done, total, len(self.draws), loss, None, unit="fit"))

        return watch

    def _outcome(self, n: int, path: FittedPath | None, settings: Training, recording: Recording) -> Outcome:
        draw, seed = self.draws[n], self.seeds[n]
        replicate = Replicate(n, draw, generator(seed, "order"), generator(seed, "dropout"))
        if path is None:
            replicate.error = "the vectors of the training examples are not finite"
            return replicate.outcome({}, settings, self.examples, {})
        index = self._choose(n, path)
        chosen = path.chosen(index)
        evaluations = {
            split: self._evaluate(n, chosen, draw[split], recording.probabilities and split == "test")[0]
            for split in settings.score_at_end
            if draw.get(split)
        }
        replicate.weights = dict(chosen.arrays())
        return replicate.outcome(evaluations, settings, self.examples, self._measures(path, index, chosen))

    def _measures(self, path: FittedPath, index: int, chosen: FittedPath) -> dict[str, float]:
        """The chosen value, and 1 where it is the smallest or largest of at least three."""
        measures = dict(chosen.measures())
        if name := self.encoder.parameter:
            measures[name] = float(path.values[index])
            if len(path.values) > 2:
                at_edge = index in (0, len(path.values) - 1)
                measures[f"{name.partition('/')[0]}/edge"] = float(at_edge)
        return measures

    def _choose(self, n: int, path: FittedPath) -> int:
        """The index of the value that is best on validation, the first of equals."""
        if len(path.values) == 1:
            return 0
        if self.encoder.select == "loss":
            losses, _, _ = self._outputs(n, path, self.draws[n]["validation"], False)
            return int(losses.argmin())
        score = PRIMARY[self.task.kind]
        evaluations = self._evaluate(n, path, self.draws[n]["validation"], False)
        return max(range(len(evaluations)), key=lambda i: (evaluations[i].scores[score], -evaluations[i].loss))

    def _evaluate(self, n: int, path: FittedPath, positions: Sequence[int], record: bool) -> list[Evaluation]:
        """The evaluation of each value; ``record``: with quantized probabilities, for tagging."""
        losses, outputs, quantized = self._outputs(n, path, positions, record and self.examples.per_token)
        recorded = tuple(quantized[position] for position in positions) if quantized else None
        return [
            evaluation(
                self.examples, positions, [output[position] for position in positions], float(loss), recorded,
                self.task.padded_to,
            )
            for loss, output in zip(losses, outputs, strict=True)
        ]  # fmt: skip

    def _outputs(
        self, n: int, path: FittedPath, positions: Sequence[int], record: bool
    ) -> tuple[NDArray[np.float64], list[dict[int, NDArray[np.generic]]], dict[int, NDArray[np.uint8]]]:
        """The mean log loss of each value, and its outputs by position: probabilities, or the tags of an example.

        Probabilities are clipped by the epsilon of float32 in the loss, as in the metric ``log_loss``.
        """
        epsilon = np.finfo(np.float32).eps
        losses, count = np.zeros(len(path.values)), 0
        outputs: list[dict[int, NDArray[np.generic]]] = [{} for _ in path.values]
        quantized: dict[int, NDArray[np.uint8]] = {}
        for some, x in self.vectors.blocks(n, positions):
            targets = self._targets(some)
            probabilities = path.probabilities(x)
            of_gold = probabilities[:, np.arange(len(targets)), targets]
            losses, count = losses - np.log(np.clip(of_gold, epsilon, 1 - epsilon)).sum(axis=1), count + len(targets)
            rows = probabilities.argmax(axis=-1) if self.examples.per_token else probabilities.astype(np.float32)
            if not self.examples.per_token:
                for output, own in zip(outputs, rows, strict=True):
                    output.update(zip(some, own, strict=True))
                continue
            ends = np.cumsum(self.examples.lengths[list(some)])[:-1]
            for output, own in zip(outputs, rows, strict=True):
                output.update(zip(some, np.split(own, ends), strict=True))
            if record:
                quantized.update(zip(some, map(quantize, np.split(probabilities[-1], ends)), strict=True))
        return losses / max(count, 1), outputs, quantized
