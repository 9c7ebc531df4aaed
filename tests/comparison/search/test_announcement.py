"""The line before training says which search it is, of how many trials and replicates."""

import pytest

from seedbed.comparison.search.announcement import announcement
from seedbed.comparison.search.cells import Search


@pytest.mark.parametrize(("replicates", "searches_each", "expected"), [
    (1, 1, ["search (random): cnn, n=6: 5 trials in one replicate, over training.learning_rate"]),
    (3, 2, ["search 1 of 2 (random): cnn, n=6: 5 trials in each of 3 replicates", "search 2 of 2 (random): cnn"]),
])  # fmt: skip
def test_each_search_of_the_same_replicates_has_its_number(searches, replicates, searches_each, expected):
    plan = searches(
        "cnn", keys={"replicates": replicates}, method="random", budget=5, searches=searches_each,
        space={"training.learning_rate": "log(1e-3, 1e-1)"},
    )  # fmt: skip
    by_setting = {}
    for planned in plan.planned:
        if planned.search:
            search = Search(planned, plan.spaces["cnn"], plan.tune, seed=1)
            by_setting.setdefault(planned.cell.setting, []).append(search)
    lines = [announcement(of_setting, None, 4 * replicates) for of_setting in by_setting.values()]
    assert [line.startswith(start) for line, start in zip(lines, expected, strict=True)] == [True] * len(expected)
