"""Cells of several runs of one name, told together under the names of their study."""

import pytest

from seedbed.comparison.record import joined, study_table
from seedbed.errors import InputError


def cell(fingerprint, arm="a", replicate=0, data_seed=0, n_train=10, init_seed=None, dataset="d"):
    return {
        "arm": arm, "dataset": dataset, "n_train": n_train, "replicate": replicate, "data_seed": data_seed,
        "init_seed": data_seed if init_seed is None else init_seed, "cell": fingerprint,
    }  # fmt: skip


def test_a_cell_of_two_runs_is_told_once():
    assert joined([cell("x"), cell("y", replicate=1), cell("x")], "study=s") == [cell("x"), cell("y", replicate=1)]


def test_jobs_over_seeds_number_their_replicates_by_seed():
    cells = [cell("x"), cell("y", replicate=1, data_seed=1), cell("z", data_seed=1000)]
    assert [one["replicate"] for one in joined(cells, "study=s")] == [0, 1, 1000]


def test_crossed_studies_with_more_and_with_fewer_initialisations_are_numbered_together():
    few = [cell(f"{d}{i}", replicate=2 * d + i, data_seed=d, init_seed=i) for d in range(3) for i in range(2)]
    many = [cell(f"{d}{i}", replicate=3 * d + i, data_seed=d, init_seed=i) for d in range(2) for i in range(3)]
    for runs in ([*few, *many], [*many, *few]):
        found = joined(runs, "study=s")
        assert len({one["replicate"] for one in found}) == len(found) == 8
        ordered = sorted(found, key=lambda one: one["replicate"])
        assert [one["cell"] for one in ordered] == ["00", "01", "02", "10", "11", "12", "20", "21"]


def test_several_data_sets_may_have_the_same_arms():
    cells = [cell("x"), cell("y", dataset="e")]
    assert joined(cells, "study=s") == cells


def test_equal_names_for_different_settings_are_refused():
    with pytest.raises(
        InputError, match=r"study=s: arm a, n_train 10, replicate 0 was trained with different settings"
    ):
        joined([cell("x"), cell("y")], "study=s")


def test_an_equal_cell_may_stand_under_two_arms():
    table = study_table(joined([cell("x"), cell("x", arm="b")], "study=s"), {"x": {"arm": "old", "test/f1": 0.5}})
    assert table["arm"].tolist() == ["a", "b"]
    assert table["test/f1"].tolist() == [0.5, 0.5]
