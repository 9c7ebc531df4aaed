from seedbed.errors import MOST_LISTED, nearest


def test_a_near_name_is_offered_and_few_valid_ones_are_listed():
    assert (
        nearest("acuracy", ["test/f1", "test/accuracy"])
        == "; did you mean test/accuracy? (valid: test/accuracy, test/f1)"
    )
    assert nearest("glov", ["glove"], "embedding") == "; did you mean embedding=glove? (valid: glove)"
    assert nearest("GLOVE", ["glove"], "a", ".") == "; did you mean a.glove? (valid: glove)"
    assert nearest("units", ["unit", "encoder.units"]).startswith("; did you mean encoder.units?")


def test_nothing_far_is_offered_and_many_names_are_not_listed():
    assert nearest("embedding", ["test/recall/positive"]) == " (valid: test/recall/positive)"
    assert nearest("embedding", []) == ""
    many = [f"arm{number}" for number in range(MOST_LISTED + 1)]
    assert nearest("embedding", many) == ""
    assert nearest("arm7x", many) == "; did you mean arm7?"


def test_a_message_stays_one_line():
    assert "\n" not in nearest("a", ["a\nb"])
