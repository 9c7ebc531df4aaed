"""Floors as models predict what the floor of a study scores."""

import numpy as np
import pytest

from seedbed.floor.floors import Floors
from seedbed.floor.ngrams import Ngrams
from seedbed.saved_models.description import Description, ReplicateInfo, numbered
from seedbed.saved_models.floor_program import fit_floor
from seedbed.saved_models.model import model_of
from seedbed.saved_models.saving import files_of
from seedbed.saved_models.text import TextPreparation


@pytest.mark.parametrize(("floor", "task"), [
    ("tfidf", "classification"), ("majority", "classification"),
    ("tfidf", "multilabel"), ("majority", "multilabel"), ("most_frequent_tag", "tagging"), ("all_o", "tagging"),
])  # fmt: skip
def test_a_floor_predicts_the_tags_and_probabilities_that_its_study_scores(planned_cells, floor, task):
    cells = planned_cells(task)
    corpus, ngrams = cells[0].corpus, Ngrams()
    arrays, words = {}, {}
    for n, planned in enumerate(cells):
        own, lists = fit_floor(floor, corpus, planned.draw, ngrams)
        arrays |= numbered(n, own)
        words |= numbered(n, lists)
    replicates = tuple(ReplicateInfo(0, n, "", "", 0, 0, 40) for n in range(len(cells)))
    text = TextPreparation.of(cells[0].arm.dataset)
    description = Description(floor, task, corpus.labels, floor, "own", "", text, replicates)
    model = model_of(files_of(description, arrays, words, b"{}"), "floor")
    floors = Floors(corpus)
    for n, planned in enumerate(cells):
        predicted = model.predict([corpus.by_id[example].tokens for example in planned.draw.test], n)
        if task == "tagging":
            assert [one.tags for one in predicted] == floors.tags(planned.draw, floor)
        else:
            own = [[one.probabilities[label] for label in model.labels] for one in predicted]
            np.testing.assert_allclose(own, floors.probabilities(planned.draw, floor), atol=2e-6)
