"""Which trials stop early: those that a brute force over their whole histories names."""

import math
from statistics import median

import numpy as np
import pytest

from seedbed.comparison.search.pruning import Pruner
from seedbed.training.replicate import Replicate

METRIC = "validation/accuracy"


def race(rule, scores, patience=None, sources=None, lower=False, diverged=(), losses=None):
    """The epoch at which each member left (0: never), and at which it ended.

    ``scores``, ``losses``: ``[members, epochs]``.
    """
    pruner = Pruner(rule, METRIC, lower)
    sources = sources if sources is not None else [0] * len(scores)
    members = [Replicate(n, {}, None, None, source=source) for n, source in enumerate(sources)]
    own = patience if patience is not None else [scores.shape[1]] * len(scores)
    left = [0] * len(scores)
    for epoch in range(1, scores.shape[1] + 1):
        for member in members:
            if not member.stopped:
                member.epochs = epoch
                member.record({METRIC: scores[member.number, epoch - 1]})
                if losses is not None:
                    member.record({"validation/loss": losses[member.number, epoch - 1]})
                if (member.number, epoch) in diverged:
                    member.error = "the loss was nan"
        leaving = pruner(members)
        for member in members:
            if not member.stopped and member.number in leaving:
                left[member.number] = epoch
            done = member.number in leaving or epoch >= own[member.number] or member.error
            member.stopped = member.stopped or bool(done)
        assert all(not left[n] or left[n] <= epoch for n in pruner.left)
    assert pruner.left == {n for n, epoch in enumerate(left) if epoch}
    return left, [member.epochs for member in members]


def halved(scores, ends):
    """When each member is behind after a rung, whether it still trains or not; 0 for never."""
    inside, behind = list(range(len(scores))), [0] * len(scores)
    for rung in (1, 3, 9, 27):
        if rung > max(ends[n] for n in inside):
            break
        best = {n: max(scores[n, : min(rung, ends[n])]) for n in inside}
        kept = sorted(inside, key=lambda n: (-best[n], n))[: -(-len(inside) // 3)]
        for n in inside:
            behind[n] = 0 if n in kept else rung
        inside = kept
    return behind


def scores_of(seed, members, epochs):
    return np.round(np.random.default_rng(seed).normal(np.linspace(0, 1, epochs), 0.5, (members, epochs)), 1)  # ties


@pytest.mark.parametrize("members", [2, 3, 9, 14, 32])
@pytest.mark.parametrize("seed", range(5))
def test_halving_keeps_the_best_third_at_each_rung(seed, members):
    scores = scores_of(seed, members, 12)
    left, ends = race("halving", scores)
    assert left == halved(scores, [12] * members)
    assert ends == [epoch or 12 for epoch in left]
    assert sum(not epoch for epoch in left) == math.ceil(math.ceil(math.ceil(members / 3) / 3) / 3)
    lower, _ = race("halving", -scores, lower=True)
    assert lower == left


@pytest.mark.parametrize("seed", range(5))
def test_of_equal_scores_those_with_the_least_loss_go_on(seed):
    scores = np.zeros((14, 12))
    scores[:, 8:] = 0.1  # no trial finds an entity before
    losses = np.random.default_rng(seed).normal(size=(14, 12))
    left, _ = race("halving", scores, losses=losses)
    assert left == halved(-np.minimum.accumulate(losses, axis=1), [12] * 14)
    losses[3] = np.nan
    assert race("halving", scores, losses=losses)[0][3] == 1


@pytest.mark.parametrize("seed", range(8))
def test_members_that_stop_by_themselves_run_with_what_they_reached(seed):
    scores = scores_of(seed, 27, 12)
    patience = np.random.default_rng(seed).integers(1, 13, 27).tolist()
    left, ends = race("halving", scores, patience)
    expected = halved(scores, patience)
    assert left == [epoch if epoch and epoch <= own else 0 for epoch, own in zip(expected, patience, strict=True)]
    assert ends == [min(epoch or 12, own) for epoch, own in zip(left, patience, strict=True)]


@pytest.mark.parametrize("seed", range(5))
def test_median_stops_what_is_below_the_median_of_the_best_scores_so_far(seed):
    scores = scores_of(seed, 11, 10)
    left, ends = race("median", scores)
    running = dict.fromkeys(range(11), 10)
    for epoch in range(4, 11):
        best = [max(scores[n, : min(running[n], epoch)]) for n in range(11)]
        for n in range(11):
            if running[n] >= epoch and best[n] < median(best):
                running[n] = min(running[n], epoch)
    assert ends == list(running.values())
    assert {epoch for epoch in left if epoch} <= set(range(4, 11))
    assert any(left)


def test_a_median_of_fewer_than_five_stops_none():
    assert race("median", scores_of(0, 4, 10))[0] == [0] * 4


@pytest.mark.parametrize("rule", ["halving", "median"])
def test_members_are_compared_with_those_of_their_own_draw(rule):
    scores = scores_of(3, 24, 10)
    sources = np.random.default_rng(0).permutation([0, 1] * 12).tolist()
    scores[[n for n, source in enumerate(sources) if source]] += 10.0
    together, _ = race(rule, scores, sources=sources)
    for source in (0, 1):
        own = [n for n in range(24) if sources[n] == source]
        alone, _ = race(rule, scores[own])
        assert [together[n] for n in own] == alone


def test_a_member_that_diverges_is_behind_all_others():
    scores = scores_of(1, 9, 4)
    scores[4] = 99.0
    assert race("halving", scores, diverged={(4, 1)})[0][4] == 1
    assert race("halving", scores)[0][4] == 0


def test_a_member_without_the_score_does_not_go_on():
    pruner = Pruner("halving", METRIC, False)
    members = [Replicate(n, {}, None, None, epochs=1, history={METRIC: [0.1]} if n else {}) for n in range(3)]
    assert pruner(members) == {0, 2}
