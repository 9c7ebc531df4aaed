"""Rules on tokens: truncated texts, marker tokens, and vocabularies that include the test texts."""

import re
from collections import Counter
from collections.abc import Iterator

from seedbed.comparison.plan import Plan
from seedbed.data.corpus import SPLITS
from seedbed.embeddings.random import Random
from seedbed.lint.plan_data import DrawnDataset

LEAST = 0.01
"""Least share of texts that are cut, or have a marker, for a finding."""

_NAMES = "pad|padding|start|end|bos|eos|sos|cls|sep|mask|unk|unknown|oov"
MARKER = re.compile(rf"(?<!\S)(?:< ?/? ?(?:{_NAMES}|s) ?>|\[ ?(?:{_NAMES}) ?\]|_ ?_ ?(?:{_NAMES}) ?_ ?_|endpad)(?!\S)")
"""In a text in lower case. A tokenizer may have split the signs: ``< pad >``."""


def sequences_cut(data: DrawnDataset) -> Iterator[str]:
    """Yield the share of texts, by split, that were cut to ``max_tokens``."""
    counts, splits = data.corpus.counts, data.corpus.splits
    shares = {split: counts.get(f"cut/{split}", 0) / len(splits[split]) for split in SPLITS if splits.get(split)}
    shown = [f"{100 * share:.0f} % of {split}" for split, share in shares.items() if share >= LEAST]
    if shown:
        dataset = data.dataset
        yield (
            f"{data.corpus.name}: {join_names(shown)} texts are cut to their {dataset.keep_tokens} "
            f"{dataset.max_tokens:,} tokens (dataset.max_tokens)"
        )


def sentences_in_windows(data: DrawnDataset) -> Iterator[str]:
    """Yield how many sentences, by split, have more tokens than a tagger reads at once."""
    windows = {getattr(arm.task, "window", None) for arm in data.arms if not hasattr(arm.encoder, "training_fields")}
    for window in sorted(window for window in windows if window is not None and data.corpus.task == "tagging"):
        splits = {split: own for split in SPLITS if (own := data.corpus.splits.get(split))}
        long = {split: sum(len(one.tokens) > window for one in own) for split, own in splits.items()}
        shown = [f"{count:,} of {len(splits[split]):,} {split}" for split, count in long.items() if count]
        if shown:
            yield (
                f"{data.corpus.name}: {join_names(shown)} sentences have more than {window:,} tokens, up to "
                f"{data.corpus.longest:,}: they are read in windows (task.window)"
            )


def markers_as_words(data: DrawnDataset) -> Iterator[str]:
    """Yield markers and padding among the tokens, which embeddings read as words."""
    counts: Counter = Counter()
    texts: dict[str, str] = {}
    for example_id, text in data.texts.items():
        if "<" in text or "[" in text or "_" in text or "endpad" in text:
            markers = MARKER.findall(text)
            counts.update(markers)
            texts |= {example_id: markers[0]} if markers else {}
    if len(texts) < max(2, LEAST * len(data.texts)):
        return
    tokens = sum(text.count(" ") + 1 for text in data.texts.values())
    names = ", ".join(marker.replace(" ", "") for marker, _ in counts.most_common(3))
    yield (
        f"{data.corpus.name}: {len(texts):,} of {len(data.texts):,} texts have markers among their words, such as "
        f"{names} ({100 * counts.total() / tokens:.2g} % of tokens): each gets a vector like a word"
    )


def vocabulary_from_test(plan: Plan) -> Iterator[str]:
    """Yield trained tables with vectors for words that only test texts have.

    Frozen random vectors are skipped: nothing is fitted, and a new word can get a vector at any time.
    """
    arms = {planned.arm.name: planned.arm for planned in plan.planned}
    names = [
        name
        for name, arm in arms.items()
        if any(
            isinstance(part, Random) and part.trainable and "test" in part.vocabulary for part in parts(arm.embedding)
        )
    ]
    if names:
        yield (
            f"{join_names(names)}: the trained vectors have a row for each word of the test texts "
            f"(embedding.vocabulary); a model in use meets new words as the one unknown word"
        )


def parts(embedding: object) -> Iterator[object]:
    """Yield an embedding, or the parts of a stack."""
    return (part for _, part in keyed_parts(embedding))


def keyed_parts(embedding: object, key: str = "embedding") -> Iterator[tuple[str, object]]:
    """Yield the same, each with the key of its settings: ``embedding.parts.glove``."""
    stack = getattr(embedding, "parts", None)
    if not isinstance(stack, dict):
        yield key, embedding
        return
    for name, part in stack.items():
        yield from keyed_parts(part, f"{key}.parts.{name}")


def join_names(names: list[str]) -> str:
    """Return ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
