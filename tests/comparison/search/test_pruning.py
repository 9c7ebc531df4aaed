"""Which trials stop early: those that a brute force over their whole histories names."""

import math
from statistics import median

import numpy as np
import pytest

from seedbed.comparison.search.pruning import Member, Pruner
from seedbed.training.replicate import Replicate
from seedbed.training.settings import Training

METRIC, LOSS = "validation/accuracy", "validation/loss"


def trained(count, epochs=12, **settings):
    """The settings of members that end after these epochs, all the same or one each."""
    ends = [epochs] * count if isinstance(epochs, int) else epochs
    return [Training(epochs=end, patience=None, **settings) for end in ends]


def race(rule, scores, settings=None, sources=None, lower=False, diverged=(), losses=None, pruner=None, first=0):
    """The epoch at which each member was pruned (0: never), and at which it ended.

    ``scores``, ``losses``: ``[members, epochs]``. ``pruner``: of the groups before; ``first``: the number of the first.
    """
    settings = settings or trained(*scores.shape)
    losses = losses if losses is not None else np.zeros(scores.shape)
    sources = sources if sources is not None else [0] * len(scores)
    trials = [
        Member(str(source), first + n, own) for n, (source, own) in enumerate(zip(sources, settings, strict=True))
    ]
    pruner = (pruner or Pruner(rule, METRIC, lower)).group(trials)
    members = [Replicate(n, {}, None, None) for n in range(len(scores))]
    pruned = [0] * len(scores)
    for epoch in range(1, scores.shape[1] + 1):
        for member in members:
            if not member.stopped:
                n = member.number
                member.epochs = epoch
                member.record({METRIC: scores[n, epoch - 1], LOSS: losses[n, epoch - 1]})
                member.best_epoch = kept(scores, losses, settings, n, epoch, lower)
                if (n, epoch) in diverged:
                    member.error = "the loss was nan"
        leaving = pruner(members)
        assert not any(members[n].is_done(settings[n]) for n in leaving)
        for member in members:
            if not member.stopped and member.number in leaving:
                pruned[member.number] = epoch
            member.stopped |= member.number in leaving or member.is_done(settings[member.number])
    assert pruner.pruned == {n for n, epoch in enumerate(pruned) if epoch}
    return pruned, [member.epochs for member in members]


def kept(scores, losses, settings, n, epoch, lower=False):
    """The epoch whose weights a member keeps after an epoch."""
    if settings[n].keep == "last":
        return epoch
    sign = -1 if lower else 1
    values = [(settings[n].monitor == "score" and sign * scores[n, e], -losses[n, e]) for e in range(epoch)]
    return values.index(max(values)) + 1


def halved(scores, losses, settings):
    """When each member is behind after a rung, whether it still trains or not; 0 for never."""
    inside, behind = list(range(len(scores))), [0] * len(scores)
    for rung in (1, 3, 9, 27):
        if rung > max(settings[n].epochs for n in inside):
            break
        ranked = []
        for n in inside:
            epoch = kept(scores, losses, settings, n, min(rung, settings[n].epochs)) - 1
            ranked.append((-scores[n, epoch], losses[n, epoch], n))
        inside = [n for *_, n in sorted(ranked)[: -(-len(inside) // 3)]]
        for *_, n in ranked:
            behind[n] = 0 if n in inside else rung
    return behind


def while_it_trains(behind, settings):
    """When each member is pruned: where it is behind before its last epoch."""
    return [epoch if epoch < own.epochs else 0 for epoch, own in zip(behind, settings, strict=True)]


def scores_of(seed, members, epochs):
    return np.round(np.random.default_rng(seed).normal(np.linspace(0, 1, epochs), 0.5, (members, epochs)), 1)  # ties


def losses_of(seed, members, epochs):
    return np.round(np.random.default_rng(seed + 100).normal(size=(members, epochs)), 1)


@pytest.mark.parametrize("members", [2, 3, 9, 14, 32])
@pytest.mark.parametrize("seed", range(5))
def test_halving_keeps_the_best_third_at_each_rung(seed, members):
    scores, losses, settings = scores_of(seed, members, 12), np.zeros((members, 12)), trained(members, monitor="score")
    pruned, ends = race("halving", scores, settings)
    assert pruned == halved(scores, losses, settings)
    assert ends == [epoch or 12 for epoch in pruned]
    assert sum(not epoch for epoch in pruned) == math.ceil(math.ceil(math.ceil(members / 3) / 3) / 3)
    lower, _ = race("halving", -scores, settings, lower=True)
    assert lower == pruned


@pytest.mark.parametrize(("monitor", "keep"), [("loss", "best"), ("score", "best"), ("loss", "last")])
@pytest.mark.parametrize("seed", range(5))
def test_halving_ranks_by_the_score_and_loss_of_the_weights_that_are_kept(seed, monitor, keep):
    scores, losses = scores_of(seed, 27, 12), losses_of(seed, 27, 12)
    settings = trained(27, monitor=monitor, keep=keep)
    assert race("halving", scores, settings, losses=losses)[0] == halved(scores, losses, settings)


def test_a_better_score_of_weights_that_are_not_kept_saves_no_member():
    """The highest score is that of an epoch with a high loss: by default the least loss decides what is kept."""
    scores = np.array([[0.6, 0.9, 0.6, 0.6], [0.6, 0.7, 0.75, 0.75], [0.1] * 4, [0.1] * 4])
    losses = np.array([[1.0, 2.0, 0.5, 0.5], [1.0, 0.9, 0.8, 0.7], [1.0] * 4, [1.0] * 4])
    assert race("halving", scores, losses=losses)[0] == [3, 0, 1, 1]


@pytest.mark.parametrize("epochs", [1, 3, 9, 27])
@pytest.mark.parametrize("seed", range(3))
def test_a_rung_at_the_last_epoch_prunes_none(seed, epochs):
    scores = scores_of(seed, 27, epochs)
    settings = trained(27, epochs, monitor="score")
    pruned, ends = race("halving", scores, settings)
    assert pruned == while_it_trains(halved(scores, np.zeros(scores.shape), settings), settings)
    assert ends.count(epochs) == {1: 27, 3: 9, 9: 3, 27: 1}[epochs]
    assert max(pruned) < epochs


def test_a_median_after_the_last_epoch_prunes_none():
    assert race("median", scores_of(0, 31, 4))[0] == [0] * 31


@pytest.mark.parametrize("seed", range(5))
def test_of_equal_scores_those_with_the_least_loss_go_on(seed):
    scores, losses, settings = np.zeros((14, 12)), losses_of(seed, 14, 12), trained(14, monitor="score")
    scores[:, 8:] = 0.1  # no trial finds an entity before
    pruned, _ = race("halving", scores, settings, losses=losses)
    assert pruned == halved(scores, losses, settings)
    losses[3] = np.nan
    assert race("halving", scores, losses=losses)[0][3] == 1


@pytest.mark.parametrize("seed", range(8))
def test_members_that_stop_by_themselves_run_with_what_they_reached(seed):
    scores = scores_of(seed, 27, 12)
    settings = trained(27, np.random.default_rng(seed).integers(1, 13, 27).tolist(), monitor="score")
    pruned, ends = race("halving", scores, settings)
    assert pruned == while_it_trains(halved(scores, np.zeros(scores.shape), settings), settings)
    assert ends == [min(epoch or 12, own.epochs) for epoch, own in zip(pruned, settings, strict=True)]


@pytest.mark.parametrize("monitor", ["loss", "score"])
@pytest.mark.parametrize("seed", range(5))
def test_median_stops_what_is_below_the_median_of_the_scores_so_far(seed, monitor):
    scores, losses, settings = scores_of(seed, 11, 10), losses_of(seed, 11, 10), trained(11, 10, monitor=monitor)
    pruned, ends = race("median", scores, settings, losses=losses)
    running = dict.fromkeys(range(11), 10)
    for epoch in range(4, 10):
        reached = [kept(scores, losses, settings, n, min(running[n], epoch)) for n in range(11)]
        best = [scores[n, reached[n] - 1] for n in range(11)]
        for n in range(11):
            if running[n] >= epoch and best[n] < median(best):
                running[n] = min(running[n], epoch)
    assert ends == list(running.values())
    assert {epoch for epoch in pruned if epoch} <= set(range(4, 10))
    assert any(pruned)


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


def in_groups(rule, scores, sizes, settings):
    """The epoch at which each trial was pruned, of trials in groups of these sizes that train one after the other."""
    pruner, pruned, first = Pruner(rule, METRIC, False), [], 0
    for size in sizes:
        part = slice(first, first + size)
        pruned += race(rule, scores[part], settings[part], pruner=pruner, first=first)[0]
        first += size
    return pruned


def halved_in_groups(scores, sizes, ends):
    """The rung at which each trial falls behind all that have reached it until then; ``ends``: of its training."""
    first, behind = 0, {}
    for size in sizes:
        own = range(first, first + size)
        first += size
        for rung in (1, 3, 9):
            if not any(n not in behind and ends[n] >= rung for n in own):
                continue
            seen = [n for n in range(first) if behind.get(n, rung) >= rung]
            ranked = sorted(seen, key=lambda n: (-max(scores[n, : min(rung, ends[n])]), n))
            for n in ranked[-(-len(seen) // 3) :]:
                if n not in behind and (n in own or ends[n] < rung):
                    behind[n] = rung
    return [behind.get(n, 0) for n in range(first)]


@pytest.mark.parametrize("sizes", [[27], [9, 18], [5, 1, 9, 12], [1] * 27])
@pytest.mark.parametrize("seed", range(5))
def test_halving_compares_with_all_trials_of_the_groups_before(seed, sizes):
    scores = scores_of(seed, 27, 12)
    settings = trained(27, monitor="score")
    assert in_groups("halving", scores, sizes, settings) == halved_in_groups(scores, sizes, [12] * 27)
    ends = np.random.default_rng(seed).integers(1, 13, 27).tolist()
    settings = trained(27, ends, monitor="score")
    behind = halved_in_groups(scores, sizes, ends)
    assert in_groups("halving", scores, sizes, settings) == while_it_trains(behind, settings)


def test_of_groups_of_one_trial_few_train_to_the_end():
    """All 27 would, if each were compared with its group alone."""
    settings = trained(27, monitor="score")
    to_the_end = [in_groups("halving", scores_of(s, 27, 12), [1] * 27, settings).count(0) for s in range(20)]
    assert 1 < np.mean(to_the_end) < 6


@pytest.mark.parametrize("seed", range(5))
def test_a_median_is_that_of_all_trials_of_the_groups_before(seed):
    scores, settings = scores_of(seed, 20, 10), trained(20, 10, monitor="score")
    sizes, pruned, first = [3, 7, 1, 9], [0] * 20, 0
    for size in sizes:
        first += size
        for epoch in range(4, 10):
            best = {n: max(scores[n, : min(epoch, pruned[n] or 10)]) for n in range(first)}
            for n in range(first - size, first):
                if not pruned[n] and len(best) >= 5 and best[n] < median(best.values()):
                    pruned[n] = epoch
    assert in_groups("median", scores, sizes, settings) == pruned
    assert not any(pruned[:3])
    assert any(pruned[3:])


def test_a_member_that_diverges_is_behind_all_others():
    scores = scores_of(1, 9, 4)
    scores[4] = 99.0
    assert race("halving", scores)[0].count(1) == race("halving", scores, diverged={(4, 1)})[0].count(1) + 1 == 6
    assert race("halving", scores)[0][4] == 0


def test_a_member_without_the_score_does_not_go_on():
    pruner = Pruner("halving", METRIC, False).group([Member("", n, own) for n, own in enumerate(trained(3))])
    members = [
        Replicate(n, {}, None, None, epochs=1, best_epoch=1, history={METRIC: [0.1]} if n else {}) for n in range(3)
    ]
    assert pruner(members) == {0, 2}
