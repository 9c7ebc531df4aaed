"""After a kill the same groups train, and have the same scores; cells of a group that was stored in part, nearly."""

import pytest

from seedbed.comparison.run import missing, run_missing

BOUND = 1e-6
"""Of a log loss, as docs/guides/sharing.md states it."""


class Stored:
    """A store in memory that keeps the metrics of cells, and ends the process, as a kill does, after some groups."""

    def __init__(self, groups_until_killed=None):
        self.metrics, self.groups, self.left = {}, [], groups_until_killed

    def write_group(self, cells, outcomes, parent, tags):
        if self.left == 0:
            raise KeyboardInterrupt
        self.left = None if self.left is None else self.left - 1
        self.groups.append([cell.cell for cell in cells])
        self.metrics |= {cell.cell: outcome.metrics for cell, outcome in zip(cells, outcomes, strict=True)}
        return self.groups[-1]


class Silent:
    def group(self, cells):
        pass

    embedded = epoch = group_done = group

    def group_stored(self):
        pass


def go(plan, store):
    run_missing(plan, missing(plan, store.metrics), store, None, {}, Silent())
    return store


def killed_after(plan, groups):
    store = Stored(groups)
    with pytest.raises(KeyboardInterrupt):
        go(plan, store)
    store.left = None
    return store


def test_after_a_kill_between_groups_the_same_groups_train_and_every_score_is_equal(planned):
    plan = planned("arms={cnn: []}", "training.group_size=2")
    whole = go(plan, Stored())
    assert [len(group) for group in whole.groups] == [2, 1, 2, 1]
    for groups in (1, 3):
        resumed = go(plan, killed_after(plan, groups))
        assert resumed.groups == whole.groups
        assert resumed.metrics == whole.metrics


@pytest.mark.parametrize("arm", ["cnn: []", "pool: [encoder=pool]"])
def test_cells_of_a_group_that_is_stored_in_part_have_nearly_the_same_loss(planned, arm):
    plan = planned(f"arms={{{arm}}}", "sizes=[12]", "training.epochs=8", "training.patience=null", "replicates=5")
    whole = go(plan, Stored())
    [group] = whole.groups
    differences = []
    for lacking in ([0], [4], [1, 2], [2, 3, 4]):
        store = Stored()
        store.metrics = {cell: whole.metrics[cell] for n, cell in enumerate(group) if n not in lacking}
        assert go(plan, store).groups == [[group[n] for n in lacking]]
        for n in lacking:
            own, expected = store.metrics[group[n]], whole.metrics[group[n]]
            assert own["test/accuracy"] == expected["test/accuracy"]
            differences += [abs(own[name] - expected[name]) for name in ("validation/log_loss", "test/log_loss")]
    assert max(differences) < BOUND
