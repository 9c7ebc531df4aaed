"""Entities seen in training against others: by hand, and against the scores of all of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import Prediction
from seedbed.matching import Matches
from seedbed.metrics import entity_spans, tagging_scores
from seedbed.report.analysis import seen_entities
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.item_texts import Items, Text
from seedbed.report.analysis.seen_entities import KINDS, seen_counts
from seedbed.report.analysis.span_matching import SpanMatching
from seedbed.report.sections.seen_entities import seen_tables
from seedbed.report.sections.span_matching import matching_tables

WORDS = st.sampled_from(["Ann", "ann", "Rome", "New", "York"])
TAGS = st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"])
KINDS_OF_TOKEN = (WORDS, TAGS, TAGS)
SENTENCES = st.lists(
    st.integers(1, 6).flatmap(lambda n: st.tuples(*[st.lists(k, min_size=n, max_size=n) for k in KINDS_OF_TOKEN])),
    min_size=1,
    max_size=6,
)
MENTIONS = st.sets(st.tuples(st.sampled_from(["ann", "rome", "new york", "york"]), st.sampled_from("xy")))


def made(sentences):
    predictions = [Prediction(str(n), tuple(gold), tuple(said)) for n, (_, gold, said) in enumerate(sentences)]
    return predictions, {str(n): tuple(words) for n, (words, *_) in enumerate(sentences)}


@given(SENTENCES, MENTIONS)
def test_seen_and_unseen_together_are_the_whole_score(sentences, training):
    predictions, tokens = made(sentences)
    counts = seen_counts(predictions, tokens, training)
    whole = Matches(*(sum(getattr(counts[kind], name) for kind in KINDS) for name in ("gold", "predicted", "hits")))
    scores = tagging_scores([one.gold for one in predictions], [one.predicted for one in predictions])
    for name in ("precision", "recall", "f1"):
        value = getattr(whole, name)
        assert scores[name] == pytest.approx(0.0 if math.isnan(value) else value)


@given(SENTENCES, MENTIONS)
def test_each_class_is_what_filtering_one_by_one_gives(sentences, training):
    predictions, tokens = made(sentences)
    counts = seen_counts(predictions, tokens, training)
    for kind in KINDS:

        def chosen(tags, words, kind=kind):
            return [(start, end, which) for start, end, which in entity_spans(tags)
                    if ((" ".join(words[start:end]).lower(), which) in training) == (kind == "seen")]  # fmt: skip

        gold = [chosen(one.gold, tokens[one.id]) for one in predictions]
        said = [chosen(one.predicted, tokens[one.id]) for one in predictions]
        hits = sum(span in own for own, theirs in zip(gold, said, strict=True) for span in theirs)
        assert counts[kind] == Matches(sum(map(len, gold)), sum(map(len, said)), hits)


def test_a_known_word_of_another_type_is_unseen_and_case_does_not_count():
    one = Prediction("t", ("B-per", "O", "B-loc"), ("B-per", "O", "B-per"))
    counts = seen_counts([one], {"t": ("ANN", "in", "Paris")}, {("ann", "per"), ("paris", "per")})
    assert counts == {"seen": Matches(1, 2, 1), "unseen": Matches(1, 0, 0)}
    assert (counts["seen"].precision, counts["seen"].recall, counts["seen"].f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert math.isnan(counts["unseen"].precision)
    assert (counts["unseen"].recall, counts["unseen"].f1) == (0.0, 0.0)


def test_a_sentence_whose_text_is_not_whole_is_left_out():
    one = Prediction("t", ("B-per", "O"), ("B-per", "O"))
    for tokens in ({}, {"t": ("Ann",)}):
        assert seen_counts([one], tokens, set()) == dict.fromkeys(KINDS, Matches())


def tagging_study(cells, keeping, crossed=False):
    """Arm b finds Ann in all replicates, arm a in replicate 0 only; Ann is seen in even draws, Bob in none."""
    table = cells(arms=("a", "b"), sizes=(50,), replicates=4, task="tagging").assign(run=lambda t: t["cell"])
    if crossed:
        table["data_seed"] = table["replicate"] // 2
        table["init_seed"] = table["replicate"] % 2
        table["draw"] = [f"d{seed}" for seed in table["data_seed"]]
    gold, none = ("B-per", "O", "B-per"), ("O", "O", "O")
    kept = {}
    for row in table.itertuples():
        finds = row.arm == "b" or row.replicate == 0
        kept[row.run] = (Prediction("t", gold, ("B-per", "O", "O") if finds else none),)
    items = Items(
        {("imdb", draw): {"c": frozenset({("ann", "per")} if int(draw[-1]) % 2 == 0 else ())}
         for draw in table["draw"]},
        {"c": {"t": Text(("Ann", "met", "Bob"), 3)}},
    )  # fmt: skip
    return analyse(table, inputs=keeping(kept, items=items))


def test_means_are_over_replicates_that_have_a_value(cells, keeping):
    scores = {(one.arm, one.kind): one for one in tagging_study(cells, keeping).seen_entities.scores()}
    seen, unseen = scores["a", "seen"], scores["a", "unseen"]
    # Draws 0 and 2 have seen Ann: arm a finds her in replicate 0 alone. In 1 and 3 she is unseen, as Bob always is.
    assert (seen.replicates, seen.f1, seen.recall) == (4, 0.5, 0.5)
    assert seen.sd == pytest.approx(np.std([1, 0], ddof=1))
    assert (unseen.f1, unseen.recall, unseen.mentions) == (0.0, 0.0, 1.5)
    assert scores["b", "seen"].f1 == 1.0
    assert scores["b", "unseen"].f1 == pytest.approx(np.mean([0, 2 / 3, 0, 2 / 3]))


def differences(analysis):
    """Of seen and of unseen entities."""
    found = {one.column: one for one in SpanMatching(analysis).differences()}
    return [found[kind] for kind in KINDS]


def test_differences_are_paired_by_replicate(cells, keeping):
    seen, unseen = differences(tagging_study(cells, keeping))
    assert (seen.arm, seen.baseline) == ("b", "a")
    assert (seen.paired.pairs, seen.paired.mean_difference) == (2, 0.5)
    assert (unseen.paired.pairs, unseen.paired.mean_difference) == (4, pytest.approx(1 / 3))


def test_the_cells_are_counted_once_for_all_parts_of_a_report(cells, keeping, monkeypatch):
    counted = []
    counts = seen_entities.seen_counts
    monkeypatch.setattr(seen_entities, "seen_counts", lambda *given: counted.append(1) or counts(*given))
    analysis = tagging_study(cells, keeping)
    seen_tables(analysis)
    assert matching_tables(analysis)
    seen_tables(analysis)
    assert len(counted) == 8


def test_where_seeds_are_crossed_a_draw_is_one_unit(cells, keeping):
    analysis = tagging_study(cells, keeping, crossed=True)
    scores = {(one.arm, one.kind): one for one in analysis.seen_entities.scores()}
    assert (scores["a", "seen"].f1, scores["a", "seen"].replicates) == (0.5, 4)  # draw 0: one of two finds her
    seen, _ = differences(analysis)
    assert (seen.paired.pairs, seen.paired.mean_difference) == (1, 0.5)


def test_the_table_says_both_and_is_not_there_for_classes(cells, keeping):
    [scores] = seen_tables(tagging_study(cells, keeping))
    assert " ".join(entry.text for entry in scores.rows[0]) == "50 a seen 4 0.5 100.00 50.00 50.00 70.71"
    assert [row[2].text for row in scores.rows] == ["seen", "unseen"] * 2
    assert seen_tables(analyse(cells())) == []
