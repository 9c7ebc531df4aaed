"""Training: what it reaches, that it goes on as if it had not stopped, and its ends."""

import errno
import math

import numpy as np
import pytest

from seedbed import checkpoint_file
from seedbed.errors import InputError
from seedbed.pretraining.evaluation import HeldOutText, Perplexity
from seedbed.pretraining.trainer import Trainer
from seedbed.pretraining.training_state import CHECKPOINT

GROUPS, WORDS, SENTENCES = 4, 5, 5
"""As the fixture has them."""

IN_A_SENTENCE = GROUPS ** (1 / (WORDS + 1))
"""The perplexity of a model that knows no sentence but its own: the group is a guess, the rest is certain."""

IN_A_DOCUMENT = GROUPS ** (1 / (SENTENCES * (WORDS + 1)))
"""Of one that remembers the sentence before: only the first group of a document is a guess."""


def silent(report):
    pass


def weights_of(trainer):
    return {name: np.asarray(array) for name, array in trainer.state.weights.items()}


@pytest.mark.slow
def test_it_reaches_the_perplexity_that_a_pattern_allows_and_carries_the_state_across_sentences(place):
    trainer = place.trainer("model", epochs=12, evaluate_every=10_000)
    assert trainer.train(silent) == "epochs"
    best = trainer.history.best
    for found in (best.forward, best.backward):
        assert IN_A_DOCUMENT * 0.98 < found < IN_A_DOCUMENT * 1.03
    assert best.mean == pytest.approx(math.sqrt(best.forward * best.backward))


@pytest.mark.slow
def test_where_each_sentence_begins_anew_it_cannot_know_the_one_before(place):
    trainer = place.trainer("model", state="sentence", epochs=6, evaluate_every=10_000)
    trainer.train(silent)
    assert IN_A_SENTENCE * 0.99 < trainer.history.best.mean < IN_A_SENTENCE * 1.05


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
def test_a_training_that_was_stopped_goes_on_with_the_same_result_to_the_bit(place, optimizer):
    settings = {"epochs": 1, "optimizer": optimizer, "dropout": 0.2, "candidates": 8, "evaluate_every": 1500}
    whole = place.trainer("whole", **settings)
    whole.train(silent)
    for session in range(2):

        def stop(report, session=session):
            if report.step >= 40 * (session + 1):
                raise KeyboardInterrupt

        part = place.trainer("parts", **settings)
        with pytest.raises(KeyboardInterrupt):
            part.train(stop)
        assert 0 < part.state.step < part.steps
    last = place.trainer("parts", **settings)
    assert last.state.step == part.state.step
    assert last.train(silent) == "epochs"
    for name, array in weights_of(whole).items():
        assert np.array_equal(weights_of(last)[name], array), name
    assert [look.mean for look in last.history.evaluations] == [look.mean for look in whole.history.evaluations]
    assert (place.folder / "parts/weights.hdf5").read_bytes() == (place.folder / "whole/weights.hdf5").read_bytes()


def same(one, other):
    assert all(np.array_equal(weights_of(other)[name], array) for name, array in weights_of(one).items())
    assert other.history.evaluations == one.history.evaluations
    assert other.history.saved == one.history.saved
    for name in ("weights.hdf5", "softmax.hdf5"):
        assert (other.folder / name).read_bytes() == (one.folder / name).read_bytes()


@pytest.mark.slow
def test_ctrl_c_right_after_going_on_does_not_lose_the_place_in_the_text(place, monkeypatch):
    settings = {"epochs": 1, "evaluate_every": 1500}
    whole = place.trainer("whole", **settings)
    whole.train(silent)
    step = Trainer._step

    def until(self, *made):
        if self.state.step == 20:
            raise KeyboardInterrupt
        step(self, *made)

    monkeypatch.setattr(Trainer, "_step", until)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            place.trainer("parts", **settings).train(silent)
    monkeypatch.undo()
    last = place.trainer("parts", **settings)
    assert last.state.step == 20
    last.train(silent)
    same(whole, last)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["perplexity", "save_model"])
@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_look_that_ctrl_c_ended_is_done_when_training_goes_on(place, monkeypatch, where, which):
    settings = {"epochs": 1, "evaluate_every": 1500}
    whole = place.trainer("whole", **settings)
    whole.train(silent)
    at = whole.history.evaluations[which].step
    part = place.trainer("parts", **settings)
    owner = part if where == "save_model" else HeldOutText
    work = getattr(owner, where)

    def stopped(*given):
        if part.state.step == at:
            raise KeyboardInterrupt
        return work(*given)

    monkeypatch.setattr(owner, where, stopped)
    with pytest.raises(KeyboardInterrupt):
        part.train(silent)
    monkeypatch.undo()
    assert len(part.history.evaluations) == len([look for look in whole.history.evaluations if look.step < at])
    last = place.trainer("parts", **settings)
    assert last.state.step == at
    assert last.train(silent) == "epochs"
    same(whole, last)


def looks_of(trainer, monkeypatch, means):
    """Lets a trainer find these perplexities, one after the other."""
    found = iter(means)
    monkeypatch.setattr(trainer._held_out, "perplexity", lambda weights: Perplexity(*2 * [float(next(found))]))


@pytest.mark.slow
def test_the_files_hold_the_best_look_also_where_a_time_limit_ended_a_session(place, monkeypatch):
    settings = {"epochs": 1, "evaluate_every": 1500}
    path = place.folder / "model/weights.hdf5"
    first = place.trainer("model", **settings)
    looks_of(first, monkeypatch, [3])
    first.train(silent, seconds=0.0)
    assert not first.history.evaluations
    assert first.history.saved.mean == 3
    after_the_limit = path.read_bytes()
    second = place.trainer("model", **settings)
    held = []
    looks_of(second, monkeypatch, [5, 4, 2, *[6] * 99])
    second.train(lambda report: report.evaluation and held.append(path.read_bytes()))
    assert held[0] == held[1] == after_the_limit
    assert held[2] != after_the_limit
    assert path.read_bytes() == held[2]
    assert second.history.saved == second.history.best == second.history.evaluations[2]


@pytest.mark.slow
def test_the_look_at_a_time_limit_changes_neither_the_training_nor_its_looks(place):
    settings = {"epochs": 1, "evaluate_every": 1500}
    whole, part = place.trainer("whole", **settings), place.trainer("parts", **settings)
    whole.train(silent)
    assert part.train(silent, seconds=0.0) == "time"
    last = place.trainer("parts", **settings)
    last.train(silent)
    same(whole, last)  # the files too, for the look after the first step was not the best


def test_a_time_limit_leaves_a_checkpoint_and_a_model(place):
    trainer = place.trainer("model", epochs=50)
    assert trainer.train(silent, seconds=0.0) == "time"
    assert trainer.state.step == 1
    assert not trainer.history.evaluations
    assert (place.folder / "model/weights.hdf5").exists()
    assert place.trainer("model", epochs=50).state.step == 1


@pytest.mark.slow
def test_it_ends_where_held_out_perplexity_no_longer_falls_and_keeps_the_best(place):
    trainer = place.trainer("model", learning_rate=0.5, clip_norm=0, epochs=50, evaluate_every=500, patience=2)
    assert trainer.train(silent) == "patience"
    assert trainer.state.step < trainer.steps
    assert trainer.history.since_best == 2
    assert place.trainer("model", learning_rate=0.5, clip_norm=0, epochs=50, evaluate_every=500,
                         patience=2).train(silent) == "patience"  # fmt: skip


@pytest.mark.slow
def test_a_step_changes_every_weight_but_the_zeros_that_no_word_has(place):
    trainer = place.trainer("model", epochs=1, evaluate_every=10_000, optimizer="adagrad", learning_rate=0.1)
    before = weights_of(trainer)
    trainer.train(silent)
    for name, array in weights_of(trainer).items():
        assert not np.array_equal(array, before[name]), name
    assert not weights_of(trainer)["characters"][0].any()


def test_a_checkpoint_of_another_recipe_is_refused(place):
    place.trainer("model", epochs=50).train(silent, seconds=0.0)
    with pytest.raises(InputError, match="seed=0 there, 1 here"):
        place.trainer("model", epochs=50, seed=1)


def test_a_full_disk_leaves_the_checkpoint_before_it_intact(place, monkeypatch):
    trainer = place.trainer("model", epochs=50)
    trainer.train(silent, seconds=0.0)
    path = place.folder / "model" / CHECKPOINT
    before = path.read_bytes()

    def full(stream, **arrays):
        stream.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint_file.np, "savez", full)
    with pytest.raises(InputError, match=r"checkpoint.npz: cannot be written: No space left.*is intact"):
        place.trainer("model", epochs=50).train(silent, seconds=0.0)
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*.tmp"))


def test_a_damaged_checkpoint_is_said_in_one_line(place):
    place.trainer("model", epochs=50).train(silent, seconds=0.0)
    path = place.folder / "model" / CHECKPOINT
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="not a checkpoint, or damaged"):
        place.trainer("model", epochs=50)


def test_a_loss_that_is_no_number_ends_the_training_and_leaves_the_checkpoint(place):
    place.trainer("model", epochs=50).train(silent, seconds=0.0)
    path = place.folder / "model" / CHECKPOINT
    before = path.read_bytes()
    trainer = place.trainer("model", epochs=50)
    trainer.state = trainer.state._replace(weights={**trainer.state.weights, "softmax_bias": np.full(
        len(place.words), np.nan, np.float32)})  # fmt: skip
    with pytest.raises(InputError, match="no longer a number"):
        trainer.train(silent)
    assert path.read_bytes() == before
