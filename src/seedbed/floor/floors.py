"""From a corpus and a draw to the scores of a floor, by its name."""

from collections.abc import Sequence
from typing import Any

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw
from seedbed.floor import majority, most_frequent_tag, tfidf
from seedbed.floor.ngrams import Ngrams
from seedbed.metrics import classification_scores, tagging_scores

VERSION = 1
"""Raised when the same draw gives other scores than before, so that no old row is taken for a new one."""
FLOORS = {"classification": ("tfidf", "majority"), "tagging": ("most_frequent_tag", "all_o")}
"""The names of the floors, by task."""


def floor_scores(corpus: Corpus, draw: Draw, floor: str) -> dict[str, float]:
    """The scores of one floor on one draw; see ``Floors``, which is quicker for several draws."""
    return Floors(corpus).scores(draw, floor)


class Floors:
    """The floors of a corpus. Nothing is random; what is counted of an example is counted once for all draws."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._ngrams = Ngrams()

    def scores(self, draw: Draw, floor: str) -> dict[str, float]:
        """The scores on the test examples of the draw, under the names that an arm's have: ``test/accuracy``, ..."""
        gold = [example.target for example in self._examples(draw.test)]
        answers = self.answers(draw, floor)
        if self.corpus.task == "tagging":
            scores = tagging_scores(gold, answers)
        else:
            labels = self.corpus.labels
            scores = classification_scores(gold, [labels[n] for n in answers.argmax(axis=-1)], answers, labels)
        return {f"test/{name}": value for name, value in scores.items()}

    def answers(self, draw: Draw, floor: str) -> Any:
        """What a floor says of each test example: its tags, or ``[examples, classes]`` probabilities.

        Learned from the training examples; only the penalty of ``tfidf`` looks at those for validation. Of the test
        examples none but the tokens are read.
        """
        train, test, labels = self._examples(draw.train), self._examples(draw.test), self.corpus.labels
        if floor == "tfidf":
            return tfidf.probabilities(train, self._examples(draw.validation), test, labels, self._ngrams)
        if floor == "majority":
            return majority.probabilities(train, test, labels)
        if floor == "most_frequent_tag":
            return most_frequent_tag.tags(train, test, labels)
        return majority.tags(test)

    def _examples(self, ids: Sequence[str]) -> list[Example]:
        return [self.corpus.by_id[example] for example in ids]
