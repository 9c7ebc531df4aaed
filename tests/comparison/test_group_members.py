"""Cells of trials of one arm train as one group, each as it trains alone."""

import dataclasses

import pytest

from seedbed.comparison.group import shared_draws, train_cells
from seedbed.errors import InputError
from seedbed.testing.samples import require_same_outcome


def trials(cells, stage, **values):
    """The cells with the settings of a trial."""
    return [
        dataclasses.replace(
            p, arm=dataclasses.replace(p.arm, **{stage: dataclasses.replace(getattr(p.arm, stage), **values)})
        )
        for p in cells
    ]


def cells_of(planned, encoder):
    arms = f"arms={{{encoder}: [encoder={encoder}]}}"
    fitted = ["~training.epochs"] if encoder in ("probe", "knn") else []
    filters = [] if encoder == "cnn" else ["~encoder.filters"]
    return list(planned("sizes=[6]", "replicates=2", arms, *fitted, *filters).planned)


@pytest.mark.slow
@pytest.mark.parametrize(("encoder", "stage", "values"), [
    ("cnn", "training", {"learning_rate": 0.05}), ("pool", "encoder", {"dropout": 0.4}),
    ("probe", "encoder", {"c": [0.002]}), ("probe", "encoder", {"c": [30.0, 0.003, 0.2]}),
    ("knn", "encoder", {"k": [2]}),
])  # fmt: skip
def test_trials_of_an_arm_in_one_group_equal_those_trained_alone(planned, encoder, stage, values):
    cells = cells_of(planned, encoder)
    both = [*cells, *trials(cells, stage, **values)]
    together = train_cells(both, lambda epoch: None)
    for n in (1, 2):
        (alone,) = train_cells(both[n : n + 1], lambda epoch: None)
        require_same_outcome(alone, together[n], f"cell {n}")
        assert alone.metrics.keys() == together[n].metrics.keys()
        assert (alone.trained_weights, alone.frozen_weights) == (
            together[n].trained_weights,
            together[n].frozen_weights,
        )
    assert together[1].metrics != together[3].metrics


def test_cells_of_one_draw_and_seed_have_one_number(planned):
    cells = cells_of(planned, "cnn")
    assert shared_draws([*cells, *cells[::-1]]) == (cells, [0, 1, 1, 0])


def test_cells_whose_arms_differ_in_shape_are_no_group(planned):
    cells = cells_of(planned, "cnn")
    with pytest.raises(InputError, match=r"encoder\.filters=4 and encoder\.filters=5"):
        train_cells([*cells, *trials(cells, "encoder", filters=5)], lambda epoch: None)
