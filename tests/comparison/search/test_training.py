"""Members that train in a search are those that train alone, and no choice is made by test labels."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from seedbed.comparison.group import train_cells, tunable_keys
from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.pruning import Member, Pruner
from seedbed.comparison.search.trials import Trial
from seedbed.data.corpus import Corpus
from seedbed.model.probe import Probe
from seedbed.testing.samples import require_same_outcome

VALUES = {
    "training.learning_rate": 0.05, "training.schedule": "inverse_time", "training.decay": 0.3,
    "training.warmup_steps": 3, "training.momentum": 0.7, "training.weight_decay": 0.2, "training.clip_norm": 0.05,
    "training.epochs": 2, "training.patience": 1, "training.min_steps": 9, "training.monitor": "score",
    "training.keep": "last", "training.plateau_patience": 1, "training.clip_value": 0.01, "training.ema_decay": 0.9,
    "training.word_dropout": 0.3, "training.schedule_epochs": 7,
    "encoder.dropout": 0.5, "encoder.output_dropout": 0.4, "encoder.recurrent_dropout": 0.3,
    "task.dropout": 0.3, "task.class_weights": True, "task.label_smoothing": 0.2, "encoder.c": 0.03, "encoder.k": 2,
    "embedding.mix_l2": 0.5,
}  # fmt: skip
"""Another value of each key that can be searched."""
TOGETHER = {
    "training.schedule": {"training.decay": 0.3},
    "training.plateau_patience": {"training.schedule": "plateau", "training.decay": 0.3},
    "training.schedule_epochs": {"training.schedule": "warmup", "training.warmup_steps": 2},
    "training.clip_value": {"training.clip_norm": None},
}
"""Keys that a value needs."""
UNREAD = {"training.momentum", "training.weight_decay"}
"""Keys of other optimizers than that of the arm."""


def members(plan, read=(), alone=""):
    """The cells of trials of each replicate: one for each key that begins with ``alone``, and one of all keys."""
    made = []
    for planned in plan.planned:
        if planned.cell.setting == "tuned":
            search = Search(planned, plan.spaces[planned.cell.arm], plan.tune, seed=1)
            keys = sorted(tunable_keys(planned.arm) - (UNREAD - set(read)))
            single = [{key: VALUES[key], **TOGETHER.get(key, {})} for key in keys if key.startswith(alone)]
            of_all = {key: VALUES[key] for key in keys} | TOGETHER["training.clip_value"]
            trials = [Trial(n, values) for n, values in enumerate([*single, of_all], 1)]
            made += [search.trial_cell(trial) for trial in trials]
    return made


@pytest.mark.slow
@pytest.mark.parametrize(("arm", "optimizer", "keys"), [
    ("cnn", "adamw", ""), ("bilstm", "adam", "encoder."), ("pool", "sgd", "training.momentum"),
    ("mlp_probe", "adam", "encoder."), ("elmo", "adam", "embedding."), ("probe", None, ""), ("knn", None, ""),
])  # fmt: skip
def test_a_member_of_a_search_ends_as_its_settings_trained_alone(searches, arm, optimizer, keys):
    """Each key of training and task with one encoder, those of the others with each, and all keys of each."""
    read = {"adamw": ["training.weight_decay"], "sgd": ["training.momentum"]}.get(optimizer, ())
    training = {"optimizer": optimizer, "patience": 2} if optimizer else {}
    space = {"training.learning_rate": "log(1e-3, 0.1)"} if optimizer else {"encoder.pooling": "choice(mean, max)"}
    plan = searches(arm, training=training, task={"dropout": 0.1}, method="random", space=space)
    cells = members(plan, read, keys)
    if arm == "elmo":
        train_cells(cells, lambda epoch: None)  # fills the cache, which is counted among the scores
    together = train_cells(cells, lambda epoch: None)
    for n in range(len(cells) // 2):  # of the first replicate
        (alone,) = train_cells(cells[n : n + 1], lambda epoch: None)
        require_same_outcome(alone, together[n], f"{arm}, trial {n + 1}")
        assert set(alone.metrics) == set(together[n].metrics)
    results = {str(sorted(outcome.history.items())) + str(outcome.metrics) for outcome in together}
    assert len(results) >= len(cells) / 2


@pytest.mark.parametrize("rule", ["halving", "median"])
def test_a_member_that_is_not_pruned_ends_as_one_trained_alone(searches, rule):
    plan = searches("pool", training={"epochs": 6, "patience": None}, method="random",
                    space={"training.learning_rate": "log(1e-3, 0.1)"})  # fmt: skip
    cells = members(plan)
    members_of = [Member(cell.search, number, cell.arm.training) for number, cell in enumerate(cells)]
    pruner = Pruner(rule, "validation/loss", lower_is_better=True).group(members_of)
    together = train_cells(cells, lambda epoch: None, leave=pruner)
    assert 0 < len(pruner.pruned) < len(cells)
    kept = [n for n in range(len(cells)) if n not in pruner.pruned]
    assert Counter(cells[n].cell.replicate for n in kept).keys() == {0, 1}
    for n in kept[:: max(1, len(kept) // 4)]:
        (alone,) = train_cells(cells[n : n + 1], lambda epoch: None)
        require_same_outcome(alone, together[n], f"trial {n + 1}")
    for n in pruner.pruned:
        assert together[n].epochs < 6


def test_a_group_has_as_many_pruned_members_by_replicate_as_the_rule_says(searches):
    """Of 9 trials of each replicate 3 go on after the first epoch, and one after the third."""
    plan = searches("pool", training={"epochs": 4, "patience": None}, method="random", prune="halving", budget=10,
                    metric="loss", space={"training.learning_rate": "log(1e-3, 0.1)"})  # fmt: skip
    memory = _run(plan, searches)
    for rows, chosen, _ in memory.trials(plan).values():
        assert sorted(row[3] for row in rows[1:]) == [1] * 6 + [3] * 2 + [4]
        assert [row[4] for row in rows[1:]].count("finished") == 1
        assert rows[int(chosen)][4] == "finished"
        losses = {row[0]: row[2]["validation/loss"] for row in rows if row[4] == "finished"}
        assert int(chosen) == min(losses, key=losses.__getitem__)


def _run(plan, searches):
    store = searches.memory()
    store.run(plan)
    return store


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["probe", "pool"])
def test_other_test_labels_change_no_trial_and_no_choice(searches, encoder):
    space = {"probe": {"encoder.c": "log(1e-4, 10)"}, "pool": {"training.learning_rate": "log(1e-4, 0.3)"}}[encoder]
    plan = searches(encoder, method="tpe", budget=12, batch=2, space=space)
    flipped = dataclasses.replace(plan, planned=tuple(map(with_other_test_labels, plan.planned)))
    stores = [_run(one, searches) for one in (plan, flipped)]
    found = [store.trials(plan) for store in stores]
    for key, (rows, chosen, metrics) in found[0].items():
        others, same, scores = found[1][key]
        assert (rows, chosen) == (others, same)
        assert metrics["validation/accuracy"] == scores["validation/accuracy"]
        assert metrics["test/accuracy"] == pytest.approx(1 - scores["test/accuracy"])


def with_other_test_labels(planned):
    """The cell with the labels of its test examples turned around."""
    corpus, other = planned.corpus, {"neg": "pos", "pos": "neg"}
    test = tuple(dataclasses.replace(one, target=other[one.target]) for one in corpus.splits["test"])
    changed = Corpus(corpus.name, corpus.task, {**corpus.splits, "test": test}, corpus.labels)
    default = planned.default and with_other_test_labels(planned.default)
    return dataclasses.replace(planned, corpus=changed, default=default)


@pytest.mark.parametrize(("vectors", "again"), [("shared", 0), ("of each replicate", 2)])
def test_the_chosen_value_is_fitted_again_only_with_vectors_of_a_replicate(
    planned, searches, tmp_path, monkeypatch, vectors, again
):
    rng = np.random.default_rng(0)
    lines = [
        f"{word} {' '.join(map(str, rng.normal(size=4)))}"
        for word in ["film", "plot", "bad", "dull", "poor", "good", "great"]
    ]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    shared = ["embedding=glove", f"embedding.path={tmp_path / 'vectors.txt'}", "embedding.dim=4"]
    plan = planned(
        *(shared if vectors == "shared" else ()), "encoder=probe", "~encoder.filters", "~training.epochs", "sizes=[6]",
        "replicates=2", "arms={probe: []}", "tune=random", "tune.budget=6", "tune.space={encoder.c: log(1e-4, 10)}",
        "tune.refit=true",
    )  # fmt: skip
    fits, fit = [], Probe.fit

    def counted(self, samples, classes, watch):
        fits.extend(len(sample.values) for sample in samples)
        return fit(self, samples, classes, watch)

    monkeypatch.setattr(Probe, "fit", counted)
    store = _run(plan, searches)
    tuned = [(cell, outcome) for cell, outcome in store.cells.values() if cell.setting == "tuned"]
    assert len(tuned) == 2
    kept = sum(cell.settings["tune.trial"] == "0" for cell, _ in tuned)  # the default, which tries 7 values
    assert sorted(fits) == [1] * (2 + again - kept * bool(again)) + [5] * 2 + [7] * (2 + kept)
    for cell, outcome in tuned:
        own = next(one for one in plan.planned if one.cell.cell == cell.cell)
        run, trials = store.known()[own.search]
        search = Search(own, plan.spaces["probe"], plan.tune, 0, run, trials)
        (alone,) = train_cells([search.chosen_cell(own)], lambda epoch: None)
        require_same_outcome(alone, outcome, cell.cell)


@pytest.mark.slow
def test_a_rate_that_diverges_is_a_failed_trial(searches):
    plan = searches("cnn", training={"optimizer": "sgd"}, method="random", budget=6,
                    space={"training.learning_rate": "choice(0.1, 1e30)"})  # fmt: skip
    for rows, chosen, metrics in _run(plan, searches).trials(plan).values():
        failed = {row[0] for row in rows if row[1]["training.learning_rate"] == 1e30}
        assert failed == {row[0] for row in rows if row[4] == "failed"}
        assert int(chosen) not in failed
        assert "test/accuracy" in metrics


@pytest.mark.parametrize("encoder", ["pool", "probe"])
def test_a_refit_trains_on_more_and_has_no_score_on_validation(searches, encoder):
    space = {"probe": {"encoder.standardize": "choice(true, false)"}, "pool": {"encoder.dropout": "uniform(0, 0.3)"}}
    plan = searches(encoder, method="random", budget=4, space=space[encoder], refit=True)
    store = _run(plan, searches)
    written = {(cell.replicate, cell.setting): (cell, outcome) for cell, outcome in store.cells.values()}
    for replicate in (0, 1):
        (tuned, first), (refit, outcome) = written[replicate, "tuned"], written[replicate, "refit"]
        assert (tuned.settings["examples.train"], refit.settings["examples.train"]) == ("6", "16")
        assert "validation/accuracy" in first.metrics
        assert not any(name.startswith("validation") for name in (*outcome.metrics, *outcome.history))
        assert outcome.metrics["test/loss"] != first.metrics["test/loss"]
        assert refit.settings["tune.trial"] == tuned.settings["tune.trial"]
        if encoder == "pool":
            rows, chosen, _ = store.trials(plan)["pool", 6, replicate, "refit"]
            own = store.known()[next(p.search for p in plan.planned if p.cell.cell == refit.cell)][1][int(chosen)]
            assert (outcome.epochs, len(rows)) == (own.best_epoch, 4)
