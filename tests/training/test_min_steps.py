"""``training.min_steps``: epochs count for patience only after so many steps."""

from hypothesis import given
from hypothesis import strategies as st

from seedbed.training.evaluation import Evaluation
from seedbed.training.replicate import Replicate
from seedbed.training.settings import Training


def epochs_of(losses, steps, settings):
    """The epochs that a replicate with these validation losses trains, and its best one."""
    import numpy as np

    rng = np.random.default_rng(0)
    replicate = Replicate(0, {}, rng, rng)
    for loss in losses:
        replicate.steps += steps
        replicate.end_epoch(1.0, {"validation": Evaluation(loss, {}, [], (), None)}, settings, "accuracy")
        if replicate.is_done(settings):
            break
    return replicate.epochs, replicate.best_epoch


@given(
    losses=st.lists(st.floats(0.1, 9), min_size=1, max_size=30), steps=st.integers(1, 9), least=st.integers(0, 200),
    patience=st.integers(1, 5),
)  # fmt: skip
def test_training_stops_when_patience_is_spent_after_the_least_number_of_steps(losses, steps, least, patience):
    trained, best = epochs_of(losses, steps, Training(epochs=30, patience=patience, min_steps=least))
    assert best == 1 + losses[:trained].index(min(losses[:trained]))
    expected = next(
        (
            epoch
            for epoch in range(1, len(losses) + 1)
            if epoch - (1 + losses[:epoch].index(min(losses[:epoch]))) >= patience
            and (epoch - patience + 1) * steps >= least
        ),
        len(losses),
    )
    assert trained == expected


def test_a_plateau_at_the_beginning_is_survived():
    losses = [1.1, 1.2, 1.2, 1.2, 1.2, 0.5, 0.4]
    assert epochs_of(losses, 4, Training(patience=3)) == (4, 1)
    assert epochs_of(losses, 4, Training(patience=3, min_steps=20)) == (7, 7)
