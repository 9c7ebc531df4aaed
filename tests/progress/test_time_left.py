"""The time left, by a clock that the test moves."""

import pytest

from seedbed.progress.time_left import TimeLeft


@pytest.fixture
def clock():
    class Clock:
        now = 100.0

        def __call__(self):
            return self.now

    return Clock()


@pytest.mark.parametrize(
    ("seconds", "done", "said"),
    [
        (60, 10, ", about 1 min 0 s left"),
        (60, 5, ", about 3 min 0 s left"),
        (60, 0.5, ", about 39 min 0 s left"),
        (60, 0, ""),
        (60, 20, ""),
        (4, 10, ""),
    ],
)
def test_the_other_cells_need_as_much_as_those_done(clock, seconds, done, said):
    left = TimeLeft(20, clock)
    clock.now += seconds
    assert left.text(done) == said


def test_cells_that_others_trained_took_no_time_here(clock):
    left = TimeLeft(20, clock)
    left.others(8)
    clock.now += 60
    assert left.text(8) == ""
    assert left.text(10) == ", about 5 min 0 s left"
