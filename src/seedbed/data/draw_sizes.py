"""How many examples a draw has for validation and test where that is ``auto``: as many as the data set can spare."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from seedbed.data.corpus import Corpus
from seedbed.data.draws import ALL, AUTO, EPISODES, K_PER_TYPE, Sampling, is_undivided
from seedbed.data.examples import NO_BLANK_LINE
from seedbed.errors import InputError

MOST_VALIDATION, MOST_TEST = 200, 500
"""What ``auto`` stands for where there are enough examples; smaller data sets are shared in the same ratio."""
LEAST_SHARE = 10
"""One in so many rows of an undivided data set is at least left for validation and test."""


class Numbered(NamedTuple):
    """Sampling with numbers in place of ``auto``, and a line about what was chosen; empty where nothing was."""

    sampling: Sampling
    note: str = ""


def with_numbers(
    sampling: Sampling, corpus: Corpus, sizes: Sequence[int] | None, shown: Set[str] = frozenset()
) -> Numbered:
    """Return the sampling with the numbers of examples for this data set and all ``sizes`` of a study.

    ``shown``: ids that no test set may have. Raises InputError where the data set has too few examples.
    """
    if sampling.strategy == EPISODES:
        return Numbered(_of_episodes(sampling, corpus))
    if is_undivided(corpus, sampling):
        return _of_undivided(sampling, corpus, sizes, shown)
    if AUTO not in (sampling.validation, sampling.test):
        return Numbered(sampling)
    return _of_divided(sampling, corpus, sizes, shown)


def _of_episodes(sampling: Sampling, corpus: Corpus) -> Sampling:
    """All test sentences, and at most the usual number for validation: an episode has those without other types."""
    if is_undivided(corpus, sampling) and sampling.validation == ALL:
        raise InputError(f"sampling.validation=all: {corpus.name} has no splits; give a number of examples, or auto")
    validation = MOST_VALIDATION if sampling.validation == AUTO else sampling.validation
    return replace(sampling, validation=validation, test=ALL if sampling.test == AUTO else sampling.test)


def _of_undivided(sampling: Sampling, corpus: Corpus, sizes: Sequence[int] | None, shown: Set[str]) -> Numbered:
    """All parts of a draw come from the rows of train; training has what its largest size needs, or half."""
    rows, training = len(corpus.splits["train"]), _training(sampling, corpus, sizes)
    validation, test = sampling.validation, sampling.test
    if validation == ALL:
        raise InputError(f"sampling.validation=all: {corpus.name} has no splits; give a number of examples, or auto")
    if test == ALL and training is None:
        raise InputError(f"sampling.test=all: {corpus.name} has no splits; give sizes, or a number of test examples")
    if training is not None and (AUTO in (validation, test) or test == ALL):
        most = rows - max(2, rows // LEAST_SHARE)
        if training > most:
            possible = f"at most {most:,} training examples" if most > 0 else "a draw needs at least 3"
            undivided = "; its file has no blank line, so that all tokens are one sentence"
            raise InputError(
                f"{_sizes(sizes)}: {corpus.name} has {rows:,} row{'s' * (rows != 1)}, and validation and test need "
                f"some of them: {possible}{undivided if corpus.counts.get(NO_BLANK_LINE) else ''}"
            )
    asked = sum(number for number in (validation, test) if isinstance(number, int))
    spare = rows - training if training is not None else asked + (rows - asked) // 3 if asked else rows // 2
    if validation == AUTO:
        share = max(1, spare * MOST_VALIDATION // (MOST_VALIDATION + MOST_TEST))
        validation = min(MOST_VALIDATION, share if test in (AUTO, ALL) else max(spare - test, 1))
    left = len(corpus.splits["train"]) - len(shown & {example.id for example in corpus.splits["train"]})
    if test in (AUTO, ALL):
        most_test = MOST_TEST if test == AUTO else rows
        test = min(most_test, max(spare - validation, 1), left)
    needed = validation + test + (1 if training is None else training)
    if needed > rows:
        sized = f", {_sizes(sizes)}" if sizes else ""
        raise InputError(
            f"sampling.validation={validation}, sampling.test={test}{sized}: {corpus.name} has {rows:,} rows, and a "
            f"draw needs {needed:,}"
        )
    rest = f"trains on the other {rows - validation - test:,}" if not sizes else (
        f"trains on some of the other {rows - validation - test:,}")  # fmt: skip
    shares = "" if sampling.redraw_test else " (the same for all)"
    note = (
        f"{corpus.name}: {rows:,} rows without splits: each replicate draws {test:,} for test{shares} and "
        f"{validation:,} for validation from all rows, and {rest}"
    )
    return Numbered(replace(sampling, validation=validation, test=test, validation_from="train"), note)


def _of_divided(sampling: Sampling, corpus: Corpus, sizes: Sequence[int] | None, shown: Set[str]) -> Numbered:
    validation, test, source = sampling.validation, sampling.test, sampling.validation_from
    counts = {split: len(examples) for split, examples in corpus.splits.items()}
    testable = sum(example.id not in shown for example in corpus.splits.get("test", ()))
    if validation == AUTO:
        available = counts.get(source, 0)
        if source == "train":
            training = _training(sampling, corpus, sizes)
            spare = available - (training or 1)
            validation = MOST_VALIDATION if spare >= MOST_VALIDATION else spare if training else available // 3
        elif source == "test":
            validation = available * MOST_VALIDATION // (MOST_VALIDATION + MOST_TEST)
        else:
            validation = available
        validation = max(1, min(MOST_VALIDATION, validation))
    if test == AUTO:
        test = max(1, min(MOST_TEST, testable - (validation if source == "test" else 0)))
    numbers = {
        "validation": (sampling.validation, validation, MOST_VALIDATION),
        "test": (sampling.test, test, MOST_TEST),
    }
    fewer = [
        f"{number:,} for {split}" for split, (asked, number, most) in numbers.items() if asked == AUTO and number < most
    ]
    note = f"{corpus.name}: each replicate draws {' and '.join(fewer)}: the data set has no more to spare"
    return Numbered(replace(sampling, validation=validation, test=test), note if fewer else "")


def _training(sampling: Sampling, corpus: Corpus, sizes: Sequence[int] | None) -> int | None:
    """Return how many training examples the largest size has at most; None where only the draw tells."""
    if not sizes or sampling.strategy in K_PER_TYPE:
        return None
    if sampling.strategy == "per_class":
        classes = Counter(str(example.target) for example in corpus.splits["train"])
        return sum(min(max(sizes), count) for count in classes.values())
    return max(sizes)


def _sizes(sizes: Sequence[int] | None) -> str:
    return f"sizes=[{max(sizes or [0])}]"
