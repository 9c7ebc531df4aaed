"""What an error viewer needs of a study's data, small enough to be kept with its parent run.

A JSON object in gzip: ``corpora`` has by digest the ``examples`` that some draw tests, id to tokens (a longer text is
cut at ``MOST_TOKENS``, and ``lengths`` has how long it was), the digest ``data`` of `Corpus.data`, and for tagging
``mentions``, the entities of training examples as [surface form, type]; ``draws`` are [data set, draw, corpus, numbers
of the mentions in its training examples]; ``left_out`` counts examples that were too many to keep.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from typing import Any

from seedbed.comparison.plan import Planned
from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw
from seedbed.metrics import entity_spans
from seedbed.results import surface_form

FILE = "items.json.gz"
"""The artifact of a parent run that holds them."""
VERSION = 1
MOST_TOKENS = 400
"""Of a text, for display."""
MOST_CHARACTERS = 10_000_000
"""Of all texts together: some 4 MB of file for English. Examples beyond are left out, those of later draws first."""
MOST_MENTIONS = 1_000_000
"""Over all draws; a draw beyond is kept without them."""


def items_of(cells: Iterable[Planned]) -> bytes:
    """The file for these cells."""
    draws = {(p.cell.dataset, p.draw.digest, p.corpus.digest): p for p in cells}
    kept: dict[str, _Kept] = {}
    entries, left_out, room, mentions = [], 0, MOST_CHARACTERS, MOST_MENTIONS
    for (dataset, digest, corpus_digest), planned in draws.items():
        own = kept.setdefault(corpus_digest, _Kept(planned.corpus))
        for example in planned.draw.test:
            if example in own.examples or example in own.refused:
                continue
            characters = own.characters(example)
            if characters > room:
                own.refused.add(example)
                left_out += 1
                continue
            room -= characters
            own.add(example)
        numbers = own.seen(planned.draw)
        numbers = None if numbers is None or len(numbers) > mentions else numbers
        mentions -= len(numbers or ())
        entries.append([dataset, digest, corpus_digest, numbers])
    content = {
        "version": VERSION,
        "corpora": {digest: own.content() for digest, own in kept.items()},
        "draws": entries,
        "left_out": left_out,
    }
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)


class _Kept:
    """What is kept of a corpus so far."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.examples: dict[str, Sequence[str]] = {}
        self.lengths: dict[str, int] = {}
        self.refused: set[str] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        self._of_example: dict[str, frozenset[int]] = {}
        self._of_training: dict[tuple[str, ...], list[int]] = {}

    def characters(self, example: str) -> int:
        """How long its text is as far as it is kept."""
        return sum(len(token) + 1 for token in self.corpus.by_id[example].tokens[:MOST_TOKENS])

    def add(self, example: str) -> None:
        """Keep its text."""
        tokens = self.corpus.by_id[example].tokens
        self.examples[example] = tokens[:MOST_TOKENS]
        if len(tokens) > MOST_TOKENS:
            self.lengths[example] = len(tokens)

    def seen(self, draw: Draw) -> list[int] | None:
        """The numbers of the mentions in the training examples of a draw; None where there are no entities."""
        if self.corpus.task != "tagging":
            return None
        if draw.train not in self._of_training:
            found = frozenset().union(*(self._mentions(self.corpus.by_id[one]) for one in draw.train))
            self._of_training[draw.train] = sorted(found)
        return self._of_training[draw.train]

    def _mentions(self, example: Example) -> frozenset[int]:
        if example.id not in self._of_example:
            self._of_example[example.id] = frozenset(
                self._numbers.setdefault((surface_form(example.tokens[start:end]), kind), len(self._numbers))
                for start, end, kind in entity_spans(example.target)
            )
        return self._of_example[example.id]

    def content(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "task": self.corpus.task,
            "data": self.corpus.data,
            "examples": self.examples,
            "lengths": self.lengths,
            "mentions": [list(mention) for mention in self._numbers],
        }
