"""Searches: all trials once, the same however often a search is killed, and none that failed is chosen.

Training is replaced by a function of the settings, so that a search takes milliseconds.
"""

import json
import math
from contextlib import suppress

import pytest

from seedbed.cells import Outcome
from seedbed.comparison.search.proposals import search_seed
from seedbed.comparison.search.run import count_trials
from seedbed.comparison.search.settings import METHODS
from seedbed.errors import InputError, StoreUnavailableError
from seedbed.training.replicate import Replicate

SPACE = {"training.learning_rate": "log(1e-3, 1e1)", "encoder.dropout": "uniform(0, 0.5)", "encoder.filters": "int(2, 4)"}  # fmt: skip # noqa: E501
RATE = {"training.learning_rate": "log(1e-3, 1e1)"}
SEARCHED = [method for method in METHODS if method != "none"]
DIVERGES = 1.0


@pytest.fixture
def trained(monkeypatch):
    """Replaces training; the cells of each group."""
    groups = []

    def train_cells(cells, watch, ids=None, embedded=None, leave=None, **options):
        groups.append(list(cells))
        members = [Replicate(n, {}, None, None, source=cell.cell.replicate) for n, cell in enumerate(cells)]
        for epoch in range(1, 11):
            for member, cell in zip(members, cells, strict=True):
                if not member.stopped:
                    member.epochs = member.best_epoch = epoch
                    member.record({"validation/accuracy": accuracy(cell, epoch)})
            leaving = leave(members) if leave else ()
            for member in members:
                member.stopped = member.stopped or member.number in leaving
        return [outcome(cell, member) for cell, member in zip(cells, members, strict=True)]

    monkeypatch.setattr("seedbed.comparison.group.train_cells", train_cells)
    monkeypatch.setattr("seedbed.comparison.search.run.train_cells", train_cells)
    return groups


def accuracy(planned, epoch):
    rate, filters = planned.arm.training.learning_rate, getattr(planned.arm.encoder, "filters", 0)
    peak = -2 + planned.cell.replicate / 2
    return math.exp(-((math.log10(rate) - peak) ** 2)) * (1 - 1 / (epoch + filters + planned.arm.encoder.dropout))


def outcome(planned, member):
    if planned.arm.training.learning_rate > DIVERGES:
        return Outcome("failed", error="the loss was nan", epochs=1)
    best = max(member.history["validation/accuracy"])
    metrics = {"validation/accuracy": best, "validation/loss": 1 - best} if planned.draw.validation else {}
    metrics |= {"test/accuracy": best / 2} if planned.draw.test else {}
    return Outcome("finished", metrics, epochs=member.epochs, best_epoch=member.epochs)


def in_searches(trained):
    return [cell for group in trained for cell in group if cell.cell.setting == "trial"]


@pytest.mark.parametrize("method", SEARCHED)
def test_each_trial_is_trained_once_and_the_best_on_validation_is_chosen(searches, trained, memory, method):
    plan = searches("cnn", method=method, budget=14, space=SPACE)
    progress = memory.run(plan)
    trials = memory.trials(plan)
    assert sorted(key[2] for key in trials) == [0, 1]
    for (_, _, _, setting), (rows, chosen, metrics) in trials.items():
        assert setting == "tuned"
        assert [number for number, *_ in rows] == list(range(9 if method == "grid" else 14))  # 2 x 2 x 2 and trial 0
        finished = [row for row in rows if row[4] == "finished"]
        best = max(finished, key=lambda row: row[2]["validation/accuracy"])
        assert chosen == str(best[0])
        assert metrics["validation/accuracy"] == best[2]["validation/accuracy"]
        assert "test/accuracy" in metrics
        assert not any(name.startswith("test/") for row in rows for name in row[2])
    assert len(in_searches(trained)) == sum(len(rows) - 1 for rows, *_ in trials.values())
    assert progress.trained == {"finished": 2}
    assert set(memory.status.values()) == {"finished"}
    assert all(not cell.draw.test for cell in in_searches(trained))


@pytest.mark.slow
@pytest.mark.parametrize("prune", ["none", "halving", "median"])
@pytest.mark.parametrize("method", SEARCHED)
def test_a_search_that_was_killed_ends_as_one_that_was_not(searches, trained, memories, method, prune):
    """Killed at each write of trials once, and at every second one."""
    plan = searches("cnn", training={"group_size": 5}, method=method, prune=prune, budget=14, batch=3, space=SPACE)
    whole = memories()
    whole.run(plan)
    expected = whole.trials(plan)
    for call in range(whole.kept):
        once = memories()
        once.kill_at = call
        with pytest.raises(once.killed):
            once.run(plan)
        assert set(once.status.values()) == {"failed"}
        once.kill_at = None
        once.run(plan)
        assert once.trials(plan) == expected
    often, kills = memories(), 0
    while "finished" not in often.status.values():
        often.kept, often.kill_at = 0, 1
        with suppress(often.killed):
            often.run(plan)
            kills -= 1
        kills += 1
    assert kills >= whole.kept - 1 >= 3  # trials after one that was not kept are trained again
    assert often.trials(plan) == expected


def test_trials_are_pruned_among_all_of_their_search_whatever_their_shapes(searches, trained, memory):
    plan = searches("cnn", training={"epochs": 10, "patience": None}, method="random", budget=28, prune="halving",
                    space={**RATE, "encoder.filters": "int(2, 60)"})  # fmt: skip
    memory.run(plan)
    assert len({cell.arm.encoder.filters for cell in in_searches(trained)}) > 20
    for rows, *_ in memory.trials(plan).values():
        assert [row[4] for row in rows[1:]].count("finished") <= 10  # in groups of one trial all that are finite would


@pytest.mark.parametrize(("space", "method", "expected"), [
    ({"encoder.filters": "int(3, 5)"}, "random", 3), ({"encoder.filters": "int(5, 7)"}, "tpe", 4),
    ({"encoder.filters": "choice(4, 5, 6)", "encoder.dropout": "choice(0.2, 0.3)"}, "quasi", 6),
    ({"encoder.filters": "choice(4, 5, 6)"}, "grid", 4), (RATE, "random", 9),
])  # fmt: skip
def test_a_search_has_no_more_trials_than_its_space_and_says_so(searches, trained, memory, space, method, expected):
    plan = searches("cnn", method=method, budget=9, space=space)
    memory.run(plan)
    assert {len(rows) for rows, *_ in memory.trials(plan).values()} == {expected}
    assert count_trials(plan, [planned for planned in plan.planned if planned.search]) == 2 * (expected - 1)
    (line,) = memory.lines
    assert f"{expected} trials in each of 2 replicates" in line
    assert ("fewer than tune.budget=9" in line) == (expected < 9)


def test_trials_in_the_store_are_not_counted_again(searches, trained, memory):
    plan = searches("cnn", training={"group_size": 3}, method="random", budget=14, space=RATE)
    memory.kill_at = 4
    with pytest.raises(memory.killed):
        memory.run(plan)
    memory.kill_at, known = None, memory.known()
    assert 2 < sum(len(trials) for _, trials in known.values()) < 28
    trained.clear()
    memory.run(plan)
    assert count_trials(plan, [planned for planned in plan.planned if planned.search], known) == len(
        in_searches(trained)
    )


def test_a_stored_search_with_more_trials_than_a_small_space_has_leaves_none_to_count(searches, trained, memory):
    space = {"encoder.filters": "choice(2, 3)"}
    plan = searches("cnn", method="random", budget=14, space=space)
    memory.run(plan)
    trials = {key: (run, trials * 9) for key, (run, trials) in memory.known().items()}
    assert count_trials(plan, [planned for planned in plan.planned if planned.search], trials) == 0


def test_rules_of_pruning_and_refits_are_in_the_fingerprints_of_what_they_change(searches, monkeypatch):
    def digests(schedule, prune, rules):
        for name, rule in zip(("PRUNE_RULE", "REFIT_RULE"), rules, strict=True):
            monkeypatch.setattr(f"seedbed.comparison.plan.{name}", rule)
        training = {"schedule": schedule, "warmup_steps": 2} if schedule == "warmup" else {}
        plan = searches("cnn", training=training, method="random", budget=6, space=RATE, prune=prune, refit=True)
        return {planned.cell.setting: planned.cell.cell for planned in plan.planned}

    for schedule, prune, changed in (
        ("constant", "none", set()), ("warmup", "none", {"refit"}), ("constant", "halving", {"tuned", "refit"}),
    ):  # fmt: skip
        before, after = digests(schedule, prune, (1, 1)), digests(schedule, prune, (2, 2))
        assert {setting for setting in before if before[setting] != after[setting]} == changed


def test_a_complete_search_is_not_trained_again_unless_forced(searches, trained, memory):
    plan = searches("cnn", method="random", budget=6, space=RATE)
    memory.run(plan)
    first, known = len(trained), dict(memory.latest)
    memory.run(plan)
    assert (len(trained), memory.latest) == (first, known)
    before = memory.trials(plan)
    memory.run(plan, force=True)
    assert len(trained) == 2 * first
    assert not set(memory.latest.values()) & set(known.values())
    assert memory.trials(plan) == before


def test_chosen_settings_that_were_not_written_are_trained_without_a_new_trial(searches, trained, memory):
    plan = searches("cnn", method="random", budget=6, space=RATE)
    memory.run(plan)
    expected = memory.trials(plan)
    for planned in plan.planned:
        if planned.search:
            del memory.cells[planned.cell.cell]
    trained.clear()
    memory.run(plan)
    assert [cell.cell.setting for group in trained for cell in group] == ["tuned", "tuned"]
    assert memory.trials(plan) == expected


def test_a_trial_that_diverges_is_failed_and_not_chosen(searches, trained, memory):
    plan = searches("cnn", method="random", budget=20, space=RATE)
    memory.run(plan)
    for rows, chosen, _ in memory.trials(plan).values():
        failed = [row for row in rows if row[4] == "failed"]
        assert 0 < len(failed) < 19
        assert all(row[1]["training.learning_rate"] > DIVERGES and row[2] == {} for row in failed)
        assert int(chosen) not in [row[0] for row in failed]


def test_where_every_trial_diverges_the_chosen_cell_failed_and_the_study_goes_on(searches, trained, memory):
    plan = searches("cnn", "pool", training={"learning_rate": 5.0}, method="random", budget=5,
                    space={"training.learning_rate": "uniform(2, 9)", "encoder.dropout": "uniform(0, .5)"})  # fmt: skip
    progress = memory.run(plan)
    assert progress.trained == {"failed": 4}
    written = [outcome for cell, outcome in memory.cells.values() if cell.setting == "tuned"]
    assert {one.error for one in written} == {"no trial of the search finished"}
    assert [[row["status"] for row in json.loads(one.files["trials.json"])["trials"]] for one in written] == [
        ["failed"] * 5
    ] * 4


def test_a_default_that_the_store_lacks_is_no_failed_trial(searches, trained, memory, monkeypatch):
    plan = searches("cnn", method="random", budget=6, space=RATE)
    with monkeypatch.context() as without:
        without.setattr(memory, "rows", lambda *statuses: {})
        with pytest.raises(InputError, match=r"^tune=random: arm cnn, n=6, replicate 0: .* is not in the store; rep"):
            memory.run(plan)
    memory.run(plan)
    assert all(rows[0][4] == "finished" for rows, *_ in memory.trials(plan).values())


def test_an_error_of_the_store_is_not_hidden_by_closing_its_runs(searches, trained, memory, monkeypatch):
    def refused(*arguments):
        raise InputError("the store refused the run")

    monkeypatch.setattr(memory, "start", refused)
    with pytest.raises(InputError, match=r"^the store refused the run$"):
        memory.run(searches("cnn", method="random", budget=6, space=RATE))
    assert memory.status == {}


def test_where_the_store_is_away_the_runs_of_all_searches_are_tried_to_be_closed(
    searches, trained, memory, monkeypatch
):
    finish = memory.finish

    def away(run, *arguments):
        raise StoreUnavailableError(f"{run}: does not answer")

    def closing(run, status):
        finish(run, status)
        away(run)

    monkeypatch.setattr(memory, "keep", away)
    monkeypatch.setattr(memory, "finish", closing)
    monkeypatch.setattr(memory, "start", lambda fingerprint, *_: fingerprint)
    plan = searches("cnn", method="random", budget=6, space=RATE)
    with pytest.raises(StoreUnavailableError, match=plan.planned[2].search):
        memory.run(plan)
    assert memory.status == {plan.planned[2].search: "interrupted"}
    memory.status.clear()
    kept = []
    monkeypatch.setattr(memory, "keep", lambda *arguments: kept.append(arguments) if len(kept) < 2 else away("late"))
    with pytest.raises(StoreUnavailableError, match="late"):
        memory.run(plan)
    assert list(memory.status.values()) == ["interrupted"] * 2


def test_an_interrupted_search_says_so(searches, trained, memory, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("seedbed.comparison.search.run.train_cells", stop)
    plan = searches("cnn", method="random", budget=6, space=RATE)
    with pytest.raises(KeyboardInterrupt):
        memory.run(plan)
    assert set(memory.status.values()) == {"interrupted"}
    assert [out.status for cell, out in memory.cells.values() if cell.setting == "tuned"] == ["interrupted"] * 2


@pytest.mark.parametrize("keys", [{"only": [1], "replicates": 3}, {"sizes": [6, 12]},
                                  {"seeds": "crossed", "initialisations": 2}])  # fmt: skip
def test_sizes_replicates_and_crossed_seeds_are_searched_each(searches, trained, memory, keys):
    plan = searches("cnn", "pool", keys=keys, method="quasi", budget=4,
                    space={**RATE, "encoder.output_dropout": "uniform(0, 0.5)"}, refit=True)  # fmt: skip
    progress = memory.run(plan)
    requested = [p for p in plan.requested if p.search]
    assert len(memory.latest) == len({p.search for p in requested}) == len(requested) / 2
    assert sum(progress.trained.values()) == len(requested)
    assert len(in_searches(trained)) == 3 * len(memory.latest)
    assert all(p.cell.replicate == 1 for p in requested) or "only" not in keys
    said = [line for line in memory.lines if "has no" in line]
    assert all("pool has no encoder.output_dropout" in line for line in said)
    assert len(said) == len(keys.get("sizes", [6]))
    assert len(memory.lines) == 2 * len(said)
    trials = memory.trials(plan)
    for arm in ("cnn", "pool"):
        rates = [tuple(row[1]["training.learning_rate"] for row in rows[1:])
                 for (name, size, _, setting), (rows, *_) in trials.items()
                 if name == arm and setting == "tuned" and size == 6]  # fmt: skip
        assert len(set(rates)) == len(rates)  # each replicate has proposals of its own


def test_arms_with_the_same_space_try_the_same_values_in_a_replicate(searches, trained, memory):
    plan = searches("cnn", "pool", method="random", budget=5, space=RATE)
    memory.run(plan)
    trials = memory.trials(plan)
    for replicate in (0, 1):
        cnn, pool = ([row[1] for row in trials[arm, 6, replicate, "tuned"][0]] for arm in ("cnn", "pool"))
        assert cnn == pool
    assert trials["cnn", 6, 0, "tuned"][0][1] != trials["cnn", 6, 1, "tuned"][0][1]
    seeds = {(p.cell.arm, p.cell.replicate): search_seed(plan.tune, p.cell.init_seed, p.cell.data_seed)
             for p in plan.planned}  # fmt: skip
    assert seeds["cnn", 0] == seeds["pool", 0] != seeds["cnn", 1] == seeds["pool", 1]


def test_the_fingerprint_is_of_what_changes_the_trials(searches):
    def digests(*, arm="cnn", **tune):
        plan = searches(arm, **{"method": "random", "budget": 6, "space": RATE, **tune})
        return [p.cell.cell for p in plan.planned if p.cell.setting != "refit"]

    default, tuned = digests()[:2], digests()[2:]
    others = [
        {"budget": 7}, {"method": "tpe"}, {"method": "quasi"}, {"seed": 1}, {"prune": "halving"}, {"metric": "loss"},
        {"space": {"training.learning_rate": "log(1e-3, 2e1)"}},
        {"space": {**RATE, "encoder.dropout": "uniform(0, 1e-1)"}},
    ]  # fmt: skip
    found = [digests(**other) for other in others]
    assert all(own[:2] == default for own in found)
    assert len({digest for own in found for digest in own[2:]} | set(tuned)) == 2 * (len(others) + 1)
    for same in (
        {"batch": 3},
        {"audit": True},
        {"refit": True},
        {"metric": "accuracy"},
        {"metric": "validation/accuracy"},
    ):
        assert digests(**same) == [*default, *tuned]
    assert digests(method="tpe") != digests(method="tpe", batch=3)
