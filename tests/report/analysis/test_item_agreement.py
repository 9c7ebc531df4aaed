"""Two arms on the same items: what was right where, and which pairs are looked at."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet
from seedbed.metrics import entity_spans
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.item_agreement import (
    is_right,
    item_agreements,
    natural,
    only_one_correct,
    pairs_of,
    shared_cells,
)

CLASSES = st.sampled_from("ab")
TAGS = st.sampled_from(["O", "B-x", "I-x", "B-y", "I-y"])


@st.composite
def studies(draw):
    """Gold by item, and for each replicate its items with the two answers."""
    gold = draw(st.dictionaries(st.sampled_from([f"test/{n}" for n in range(6)]), CLASSES, min_size=1))
    return gold, draw(st.lists(st.dictionaries(st.sampled_from(sorted(gold)), st.tuples(CLASSES, CLASSES)), min_size=1))


def said(gold, answers, side):
    return [Prediction(name, gold[name], both[side]) for name, both in answers.items()]


@given(studies())
def test_counts_are_those_of_counting_one_by_one(given):
    gold, replicates = given
    n_shared = item_agreements((f"d{n}", said(gold, own, 0), said(gold, own, 1)) for n, own in enumerate(replicates))
    assert {one.id for one in n_shared} == {name for own in replicates for name in own}
    for one in n_shared:
        answers = [own[one.id] for own in replicates if one.id in own]
        right = [(first == gold[one.id], second == gold[one.id]) for first, second in answers]
        assert one.n_shared == len(answers) == len(one.draws)
        assert one.right == (sum(first for first, _ in right), sum(second for _, second in right))
        assert one.n_only_correct == (right.count((True, False)), right.count((False, True)))
        for side in (0, 1):
            assert dict(one.answers[side]) == Counter(own[side] for own in answers)
    for side in (0, 1):
        join_limited = only_one_correct(n_shared, side)
        assert {one.id for one in join_limited} == {
            one.id for one in n_shared if one.n_only_correct[side] / one.n_shared > 0.5
        }
        assert [one.n_only_correct[side] for one in join_limited] == sorted(
            (one.n_only_correct[side] for one in join_limited), reverse=True
        )


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(*[st.lists(TAGS, min_size=n, max_size=n)] * 2)))
def test_a_sentence_is_right_with_exactly_its_entities(both):
    gold, predicted = map(tuple, both)
    assert is_right(gold, predicted) == (entity_spans(gold) == entity_spans(predicted))


def test_an_item_whose_gold_differs_between_the_arms_is_not_shared():
    first = [Prediction("test/0", "a", "a"), Prediction("test/1", "a", "a")]
    second = [Prediction("test/0", "b", "b"), Prediction("test/1", "a", "b")]
    assert [one.id for one in item_agreements([("d", first, second)])] == ["test/1"]


def test_half_of_the_replicates_are_not_most():
    replicates = [("d0", [Prediction("t", "a", "a")], [Prediction("t", "a", "b")]),
                  ("d1", [Prediction("t", "a", "a")], [Prediction("t", "a", "a")])]  # fmt: skip
    assert only_one_correct(item_agreements(replicates), 0) == []
    assert [one.n_only_correct for one in only_one_correct(item_agreements(replicates[:1]), 0)] == [(1, 0)]


def test_numbers_in_names_sort_as_numbers():
    assert sorted(["test/10", "test/9/2", "²", "test/9"], key=natural)[:3] == ["test/9", "test/9/2", "test/10"]


def test_the_best_arm_meets_its_closest_rivals_first_and_then_all_meet_the_first(cells):
    analysis = analyse(cells(arms=("base", "low", "mid", "best"), sizes=(50,)))
    pairs = [(pair.first, pair.second) for pair in pairs_of(analysis)]
    assert pairs == [("best", "mid"), ("best", "low"), ("best", "base"), ("low", "base"), ("mid", "base")]


def test_of_many_pairs_each_size_keeps_its_closest(cells):
    arms = tuple(f"arm{n}" for n in range(6))
    pairs = pairs_of(analyse(cells(arms=arms, sizes=(10, 20, 30))))
    assert len(pairs) == 12
    assert Counter(pair.n_train for pair in pairs) == {10: 4, 20: 4, 30: 4}
    assert [pair.n_train for pair in pairs] == sorted(pair.n_train for pair in pairs)
    assert (pairs[0].first, pairs[0].second) == ("arm5", "arm4")


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_the_better_arm_is_the_first_in_whichever_score(cells, metric):
    (pair,) = pairs_of(analyse(cells(sizes=(50,)), metric=metric))
    assert (pair.first, pair.second) == ("glove", "random")


def test_only_replicates_on_the_same_draw_are_shared(cells, keeping):
    table = cells(sizes=(50,), replicates=4).assign(run=lambda table: table["cell"])
    table.loc[(table["arm"] == "glove") & (table["replicate"] == 1), "draw"] = "another"
    table.loc[(table["arm"] == "glove") & (table["replicate"] == 2), "status"] = "failed"
    analysis = analyse(table, inputs=keeping({}))
    (pair,) = pairs_of(analysis)
    assert [cell.replicate for cell in shared_cells(analysis, pair)] == [0, 3]
    assert shared_cells(analysis, pair)[0].first == "glove-50-0"


def test_a_table_from_elsewhere_has_no_shared_cells(bare):
    analysis = analyse(bare({"a": [0.1, 0.2], "b": [0.3, 0.4]}))
    (pair,) = pairs_of(analysis)
    assert shared_cells(analysis, pair) == []


def test_a_set_of_labels_is_right_where_all_labels_are():
    assert is_right(LabelSet(("a", "b")), LabelSet(("a", "b")))
    assert not is_right(LabelSet(("a", "b")), LabelSet(("a",)))
    assert is_right(LabelSet(), LabelSet())
    both = [Prediction("t", LabelSet(("a",)), LabelSet(("a",)))], [Prediction("t", LabelSet(("a",)), LabelSet())]
    (item,) = item_agreements([("d", *both)])
    assert item.right == (1, 0)
