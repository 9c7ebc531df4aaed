"""A CRF against a softmax: an epoch of a group of ten in turn, and Viterbi of as many sentences as CoNLL-2003 has."""

import time
from collections.abc import Callable

import numpy as np
from keras import ops
from tests.bench.__main__ import said

from seedbed.backend import compiled
from seedbed.data.corpus import Corpus, Example
from seedbed.data.tags import from_spans
from seedbed.embeddings.random import Random
from seedbed.model.crf import Transitions, viterbi
from seedbed.model.encoders import BiLSTM
from seedbed.model.network import Network
from seedbed.model.tasks import Tagging, decoding_of
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import Group
from seedbed.training.settings import Training

REPLICATES, TRAIN, VALIDATION = 10, 320, 80
TEST_SENTENCES = 3453
TYPES = {"CoNLL-2003": ("LOC", "MISC", "ORG", "PER"), "tweets": tuple("abcdefghij")}


def lengths(number: int, rng: np.random.Generator) -> np.ndarray:
    """Lengths of sentences distributed about as those of CoNLL-2003: a median of 10, a mean of 14, up to 120."""
    return np.clip(np.exp(rng.normal(2.35, 0.75, number)), 1, 120).astype(int)


def corpus(types: tuple[str, ...]) -> Corpus:
    """Sentences of such lengths, a sixth of whose tokens are in entities of one to three tokens."""
    rng, examples = np.random.default_rng(0), []
    for number, length in enumerate(lengths(TRAIN + VALIDATION, rng)):
        starts = [start for start in range(0, length, 4) if rng.random() < 0.4]
        spans = [(str(rng.choice(types)), start, min(start + int(rng.integers(1, 4)), length)) for start in starts]
        tokens = tuple(f"w{n}" for n in rng.integers(0, 3000, length))
        examples.append(Example(f"train/{number}", tokens, from_spans(spans, length)))
    labels = ("O", *sorted(f"{role}-{kind}" for role in "BI" for kind in types))
    return Corpus("bench", "tagging", {"train": tuple(examples)}, labels)


def group(data: Corpus, task: Tagging) -> Group:
    """Ten replicates of a BiLSTM of 128 units on vectors of 100 numbers, with batches of 32."""
    encoded = EncodedExamples.from_corpus(data, [example.id for example in data], decoding_of(task, data.labels))
    draw = {"train": list(range(TRAIN)), "validation": list(range(TRAIN, TRAIN + VALIDATION))}
    features = Random(dim=100).features(encoded.examples, [draw] * REPLICATES, range(REPLICATES))
    network = Network.of(features.embed, features.width, BiLSTM(units=128, dropout=0.3), task, data.labels)
    groups = GroupData(encoded, features, [draw] * REPLICATES, range(REPLICATES))
    return Group(network, groups, Training(batch_size=32, learning_rate=0.003))


def seconds(work: Callable[[], object]) -> float:
    """Wall time of some work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def an_epoch(own: Group, number: int) -> float:
    """Seconds of training and of scoring validation."""
    return seconds(lambda: (own.train_epoch(number), own._evaluate(own.weights, own.rows, ("validation",))))


def against_softmax(name: str, types: tuple[str, ...], rounds: int) -> None:
    """Epochs of groups of ten in turn."""
    data = corpus(types)
    tasks = {"softmax": Tagging(), "crf": Tagging(decoder="crf"), "crf, bilou": Tagging(decoder="crf", scheme="bilou")}
    groups = {decoder: group(data, task) for decoder, task in tasks.items()}
    taken: dict[str, list[float]] = {decoder: [] for decoder in groups}
    for number in range(rounds + 1):
        for decoder, own in groups.items():
            epoch = an_epoch(own, number)
            if number:  # the first pays for tracing
                taken[decoder].append(epoch)
    print(f"\nan epoch of ten replicates, {TRAIN} sentences, the tags of {name} ({len(data.labels)} in IOB2)")
    for decoder, times in taken.items():
        ratios = [own / plain for own, plain in zip(times, taken["softmax"], strict=True)]
        print(f"  {decoder}: {said(times, 2)} s, {said(ratios, 2)} times the softmax (goal: under 1.4)")


def viterbi_of_a_test_set(rounds: int) -> None:
    """Sentences in batches of 128 of similar length, from long to short, as an evaluation has them."""
    rng, tags = np.random.default_rng(1), 9
    ordered = np.sort(lengths(TEST_SENTENCES, rng))[::-1]
    batches = [ordered[start : start + 128] for start in range(0, len(ordered), 128)]
    arrays = [rng.normal(size=(1, row[0], len(row), tags)).astype(np.float32) for row in batches]
    masks = [(np.arange(row[0])[None, :, None, None] < row[:, None]).astype(np.float32) for row in batches]
    shapes = {"start": (1, tags), "pair": (1, tags, tags), "end": (1, tags)}
    given = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    best = compiled(lambda scores, weights, mask: viterbi(scores, Transitions(**weights), mask))

    def decode() -> None:
        for scores, mask in zip(arrays, masks, strict=True):
            ops.convert_to_numpy(best(scores, given, mask))

    decode()
    times = [seconds(decode) for _ in range(rounds)]
    print(f"\nViterbi of {TEST_SENTENCES:,} sentences, {ordered.sum():,} tokens, {tags} tags: "
          f"{said(times, 2)} s (goal: under 2)")  # fmt: skip


def decoders(rounds: int) -> None:
    """Both."""
    for name, types in TYPES.items():
        against_softmax(name, types, rounds)
    viterbi_of_a_test_set(rounds)
