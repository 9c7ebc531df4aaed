"""Checks of an embedding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.data.corpus import Corpus, Example
from seedbed.embeddings.features import EmbeddingSettings, Features, sliced
from seedbed.model.encoders import CNN
from seedbed.model.tasks import Classification
from seedbed.testing.checks import Check, require, require_close, require_finite, run
from seedbed.testing.gradients import require_gradients
from seedbed.testing.samples import require_same_alone, sample_corpus, sample_draw, train_samples
from seedbed.testing.settings import settings_checks
from seedbed.training.trees import on_device

SEEDS = (0, 1, 7)
LEAST = 20


def check_embedding(embedding: EmbeddingSettings, examples: Sequence[Sequence[str]] | None = None) -> None:
    """Run all checks of an embedding. Raises AssertionError for the first that fails.

    ``examples``: at least 20 lists of tokens, some of which have a vector; else random ones of ``w0`` to ``w49``.
    """
    run(embedding_checks(embedding, examples))


def embedding_checks(embedding: EmbeddingSettings, examples: Sequence[Sequence[str]] | None = None) -> Iterator[Check]:
    """Yield the checks of an embedding, on these lists of tokens."""
    tokens = [example.tokens for example in sample_corpus("tagging")] if examples is None else examples
    require(len(tokens) >= LEAST, f"{len(tokens)} examples, at least {LEAST} are needed")
    samples = _Samples(embedding, tuple(Example(f"train/{n}", tuple(own), "ab"[n % 2]) for n, own in enumerate(tokens)))
    yield from settings_checks(embedding)
    yield Check("content", samples.check_content)
    yield Check("arrays, reports and sizes", samples.check_features)
    yield Check("shape and type", samples.check_shape)
    yield Check("padding changes nothing", samples.check_padding)
    yield Check("other examples change nothing", samples.check_company)
    yield Check("slices have the vectors of the whole", samples.check_slices)
    yield Check("other replicates change nothing", samples.check_replicates)
    yield Check("gradients reach every trained array", samples.check_gradients)
    yield Check("same settings, same compiled function", samples.check_embed)
    yield Check("a replicate alone trains as in a group", samples.check_training)


@dataclass(frozen=True)
class _Samples:
    """An embedding with the examples that it is checked on; replicate r has its own draw of them."""

    embedding: EmbeddingSettings
    examples: tuple[Example, ...]

    def draws(self, seeds: Sequence[int]) -> list[dict[str, list[int]]]:
        return [sample_draw(seed, len(self.examples)) for seed in seeds]

    def features(self, seeds: Sequence[int] = SEEDS) -> Features:
        return self.embedding.features(self.examples, self.draws(seeds), seeds)

    def chosen(self, seeds: Sequence[int] = SEEDS) -> list[list[int]]:
        """Four training examples of each replicate."""
        return [draw["train"][:4] for draw in self.draws(seeds)]

    def length(self, seeds: Sequence[int] = SEEDS) -> int:
        return max(len(self.examples[position].tokens) for own in self.chosen(seeds) for position in own)

    def check_content(self) -> None:
        first, second = (dict(self.embedding.content()) for _ in range(2))
        texts = all(isinstance(text, str) for pair in first.items() for text in pair)
        require(texts, f"content() must map names to digests, both texts: {first!r}")
        require(first == second, "content() returns another digest the second time")

    def check_features(self) -> None:
        features, number = self.features(), len(SEEDS)
        require(isinstance(features.width, int) and features.width > 0, f"width is {features.width!r}")
        require(len(features.reports) == number, f"{len(features.reports)} reports for {number} replicates")
        for kind in ("trained", "frozen"):
            for name, array in getattr(features.arrays, kind).items():
                require(
                    len(array) == number, f"{kind} array {name}: the first axis has {len(array)}, expected {number}"
                )
        for replicate in range(number):
            require(len(features.size(replicate)) == 2, "size(replicate) must return numbers trained and frozen")
            trained, _ = features.size(replicate)
            require((trained > 0) == bool(features.arrays.trained), f"size({replicate}): {trained} trained numbers")
            require(isinstance(features.saved(replicate), Mapping), "saved(replicate) must return a mapping")
        for name, values in features.learned(on_device(features.arrays.trained)).items():
            require(
                np.shape(values) == (number,), f"learned: {name} has shape {np.shape(values)}, expected ({number},)"
            )

    def check_shape(self) -> None:
        features, tokens = self.features(), self.length()
        x = _embed(features, range(len(SEEDS)), self.chosen(), tokens)
        expected = [len(SEEDS), tokens, 4, features.width]
        require(list(x.shape) == expected, f"vectors have shape {list(x.shape)}, expected {expected}")
        require(np.issubdtype(x.dtype, np.floating), f"vectors are of type {x.dtype}, expected a type of floats")
        for r, own in enumerate(self.chosen()):
            for b, position in enumerate(own):
                require_finite(x[r, : len(self.examples[position].tokens), b], "the vectors of a text")

    def check_padding(self) -> None:
        features, tokens = self.features(), self.length()
        short, long = (_embed(features, range(len(SEEDS)), self.chosen(), tokens + more) for more in (0, 5))
        self.require_same_vectors(long, short, self.chosen(), "with five more tokens of padding")

    def check_company(self) -> None:
        """In another batch, and among no examples but those of the draws."""
        features, tokens, order = self.features(), self.length(), [2, 0]
        x = _embed(features, range(len(SEEDS)), self.chosen(), tokens)
        fewer = [[own[b] for b in order] for own in self.chosen()]
        some = _embed(features, range(len(SEEDS)), fewer, tokens)
        self.require_same_vectors(some, x[:, :, order], fewer, "in another batch")
        drawn = sorted({position for draw in self.draws(SEEDS) for own in draw.values() for position in own})
        at = {position: n for n, position in enumerate(drawn)}
        draws = [{split: [at[p] for p in own] for split, own in draw.items()} for draw in self.draws(SEEDS)]
        smaller = self.embedding.features(tuple(self.examples[position] for position in drawn), draws, SEEDS)
        again = _embed(smaller, range(len(SEEDS)), [[at[p] for p in own] for own in self.chosen()], tokens)
        self.require_same_vectors(again, x, self.chosen(), "among fewer examples")

    def check_slices(self) -> None:
        """Where an embedding has them: it need not."""
        features, chosen = self.features(), [own[:1] for own in self.chosen()]
        lengths = [len(self.examples[own[0]].tokens) for own in chosen]
        whole = _embed(features, range(len(SEEDS)), chosen, max(lengths))
        halves = [(own[0], length // 2, length) for own, length in zip(chosen, lengths, strict=True)]
        slices = sliced(features, halves)
        if slices is None:
            return
        x = _embed(slices, range(len(SEEDS)), [[n] for n in range(len(SEEDS))], max(lengths))
        for r, (_, first, end) in enumerate(halves):
            require_close(x[r, : end - first, 0], whole[r, first:end, 0], "the vectors of half a text")

    def check_replicates(self) -> None:
        x = _embed(self.features(), range(len(SEEDS)), self.chosen(), self.length())
        for r, seed in enumerate(SEEDS):
            alone = _embed(self.features([seed]), [0], self.chosen([seed]), self.length())
            self.require_same_vectors(alone, x[r : r + 1], self.chosen([seed]), f"of replicate {seed} alone")

    def check_gradients(self) -> None:
        features = self.features()
        constants = {**on_device(features.arrays.frozen), **on_device(features.arrays.shared)}
        inputs = on_device(features.inputs(range(len(SEEDS)), self.chosen(), (self.length(), 4)))
        require_gradients(
            lambda trained: [features.embed(trained, constants, inputs)],
            {name: np.asarray(array) for name, array in features.arrays.trained.items()},
        )

    def check_embed(self) -> None:
        first, second = self.features().embed, self.features().embed
        require(hash(first) == hash(second), "embed must be hashable, and equal for equal settings")
        require(repr(first) == repr(second), "embed must have one repr for equal settings: make it a frozen dataclass")
        penalty = first.penalty(on_device(self.features().arrays.trained))
        require(np.shape(np.asarray(penalty)) in ((), (len(SEEDS),)), "penalty() must be one number a replicate, or 0")

    def check_training(self) -> None:
        corpus = Corpus("examples", "classification", {"train": self.examples}, ("a", "b"))
        encoder = CNN(filters=6)
        require_same_alone(
            lambda replicates: train_samples(encoder, Classification(), replicates, self.embedding, corpus=corpus)
        )

    def require_same_vectors(self, x: np.ndarray, y: np.ndarray, chosen: Sequence[Sequence[int]], where: str) -> None:
        """Compare the vectors of real tokens; those of padding may be anything."""
        for r, own in enumerate(chosen):
            for b, position in enumerate(own):
                length = len(self.examples[position].tokens)
                require_close(x[r, :length, b], y[r, :length, b], f"the vectors of a text {where}")


def _embed(
    features: Features, replicates: Sequence[int], positions: Sequence[Sequence[int]], tokens: int
) -> np.ndarray:
    """Vectors ``[R, T, B, width]`` of the examples at these positions of each replicate."""
    from keras import ops

    inputs = features.inputs(replicates, positions, (tokens, len(positions[0])))
    constants = {**on_device(features.arrays.frozen), **on_device(features.arrays.shared)}
    return ops.convert_to_numpy(features.embed(on_device(features.arrays.trained), constants, on_device(inputs)))
