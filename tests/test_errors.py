import pickle

from seedbed.errors import LONGEST_FOREIGN, MOST_LISTED, InputError, StoreUnavailableError, nearest, one_line


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


def test_names_from_a_file_leave_a_message_on_one_line_that_can_be_printed():
    error = StoreUnavailableError("t.csv: no column 'a\nb\x1b[31m\u2028\ud800é'")
    assert str(error) == "t.csv: no column 'a b\\x1b[31m \\ud800é'"
    copy = pickle.loads(pickle.dumps(error))  # as a worker sends it
    assert (type(copy), str(copy)) == (StoreUnavailableError, str(error))
    assert str(InputError()) == ""


def test_a_foreign_exception_that_quotes_a_file_is_cut():
    assert one_line(ValueError("a\n  b")) == "a b"
    assert len(one_line(ValueError("x" * 5_000))) == LONGEST_FOREIGN + 1
