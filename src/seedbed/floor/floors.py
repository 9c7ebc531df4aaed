"""Predictions and scores of a floor, by its name."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw
from seedbed.floor import majority, most_frequent_tag, tfidf
from seedbed.floor.ngrams import Ngrams
from seedbed.label_sets import tags_of
from seedbed.matching import matching_scores
from seedbed.metrics import THRESHOLD, classification_scores, has_labels, multilabel_scores, tagging_scores

VERSION = 2
"""Increased when the scores of the same draw change or others join them: rows of an older version are not used."""
FLOORS = {
    "classification": ("tfidf", "majority"), "multilabel": ("tfidf", "majority"),
    "tagging": ("most_frequent_tag", "all_o"),
}  # fmt: skip
"""The names of the floors, by task."""


class Floors:
    """The floors of a corpus. They have no randomness; n-grams of an example are counted once for all draws."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._ngrams = Ngrams()

    def scores(self, draw: Draw, floor: str) -> dict[str, float]:
        """Return the scores on the test examples of the draw, named like those of an arm: ``test/accuracy``, ..."""
        targets = [example.target for example in self._examples(draw.test)]
        if self.corpus.task == "tagging":
            gold_tags, tags = list(map(tags_of, targets)), self.tags(draw, floor)
            scores = tagging_scores(gold_tags, tags) | matching_scores(gold_tags, tags)
            return {f"test/{name}": value for name, value in scores.items()}
        labels, probabilities = self.corpus.labels, self.probabilities(draw, floor)
        if self.corpus.task == "multilabel":
            gold = has_labels(targets, labels)
            scores = multilabel_scores(gold, probabilities > THRESHOLD, probabilities, labels)
        else:
            predicted = [labels[n] for n in probabilities.argmax(axis=-1)]
            scores = classification_scores([str(target) for target in targets], predicted, probabilities, labels)
        return {f"test/{name}": value for name, value in scores.items()}

    def tags(self, draw: Draw, floor: str) -> list[tuple[str, ...]]:
        """Return the predicted tags of each test example, learned from the training examples."""
        test = self._examples(draw.test)
        if floor == "most_frequent_tag":
            return most_frequent_tag.tags(self._examples(draw.train), test, self.corpus.labels)
        return majority.tags(test)

    def probabilities(self, draw: Draw, floor: str) -> NDArray[np.float32]:
        """Return the predicted probabilities of the test examples, ``[examples, classes]``.

        Learned from the training examples; only ``tfidf`` uses the validation examples, to choose its penalty. The
        targets of test examples are not read.
        """
        train, test, labels = self._examples(draw.train), self._examples(draw.test), self.corpus.labels
        if floor == "tfidf":
            return tfidf.probabilities(train, self._examples(draw.validation), test, labels, self._ngrams)
        return majority.probabilities(train, test, labels)

    def _examples(self, ids: Sequence[str]) -> list[Example]:
        return [self.corpus.by_id[example] for example in ids]
