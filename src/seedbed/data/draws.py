"""Draws: the training, validation and test examples of a replicate, from its data seed; the same for every arm."""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.data.corpus import SPLITS, Corpus, Example
from seedbed.data.episodes import MOST_TYPES, k_to_2k, types_tried, without_other_types
from seedbed.data.holdout import leaving_texts
from seedbed.data.selection import at_least_k_per_type, at_most_k_per_class, balanced_order, greedily_k_per_type
from seedbed.errors import InputError
from seedbed.files import write_whole

K_PER_TYPE = {"k_per_type": at_least_k_per_type, "k_per_type_greedy": greedily_k_per_type}
EPISODES = "episodes"
STRATEGIES = ("all", "random", "stratified", "per_class", *K_PER_TYPE, EPISODES)
ALL = "all"
AUTO = "auto"
"""As many as the data set can spare, see ``draw_sizes``."""
_TEST, _VALIDATION, _TRAIN, _TYPES = 0, 1, 2, 3
_FIXED_SEED = 0


@dataclass(frozen=True)
class Sampling:
    """Settings of drawing a replicate's examples.

    ``strategy`` is for training examples: ``all``; ``random``; ``stratified``, as many of each class, or one more (of
    sets of labels: each label at least once where the size allows it, and others at random); ``per_class``, where a
    size of k means k examples of each class, or all of a class that has fewer; ``k_per_type``, where a size of k means
    sentences with at least k mentions of each entity type; ``k_per_type_greedy``, the same by the rule of Yang and
    Katiyar (2020), where sizes are not nested; ``episodes``, where each replicate has ``ways`` types of its own, and a
    size of k means sentences with k to 2 k mentions of each and of no other type. ``validation`` and ``test`` are
    numbers of examples, ``all`` or ``auto`` (see `draw_sizes.with_numbers`), drawn at random; validation examples come
    from the split ``validation_from``, and never overlap with the others. With ``redraw_test=false``, examples drawn
    from a split other than train are the same for all replicates.

    Of a data set without splits, all three come from its rows: first test (with ``redraw_test=false`` the same for all
    replicates), then validation, then training examples.

    ``queries``: of episodes, a test set with so many to twice as many mentions of each type, instead of ``test``.
    """

    strategy: str = "all"
    validation: Any = ALL  # a number or "all"; Any, as OmegaConf has no union of them
    test: Any = ALL  # as validation
    validation_from: str = "validation"
    redraw_test: bool = True
    ways: int | None = None
    queries: int | None = None

    def __post_init__(self):
        if self.strategy not in STRATEGIES:
            raise InputError(f"sampling.strategy={self.strategy}: choose {', '.join(STRATEGIES)}")
        if self.validation_from not in SPLITS:
            raise InputError(f"sampling.validation_from={self.validation_from}: choose {', '.join(SPLITS)}")
        for key in ("validation", "test"):
            value = getattr(self, key)
            number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            if not number and value not in (ALL, AUTO):
                raise InputError(f"sampling.{key}={value}: must be a number of examples, at least 0, all or auto")
        for key in ("ways", "queries"):
            value = getattr(self, key)
            if value is not None and value < 1:
                raise InputError(f"sampling.{key}={value}: must be at least 1, or null")
        if self.strategy == EPISODES and self.ways is None:
            raise InputError(
                "sampling.strategy=episodes: give the number of types of an episode, such as sampling.ways=5"
            )
        if self.validation == ALL and self.validation_from == "train":
            raise InputError("sampling.validation=all: with validation_from=train nothing would be left to train on")
        if self.validation == ALL and self.validation_from == "test":
            raise InputError("sampling.validation=all: with validation_from=test nothing would be left to test on")
        if self.test == ALL and self.validation_from == "test" and self.validation:
            raise InputError("sampling.test=all: with validation_from=test nothing would be left for validation")


@dataclass(frozen=True)
class Draw:
    """The ids of a replicate's examples; ``size`` is the requested size (examples, k, or None for all).

    ``replicate`` is the draw's number: of its replicate, or shared by several replicates (crossed seeds).
    """

    replicate: int
    data_seed: int
    size: int | None
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    types: tuple[str, ...] = ()
    """The entity types of an episode, sorted; empty for all."""

    @cached_property
    def digest(self) -> str:
        """sha256 of the ids, in order, and of the types of an episode."""
        parts = [self.train, self.validation, self.test, *([self.types] if self.types else [])]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def is_undivided(corpus: Corpus, sampling: Sampling) -> bool:
    """Return whether all parts of a draw come from the same rows: those of a data set that has no splits."""
    return sampling.strategy != "all" and corpus.test_split == "train"


def draw(
    corpus: Corpus, sampling: Sampling, size: int | None, replicate: int, data_seed: int,
    shown: Set[str] = frozenset(),
) -> Draw:  # fmt: skip
    """Draw a replicate's examples, from ``data_seed`` alone (``replicate`` only names it).

    ``shown``: ids that are not drawn for test, as another study had them.

    Each split has its own stream of random numbers, so test and validation are the same for every size, and a smaller
    training set is the beginning of a larger one. Raises InputError where there are fewer examples than requested.
    """
    if size is not None and size < 1:
        raise InputError(f"sizes={size}: must be at least 1")
    if sampling.strategy == EPISODES:
        return _episode(corpus, sampling, size, replicate, data_seed, shown)
    together = is_undivided(corpus, sampling)
    source, test_source = ("train", "train") if together else (sampling.validation_from, "test")
    stream = _stream(data_seed, _TEST, sampling.redraw_test)
    test = _held_out(corpus, test_source, sampling.test, sampling, stream, shown)
    reserved = set(test) if source == test_source else set()
    redrawn = sampling.redraw_test or source == "train"
    validation = _held_out(
        corpus, source, sampling.validation, sampling, _stream(data_seed, _VALIDATION, redrawn), reserved, "validation"
    )
    reserved = set(validation) if source == "train" else set()
    reserved |= set(test) if together else set()
    pool = [example for example in _split(corpus, "train") if example.id not in reserved]
    train = _training(corpus, pool, sampling.strategy, size, _stream(data_seed, _TRAIN, True), len(reserved))
    return Draw(replicate, data_seed, size, train, validation, test)


def _episode(
    corpus: Corpus, sampling: Sampling, size: int | None, replicate: int, data_seed: int, shown: Set[str]
) -> Draw:  # fmt: skip
    """The first types for which there are a query set and a support set; see `seedbed.data.episodes`."""
    ways, kinds = sampling.ways or 0, corpus.classes
    if size is None:
        raise InputError("sampling.strategy=episodes: give k, the mentions of each type, such as sizes=[5]")
    if ways > len(kinds):
        raise InputError(f"sampling.ways={ways}: {corpus.name} has {len(kinds)} types of entities")
    together = is_undivided(corpus, sampling)
    if together and sampling.queries is None:
        raise InputError(
            f"sampling.strategy=episodes: {corpus.name} has no splits; give sampling.queries=5, the mentions of each "
            "type in a test set, or dataset.held_out.test=0.2"
        )
    for types in types_tried(kinds, ways, [data_seed, _TYPES]):
        test = _queries(corpus, sampling, types, together, _stream(data_seed, _TEST, True), shown)
        if not test:
            continue
        taken = set(test)
        validation = _validation_of_episode(
            corpus, sampling, types, together, _stream(data_seed, _VALIDATION, True), taken
        )
        support = k_to_2k(
            _split(corpus, "train"), types, size, _stream(data_seed, _TRAIN, True), taken.union(validation)
        )
        if support is not None:
            return Draw(replicate, data_seed, size, _ids(support), validation, test, types)
    raise InputError(
        f"sizes={size}, sampling.ways={ways}: {corpus.name} has no episode, after {MOST_TYPES} sets of types: too few "
        f"sentences whose entities are all of {ways} types; use smaller sizes, or other sampling.ways"
    )


def _queries(
    corpus: Corpus, sampling: Sampling, types: Sequence[str], together: bool, rng: np.random.Generator, shown: Set[str]
) -> tuple[str, ...]:
    """The test examples of an episode; empty where there is no set of queries."""
    examples = [example for example in _split(corpus, "train" if together else "test") if example.id not in shown]
    if sampling.queries is not None:
        return _ids(k_to_2k(examples, types, sampling.queries, rng) or ())
    pool = without_other_types(examples, types)
    if isinstance(sampling.test, str):
        return _ids(pool)
    return tuple(pool[index].id for index in rng.permutation(len(pool))[: sampling.test])


def _validation_of_episode(
    corpus: Corpus, sampling: Sampling, types: Sequence[str], together: bool, rng: np.random.Generator, taken: Set[str]
) -> tuple[str, ...]:
    """The validation examples of an episode: at most as many as requested, and of train at most a third."""
    if sampling.validation == 0:
        return ()
    split = "train" if together else sampling.validation_from
    pool = without_other_types(_split(corpus, split), types)
    if sampling.validation == ALL:
        return tuple(example.id for example in pool if example.id not in taken)
    order = [pool[index].id for index in rng.permutation(len(pool)) if pool[index].id not in taken]
    most = len(order) // 3 if split == "train" else len(order)
    return tuple(order[: min(most, sampling.validation)])


def _ids(examples: Sequence[Example]) -> tuple[str, ...]:
    return tuple(example.id for example in examples)


def manifest(draws: Sequence[Draw]) -> dict[str, list[dict[str, object]]]:
    """Return the draws as JSON-ready values."""
    return {
        "draws": [
            {
                "replicate": draw.replicate,
                "data_seed": draw.data_seed,
                "size": draw.size,
                "digest": draw.digest,
                **({"types": list(draw.types)} if draw.types else {}),
                **{split: list(getattr(draw, split)) for split in SPLITS},
            }
            for draw in draws
        ]
    }


def write_manifest(path: Path, content: Mapping[str, object]) -> None:
    """Write a manifest as ``draws.json``, atomically; raises InputError."""
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
    wanted: int | str,
    sampling: Sampling,
    rng: np.random.Generator,
    reserved: Set[str] = frozenset(),
    key: str = "test",
) -> tuple[str, ...]:
    """Return ``wanted`` random ids of a split, without the ``reserved`` ones."""
    if wanted == 0:
        return ()
    pool = [example.id for example in _split(corpus, split)]
    if isinstance(wanted, str):  # all
        return tuple(example_id for example_id in pool if example_id not in reserved)
    order = [pool[index] for index in rng.permutation(len(pool))]
    available = [example_id for example_id in order if example_id not in reserved]
    if len(available) < wanted:
        note = f" beside the {len(reserved)} for test" if reserved and key == "validation" else ""
        if reserved and key == "test":
            more = f"; or repeat that study, under another name, with {' '.join(leaving_texts(len(pool)))}"
            note = f" that the study of confirm= did not use: sampling.test={len(available)} at most"
            note += more * (split == "train")
        raise InputError(f"sampling.{key}={wanted}: {corpus.name} has {len(available)} examples in {split}{note}")
    return tuple(available[:wanted])


def _training(
    corpus: Corpus, pool: Sequence[Example], strategy: str, size: int | None, rng: np.random.Generator, n_reserved: int
) -> tuple[str, ...]:
    if strategy == "all" and size is not None:
        raise InputError(f"sizes={size}: sampling.strategy=all takes every example; use sampling=fewshot")
    parts = "validation and test" if corpus.test_split == "train" else "validation"
    note = f" beside {n_reserved} for {parts}" if n_reserved else ""
    if strategy in K_PER_TYPE:
        if size is None:
            raise InputError(f"sampling.strategy={strategy}: give k, the mentions of each type, such as sizes=[5]")
        chosen = K_PER_TYPE[strategy](pool, size, rng, f"{corpus.name}{note}")
        return tuple(example.id for example in chosen)
    if not pool:
        raise InputError(f"{corpus.name} has no training example left{note}")
    if size is None and strategy in ("stratified", "per_class"):
        number, example = ("examples to balance", 50) if strategy == "stratified" else ("examples of each class", 8)
        raise InputError(f"sampling.strategy={strategy}: give the number of {number}, such as sizes=[{example}]")
    if size is None:
        return tuple(example.id for example in pool)
    if strategy == "per_class":
        return tuple(example.id for example in at_most_k_per_class(pool, size, rng))
    if size > len(pool):
        raise InputError(f"sizes={size}: {corpus.name} has {len(pool)} training examples{note}")
    if strategy == "random":
        return tuple(pool[index].id for index in rng.permutation(len(pool))[:size])
    order = balanced_order(pool, rng)
    if size > len(order):
        raise InputError(
            f"sizes={size}: {corpus.name} has only {len(order)} training examples in equal parts of its classes{note}"
        )
    return tuple(example.id for example in order[:size])
