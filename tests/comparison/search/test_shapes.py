"""Which cells train as one group."""

import dataclasses
import random

import pytest

from seedbed.comparison.group import require_one_group
from seedbed.comparison.search.shapes import groups_of_shapes, members_at_once
from seedbed.embeddings.static import Static
from seedbed.errors import InputError


@pytest.fixture
def cells(planned):
    """Trials in three replicates that differ in the number of filters, the dropout and the size of a batch."""
    rng, made = random.Random(2), []
    for own in planned("sizes=[6]", "arms={cnn: []}").planned:
        for _ in range(11):
            encoder = dataclasses.replace(own.arm.encoder, filters=rng.choice([3, 4]), dropout=rng.choice([0.1, 0.2]))
            training = dataclasses.replace(own.arm.training, batch_size=rng.choice([4, 8]), learning_rate=rng.random())
            made.append(dataclasses.replace(own, arm=dataclasses.replace(own.arm, encoder=encoder, training=training)))
    return random.Random(3).sample(made, len(made))


def shape(planned):
    return planned.arm.encoder.filters, planned.arm.training.batch_size


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("most", [1, 2, 5, 8, 100, None])
def test_each_cell_is_in_one_group_of_its_shape_that_is_small_enough(cells, most, whole):
    groups = list(groups_of_shapes(cells, most, whole))
    assert sorted(id(cell) for group in groups for cell in group) == sorted(map(id, cells))
    for group in groups:
        assert len(group) <= (most or len(cells))
        assert len({shape(cell) for cell in group}) == 1
        require_one_group([cell.arm for cell in group])
    shapes = {shape(cell) for cell in cells}
    if most in (100, None):
        assert len(groups) == len(shapes) == 4
    if not whole:
        sizes = [sum(shape(cell) == one for cell in cells) for one in shapes]
        assert len(groups) == sum(-(-size // (most or size)) for size in sizes)


@pytest.mark.parametrize("most", [2, 5, 8, 12])
def test_trials_of_a_replicate_that_are_compared_stay_in_one_group_as_far_as_they_fit(cells, most):
    groups = list(groups_of_shapes(cells, most, whole=True))
    for key in {(shape(cell), cell.cell.replicate) for cell in cells}:
        holding = [group for group in groups if any((shape(c), c.cell.replicate) == key for c in group)]
        count = sum((shape(cell), cell.cell.replicate) == key for cell in cells)
        assert len(holding) == 1 or count > most


def test_trials_that_are_compared_come_in_the_same_order_wherever_vectors_are(cells):
    def order(folder):
        embedding = Static(folder=folder)
        moved = [dataclasses.replace(cell, arm=dataclasses.replace(cell.arm, embedding=embedding)) for cell in cells]
        return [shape(group[0]) for group in groups_of_shapes(moved, whole=True)]

    orders = {tuple(order(f"/vectors/{n}")) for n in range(6)}
    assert len(orders) == 1
    assert len(orders.pop()) == 4


def test_trials_that_are_compared_come_in_the_same_order_without_those_of_other_replicates(cells):
    def order(some):
        groups = groups_of_shapes(some, whole=True)
        return [[id(cell) for cell in group if cell.cell.replicate == 1] for group in groups]

    together = [own for own in order(cells) if own]
    assert len(together) == 4
    assert order([cell for cell in cells if cell.cell.replicate == 1]) == together
    assert [group for group in order(cells[::-1]) if group] == [group[::-1] for group in together]


def test_groups_of_other_shapes_could_not_be_trained_together(cells):
    one, other = list(groups_of_shapes(cells))[:2]
    with pytest.raises(InputError, match="must be equal"):
        require_one_group([one[0].arm, other[0].arm])


def test_the_group_size_says_how_many_members_train_at_once(planned):
    own = planned("sizes=[6]", "arms={cnn: []}").planned[0]
    few = dataclasses.replace(own, arm=dataclasses.replace(
        own.arm, training=dataclasses.replace(own.arm.training, group_size=3)))  # fmt: skip
    assert members_at_once(few) == 3
    assert 1 <= members_at_once(own) <= 128


def test_less_memory_makes_smaller_groups(planned, monkeypatch):
    own = planned("sizes=[6]", "arms={cnn: []}").planned[0]
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 10**9}))
    few = members_at_once(own)
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 10**6}))
    assert 1 == members_at_once(own) < few < 128
    assert members_at_once(own, racing=True) == 128  # the members of a race are the same on every machine
