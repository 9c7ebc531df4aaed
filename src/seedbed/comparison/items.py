"""The test texts of a study for its error pages, stored with its parent run.

A JSON object in gzip. ``corpora``: by digest, the ``examples`` tested by any draw, id to tokens (a longer text is cut
at ``MOST_TOKENS``, and ``lengths`` has its full length), the digest ``data`` of `Corpus.data`, and for tagging
``mentions``, the entities of training examples as [surface form, type]. ``draws``: [data set, draw, corpus, numbers of
the mentions in its training examples]. ``left_out``: the number of examples beyond the limits.
"""

import gzip
import json
from collections.abc import Iterable, Sequence

from seedbed.cells import surface_form
from seedbed.comparison.plan import PlannedCell
from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw
from seedbed.label_sets import tags_of
from seedbed.metrics import entity_spans

FILE = "items.json.gz"
"""The artifact of a parent run that contains them."""
VERSION = 1
MOST_TOKENS = 400
"""Of one text."""
MOST_CHARACTERS = 10_000_000
"""Of all texts together: a file of about 4 MB for English. Further examples are left out, in the order of the draws."""
MOST_MENTIONS = 1_000_000
"""Over all draws; further draws are stored without mentions."""


def items_of(cells: Iterable[PlannedCell]) -> bytes:
    """Return the file for these cells."""
    draws = {(p.cell.dataset, p.draw.digest, p.corpus.digest): p for p in cells}
    corpora: dict[str, _CorpusItems] = {}
    entries: list[list[object]] = []
    left_out, room, mentions = 0, MOST_CHARACTERS, MOST_MENTIONS
    for (dataset, digest, corpus_digest), planned in draws.items():
        items = corpora.setdefault(corpus_digest, _CorpusItems(planned.corpus))
        for example in planned.draw.test:
            if example in items.examples or example in items.refused:
                continue
            characters = items.characters(example)
            if characters > room:
                items.refused.add(example)
                left_out += 1
                continue
            room -= characters
            items.add(example)
        numbers = items.training_mentions(planned.draw)
        numbers = None if numbers is None or len(numbers) > mentions else numbers
        mentions -= len(numbers or ())
        entries.append([dataset, digest, corpus_digest, numbers])
    content = {
        "version": VERSION,
        "corpora": {digest: items.content() for digest, items in corpora.items()},
        "draws": entries,
        "left_out": left_out,
    }
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 6, mtime=0)


class _CorpusItems:
    """The stored examples and mentions of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.examples: dict[str, Sequence[str]] = {}
        self.lengths: dict[str, int] = {}
        self.refused: set[str] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        self._by_example: dict[str, frozenset[int]] = {}
        self._by_training_set: dict[tuple[str, ...], list[int]] = {}

    def characters(self, example: str) -> int:
        """Return the length of an example's text, cut at ``MOST_TOKENS``."""
        return sum(len(token) + 1 for token in self.corpus.by_id[example].tokens[:MOST_TOKENS])

    def add(self, example: str) -> None:
        """Store the text of an example."""
        tokens = self.corpus.by_id[example].tokens
        self.examples[example] = tokens[:MOST_TOKENS]
        if len(tokens) > MOST_TOKENS:
            self.lengths[example] = len(tokens)

    def training_mentions(self, draw: Draw) -> list[int] | None:
        """Return the numbers of the mentions in the training examples of a draw; None where there are no entities."""
        if self.corpus.task != "tagging":
            return None
        if draw.train not in self._by_training_set:
            numbers: set[int] = set()
            numbers.update(*(self._mentions(self.corpus.by_id[example]) for example in draw.train))
            self._by_training_set[draw.train] = sorted(numbers)
        return self._by_training_set[draw.train]

    def _mentions(self, example: Example) -> frozenset[int]:
        if example.id not in self._by_example:
            self._by_example[example.id] = frozenset(
                self._numbers.setdefault((surface_form(example.tokens[start:end]), kind), len(self._numbers))
                for start, end, kind in entity_spans(tags_of(example.target))
            )
        return self._by_example[example.id]

    def content(self) -> dict[str, object]:
        """Return the corpus as it is written."""
        return {
            "task": self.corpus.task,
            "data": self.corpus.data,
            "examples": self.examples,
            "lengths": self.lengths,
            "mentions": [list(mention) for mention in self._numbers],
        }
