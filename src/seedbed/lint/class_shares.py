"""Balanced training draws of a data set whose classes are not."""

from collections import Counter
from collections.abc import Iterator, Sequence

from seedbed.data.corpus import Example
from seedbed.lint.plan_data import DrawnDataset
from seedbed.report.wording import sanitize

BALANCED = ("stratified", "per_class")
"""Strategies that draw as many examples of each class."""
LEAST = 0.1
"""Least difference of the shares, in total variation, for a finding."""
MOST = 3
"""Number of classes in a message."""


def class_shares_differ(data: DrawnDataset) -> Iterator[str]:
    """Yield data sets of which balanced training draws have other shares of classes than the texts that test is of."""
    strategies = {getattr(getattr(arm, "sampling", None), "strategy", "") for arm in data.arms}
    if data.corpus.task != "classification" or not strategies & set(BALANCED):
        return
    by_id, splits = data.corpus.by_id, data.corpus.splits
    train = _shares([by_id[example] for draw in data.draws for example in draw.train])
    # Of the whole split: few examples that are drawn of it differ by chance.
    test = _shares(splits.get("test") or [by_id[example] for draw in data.draws for example in draw.test])
    differences = {name: abs(train.get(name, 0.0) - test.get(name, 0.0)) for name in {**train, **test}}
    if not (train and test) or sum(differences.values()) / 2 < LEAST:
        return
    largest = sorted(differences, key=lambda name: (-differences[name], name))[:MOST]
    texts = [f"{sanitize(name, 30)} {_percent(train, name)} and {_percent(test, name)}" for name in largest]
    yield (
        f"{data.corpus.name}: training draws are balanced, the test texts are not ({', '.join(texts)}); "
        f"sampling.strategy=random draws the shares as they are"
    )


def _shares(examples: Sequence[Example]) -> dict[str, float]:
    """Return the share of each class in some examples."""
    counts = Counter(str(example.target) for example in examples)
    return {name: number / len(examples) for name, number in counts.items()}


def _percent(shares: dict[str, float], name: str) -> str:
    return f"{100 * shares.get(name, 0.0):.0f} %"
