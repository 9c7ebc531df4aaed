"""Test texts that sweeps were tested on."""

from seedbed.lint.shown_before import ShownBefore, shown_before


def test_each_study_that_shares_test_texts_is_named_with_their_number():
    data = ShownBefore("imdb", {"a", "b", "c"}, {"rates": {"a", "b", "x"}, "other": {"y"}, "all": {"a", "b", "c", "y"}})
    assert list(shown_before(data)) == [
        "imdb: 2 of 3 test texts were also those of rates, a sweep or search; confirm=rates draws others, if any are "
        "left",
        "imdb: 3 of 3 test texts were also those of all, a sweep or search; confirm=all draws others, if any are left",
    ]


def test_a_study_without_test_texts_has_no_finding():
    assert list(shown_before(ShownBefore("imdb", set(), {"rates": {"a"}}))) == []
