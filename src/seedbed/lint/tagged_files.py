"""Files of tagged sentences that are read otherwise than they were meant: without blank lines, or in two schemes."""

from collections.abc import Iterator

from seedbed.data.examples import LACK_BEGINNING, LACK_END, NO_BLANK_LINE
from seedbed.lint.plan_data import DrawnDataset

LEAST = 0.05
"""Least share of entities without a beginning or an end for a finding: fewer are mistakes of annotators."""


def sentences_undivided(data: DrawnDataset) -> Iterator[str]:
    """Yield data sets with files that are read as one sentence each."""
    corpus = data.corpus
    if n_files := corpus.counts.get(NO_BLANK_LINE, 0):
        which = (
            "a file has no blank line, and is" if n_files == 1 else f"{n_files} files have no blank line, and are each"
        )
        yield f"{corpus.name}: {which} read as one sentence, of up to {corpus.longest:,} tokens"


def schemes_mixed(data: DrawnDataset) -> Iterator[str]:
    """Yield data sets in a scheme with a tag for the end of an entity, of which many entities have none."""
    corpus = data.corpus
    n_entities = sum(len(example.classes) for example in corpus) if corpus.task == "tagging" else 0
    unended, unbegun = (corpus.counts.get(name, 0) for name in (LACK_END, LACK_BEGINNING))
    if unended and unended + unbegun >= LEAST * n_entities:
        yield (
            f"{corpus.name}: read as {corpus.notation}, {unended:,} of {n_entities:,} entities lack their end and "
            f"{unbegun:,} their beginning: are some sentences in another scheme, such as IOB2?"
        )
