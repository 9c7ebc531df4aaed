import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet
from seedbed.metrics import multilabel_scores, tagging_scores
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.item_intervals import item_counts
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.differences import ITEM_HEADER, second_opinion_table
from seedbed.report.statistics.sign_flips import sign_flip_interval
from seedbed.report.statistics.two_level import two_level_interval

tags = st.lists(st.sampled_from(["O", "B-per", "I-per", "B-loc", "I-loc"]), min_size=1, max_size=6)
pairs_of_tags = tags.flatmap(
    lambda gold: st.tuples(st.just(gold), st.lists(st.sampled_from(gold), min_size=len(gold), max_size=len(gold)))
)


class Store:
    """Predictions by run, and which runs were asked for."""

    def __init__(self, predictions):
        self.kept, self.asked = predictions, []

    def predictions(self, run):
        self.asked.append(run)
        return self.kept.get(run, ())


def classified(right, ids):
    return tuple(Prediction(one, "pos", "pos" if hit else "neg") for one, hit in zip(ids, right, strict=True))


def study_with_items(replicates=8, items=40, luck=0.5, shared=True, percent=False):
    """Two arms whose items are right by chance; ``luck`` is how much of it an item brings to all replicates."""
    rng = np.random.default_rng(1)
    rows, kept = [], {}
    easy = rng.normal(0, luck, (2, items)) + np.array([[0.65], [0.55]])
    for replicate in range(replicates):
        ids = [f"{0 if shared else replicate}-{item}" for item in range(items)]
        for place, arm in enumerate(("glove", "random")):
            right = rng.random(items) < easy[place]
            kept[f"{arm}{replicate}"] = classified(right, ids)
            rows.append({
                "arm": arm, "task": "classification", "n_train": 50, "replicate": replicate, "status": "finished",
                "run": f"{arm}{replicate}", "test/accuracy": right.mean() * (100 if percent else 1),
            })  # fmt: skip
    return pd.DataFrame(rows), Store(kept)


@given(st.lists(pairs_of_tags, min_size=1, max_size=8))
def test_counts_of_sentences_make_the_strict_f1(sentences):
    gold, predicted = zip(*sentences, strict=True)
    ids = map(str, range(len(gold)))
    told = [Prediction(one, tuple(g), tuple(p)) for one, g, p in zip(ids, gold, predicted, strict=True)]
    counts = item_counts(told)
    assert counts.task == "tagging"
    assert counts.score == pytest.approx(tagging_scores(gold, predicted)["f1"])


def test_counts_of_labels_make_the_accuracy():
    counts = item_counts(classified([1, 1, 0, 1], "abcd"))
    assert (counts.task, counts.ids, counts.score) == ("classification", tuple("abcd"), 0.75)
    assert counts.counts.tolist() == [[1, 1, 1], [1, 1, 1], [0, 1, 1], [1, 1, 1]]


@given(st.lists(pairs_of_tags, min_size=2, max_size=8), st.integers(0, 7))
def test_an_influence_is_the_slope_of_the_score_in_the_weight_of_an_item(sentences, place):
    told = [Prediction(str(n), tuple(gold), tuple(found)) for n, (gold, found) in enumerate(sentences)]
    counts, place, step = item_counts(told), place % len(sentences), 1e-6
    influences = counts.influences
    assert influences.sum() == pytest.approx(0, abs=1e-12)
    hits, predicted, gold = counts.counts.sum(axis=0) + step * counts.counts[place]
    moved = 2 * hits / (predicted + gold) if predicted + gold else 0.0
    assert influences[place] == pytest.approx((moved - counts.score) / step, abs=1e-4)


def test_without_predictions_there_are_no_counts():
    assert item_counts(()) is None
    assert item_counts((Prediction("a", "pos", "pos"), Prediction("b", ("O",), ("O",)))) is None


def test_the_interval_of_a_study_is_that_of_its_predictions():
    table, store = study_with_items()
    (row,) = analyse(table, "random", inputs=ReportInputs(artifacts=store)).main_comparisons().to_dict("records")
    right = {run: np.array([one.gold == one.predicted for one in told], float) for run, told in store.kept.items()}
    differences = np.array([right[f"glove{replicate}"] - right[f"random{replicate}"] for replicate in range(8)])
    means = differences.mean(axis=1)
    expected = two_level_interval(means, (differences - means[:, None]) / 40)
    assert row["items"] == 40
    assert (row["items_low"], row["items_high"]) == pytest.approx(expected)
    assert row["items_high"] - row["items_low"] > 1.1 * (row["ci_high"] - row["ci_low"])


def test_percentages_give_the_same_interval_in_percent():
    fractions, percent = (study_with_items(percent=percent) for percent in (False, True))
    (one,), (other,) = (
        analyse(table, inputs=ReportInputs(artifacts=store)).main_comparisons().to_dict("records")
        for table, store in (fractions, percent)
    )
    assert other["items_low"] == pytest.approx(100 * one["items_low"])


def test_a_test_set_for_each_replicate_adds_nothing():
    table, store = study_with_items(shared=False)
    (row,) = analyse(table, "random", inputs=ReportInputs(artifacts=store)).main_comparisons().to_dict("records")
    assert row["items"] == 320
    assert (row["items_low"], row["items_high"]) == (row["ci_low"], row["ci_high"])


def test_the_table_shows_it_where_it_is_known_and_only_there():
    table, store = study_with_items()
    with_items = second_opinion_table(analyse(table, inputs=ReportInputs(artifacts=store)), "test/accuracy")
    without = second_opinion_table(analyse(table), "test/accuracy")
    assert set(ITEM_HEADER) <= set(with_items.header)
    assert not set(ITEM_HEADER) & set(without.header)
    assert "40" in [entry.text for entry in with_items.rows[0]]
    assert len(with_items.rows[0]) == len(with_items.header) == len(without.header) + 2


def test_a_difference_that_another_test_set_could_undo_is_warned_of():
    table, store = study_with_items(items=12, luck=0)
    luck = np.arange(12) < 7
    for row in table.itertuples():  # one arm is right on seven items in every replicate, the other on the rest
        right = luck if row.arm == "glove" else ~luck | (np.arange(12) == row.replicate)
        store.kept[row.run] = classified(right, map(str, range(12)))
        table.loc[row.Index, "test/accuracy"] = right.mean()
    analysis = analyse(table, "random", inputs=ReportInputs(artifacts=store))
    (row,) = analysis.main_comparisons().to_dict("records")
    assert row["ci_low"] > 0 >= row["items_low"]
    assert [text for text in warnings_of(analysis) if "test items" in text] == [
        "The interval of glove against random at 50 excludes zero, but not with the sampling of the test items that "
        "replicates share: another test set might show no difference."
    ]
    assert not [text for text in warnings_of(analyse(table)) if "test items" in text]


def test_predictions_that_do_not_give_the_score_are_left_out_and_that_is_said():
    table, store = study_with_items()
    table.loc[0, "test/accuracy"] += 0.1
    analysis = analyse(table, inputs=ReportInputs(artifacts=store))
    assert analysis.items.differing == 1
    assert any(
        "Predictions of one cell do not reproduce the accuracy in the table" in text for text in warnings_of(analysis)
    )
    (row,) = analysis.main_comparisons().to_dict("records")
    assert np.isfinite(row["items_low"])  # of the other seven replicates


@pytest.mark.parametrize("change", ["none kept", "one replicate kept", "another score", "no runs", "five replicates"])
def test_where_it_cannot_be_known_there_is_none(change):
    table, store = study_with_items(5 if change == "five replicates" else 8)
    if change == "none kept":
        store.kept.clear()
    if change == "one replicate kept":
        store.kept = {run: told for run, told in store.kept.items() if run.endswith("0")}
    if change == "another score":
        table = table.rename(columns={"test/accuracy": "test/macro_f1"})
    if change == "no runs":
        table = table.drop(columns="run")
    analysis = analyse(table, inputs=ReportInputs(artifacts=store))
    assert analysis.comparisons[["items", "items_low", "items_high"]].isna().all(axis=None)
    assert analysis.items.intervals == {}


def test_each_cell_is_read_once():
    table, store = study_with_items()
    third = table[table["arm"] == "glove"].assign(arm="third", run=lambda own: own["run"] + "x")
    store.kept |= {f"glove{replicate}x": store.kept[f"glove{replicate}"] for replicate in range(8)}
    analyse(pd.concat([table, third]), inputs=ReportInputs(artifacts=store))
    assert sorted(store.asked) == sorted(store.kept)


def test_crossed_seeds_are_averaged_before_items_are_counted():
    """Two initializations of each draw: the pair of a draw is the mean of both, and so are its items."""
    table, store = study_with_items(16)
    table = table.assign(data_seed=table["replicate"] // 2, init_seed=table["replicate"] % 2)
    (row,) = analyse(table, "random", inputs=ReportInputs(artifacts=store)).main_comparisons().to_dict("records")
    right = {run: np.array([one.gold == one.predicted for one in told], float) for run, told in store.kept.items()}
    single = np.array([right[f"glove{replicate}"] - right[f"random{replicate}"] for replicate in range(16)])
    differences = single.reshape(8, 2, 40).mean(axis=1)
    means = differences.mean(axis=1)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(sign_flip_interval(means)[:2])
    expected = two_level_interval(means, (differences - means[:, None]) / 40)
    assert (row["items_low"], row["items_high"]) == pytest.approx(expected)


def test_of_a_large_study_the_first_replicates_are_read_and_that_is_said(monkeypatch):
    monkeypatch.setattr("seedbed.report.analysis.predictions.MOST_CELLS", 8)
    table, store = study_with_items()
    analysis = analyse(table, inputs=ReportInputs(artifacts=store))
    assert sorted(store.asked) == sorted(f"{arm}{replicate}" for arm in ("glove", "random") for replicate in range(4))
    assert second_opinion_table(analysis, "test/accuracy").note.endswith("Predictions of 8 of 16 cells are read.")
    (row,) = analysis.main_comparisons().to_dict("records")
    assert row["items_low"] <= row["ci_low"] < row["ci_high"] <= row["items_high"]


@given(
    st.lists(st.tuples(*[st.lists(st.sampled_from("abc"), max_size=3).map(LabelSet.of)] * 2), min_size=1, max_size=9)
)
def test_counts_of_sets_of_labels_have_the_micro_f1_of_the_cell(pairs):
    counts = item_counts([Prediction(str(n), gold, said) for n, (gold, said) in enumerate(pairs)])
    arrays = [np.array([[label in own.names for label in "abc"] for own in side]) for side in zip(*pairs, strict=True)]
    scores = multilabel_scores(*arrays, arrays[1].astype(float), "abc")
    assert counts.score == pytest.approx(scores["micro_f1"])
    assert counts.influences.sum() == pytest.approx(0)
    assert counts.task == "multilabel"
