"""Fitting the encoders that are not trained by gradient steps: fit, choose on validation, evaluate."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Outcome
from seedbed.embeddings.features import Positions
from seedbed.errors import InputError
from seedbed.metrics import PRIMARY
from seedbed.model.fitted import FittedEncoder, FittedPath, Sample, fitted_probabilities
from seedbed.model.tasks import Head
from seedbed.model.weights import generator
from seedbed.stages import stage
from seedbed.training.batches import EncodedExamples
from seedbed.training.evaluation import Evaluation, evaluation, evaluations_of_classes
from seedbed.training.fit_cache import DrawKey, FitCache
from seedbed.training.pooled import Blocks
from seedbed.training.recording import Recording, quantize
from seedbed.training.replicate import Epoch, Replicate
from seedbed.training.settings import Training

FIT_BYTES = 256_000_000
"""Most bytes of training vectors of the replicates that are fitted at once; one replicate may have more."""


@dataclass(frozen=True)
class FittedGroup:
    """Members with their vectors, draws and seeds.

    ``encoders``: of each member; they differ at most in the values of the parameter. ``sources``: the number of the
    draw (and seed) of each member, where several share one and are fitted as one path; None: one member for each.
    ``cache``: paths of groups before this one; a draw whose values are in one is not fitted again.
    """

    encoders: Sequence[FittedEncoder]
    task: Head
    examples: EncodedExamples
    vectors: Blocks
    draws: Sequence[Positions]
    seeds: Sequence[int]
    sources: Sequence[int] | None = None
    cache: FitCache = field(default_factory=FitCache)

    @property
    def encoder(self) -> FittedEncoder:
        """The encoder of the first member: for what all share."""
        return self.encoders[0]

    @property
    def source_of(self) -> Sequence[int]:
        """The number of the draw of each member."""
        return range(len(self.draws)) if self.sources is None else self.sources

    @cached_property
    def values(self) -> list[list[float]]:
        """The values of the parameter that are fitted for each draw, ascending: those of all its members."""
        values: list[set[float]] = [set() for _ in self.draws]
        for source, encoder in zip(self.source_of, self.encoders, strict=True):
            values[source].update(encoder.candidates())
        return [sorted(own) for own in values]

    @cached_property
    def _generators(self) -> list[tuple[np.random.Generator, np.random.Generator]]:
        """The generators of each draw, which no fit reads."""
        return [(generator(seed, "order"), generator(seed, "dropout")) for seed in self.seeds]

    def fit(
        self, settings: Training, on_epoch: Callable[[Epoch], None], recording: Recording
    ) -> tuple[list[Outcome], list[int]]:
        """Return the outcome of each member, and how many weights it has.

        An outcome has no epochs. ``on_epoch`` is called with the number of fits instead. Raises InputError where
        several values are to be chosen from and a replicate has no validation examples.
        """
        self._check_validation()
        members: list[list[int]] = [[] for _ in self.draws]
        for member, source in enumerate(self.source_of):
            members[source].append(member)
        outcomes: dict[int, Outcome] = {}
        sizes: dict[int, int] = {}
        first = 0
        for samples in self._samples():
            known = [self.cache.path(self._key(n), self.values[n]) for n in range(first, first + len(samples))]
            left = [n for n, sample in enumerate(samples) if known[n] is None and np.isfinite(sample.x).all()]
            watch = self._progress(first, on_epoch)
            fits = self.encoder.fit([samples[n] for n in left], len(self.examples.labels), watch) if left else []
            fitted = dict(zip(left, fits, strict=True))
            with stage("evaluate"):
                for place, n in enumerate(range(first, first + len(samples))):
                    path = known[place] or fitted.get(place)
                    self.cache.keep(self._key(n), path)
                    paths = None if path is None else _Evaluated(self, n, path)
                    for member in members[n]:
                        outcomes[member] = self._outcome(member, paths, settings, recording)
                        sizes[member] = 0 if path is None else path.size
            first += len(samples)
        return [outcomes[n] for n in range(len(outcomes))], [sizes[n] for n in range(len(sizes))]

    def _key(self, draw: int) -> DrawKey:
        return self.seeds[draw], tuple(self.draws[draw]["train"])

    def _check_validation(self) -> None:
        for encoder, source in zip(self.encoders, self.source_of, strict=True):
            values = encoder.candidates()
            if len(values) < 2 or self.draws[source].get("validation"):
                continue
            key = encoder.parameter.rpartition("/")[2]
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
                    (x, self._targets(positions), self.examples.lengths[list(positions)])
                    for positions, x in self.vectors.blocks(replicate, draw["train"])
                ]
                x, y = np.concatenate([x for x, _, _ in blocks]), np.concatenate([y for _, y, _ in blocks])
                lengths = np.concatenate([own for *_, own in blocks]) if self.examples.per_token else None
                sample = Sample(x, y, self.values[replicate], lengths, self.examples.labels)
            if samples and sum(s.x.nbytes for s in (*samples, sample)) > FIT_BYTES:
                yield samples
                samples = []
            samples.append(sample)
        yield samples

    def _targets(self, positions: Sequence[int]) -> NDArray[np.int64]:
        """Class numbers ``[n]``; of sets of labels ``[n, labels]``, 0 and 1."""
        own = [self.examples.targets[n] for n in positions]
        return np.concatenate(own).astype(np.int64) if self.examples.per_token else np.array(own, np.int64)

    def _progress(self, first: int, on_epoch: Callable[[Epoch], None]) -> Callable[[int, int, float], None]:
        before, total = (sum(map(len, values)) for values in (self.values[:first], self.values))

        def watch(done: int, _: int, loss: float) -> None:
            on_epoch(Epoch(before + done, total, len(self.draws), loss, None, unit="fit"))

        return watch

    def _outcome(self, member: int, fits: "_Evaluated | None", settings: Training, recording: Recording) -> Outcome:
        source, encoder = self.source_of[member], self.encoders[member]
        draw = self.draws[source]
        replicate = Replicate(member, draw, *self._generators[source])
        if fits is None:
            replicate.error = "the vectors of the training examples are not finite"
            return replicate.outcome({}, settings, self.examples, {})
        indices = fits.indices(encoder)
        if not indices:
            replicate.error = f"{encoder.candidates()} are too many neighbors for the training vectors"
            return replicate.outcome({}, settings, self.examples, {})
        index = fits.choose(indices, encoder)
        chosen = fits.path.chosen(index)
        evaluations = {
            split: fits.evaluation(index, split, recording.probabilities and split == "test")
            for split in settings.score_at_end
            if draw.get(split)
        }
        replicate.weights = dict(chosen.arrays())
        return replicate.outcome(evaluations, settings, self.examples, _measures(fits.path, indices, index, encoder))

    def evaluate(self, n: int, path: FittedPath, positions: Sequence[int], record: bool) -> list[Evaluation]:
        """The evaluation of each value; ``record``: with quantized probabilities, for tagging."""
        losses, outputs, quantized = self.outputs(n, path, positions, record and self.examples.per_token)
        if not self.examples.per_token and not self.examples.multilabel:
            return evaluations_of_classes(self.examples, positions, np.asarray(outputs), losses.tolist())
        recorded = tuple(quantized[position] for position in positions) if quantized else None
        return [
            evaluation(self.examples, positions, output, float(loss), recorded, self.task.padded_to)
            for loss, output in zip(losses, outputs, strict=True)
        ]

    def outputs(
        self, n: int, path: FittedPath, positions: Sequence[int], record: bool
    ) -> tuple[NDArray[np.float64], Sequence[Sequence[NDArray[np.generic]]], dict[int, NDArray[np.uint8]]]:
        """The mean log loss of each value, and its outputs of the positions: probabilities, or tags of an example.

        Probabilities are clipped by the epsilon of float32 in the loss, as in the metric ``log_loss``.
        """
        epsilon = np.finfo(np.float32).eps
        losses, count = np.zeros(len(path.values)), 0
        read: list[int] = []
        found: list[list[NDArray[np.generic]]] = [[] for _ in path.values]
        pages: list[NDArray[np.float32]] = []
        quantized: dict[int, NDArray[np.uint8]] = {}
        for some, x in self.vectors.blocks(n, positions):
            targets = self._targets(some)
            lengths = self.examples.lengths[list(some)]
            probabilities = fitted_probabilities(path, x, lengths if self.examples.per_token else None)
            if self.examples.multilabel:
                of_gold = np.where(targets == 1, probabilities, 1 - probabilities).reshape(len(path.values), -1)
            else:
                of_gold = probabilities[:, np.arange(len(targets)), targets]
            losses, count = losses - np.log(np.clip(of_gold, epsilon, 1 - epsilon)).sum(axis=1), count + targets.size
            read += some
            if not self.examples.per_token:
                pages.append(probabilities.astype(np.float32))
                continue
            ends = np.cumsum(lengths)[:-1]
            for own, tags in zip(found, probabilities.argmax(axis=-1), strict=True):
                own.extend(np.split(tags, ends))
            if record:
                quantized.update(zip(some, map(quantize, np.split(probabilities[-1], ends)), strict=True))
        place = {position: n for n, position in enumerate(read)}
        order = [place[position] for position in positions]
        outputs: Sequence[Sequence[NDArray[np.generic]]] = (
            [[own[n] for n in order] for own in found]
            if self.examples.per_token
            else np.concatenate(pages, axis=1)[:, order]  # type: ignore[assignment]
        )
        return losses / max(count, 1), outputs, quantized


@dataclass
class _Evaluated:
    """The path of one draw, and its evaluations: of all its values at once where several members read them."""

    group: FittedGroup
    source: int
    path: FittedPath
    by_split: dict[str, list[Evaluation]] = field(default_factory=dict)

    def indices(self, encoder: FittedEncoder) -> list[int]:
        """Return the places in the path of the values that an encoder tries; numbers of neighbors may be too large."""
        return [self._places[value] for value in encoder.candidates() if value in self._places]

    @cached_property
    def _places(self) -> dict[float, int]:
        return {value: index for index, value in enumerate(self.path.values)}

    def choose(self, indices: Sequence[int], encoder: FittedEncoder) -> int:
        """Return the place of the value that is best on validation, the first of equals."""
        if len(indices) == 1:
            return indices[0]
        if encoder.select == "loss":
            return min(indices, key=self.losses.__getitem__)
        score, evaluations = PRIMARY[self.group.task.kind], self._all("validation")
        return max(indices, key=lambda i: (evaluations[i].scores[score], -evaluations[i].loss))

    @cached_property
    def losses(self) -> list[float]:
        """The log loss of each value on validation."""
        if self._shared:
            return [evaluation.loss for evaluation in self._all("validation")]
        positions = self.group.draws[self.source]["validation"]
        losses, _, _ = self.group.outputs(self.source, self.path, positions, False)
        return [float(loss) for loss in losses]

    def evaluation(self, index: int, split: str, record: bool) -> Evaluation:
        """Return that of one value on a split; ``record``: with quantized probabilities, for tagging."""
        if self._shared and not record:
            return self._all(split)[index]
        positions = self.group.draws[self.source][split]
        return self.group.evaluate(self.source, self.path.chosen(index), positions, record)[0]

    @property
    def _shared(self) -> bool:
        return self.group.sources is not None

    def _all(self, split: str) -> list[Evaluation]:
        if split not in self.by_split:
            positions = self.group.draws[self.source][split]
            self.by_split[split] = self.group.evaluate(self.source, self.path, positions, False)
        return self.by_split[split]


def _measures(path: FittedPath, indices: Sequence[int], index: int, encoder: FittedEncoder) -> dict[str, float]:
    """The chosen value, and 1 where it is the smallest or largest of at least three."""
    measures = dict(path.chosen(index).measures())
    if name := encoder.parameter:
        measures[name] = float(path.values[index])
        if len(indices) > 2:
            measures[f"{name.partition('/')[0]}/edge"] = float(index in (indices[0], indices[-1]))
    return measures
