"""Limits of files: the variable and the data set, what unpacks, what declares a shape."""

import pytest
from tests.refusals import refusal

from seedbed import limits
from seedbed.limits import current_limit, refuse_expansion, refuse_large, refuse_number, refuse_shape, size_limit


def test_the_lower_limit_counts_and_is_named(monkeypatch):
    monkeypatch.delenv(limits.VARIABLE, raising=False)
    assert current_limit().gigabytes == 20
    refuse_large("a", 20e9)
    assert refusal(refuse_large, "a", 20e9 + 1, match="a: more than SEEDBED_MAX_FILE_GB=20; raise it")
    with size_limit(4):
        assert refusal(refuse_large, "a", 5e9, match="more than dataset.max_file_gb=4;")
        monkeypatch.setenv(limits.VARIABLE, "0.5")
        assert refusal(refuse_large, "a", 5e9, match="more than SEEDBED_MAX_FILE_GB=0.5;")
    assert refusal(refuse_large, "a", 5e9, match="more than SEEDBED_MAX_FILE_GB=0.5;")


@pytest.mark.parametrize("value", ["x", "0", "-1", "nan"])
def test_a_limit_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv(limits.VARIABLE, value)
    assert refusal(current_limit, match=f"SEEDBED_MAX_FILE_GB={value}: must be a number above 0, such as 20")


def test_what_unpacks_to_much_is_refused_only_where_it_is_out_of_proportion():
    free = limits.FREE_BYTES
    refuse_expansion("a", free, 1)
    refuse_expansion("a", 10 * free, free)
    assert refusal(
        refuse_expansion, "a", free + 1, 1000, match="a: 1,000 bytes that unpack to 67,108,865 bytes or more"
    )
    refuse_expansion("a", limits.RATIO * free, free)
    assert refusal(refuse_expansion, "a", limits.RATIO * free + 1, free, match="over 200 times")


def test_a_shape_is_compared_with_the_bytes_that_are_there():
    assert refuse_shape("a", (3, 4), 4, 48) == 48
    assert refuse_shape("a", (), 8, 8) == 8
    assert refusal(
        refuse_shape, "a", (3, 4), 4, 47, match="a: declares an array of 3 x 4, 48 bytes, and has 47: it is cut"
    )
    assert refusal(refuse_shape, "a", (-3, -4), 4, 99, match="-3 x -4")
    assert refusal(refuse_shape, "a", (10**400, 3), 4, 99, match=r"10\^400 x 3")


def test_a_number_beyond_every_model_is_refused():
    refuse_number("a", 5, 5)
    assert refusal(refuse_number, "a: dim", 10**500, 5, match=r"a: dim=10\^500: must be at most 5")
