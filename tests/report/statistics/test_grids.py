import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seedbed.report.statistics.grids import complete_grid

holed = st.tuples(st.integers(1, 6), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(st.sampled_from([1.0, 1.0, np.nan]), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@given(holed)
def test_the_complete_part_has_no_missing_values(grid):
    rows, columns = complete_grid(grid)
    assert not np.isnan(np.array(grid)[np.ix_(rows, columns)]).any()
    if not np.isnan(grid).any():
        assert (len(rows), len(columns)) == (len(grid), len(grid[0]))


def test_the_largest_share_of_missing_values_is_dropped_first():
    nan = np.nan
    assert complete_grid([[1, 1, nan], [1, 1, nan], [1, 1, 1]]) == ([0, 1, 2], [0, 1])
    assert complete_grid([[1, 1, 1], [nan, nan, 1], [1, 1, 1]]) == ([0, 2], [0, 1, 2])
    assert complete_grid([[nan]]) == ([], [0])
