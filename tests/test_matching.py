"""Partial and type matches, boundaries, tokens and lengths: against nervaluate, seqeval and scikit-learn."""

import math

import numpy as np
import pytest
from nervaluate.evaluator import Evaluator
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2, Entities
from sklearn.metrics import precision_recall_fscore_support

from seedbed.data.tags import from_spans, to_iob2
from seedbed.matching import (
    LENGTHS,
    MATCHINGS,
    SCORES,
    Matches,
    length_matches,
    matching_scores,
    partial_hits,
    type_hits,
)
from seedbed.metrics import entity_spans, tagging_scores

TYPES = ("per", "geo-loc", "x")
TAGS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))
NERVALUATE = {"type": "ent_type", "partial": "partial", "boundary": "exact", "strict": "strict"}


def tagging(seed):
    """Some sentences with tags drawn token by token, which break IOB2 often, and predictions that are often right."""
    rng = np.random.default_rng(seed)
    gold, predicted = [], []
    for _ in range(rng.integers(1, 6)):
        size, share = int(rng.integers(1, 13)), rng.uniform(0.1, 0.9)
        tags = rng.choice(TAGS, size).tolist()
        others = rng.choice(TAGS, size).tolist()
        keep = rng.random(size) < share
        gold.append(tags)
        predicted.append([one if kept else other for one, other, kept in zip(tags, others, keep, strict=True)])
    return gold, predicted


TAGGINGS = [tagging(seed) for seed in range(1000)]


def as_dicts(sentences):
    """Strict entities as nervaluate reads them, with the last token as the end."""
    return [
        [{"label": kind, "start": start, "end": end - 1} for start, end, kind in entity_spans(tags)]
        for tags in sentences
    ]


def of_nervaluate(gold, predicted, loader):
    found = Evaluator(gold, predicted, tags=list(TYPES), loader=loader).evaluate()["overall"]
    return {name: found[theirs] for name, theirs in NERVALUATE.items()}


def compared(gold, predicted, inputs, loader):
    """Our scores and those of nervaluate, by name and rate."""
    scores = matching_scores(gold, predicted) | tagging_scores(gold, predicted)
    theirs = of_nervaluate(*inputs, loader)
    names = [(name, rate) for name in NERVALUATE for rate in ("precision", "recall", "f1")]
    ours = [scores[rate if name == "strict" else f"{name}_{rate}"] for name, rate in names]
    return ours, [getattr(theirs[name], rate) for name, rate in names]


def test_matches_are_those_of_nervaluate_on_a_thousand_taggings():
    for gold, predicted in TAGGINGS:
        ours, theirs = compared(gold, predicted, (as_dicts(gold), as_dicts(predicted)), "dict")
        assert ours == pytest.approx(theirs)


def test_on_valid_tags_they_are_also_those_that_nervaluate_reads_itself():
    for gold, predicted in TAGGINGS[:300]:
        valid = [[list(to_iob2(tags)) for tags in sentences] for sentences in (gold, predicted)]
        ours, theirs = compared(*valid, valid, "list")
        assert ours == pytest.approx(theirs)


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning", "ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_strict_scores_are_those_of_seqeval_on_a_thousand_taggings():
    stock = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
    for gold, predicted in TAGGINGS:
        scores = tagging_scores(gold, predicted)
        for tags in gold:
            (entities,) = Entities([tags], scheme=IOB2).entities
            assert entity_spans(tags) == [(entity.start, entity.end, entity.tag) for entity in entities]
        if any(entity_spans(tags) for tags in gold + predicted):  # seqeval itself fails without any
            for name, score in stock.items():
                theirs = score(gold, predicted, mode="strict", scheme=IOB2, zero_division=0)
                assert scores[name] == pytest.approx(theirs)


def test_token_scores_are_those_of_scikit_learn_without_the_class_o():
    for gold, predicted in TAGGINGS[:150]:
        flat = [[tag[2:] for tags in sentences for tag in tags] for sentences in (gold, predicted)]
        *theirs, _ = precision_recall_fscore_support(*flat, labels=list(TYPES), average="micro", zero_division=0)
        scores = matching_scores(gold, predicted)
        assert [scores[f"token_{rate}"] for rate in ("precision", "recall", "f1")] == pytest.approx(theirs)


def test_boundary_scores_are_strict_scores_of_one_type():
    for gold, predicted in TAGGINGS[:300]:
        untyped = [
            [from_spans([("any", start, end) for start, end, _ in entity_spans(tags)], len(tags)) for tags in sentences]
            for sentences in (gold, predicted)
        ]
        scores, strict = matching_scores(gold, predicted), tagging_scores(*untyped)
        assert [scores[f"boundary_{rate}"] for rate in ("precision", "recall", "f1")] == pytest.approx(
            [strict[rate] for rate in ("precision", "recall", "f1")]
        )


def test_lengths_together_are_the_strict_score_and_each_is_what_filtering_gives():
    for gold, predicted in TAGGINGS[:300]:
        pairs = [(entity_spans(one), entity_spans(other)) for one, other in zip(gold, predicted, strict=True)]
        found = length_matches(pairs)
        assert tuple(found) == LENGTHS
        whole = sum(found.values(), Matches())
        assert (0.0 if math.isnan(whole.f1) else whole.f1) == pytest.approx(tagging_scores(gold, predicted)["f1"])
        for number, length in enumerate(LENGTHS, 1):
            same = [
                [{span for span in spans if min(span[1] - span[0], len(LENGTHS)) == number} for spans in pair]
                for pair in pairs
            ]
            counts = [sum(map(len, side)) for side in zip(*same, strict=True)]
            assert found[length] == Matches(*counts, sum(len(one & other) for one, other in same))


def test_a_strict_hit_is_a_hit_of_every_matching():
    for gold, predicted in TAGGINGS[:300]:
        scores = matching_scores(gold, predicted)
        assert tuple(scores) == SCORES
        strict = tagging_scores(gold, predicted)["f1"]
        assert min(scores[f"{name}_f1"] for name in MATCHINGS[:3]) >= strict - 1e-12


def test_a_type_match_depends_on_the_order_of_the_spans_as_in_nervaluate():
    gold = [(0, 2, "b")]
    assert type_hits(gold, [(0, 1, "a"), (1, 2, "b")]) == 0  # the first span has used up the entity
    assert type_hits(gold, [(0, 1, "b"), (1, 2, "a")]) == 1
    two = [{"label": "a", "start": 0, "end": 0}, {"label": "b", "start": 1, "end": 1}]
    entity = [{"label": "b", "start": 0, "end": 1}]
    for predicted, correct in ((two, 0), (two[::-1], 1)):
        assert Evaluator([entity], [predicted], list("ab"), "dict").evaluate()["overall"]["ent_type"].correct == correct


def test_two_halves_of_an_entity_are_one_partial_match():
    assert partial_hits([(0, 4, "a")], [(0, 2, "a"), (2, 4, "a")]) == 0.5
    assert type_hits([(0, 4, "a")], [(0, 2, "a"), (2, 4, "a")]) == 1


def test_one_token_of_more_than_a_hundred_is_an_overlap_here_and_none_for_nervaluate():
    gold, predicted = ["B-x", *["I-x"] * 100], ["B-x", *["O"] * 100]
    assert matching_scores([gold], [predicted])["type_f1"] == 1.0
    assert of_nervaluate([gold], [predicted], "list")["type"].f1 == 0.0
    assert of_nervaluate([gold[:100]], [predicted[:100]], "list")["type"].f1 == 1.0


def test_nervaluate_reads_tags_leniently():
    tags = ["O", "I-x", "I-x"]
    assert entity_spans(tags) == []
    assert of_nervaluate([tags], [tags], "list")["strict"].f1 == 1.0


def test_nothing_to_find_is_zero_and_other_lengths_are_refused():
    assert set(matching_scores([["O"]], [["O"]]).values()) == {0.0}
    assert math.isnan(Matches().f1)
    with pytest.raises(ValueError, match="1 predicted tags for a sentence of 2"):
        matching_scores([["O", "O"]], [["O"]])
