"""Programs of a network that the backend computes: all replicates at once, in the compiled step of an evaluation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import can_pack
from seedbed.data.corpus import Example
from seedbed.embeddings.features import Features
from seedbed.model.encoders import Encoder
from seedbed.model.network import Network
from seedbed.model.tasks import MULTILABEL, Head
from seedbed.saved_models.programs import Outputs
from seedbed.saved_models.vectors import Opened, features_of, knows
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.long_sentences import with_windows
from seedbed.training.pooled import reads_sentences
from seedbed.training.programs import evaluation_program
from seedbed.training.sources import Sources
from seedbed.training.step_outputs import StepOutputs, step_outputs
from seedbed.training.trees import on_device
from seedbed.types import Tensor


@dataclass(frozen=True)
class NetworkProgram:
    """Replicates of an encoder and a head. ``weights``: by name, ``[R, ...]``, without tables of words."""

    embedding: Opened
    encoder: Encoder
    task: Head
    labels: tuple[str, ...]
    precision: str
    weights: Mapping[str, NDArray[np.float32]]
    replicates: int

    def outputs(self, examples: Sequence[Example]) -> Outputs:
        """Return the probabilities of texts with at least one token."""
        of_texts = reads_sentences(self.encoder, self.task.per_token)
        features = features_of(self.embedding, examples, of_texts)
        known = np.array([knows(features, n) for n in range(len(examples))], bool)
        rows: dict[int, NDArray[np.float32]] = {}
        classes: dict[int, NDArray[np.integer]] = {}
        for step in self._steps(features, examples):
            for column, position in enumerate(step.positions[0]):
                if self.task.per_token:
                    rows[position] = step.probabilities[:, : len(examples[position].tokens), column]
                else:
                    rows[position] = step.probabilities[:, column : column + 1]
                if step.tags is not None:
                    classes[position] = step.tags[:, : len(examples[position].tokens), column]
        predicted = np.concatenate([classes[n] for n in range(len(examples))], axis=1) if classes else None
        return Outputs(np.concatenate([rows[n] for n in range(len(examples))], axis=1), known, predicted)

    def _steps(self, features: Features, examples: Sequence[Example]) -> Iterator[StepOutputs]:
        network = Network.of(features.embed, features.width, self.encoder, self.task, self.labels, self.precision)
        data = with_windows(self._data(examples, features, network.gap if can_pack() else None), network)
        source = np.zeros(self.replicates, np.int32) if self.replicates > 1 else None
        sources = Sources((0,), source)
        weights = {**on_device(features.arrays.trained), **self._on_device}
        constants = on_device({**features.arrays.frozen, **features.arrays.shared})
        positions = [range(len(examples))]
        yield from step_outputs(evaluation_program(network), data, weights, constants, sources, positions)

    @cached_property
    def _on_device(self) -> dict[str, Tensor]:
        return on_device(self.weights)

    def _data(self, examples: Sequence[Example], features: Features, gap: int | None) -> GroupData:
        lengths = np.array([len(example.tokens) for example in examples], np.int32)
        per_token = self.task.per_token
        multilabel = self.task.kind == MULTILABEL
        none = np.zeros(len(self.labels), np.int32) if multilabel else 0
        targets = tuple(np.zeros(length, np.int32) if per_token else none for length in lengths.tolist())
        encoded = EncodedExamples(tuple(examples), lengths, targets, self.labels, per_token, multilabel)
        return GroupData(encoded, features, [{"test": range(len(examples))}], [0], gap)
