"""Each check fails for a class that is wrong in just that way, and says what is wrong."""

import dataclasses
import itertools
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from seedbed.data.raw_example import RawExample
from seedbed.embeddings.random import Random
from seedbed.model.dropout import Mask
from seedbed.model.encoders import CNN, Pool
from seedbed.model.tasks import Classification
from seedbed.model.weights import Weight
from seedbed.testing import check_encoder, check_reader, embedding_checks, encoder_checks, reader_checks, task_checks


def failures(checks, *names):
    """What the checks of these names say."""
    said = {}
    for check in checks:
        if check.name in names:
            with pytest.raises(AssertionError) as failed:
                check()
            said[check.name] = str(failed.value)
    assert set(said) == set(names)
    return said


@dataclass(frozen=True)
class Small(CNN):
    filters: int = 3
    dropout: float = 0.5


@dataclass
class Thawed:
    units: int = 1
    tags: ClassVar[bool] = False


class NotADataclass:
    tags = False


@dataclass(frozen=True)
class Hidden(Small):
    scale: float = field(default=1.0, repr=False)


@dataclass(frozen=True)
class Unstable(Small):
    number: int = field(default_factory=itertools.count().__next__, init=False)


@dataclass(frozen=True)
class Clashing(Small):
    def weights(self, width):
        return {**super().weights(width), "softmax/kernel": Weight((2, 2))}


@dataclass(frozen=True)
class Wide(Pool):
    def width(self, width):
        return 99


@dataclass(frozen=True)
class CountsPadding(Pool):
    def encode(self, weights, x, real, masks, per_token):
        from keras import ops

        return ops.concatenate([ops.mean(x, axis=1), ops.max(x, axis=1)], axis=-1)


@dataclass(frozen=True)
class BatchNorm(Pool):
    def encode(self, weights, x, real, masks, per_token):
        from keras import ops

        y = super().encode(weights, x, real, masks, per_token)
        return y - ops.mean(y, axis=1, keepdims=True)


@dataclass(frozen=True)
class MixesReplicates(Pool):
    def encode(self, weights, x, real, masks, per_token):
        from keras import ops

        y = super().encode(weights, x, real, masks, per_token)
        return y + ops.mean(y, axis=0, keepdims=True)


@dataclass(frozen=True)
class Unused(Small):
    def weights(self, width):
        return {**super().weights(width), "unused": Weight((2, 2))}

    def masks(self, width):
        return {**super().masks(width), "unused": Mask(3, 0.5)}


@pytest.mark.parametrize(
    ("encoder", "name", "said"),
    [
        (Thawed(), "settings are a frozen dataclass", "must be frozen: write @dataclass(frozen=True)"),
        (Hidden(), "other settings, other fingerprint", "scale: is missing in the repr"),
        (Unstable(), "same settings, same fingerprint", "a copy with the same settings has another fingerprint"),
        (Clashing(), "weights and masks", "the names softmax/kernel belong to the task or the embedding"),
        (Wide(), "classification: shape and type", "the output has shape [3, 4, 10], expected [3, 4, 99]"),
        (
            CountsPadding(),
            "classification: padding changes nothing",
            "the output with five more tokens of padding: num",
        ),
        (BatchNorm(), "classification: other examples change nothing", "the output of examples in another batch: num"),
        (MixesReplicates(), "classification: other replicates change nothing", "the output of replicate 0 alone: numb"),
        (
            MixesReplicates(),
            "classification: a replicate alone trains as in a group",
            "replicate 1 alone and in a group",
        ),
        (Unused(), "tagging: dropout masks are applied", "the mask unused is declared and changes nothing"),
        (Unused(), "gradients reach every weight", "unused: no gradient in replicates [0, 1, 2]"),
    ],
)
def test_encoders(encoder, name, said):
    assert f"{name}: {said}" in failures(encoder_checks(encoder), name)[name]


def test_what_a_class_raises_says_in_which_check():
    @dataclass(frozen=True)
    class Raises(Pool):
        def width(self, width):
            raise KeyError("width")

    with pytest.raises(KeyError) as raised:
        check_encoder(Raises())
    assert raised.value.__notes__ == ["seedbed.testing: raised in the check 'weights and masks'"]


@dataclass(frozen=True)
class Odd(Classification):
    kind: ClassVar[str] = "ranking"
    scores: ClassVar[tuple[str, ...]] = ("accuracy", "brier")

    def weights(self, width, classes):
        return {**super().weights(width, classes), "table": Weight((1, 1))}


def test_tasks():
    said = failures(task_checks(Odd()), "kind and scores", "weights and masks", "gradients reach every weight")
    assert "kind is 'ranking', expected one of" in said["kind and scores"]
    assert "the names table belong to an encoder or an embedding" in said["weights and masks"]
    assert "table: no gradient in replicates [0, 1, 2]" in said["gradients reach every weight"]


def test_a_score_that_no_cell_has():
    @dataclass(frozen=True)
    class Scored(Classification):
        scores: ClassVar[tuple[str, ...]] = ("accuracy", "brier")

    name = "cells have the scores that the task names"
    assert failures(task_checks(Scored()), name) == {name: f"{name}: scores without a value: brier"}


@dataclass(frozen=True)
class OneStream(Random):
    """Draws the tables of all replicates from one stream, and digests that count."""

    def features(self, examples, draws, seeds, watch=None):
        features = super().features(examples, draws, seeds)
        table = next(iter(features.arrays.frozen.values()))
        table[:] = np.random.default_rng(len(seeds)).normal(size=table.shape)
        features.reports = features.reports[:1]
        features.embed = OneStreamRows(features.embed)
        return features

    def content(self):
        return {"file": str(next(COUNT))}


COUNT = itertools.count()


class OneStreamRows:
    def __init__(self, rows):
        self.rows = rows

    def __call__(self, trained, constants, inputs):
        from keras import ops

        x = self.rows(trained, constants, inputs)
        return x - ops.mean(x, axis=(1, 2), keepdims=True)

    def penalty(self, trained):
        return [0.0, 0.0]


def test_embeddings():
    said = failures(
        embedding_checks(OneStream(dim=4)), "content", "arrays, reports and sizes", "padding changes nothing",
        "other examples change nothing", "other replicates change nothing", "same settings, same compiled function",
    )  # fmt: skip
    assert "returns another digest the second time" in said["content"]
    assert "1 reports for 3 replicates" in said["arrays, reports and sizes"]
    assert "the vectors of a text with five more tokens of padding" in said["padding changes nothing"]
    assert "embed must be hashable" in said["same settings, same compiled function"]


def test_too_few_examples():
    with pytest.raises(AssertionError, match="2 examples, at least 20 are needed"):
        list(embedding_checks(Random(dim=4), [["a"], ["b"]]))


@dataclass(frozen=True)
class Reads:
    rows: list = field(default_factory=list)
    task: str = "tagging"

    def read(self, path):
        yield from self.rows


@pytest.mark.parametrize(
    ("reader", "name", "said"),
    [
        (Reads([], "regression"), "task", "is 'regression', expected tagging or classification"),
        (Reads(), "examples", "no example in"),
        (Reads([("a", "b")]), "examples", "example 1 is a tuple, expected RawExample"),
        (Reads([RawExample(("a",), ("O", "O"), 1)]), "examples", "example 1 (line 1): 1 tokens but 2 tags"),
        (Reads([RawExample("a", "b", 1)]), "examples", "tagging takes tuples of tokens and of tags"),
        (
            Reads([RawExample("a", ("b",), 1)], "classification"),
            "examples",
            "the target must be a text or a LabelSet: ('b',)",
        ),
        (Reads([RawExample("a", "b", 0)], "classification"), "examples", "lines are counted from 1"),
        (
            Reads([RawExample("a", "b", 2), RawExample("a", "c", 1)], "classification"),
            "examples",
            "lines must not decrease",
        ),
        (
            Reads([RawExample("a", "b", 1, "1"), RawExample("a", "c", 1, "1")], "classification"),
            "ids",
            "an id occurs twice",
        ),
        (Reads([object()]), "settings are values that JSON can hold", "a corpus is cached under the settings"),
    ],
)
def test_readers(reader, name, said):
    assert said in failures(reader_checks(reader, "file"), name)[name]


def test_a_reader_that_reads_otherwise_the_second_time():
    @dataclass(frozen=True)
    class Counts:
        task: ClassVar[str] = "classification"

        def read(self, path):
            yield RawExample(str(next(COUNT)), "a", 1)
            yield RawExample("b", "b", 2)

    with pytest.raises(AssertionError, match="a second reading yields the same: two readings of one file differ"):
        check_reader(Counts(), "file")


def test_settings_of_no_dataclass():
    said = failures(encoder_checks(NotADataclass()), "settings are a frozen dataclass")
    assert "must be an instance of a dataclass" in said["settings are a frozen dataclass"]
    assert dataclasses.is_dataclass(Small)
