"""The cells of a study, and the draws that its arms share."""

import pytest

from seedbed.comparison.plan import draws_manifest, examples_of, study_digest
from seedbed.errors import InputError


def cells(plan):
    return [(p.cell.arm, p.cell.n_train, p.cell.replicate) for p in plan.requested]


def test_there_is_a_cell_for_every_arm_size_and_replicate_in_that_order(planned):
    expected = [(arm, size, r) for arm in ("cnn", "pool") for size in (6, 12) for r in range(3)]
    assert cells(planned()) == expected


def test_only_asks_for_some_replicates_of_the_same_study(planned):
    whole, part = planned(), planned("only=[1]")
    assert cells(part) == [cell for cell in cells(whole) if cell[2] == 1]
    assert part.planned == whole.planned
    assert study_digest(part, "x") == study_digest(whole, "x")


def test_all_arms_have_the_same_draw_at_a_size_in_a_replicate(planned):
    by_place = {}
    for one in planned().planned:
        by_place.setdefault((one.cell.n_train, one.cell.replicate), set()).add(one.cell.draw)
    assert all(len(digests) == 1 for digests in by_place.values())
    assert len({digest for digests in by_place.values() for digest in digests}) == len(by_place)


def test_draws_are_nested_across_sizes_and_share_what_they_are_tested_on(planned):
    by_replicate = {}
    for one in planned().planned:
        by_replicate.setdefault(one.cell.replicate, {})[one.cell.n_train] = one.draw
    for draws in by_replicate.values():
        assert draws[12].train[:6] == draws[6].train
        assert (draws[12].test, draws[12].validation) == (draws[6].test, draws[6].validation)


def test_seeds_of_a_replicate_do_not_depend_on_how_many_there_are(planned):
    few, many = planned("replicates=2"), planned("replicates=5")
    assert [p.cell for p in few.planned] == [p.cell for p in many.planned if p.cell.replicate < 2]


def test_crossed_seeds_run_every_draw_with_every_initialisation(planned):
    plan = planned("seeds=crossed", "initialisations=2", "seed=4")
    own = [p.cell for p in plan.planned if (p.cell.arm, p.cell.n_train) == ("cnn", 6)]
    assert [(c.replicate, c.data_seed, c.init_seed) for c in own] == [
        (0, 4000, 4000), (1, 4000, 4001), (2, 4001, 4000), (3, 4001, 4001), (4, 4002, 4000), (5, 4002, 4001),
    ]  # fmt: skip
    assert [c.draw == own[0].draw for c in own] == [True, True, False, False, False, False]
    assert len({c.cell for c in own}) == 6


def test_a_crossed_draw_is_made_once_and_written_down_once(planned):
    plan = planned("seeds=crossed", "initialisations=4", "sizes=[6]")
    assert len({id(p.draw) for p in plan.planned}) == 3
    draws = draws_manifest(plan)["draws"]
    assert [(one["replicate"], one["data_seed"]) for one in draws] == [(0, 0), (1, 1), (2, 2)]


def test_a_crossed_study_shares_its_diagonal_with_the_paired_one(planned):
    paired = {p.cell.cell for p in planned().planned}
    crossed = planned("seeds=crossed", "initialisations=3").planned
    assert paired == {p.cell.cell for p in crossed if p.cell.data_seed == p.cell.init_seed}


def test_only_names_replicates_of_a_crossed_study_too(planned):
    part = planned("seeds=crossed", "initialisations=2", "only=[5]", "sizes=[6]")
    assert [(p.cell.data_seed, p.cell.init_seed) for p in part.requested] == [(2, 1)] * 2


def test_another_seed_is_another_study(planned):
    one, other = planned("seed=1"), planned("seed=2")
    assert not {p.cell.cell for p in one.planned} & {p.cell.cell for p in other.planned}
    assert one.planned[1].cell.data_seed == 1001


def test_groups_are_the_replicates_of_an_arm_at_a_size(planned):
    plan = planned()
    assert [[p.cell.replicate for p in group] for group in plan.groups(plan.requested)] == [[0, 1, 2]] * 4
    smaller = planned("training.group_size=2")
    assert [len(group) for group in smaller.groups(smaller.requested)] == [2, 1] * 4


@pytest.mark.slow
def test_arms_of_one_name_elsewhere_do_not_make_the_same_study(planned):
    plan = planned()
    assert study_digest(plan, "one") != study_digest(plan, "other")
    assert study_digest(plan, "one") != study_digest(planned("replicates=2"), "one")


def test_the_manifest_has_every_draw_once(planned):
    manifest = draws_manifest(planned())
    assert [(draw["replicate"], draw["size"]) for draw in manifest["draws"]] == [
        (r, size) for size in (6, 12) for r in range(3)
    ]
    assert set(manifest["sampling"]) == {"cnn", "pool"}


def test_the_examples_of_cells_are_those_of_their_draws_each_once(planned):
    plan = planned("only=[0]")
    ids = examples_of(plan.requested)
    assert len(ids) == len(set(ids)) == 12 + 10 + 20
    assert set(ids) == {one for p in plan.requested for one in (*p.draw.train, *p.draw.validation, *p.draw.test)}


def test_without_sizes_a_cell_has_all_there_is(planned):
    plan = planned("~sizes", "sampling.strategy=random")
    assert {p.cell.n_train for p in plan.planned} == {len(plan.planned[0].draw.train)}


def test_more_examples_than_there_are_is_refused_with_how_many_there_are(planned):
    with pytest.raises(InputError, match=r"sizes=\[500\]: csv has 160 rows, and a draw needs 530"):
        planned("sizes=[500]")
