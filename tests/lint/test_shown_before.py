"""Test texts that sweeps and searches were tested on."""

from seedbed.lint.shown_before import ShownBefore, shown_before


def said(tested, by_study, **left):
    return list(shown_before(ShownBefore("imdb", tested, by_study, {name: left.get(name, 0) for name in by_study})))


def test_a_study_that_shares_test_texts_is_named_with_their_number_and_what_it_left():
    tested, shown = {"a", "b", "c"}, {"rates": {"a", "b", "x"}, "other": {"y"}}
    text = "imdb: 2 of 3 test texts were also those of rates, a sweep or search; "
    assert said(tested, shown, rates=1200) == [text + "confirm=rates draws others (1,200 left)"]
    assert said(tested, shown) == [text + "none is left to confirm a choice on"]


def test_several_studies_are_one_finding_which_advises_only_what_can_work():
    shown = {"rates": {"a", "b", "x"}, "all": {"a", "b", "c", "y"}, "other": {"y"}}
    text = "imdb: test texts were also those of sweeps or searches: "
    assert said({"a", "b", "c"}, shown, rates=5) == [
        text + "rates (2 of 3), all (3 of 3); confirm=rates draws others (5 left)"
    ]
    assert said({"a", "b", "c"}, shown, rates=5, all=7) == [
        text + "all (3 of 3), rates (2 of 3); confirm=all draws others (7 left), or confirm=rates draws others (5 left)"
    ]
    assert said({"a", "b", "c"}, shown) == [
        text + "all (3 of 3), rates (2 of 3); none is left by them to confirm a choice on"
    ]
    many = {f"study_{n}": {"a"} for n in range(7)}
    (line,) = said({"a"}, many, study_6=2)
    assert line.startswith(text + "study_6 (1 of 1), study_0 (1 of 1), study_1 (1 of 1), study_2 (1 of 1) and 3 more; ")
    assert line.endswith("confirm=study_6 draws others (2 left)")


def test_a_study_without_test_texts_has_no_finding():
    assert said(set(), {"rates": {"a"}}) == []
