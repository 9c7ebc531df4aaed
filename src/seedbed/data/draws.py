"""Draws: which examples a replicate trains and is tested on; the same for every arm, from its data seed alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.data.corpus import SPLITS, Corpus, Example
from seedbed.data.selection import at_least_k_per_type, balanced_order
from seedbed.errors import InputError
from seedbed.files import write_whole

STRATEGIES = ("all", "random", "stratified", "k_per_type")
ALL = "all"
_TEST, _VALIDATION, _TRAIN = 0, 1, 2
_FIXED_SEED = 0


@dataclass(frozen=True)
class Sampling:
    """How a replicate's examples are drawn.

    ``strategy`` is for training examples: ``all`` there are; ``random``; ``stratified``, as many of each class, or one
    more; ``k_per_type``, where a size of k means sentences with at least k mentions of each entity type.
    ``validation`` and ``test`` are numbers of examples or ``all``, drawn at random; validation examples come from the
    split ``validation_from``, and never overlap with the others. With ``redraw_test=false``, what is drawn from a split
    other than train is the same for all replicates.
    """

    strategy: str = "all"
    validation: Any = ALL
    test: Any = ALL
    validation_from: str = "validation"
    redraw_test: bool = True

    def __post_init__(self):
        if self.strategy not in STRATEGIES:
            raise InputError(f"sampling.strategy={self.strategy}: choose {', '.join(STRATEGIES)}")
        if self.validation_from not in SPLITS:
            raise InputError(f"sampling.validation_from={self.validation_from}: choose {', '.join(SPLITS)}")
        for key in ("validation", "test"):
            value = getattr(self, key)
            number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if not number and value != ALL:
                raise InputError(f"sampling.{key}={value}: must be a number of examples, at least 0, or all")
        if self.validation == ALL and self.validation_from == "train":
            raise InputError("sampling.validation=all: with validation_from=train nothing would be left to train on")
        if self.validation == ALL and self.validation_from == "test":
            raise InputError("sampling.validation=all: with validation_from=test nothing would be left to test on")
        if self.test == ALL and self.validation_from == "test" and self.validation:
            raise InputError("sampling.test=all: with validation_from=test nothing would be left for validation")


@dataclass(frozen=True)
class Draw:
    """The ids of a replicate's examples; ``size`` is what was asked for (examples, k, or None for all).

    ``replicate`` is the draw's number: that of its replicate, or one that several replicates share (crossed seeds).
    """

    replicate: int
    data_seed: int
    size: int | None
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """sha256 of the ids, in order."""
        return hashlib.sha256(json.dumps([self.train, self.validation, self.test]).encode()).hexdigest()


def draw(corpus: Corpus, sampling: Sampling, size: int | None, replicate: int, data_seed: int) -> Draw:
    """Draw a replicate's examples, from ``data_seed`` alone (``replicate`` is only its name).

    Each split has its own stream of random numbers, so test and validation are the same for every size, and a smaller
    training set is the beginning of a larger one. Raises InputError where there are fewer examples than asked for.
    """
    if size is not None and size < 1:
        raise InputError(f"sizes={size}: must be at least 1")
    own = sampling.validation_from
    test = _held_out(corpus, "test", sampling.test, sampling, _stream(data_seed, _TEST, sampling.redraw_test))
    taken = set(test) if own == "test" else set()
    redrawn = sampling.redraw_test or own == "train"
    validation = _held_out(
        corpus, own, sampling.validation, sampling, _stream(data_seed, _VALIDATION, redrawn), taken, "validation"
    )
    taken = set(validation) if own == "train" else set()
    left = [example for example in _split(corpus, "train") if example.id not in taken]
    train = _training(corpus, left, sampling.strategy, size, _stream(data_seed, _TRAIN, True), len(taken))
    return Draw(replicate, data_seed, size, train, validation, test)


def manifest(draws: Sequence[Draw]) -> dict[str, list[dict[str, object]]]:
    """The draws, ready for JSON."""
    return {
        "draws": [
            {
                "replicate": one.replicate,
                "data_seed": one.data_seed,
                "size": one.size,
                "digest": one.digest,
                **{split: list(getattr(one, split)) for split in SPLITS},
            }
            for one in draws
        ]
    }


def write_manifest(path: Path, content: Mapping[str, object]) -> None:
    """Write a manifest as ``draws.json``, whole or not at all; raises InputError."""
    write_whole(Path(path), (json.dumps(content, indent=1, sort_keys=False) + "\n").encode())


def _stream(data_seed: int, split: int, redrawn: bool) -> np.random.Generator:
    return np.random.default_rng([data_seed if redrawn else _FIXED_SEED, split])


def _split(corpus: Corpus, split: str) -> Sequence[Example]:
    if not corpus.splits.get(split):
        raise InputError(f"{corpus.name} has no {split} split, only {', '.join(corpus.splits)}")
    return corpus.splits[split]


def _held_out(
    corpus: Corpus,
    split: str,
    wanted: Any,
    sampling: Sampling,
    rng: np.random.Generator,
    taken: Set[str] = frozenset(),
    key: str = "test",
) -> tuple[str, ...]:
    """``wanted`` ids of a split at random, none of them ``taken``."""
    if wanted == 0:
        return ()
    pool = [example.id for example in _split(corpus, split)]
    if wanted == ALL:
        return tuple(pool)
    order = [pool[at] for at in rng.permutation(len(pool))]
    free = [one for one in order if one not in taken]
    if len(free) < wanted:
        beside = f" beside the {len(taken)} for test" if taken else ""
        raise InputError(f"sampling.{key}={wanted}: {corpus.name} has {len(free)} examples in {split}{beside}")
    return tuple(free[:wanted])


def _training(
    corpus: Corpus, left: Sequence[Example], strategy: str, size: int | None, rng: np.random.Generator, taken: int
) -> tuple[str, ...]:
    if strategy == "all" and size is not None:
        raise InputError(f"sizes={size}: sampling.strategy=all takes every example; use sampling=fewshot")
    beside = f" beside {taken} for validation" if taken else ""
    if strategy == "k_per_type":
        if size is None:
            raise InputError("sampling.strategy=k_per_type: give k, the mentions of each type, such as sizes=[5]")
        chosen = at_least_k_per_type(left, size, rng, f"{corpus.name}{beside}")
        return tuple(example.id for example in chosen)
    if not left:
        raise InputError(f"{corpus.name} has no training example left{beside}")
    if size is None and strategy == "stratified":
        raise InputError("sampling.strategy=stratified: give the number of examples to balance, such as sizes=[50]")
    if size is None:
        return tuple(example.id for example in left)
    if size > len(left):
        raise InputError(f"sizes={size}: {corpus.name} has {len(left)} training examples{beside}")
    if strategy == "random":
        return tuple(left[at].id for at in rng.permutation(len(left))[:size])
    order = balanced_order(left, rng)
    if size > len(order):
        raise InputError(
            f"sizes={size}: {corpus.name} has only {len(order)} training examples in equal parts of its classes{beside}"
        )
    return tuple(example.id for example in order[:size])
