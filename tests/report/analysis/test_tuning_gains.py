import numpy as np
import pytest
from scipy import stats
from tests.report.searches import cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.analysis.tuning_gains import audit_correlations, trial_counts
from seedbed.report.statistics.sign_flips import sign_flip_interval, sign_flip_p


def analysed(table, trials, metric="validation/accuracy", lower=False):
    return analyse(table, inputs=ReportInputs(tuning=Tuning(trials, {}, "random", 8, metric, lower)))


def test_a_gain_is_the_paired_difference_of_tuned_and_default_cells():
    trials = make_trials()
    table = cells_of(trials)
    for gain in analysed(table, trials).gains:
        part = table[(table["arm"] == gain.arm) & (table["n_train"] == gain.n_train)]
        scores = part.pivot(index="replicate", columns="setting", values="test/accuracy")
        differences = (scores["tuned"] - scores["default"]).to_numpy()
        assert gain.paired.mean_difference == pytest.approx(differences.mean())
        assert (gain.paired.ci_low, gain.paired.ci_high) == pytest.approx(sign_flip_interval(differences)[:2])
        assert gain.paired.p_value == sign_flip_p(differences)
        assert gain.worse == (differences < 0).sum()


def test_a_refit_is_compared_with_the_tuned_cells_of_its_own_arm():
    trials = make_trials()
    table, refits = cells_of(trials, refit=True), analysed(cells_of(trials, refit=True), trials).refits
    assert [(one.n_train, one.arm) for one in refits] == [(n, arm) for n in (50, 200) for arm in ("random", "glove")]
    for gain in refits:
        part = table[(table["arm"] == gain.arm) & (table["n_train"] == gain.n_train)]
        scores = part.pivot(index="replicate", columns="setting", values="test/accuracy")
        differences = (scores["refit"] - scores["tuned"]).to_numpy()
        assert gain.paired.mean_difference == pytest.approx(differences.mean())
        assert (gain.paired.ci_low, gain.paired.ci_high) == pytest.approx(sign_flip_interval(differences)[:2])
        assert gain.paired.p_value == sign_flip_p(differences)
    assert analysed(cells_of(trials), trials).refits == ()


def test_worse_is_higher_where_lower_is_better():
    trials = make_trials()
    table = cells_of(trials).rename(columns={"test/accuracy": "test/loss"})
    up = analysed(cells_of(trials), trials).gains
    down = analysed(table, trials).gains
    for first, second in zip(up, down, strict=True):
        differences = table[(table["arm"] == first.arm) & (table["n_train"] == first.n_train)].pivot(
            index="replicate", columns="setting", values="test/loss"
        )
        same = int((differences["tuned"] == differences["default"]).sum())
        assert first.worse + second.worse + same == 6


def test_the_order_of_the_arms_is_that_of_their_means():
    trials = make_trials(("a", "b", "c"))
    table = cells_of(trials)
    for order in analysed(table, trials).orders:
        for setting, arms in (("default", order.default), ("tuned", order.tuned)):
            part = table[(table["setting"] == setting) & (table["n_train"] == order.n_train)]
            means = part.groupby("arm")["test/accuracy"].mean()
            assert list(arms) == means.sort_values(ascending=False).index.tolist()
    (loss, _) = analysed(table.rename(columns={"test/accuracy": "test/loss"}), trials).orders
    (accuracy, _) = analysed(table, trials).orders
    assert loss.tuned == accuracy.tuned[::-1]


def test_pairs_that_change_places_are_named_once():
    trials = make_trials(("a", "b", "c"), (50,))
    table = cells_of(trials).set_index(["arm", "setting"])
    for setting, scores in (("default", (0.5, 0.6, 0.7)), ("tuned", (0.9, 0.7, 0.8))):
        for arm, score in zip("abc", scores, strict=True):
            table.loc[(arm, setting), "test/accuracy"] = score
    (order,) = analysed(table.reset_index(), trials).orders
    assert (order.default, order.tuned) == (("c", "b", "a"), ("a", "c", "b"))
    assert set(order.swapped) == {("a", "c"), ("a", "b")}


def test_without_a_search_there_are_no_gains():
    table = cells_of(make_trials())
    assert analyse(table).gains == ()
    assert analyse(table).orders == ()


@pytest.mark.parametrize("lower", [False, True])
def test_the_correlation_of_validation_and_test_is_spearmans(lower):
    metric = "validation/loss" if lower else "validation/accuracy"
    trials = make_trials(budget=12, audit=True, metric=metric)
    for row in audit_correlations(Tuning(trials, {}, "random", 12, metric, lower), "test/accuracy", True):
        part = trials[(trials["arm"] == row.arm) & (trials["n_train"] == row.n_train)]
        part = part[part["status"] == "finished"]
        values = [
            stats.spearmanr(search[metric], search["test/accuracy"]).statistic * (-1 if lower else 1)
            for _, search in part.groupby("replicate")
            if len(search) >= 4
        ]
        assert row.replicates == len(values)
        assert row.mean == pytest.approx(np.mean(values))
        assert (row.low, row.high) == pytest.approx((min(values), max(values)))


def test_without_an_audit_there_is_no_correlation():
    trials = make_trials()  # the default and the chosen trial alone have test scores
    assert audit_correlations(Tuning(trials, metric="validation/accuracy"), "test/accuracy", True) == ()
    bare = trials.drop(columns="test/accuracy")
    assert audit_correlations(Tuning(bare, metric="validation/accuracy"), "test/accuracy", True) == ()


def test_trials_are_counted_by_status():
    trials = make_trials()
    counts = trial_counts(Tuning(trials))
    assert [(row.arm, row.n_train) for row in counts] == [
        ("random", 50),
        ("glove", 50),
        ("random", 200),
        ("glove", 200),
    ]
    for row in counts:
        part = trials[(trials["arm"] == row.arm) & (trials["n_train"] == row.n_train)]
        assert row.trials == len(part) == row.finished + row.pruned + row.failed
        assert row.failed == (part["status"] == "failed").sum()
        assert row.default_chosen == part.loc[part["trial"] == 0, "chosen"].sum()
        assert row.seconds == pytest.approx(part["seconds"].mean())
