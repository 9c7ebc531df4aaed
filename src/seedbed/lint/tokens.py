"""Rules on tokens: truncated texts, marker tokens, and vocabularies that include the test texts."""

import re
from collections import Counter
from collections.abc import Iterator

from seedbed.comparison.plan import Plan
from seedbed.data.corpus import SPLITS
from seedbed.embeddings.random import Random
from seedbed.lint.plan_data import DrawnDataset

LEAST = 0.01
"""The share of texts from which on cut ones, or ones with a marker, are worth a finding."""

_NAMES = "pad|padding|start|end|bos|eos|sos|cls|sep|mask|unk|unknown|oov"
MARKER = re.compile(rf"(?<!\S)(?:< ?/? ?(?:{_NAMES}|s) ?>|\[ ?(?:{_NAMES}) ?\]|_ ?_ ?(?:{_NAMES}) ?_ ?_|endpad)(?!\S)")
"""In a text in lower case. A tokenizer may have parted the signs: ``< pad >``."""


def sequences_cut(data: DrawnDataset) -> Iterator[str]:
    """The share of each split's texts that were cut to ``max_tokens`` when the set was read."""
    counts, splits = data.corpus.counts, data.corpus.splits
    shares = {split: counts.get(f"cut/{split}", 0) / len(splits[split]) for split in SPLITS if splits.get(split)}
    shown = [f"{100 * share:.0f} % of {split}" for split, share in shares.items() if share >= LEAST]
    if shown:
        dataset = data.dataset
        yield (
            f"{data.corpus.name}: {listed(shown)} texts are cut to their {dataset.keep_tokens} "
            f"{dataset.max_tokens:,} tokens (dataset.max_tokens)"
        )


def markers_as_words(data: DrawnDataset) -> Iterator[str]:
    """Markers and padding that stand among the tokens, where every embedding takes them for words."""
    seen: Counter = Counter()
    texts: dict[str, str] = {}
    for one, text in data.texts.items():
        if "<" in text or "[" in text or "_" in text or "endpad" in text:
            here = MARKER.findall(text)
            seen.update(here)
            texts |= {one: here[0]} if here else {}
    if len(texts) < max(2, LEAST * len(data.texts)):
        return
    tokens = sum(text.count(" ") + 1 for text in data.texts.values())
    names = ", ".join(marker.replace(" ", "") for marker, _ in seen.most_common(3))
    yield (
        f"{data.corpus.name}: {len(texts):,} of {len(data.texts):,} texts have markers among their words, such as "
        f"{names} ({100 * seen.total() / tokens:.2g} % of tokens): each gets a vector like a word"
    )


def vocabulary_from_test(plan: Plan) -> Iterator[str]:
    """Trained tables with vectors for words that only test texts have.

    Frozen random vectors are left out: nothing is fitted, and any new word could be given one at any time.
    """
    arms = {planned.arm.name: planned.arm for planned in plan.planned}
    found = [
        name
        for name, arm in arms.items()
        if any(isinstance(one, Random) and one.trainable and "test" in one.vocabulary for one in parts(arm.embedding))
    ]
    if found:
        yield (
            f"{listed(found)}: the trained vectors have a row for each word of the test texts "
            f"(embedding.vocabulary); a model in use meets new words as the one unknown word"
        )


def parts(embedding: object) -> Iterator[object]:
    """An embedding, or those that a stack is made of."""
    return (part for _, part in keyed_parts(embedding))


def keyed_parts(embedding: object, key: str = "embedding") -> Iterator[tuple[str, object]]:
    """The same, each with the key of its settings: ``embedding.parts.glove``."""
    own = getattr(embedding, "parts", None)
    if not isinstance(own, dict):
        yield key, embedding
        return
    for name, part in own.items():
        yield from keyed_parts(part, f"{key}.parts.{name}")


def listed(names: list[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
