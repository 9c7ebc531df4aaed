import math
from itertools import combinations, product

import numpy as np
import pytest
from tests.report.searches import cells_of, make_trials

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.budget_curves import Lead, budget_curves, leads, segments
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.trials_table import check_trials
from seedbed.report.analysis.tuning import Tuning


def searched(metric="validation/accuracy", lower=None, trials=None, **options):
    trials = make_trials(metric=metric, **options) if trials is None else trials
    lower = metric.endswith("loss") if lower is None else lower
    return Tuning(check_trials(trials), {}, "random", 6, metric, lower)


def brute_force(tuning, arm, size, best_of, with_replacement=False, test=None):
    """The mean over replicates of the mean over all subsets, or sequences, of the others than trial 0, of the best."""
    means = []
    trials = tuning.trials[(tuning.trials["arm"] == arm) & (tuning.trials["n_train"] == size)]
    for _, search in trials.groupby("replicate"):
        scores = search[tuning.metric].to_numpy() * (-1 if tuning.lower_is_better else 1)
        failed = (search["status"] == "failed").to_numpy()
        scores = np.where(failed, np.nanmin(scores), scores)
        others = scores if test is None else np.where(failed, np.nanmin(search[test]), search[test])
        (first,) = np.flatnonzero(search["trial"] == 0)
        indices = [index for index in range(len(scores)) if index != first]
        draws = product(indices, repeat=best_of - 1) if with_replacement else combinations(indices, best_of - 1)
        means.append(np.mean([others[max((first, *drawn), key=lambda index: scores[index])] for drawn in draws]))
    return np.mean(means) * (-1 if tuning.lower_is_better and test is None else 1)


@pytest.mark.parametrize("metric", ["validation/accuracy", "validation/loss"])
def test_the_expected_best_of_n_trials_equals_brute_force(metric):
    tuning = searched(metric, replicates=3, budget=6, audit=True)
    assert (tuning.trials["status"] == "failed").any()
    curves = budget_curves(tuning, "test/accuracy", True)
    assert [(curve.arm, curve.n_train) for curve in curves] == [
        ("random", 50), ("glove", 50), ("random", 200), ("glove", 200)
    ]  # fmt: skip
    for curve in curves:
        for n in range(1, 7):
            key = (tuning, curve.arm, curve.n_train, n)
            assert curve.mean[n - 1] == pytest.approx(brute_force(*key))
            assert curve.test[n - 1] == pytest.approx(brute_force(*key, test="test/accuracy"))
            if n < 5:
                assert curve.plug_in[n - 1] == pytest.approx(brute_force(*key, with_replacement=True))


@pytest.mark.parametrize("metric", ["validation/accuracy", "validation/loss"])
def test_the_curve_begins_with_the_default_and_ends_with_the_trial_that_was_chosen(metric):
    trials = make_trials(metric=metric, budget=6, audit=True)
    tuning = searched(metric, trials=trials.sample(frac=1, random_state=1))
    for curve in budget_curves(tuning, "test/accuracy", True):
        search = trials[(trials["arm"] == curve.arm) & (trials["n_train"] == curve.n_train)].set_index("replicate")
        for chosen, place in ((search["trial"] == 0, 0), (search["chosen"], -1)):
            assert curve.scores[:, place] == pytest.approx(search.loc[chosen, metric].sort_index())
            assert curve.plug_in[0] == pytest.approx(curve.mean[0])
            assert curve.test[place] == pytest.approx(search.loc[chosen, "test/accuracy"].mean())


@pytest.mark.parametrize("lower", [False, True])
def test_of_equal_scores_the_least_loss_and_then_the_first_trial_is_taken_as_a_search_chooses(lower):
    """Test scores by trial: 0.5 of the default; of the trials tied on validation 0.8 has the least loss."""
    trials = make_trials(("glove",), (200,), replicates=2, budget=6, audit=True)
    scores, losses = [0.6, 0.7, 0.7, 0.7, math.nan, 0.7], [0.1, 0.5, 0.4, 0.4, math.nan, math.nan]
    tests = [0.5, 0.2, 0.8, 0.9, math.nan, 0.1]
    trials["validation/accuracy"] = [(-score if lower else score) for score in scores] * 2
    trials["validation/loss"], trials["test/accuracy"] = losses * 2, tests * 2
    trials["status"], trials["chosen"] = (["finished"] * 4 + ["failed", "finished"]) * 2, trials["trial"] == 2
    shuffled = trials.sample(frac=1, random_state=3)
    (curve,) = budget_curves(searched(trials=shuffled, lower=lower), "test/accuracy", True)
    order = [2, 3, 1, 5, 0, 4]  # from the best
    for n in range(1, 7):
        drawn = combinations([1, 2, 3, 4, 5], n - 1)
        expected = np.mean([tests[min((0, *subset), key=order.index)] for subset in drawn])
        assert curve.test[n - 1] == pytest.approx(expected)
    (bare,) = budget_curves(searched(trials=trials.drop(columns="validation/loss"), lower=lower), "test/accuracy", True)
    assert bare.test[-1] == pytest.approx(0.2)


def test_without_a_trial_0_all_trials_are_drawn():
    trials = make_trials(("glove",), (200,), budget=5)
    (curve,) = budget_curves(searched(trials=trials.assign(trial=trials["trial"] + 1)), "test/accuracy", True)
    scores = trials["validation/accuracy"].fillna(trials.groupby("replicate")["validation/accuracy"].transform("min"))
    assert curve.mean[0] == pytest.approx(scores.mean())
    assert curve.seconds == pytest.approx(np.arange(1, 6) * trials["seconds"].mean())


def test_a_loss_falls_with_more_trials_and_a_diverged_default_is_the_worst():
    trials = make_trials(metric="validation/loss", replicates=4, budget=6)
    trials.loc[trials["trial"] == 0, ["validation/loss", "status"]] = [math.nan, "failed"]
    tuning = searched("validation/loss", trials=trials)
    for curve in budget_curves(tuning, "test/accuracy", True):
        assert (np.diff(curve.mean) <= 1e-12).all()
        trials = tuning.trials[(tuning.trials["arm"] == curve.arm) & (tuning.trials["n_train"] == curve.n_train)]
        assert curve.mean[-1] == pytest.approx(trials.groupby("replicate")["validation/loss"].min().mean())
        assert curve.mean[0] == pytest.approx(trials.groupby("replicate")["validation/loss"].max().mean())


def test_the_interval_is_over_replicates():
    for curve in budget_curves(searched(budget=6), "test/accuracy", True):
        assert curve.scores.shape == (6, 6)
        assert (curve.low <= curve.mean).all()
        assert (curve.mean <= curve.high).all()
        assert curve.low[2] == pytest.approx(curve.scores[:, 2].min())  # six replicates: their range
    single = budget_curves(searched(budget=6, replicates=1), "test/accuracy", True)[0]
    assert np.isnan(single.low).all()


def test_initializations_of_a_draw_count_once():
    tuning = searched(budget=6, audit=True)
    draws = {replicate: replicate // 2 for replicate in range(6)}
    plain = budget_curves(tuning, "test/accuracy", True)
    for curve, crossed in zip(plain, budget_curves(tuning, "test/accuracy", True, draws), strict=True):
        assert crossed.replicates == (0, 1, 2)
        assert crossed.scores == pytest.approx(curve.scores.reshape(3, 2, 6).mean(axis=1))
        assert crossed.mean == pytest.approx(curve.mean)
        assert crossed.test == pytest.approx(curve.test)
        assert (crossed.low >= curve.low).all()


def test_replicates_of_no_known_draw_are_left_out():
    """Replicate 2 has no row of its own, and 2 is the seed of a draw of others."""
    tuning = searched(arms=("glove",), sizes=(200,), budget=6)
    (curve,) = budget_curves(tuning, "test/accuracy", True)
    (crossed,) = budget_curves(tuning, "test/accuracy", True, {0: 1, 1: 1, 3: 2, 4: 2, 5: 3})
    assert crossed.replicates == (1, 2, 3)
    expected = [curve.scores[rows].mean(axis=0) for rows in ([0, 1], [3, 4], [5])]
    assert crossed.scores == pytest.approx(np.array(expected))
    assert budget_curves(tuning, "test/accuracy", True, {}) == ()


def test_crossed_seeds_are_known_to_the_report():
    trials = make_trials(budget=6)
    table = cells_of(trials)
    table["data_seed"], table["init_seed"] = table["replicate"] // 2, table["replicate"] % 2
    table["draw"] = [f"d{n}-{seed}" for n, seed in zip(table["n_train"], table["data_seed"], strict=True)]
    tuning = Tuning(trials, {}, "random", 6, "validation/accuracy")
    analysis = analyse(table, inputs=ReportInputs(tuning=tuning))
    assert analysis.crossed is not None
    assert {curve.replicates for curve in analysis.budget_curves} == {(0, 1, 2)}
    assert {gain.paired.pairs for gain in analysis.gains} == {3}


def test_searches_of_different_lengths_share_the_shortest_budget():
    trials = make_trials(("glove",), (200,), replicates=3, budget=6)
    shorter = trials[~((trials["replicate"] == 1) & (trials["trial"] > 3))]
    (curve,) = budget_curves(searched(trials=shorter), "test/accuracy", True)
    assert curve.budget == 4
    (whole,) = budget_curves(searched(trials=trials), "test/accuracy", True)
    assert curve.scores[0] == pytest.approx(whole.scores[0, :4])


def test_a_search_without_any_score_is_left_out():
    trials = make_trials(("glove",), (200,), replicates=3, budget=4)
    trials.loc[trials["replicate"] == 2, ["validation/accuracy", "status"]] = [math.nan, "failed"]
    (curve,) = budget_curves(searched(trials=trials), "test/accuracy", True)
    assert curve.replicates == (0, 1)


def pruned_search(metric="validation/accuracy", audit=True):
    """Two trials of `glove` at 50 examples are pruned, with a score that would be the best if it were the final one."""
    trials = make_trials(metric=metric, budget=6, audit=audit)
    part = trials[(trials["arm"] == "glove") & (trials["n_train"] == 50)]
    last = part[(part["trial"] == 5) | (part["trial"] == 2)].index.difference(part.index[part["chosen"]])
    trials.loc[last, ["status", "test/accuracy"]] = ["pruned", math.nan]
    trials.loc[last, metric] = 0.0 if metric.endswith("loss") else 1.0
    return trials


@pytest.mark.parametrize("metric", ["validation/accuracy", "validation/loss"])
def test_where_trials_were_pruned_only_the_best_of_all_is_known(metric):
    trials = pruned_search(metric)
    curves = budget_curves(searched(metric, trials=trials), "test/accuracy", True)
    assert [curve.is_whole for curve in curves] == [True, False, True, True]
    (curve,) = [curve for curve in curves if not curve.is_whole]
    part = trials[(trials["arm"] == "glove") & (trials["n_train"] == 50)]
    chosen = part[part["chosen"]].set_index("replicate").sort_index()
    for values in (curve.mean, curve.low, curve.high, curve.test, curve.test_low, curve.test_high):
        assert np.isnan(values).tolist() == [True] * 5 + [False]
    assert curve.scores[:, -1] == pytest.approx(chosen[metric])
    assert curve.test[-1] == pytest.approx(chosen["test/accuracy"].mean())
    assert np.isnan(curve.plug_in).all()
    assert curve.seconds[-1] == pytest.approx(part.groupby("replicate")["seconds"].sum().mean())


def test_an_arm_with_pruned_trials_has_no_lead():
    curves = budget_curves(searched(trials=pruned_search()), "test/accuracy", True)
    assert {lead.n_train for lead in leads(curves, False)} == {200}


def test_pruned_searches_of_different_lengths_have_no_curve():
    trials = pruned_search()
    shorter = trials[~((trials["replicate"] == 1) & (trials["trial"] == 5) & ~trials["chosen"])]
    curves = budget_curves(searched(trials=shorter), "test/accuracy", True)
    assert ("glove", 50) not in {(curve.arm, curve.n_train) for curve in curves}


def test_the_test_curve_needs_an_audit():
    assert all(curve.test is None for curve in budget_curves(searched(budget=6), "test/accuracy", True))
    assert all(curve.test is None for curve in budget_curves(searched(budget=6, audit=True), "test/f1", True))


def test_costs_are_those_of_the_default_and_of_mean_trials():
    tuning = searched(budget=6)
    for curve in budget_curves(tuning, "test/accuracy", True):
        part = tuning.trials[(tuning.trials["arm"] == curve.arm) & (tuning.trials["n_train"] == curve.n_train)]
        for costs, name in ((curve.seconds, "seconds"), (curve.energy_j, "energy_j")):
            first, others = (part.loc[is_first, name].mean() for is_first in (part["trial"] == 0, part["trial"] > 0))
            assert costs == pytest.approx(first + np.arange(6) * others)
            assert costs[-1] == pytest.approx(part.groupby("replicate")[name].sum().mean())
    bare = searched(trials=make_trials(budget=3).drop(columns=["seconds", "energy_j"]))
    assert np.isnan(budget_curves(bare, "test/accuracy", True)[0].seconds).all()
    alone = searched(trials=make_trials(budget=1))
    assert np.isfinite(budget_curves(alone, "test/accuracy", True)[0].seconds).all()


def crossing(replicates, lower=False):
    """`early` always has 0.7, and `late` 0.5 but for one good trial of 7; a little noise by replicate."""
    rows = [
        {
            "arm": arm, "n_train": 200, "replicate": replicate, "trial": trial, "status": "finished",
            "chosen": trial == 3, "training.learning_rate": 0.1,
            "validation/accuracy": score(trial) + replicate / 1e4 * (1 if arm == "late" else 2),
        }
        for arm, score in (("early", lambda _: 0.7), ("late", lambda trial: 0.9 if trial == 3 else 0.5))
        for replicate in range(replicates)
        for trial in range(8)
    ]  # fmt: skip
    trials = make_trials().iloc[:0].reindex(range(len(rows))).drop(columns="dataset")
    for name in rows[0]:
        trials[name] = [row[name] for row in rows]
    if lower:
        trials["validation/accuracy"] = -trials["validation/accuracy"]
    return searched(trials=trials, lower=lower)


@pytest.mark.parametrize("lower", [False, True])
def test_the_arm_that_is_ahead_depends_on_the_number_of_trials(lower):
    """Late's best of n is 0.5 + 0.4 (n - 1) / 7, which is above 0.7 from 5 trials on, and below up to 4."""
    tuning = crossing(8, lower)
    (lead,) = leads(budget_curves(tuning, "test/accuracy", True), tuning.lower_is_better)
    assert (lead.first, lead.second, lead.by_means) == ("early", "late", False)
    assert lead.ahead == (1, 1, 1, 1, -1, -1, -1, -1)


def test_with_few_replicates_the_means_decide():
    tuning = crossing(3)
    (lead,) = leads(budget_curves(tuning, "test/accuracy", True), tuning.lower_is_better)
    assert lead.by_means


def test_of_an_arm_that_always_leads_the_pair_is_with_the_second():
    tuning = searched(arms=("random", "glove", "elmo"), sizes=(50,), budget=6)
    curves = budget_curves(tuning, "test/accuracy", True)
    (lead,) = leads([curve for curve in curves if curve.arm != "random"], False)
    assert {lead.first, lead.second} == {"glove", "elmo"}
    assert leads(curves[:1], False) == ()


def test_runs_of_budgets_cover_all_of_them():
    assert list(segments(Lead(200, "a", "b", (1, 1, 0, -1), False))) == [(1, 2, 1), (3, 3, 0), (4, 4, -1)]
