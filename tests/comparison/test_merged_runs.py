"""Cells of many comparisons merge_runs as one study."""

from itertools import product

import pytest

from seedbed.comparison.merged_runs import merge_runs
from seedbed.errors import InputError
from seedbed.tracking.query import StoredCell


def cell(fingerprint, arm="a", replicate=0, run="", status="finished", settings=None, tags=None, **fields):
    row = {
        "arm": arm, "dataset": "d", "embedding": "e", "encoder": "c", "task": "t", "n_train": 10,
        "replicate": replicate, "data_seed": replicate, "init_seed": replicate, "draw": "w", "cell": fingerprint,
        "status": status, "run": run or fingerprint,
    }  # fmt: skip
    return StoredCell(row | fields, settings or {"training.rate": "0.1"}, tags or {"study": "s", "parent": "p"})


def test_a_cell_counts_once_with_its_latest_finished_run():
    runs = [cell("x", run="r4", status="failed"), cell("x", run="r3"), cell("x", run="r2"), cell("y", "b", run="r1")]
    found = merge_runs(runs, "where=w")
    assert [row["run"] for row in found.rows] == ["r1", "r3"]
    assert found.notes == ("2 left out: an earlier run of the same cell.",)
    assert (found.parents, found.studies) == (("p",), ("s",))


def test_a_cell_that_never_finished_is_shown_and_counted_as_such():
    found = merge_runs([cell("x", status="failed"), cell("y", replicate=1)], "where=w")
    assert [row["status"] for row in found.rows] == ["finished", "failed"]
    assert found.notes == ("1 failed: shown, not counted.",)


def test_arms_of_one_name_are_told_apart_by_the_settings_in_which_they_differ():
    other = {"training.rate": "0.2"}
    runs = [cell("x2", settings=other), cell("y2", replicate=1, settings=other), cell("x"), cell("y", replicate=1)]
    found = merge_runs([*runs, cell("z", "b")], "where=w")
    assert {row["cell"]: row["arm"] for row in found.rows} == {
        "x": "a training.rate=0.1", "y": "a training.rate=0.1", "x2": "a training.rate=0.2",
        "y2": "a training.rate=0.2", "z": "b",
    }  # fmt: skip
    assert found.notes == ("Arm a of d was trained with different settings: 2 arms, distinguished by training.rate.",)


def test_arms_are_told_apart_where_no_replicate_is_there_twice_but_settings_are_mixed():
    found = merge_runs([cell("x"), cell("y", replicate=1, settings={"training.rate": "0.2", "more": "1"})], "where=w")
    assert sorted(row["arm"] for row in found.rows) == ["a more=1 training.rate=0.2", "a more=unset training.rate=0.1"]


def test_settings_that_follow_from_the_draw_are_no_difference():
    runs = [
        cell("x", settings={"examples.train": "9", "k": "1"}),
        cell("y", replicate=1, settings={"examples.train": "11", "k": "1"}),
        cell("z", n_train=20, settings={"examples.train": "20", "k": "1"}),
    ]
    assert {row["arm"] for row in merge_runs(runs, "where=w").rows} == {"a"}


def test_one_arm_with_other_settings_at_another_size_is_two_arms():
    runs = [cell("x", settings={"k": "1"}), cell("y", n_train=20, settings={"k": "2"})]
    assert {row["arm"] for row in merge_runs(runs, "where=w").rows} == {"a k=1", "a k=2"}


def test_another_model_under_the_same_name_in_another_data_set_is_said():
    pool = cell("y", dataset="other", settings={"encoder.class": "Pool"})
    runs = [cell("x", settings={"encoder.class": "CNN"}), pool]
    made = merge_runs(runs, "where=w")
    assert {row["arm"] for row in made.rows} == {"a"}
    assert made.notes == ("Arm a is not the same model in each data set: it differs in encoder.class.",)


def test_many_differing_settings_are_named_by_study_or_refused():
    many = {f"s{n}": "2" for n in range(5)}
    runs = [cell("x"), cell("y", settings=many, tags={"study": "t"})]
    assert {row["arm"] for row in merge_runs(runs, "where=w").rows} == {"a (s)", "a (t)"}
    with pytest.raises(InputError, match=r"^where=w: arm a of d was trained with different settings, in s0, s1, s2, s3 "
                                         r"and 2 more; say more in where=, such as s0=''$"):  # fmt: skip
        merge_runs([cell("x"), cell("y", settings=many)], "where=w")


def searches(budgets=(16, 32), sizes=(10,), **settings):
    """Default cells of two replicates, and tuned ones of a search of each budget."""
    shared = {"training.rate": "0.1", "encoder.k": "3"} | settings
    cells = []
    for size, replicate in product(sizes, (0, 1)):
        at = {"replicate": replicate, "n_train": size}
        cells.append(cell(f"default-{size}-{replicate}", setting="default", settings=shared, **at))
        for budget in budgets:
            chosen = {
                "training.rate": "0.5", "tune.space": "training.rate: log(0.1, 1)", "tune.budget": str(budget),
                "tune.trial": str(replicate), "tune.run": f"r{budget}{replicate}{size}",
            }  # fmt: skip
            name = f"tuned-{budget}-{size}-{replicate}"
            cells.append(cell(name, setting="tuned", settings=shared | chosen, **at))
    return cells


def arms_of(found):
    """The settings, and the fingerprints of the default cells, of each arm."""
    arms = {}
    for row in found.rows:
        arms.setdefault(row["arm"], []).append(row["cell"] if row["setting"] == "default" else row["setting"])
    return {arm: sorted(cells) for arm, cells in arms.items()}


def test_each_search_of_an_arm_has_the_default_cells_beside_it():
    found = merge_runs([*searches(), *searches((16,), sizes=(20,))], "where=w")
    assert arms_of(found) == {
        "a tune.budget=16": ["default-10-0", "default-10-1", "default-20-0", "default-20-1", *["tuned"] * 4],
        "a tune.budget=32": ["default-10-0", "default-10-1", "tuned", "tuned"],
    }
    assert "The default cells of arm a of d are beside each of its searches." in found.notes


def test_default_cells_of_sizes_that_were_not_searched_stay_an_arm():
    alone = [cell("alone", n_train=30, setting="default", settings={"training.rate": "0.1", "encoder.k": "3"})]
    assert arms_of(merge_runs([*searches(), *alone], "where=w"))["a"] == ["alone"]


def test_a_search_has_only_the_default_cells_that_it_began_with():
    """Two arms of one name with another ``k``: each has a search with a budget of its own."""
    other = [
        StoredCell(
            one.row | {"cell": f"other-{one.row['cell']}", "run": f"other-{one.row['run']}"}, one.settings, one.tags
        )
        for one in searches((32,), **{"encoder.k": "5"})
    ]
    found = arms_of(merge_runs([*searches((16,)), *other], "where=w"))
    assert found["a encoder.k=3 tune.budget=16"] == ["default-10-0", "default-10-1", "tuned", "tuned"]
    assert found["a encoder.k=5 tune.budget=32"] == ["other-default-10-0", "other-default-10-1", "tuned", "tuned"]
    assert len(found) == 2


def test_refits_and_further_searches_have_the_name_of_their_search():
    cells = searches()
    tuned = next(one for one in cells if one.row["cell"] == "tuned-16-10-0")
    for setting in ("refit", "tuned 2"):
        cells.append(StoredCell(tuned.row | {"cell": setting, "run": setting, "setting": setting}, tuned.settings, {}))
    found = arms_of(merge_runs(cells, "where=w"))
    assert found["a tune.budget=16"] == ["default-10-0", "default-10-1", "refit", "tuned", "tuned", "tuned 2"]
    assert len(found) == 2


def test_one_search_needs_no_other_names():
    found = merge_runs(searches((16,)), "where=w")
    assert (set(arms_of(found)), found.notes) == ({"a"}, ())


def searched_beside(*defaults, **tags):
    """A search over the learning rate, and default cells: their rates, replicates and tags."""
    shared = {"encoder.k": "3"}
    chosen = {"training.rate": "0.5", "tune.space": "training.rate: log(0.1, 1)", "tune.trial": "4", "tune.run": "r"}
    return [
        cell("tuned", setting="tuned", settings=shared | chosen, tags=tags or None),
        *(
            cell(f"default-{rate}", setting="default", replicate=number, settings=shared | {"training.rate": rate},
                 tags=own)
            for rate, number, own in defaults
        ),
    ]  # fmt: skip


OURS, THEIRS = ({"study": f"s{parent}", "parent": parent} for parent in "pq")


def test_default_cells_that_differ_in_a_searched_key_stay_arms_where_their_search_is_not_known():
    found = merge_runs(searched_beside(("0.1", 0, THEIRS), ("0.01", 0, THEIRS), **OURS), "where=w")
    assert arms_of(found) == {
        "a": ["tuned"], "a training.rate=0.1": ["default-0.1"], "a training.rate=0.01": ["default-0.01"],
    }  # fmt: skip
    assert found.notes[-1] == (
        "Default cells of arm a of d differ in training.rate: as it is not known with which of them its search began, "
        "a has none."
    )


def test_default_cells_of_one_comparison_do_not_show_which_of_them_a_search_began_with():
    found = merge_runs(searched_beside(("0.1", 0, OURS), ("0.01", 0, OURS), **OURS), "where=w")
    assert set(arms_of(found)) == {"a", "a training.rate=0.1", "a training.rate=0.01"}


def test_default_cells_that_differ_in_a_searched_key_are_no_single_arm_in_several_replicates():
    found = merge_runs(searched_beside(("0.1", 0, THEIRS), ("0.01", 1, THEIRS), **OURS), "where=w")
    assert arms_of(found) == {
        "a": ["tuned"], "a training.rate=0.1": ["default-0.1"], "a training.rate=0.01": ["default-0.01"],
    }  # fmt: skip


@pytest.mark.parametrize("replicate", [0, 1])
@pytest.mark.parametrize(("own", "origin"), [(OURS, "comparison"), (OURS | {"parent": "earlier"}, "study")])
def test_the_default_cells_of_the_same_comparison_or_study_are_beside_a_search(own, origin, replicate):
    found = merge_runs(searched_beside(("0.1", 0, own), ("0.01", replicate, THEIRS), **OURS), "where=w")
    assert arms_of(found) == {"a": ["default-0.1", "tuned"], "a training.rate=0.01": ["default-0.01"]}
    assert found.notes[-1] == (
        f"Default cells of arm a of d differ in training.rate: those of the same {origin} as the tuned cells are "
        "beside a."
    )


def test_replicates_of_other_seeds_are_numbered_by_seed():
    runs = [cell("x"), cell("y", replicate=1), cell("z", data_seed=7, init_seed=7)]
    found = merge_runs(runs, "where=w")
    assert {row["cell"]: row["replicate"] for row in found.rows} == {"x": 0, "y": 1, "z": 7}
    assert "numbered by their seeds" in found.notes[0]


def test_an_unfinished_cell_gives_way_to_a_finished_one_of_the_same_arm_size_and_replicate():
    found = merge_runs([cell("x"), cell("old", status="failed")], "where=w")
    assert [row["cell"] for row in found.rows] == ["x"]
    assert found.notes == ("1 left out: not finished, where another run of its arm, size and replicate is.",)


def test_what_cannot_be_told_apart_is_refused_with_what_differs():
    with pytest.raises(InputError, match=r"arm a of d, n_train 10, replicate 0 is there 2 times with the same "
                                         r"settings; they differ in draw, commit: say more in where=$"):  # fmt: skip
        merge_runs([cell("x"), cell("y", draw="v", tags={"commit": "1", "study": "s", "parent": "p"})], "where=w")


def test_other_data_sets_have_the_same_arms():
    assert len(merge_runs([cell("x"), cell("y", dataset="e")], "where=w").rows) == 2
