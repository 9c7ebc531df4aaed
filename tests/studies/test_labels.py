import pytest

from seedbed.errors import InputError, StoreUnavailableError
from seedbed.studies.labels import FILE, keep_counts, stored_counts

COUNTS = {50: {"a": 20.5, "b": 29.5}, 100: {"a": 40.0, "b": 60.0}}


class Kept:
    """The files of two comparisons of one name."""

    def __init__(self):
        self.files = {}

    def comparisons(self, name):
        return ["r1", "r2"]

    def log_json(self, run_id, name, content):
        self.files[run_id, name] = content

    def read_json(self, run_id, name, default):
        content = self.files.get((run_id, name), default)
        if isinstance(content, Exception):
            raise content
        return content


@pytest.fixture
def store():
    kept = Kept()
    keep_counts(kept, "r2", COUNTS)
    return kept


def test_counts_are_those_that_were_kept(store):
    lines = []
    assert stored_counts(store, "mine", lines.append) == COUNTS
    assert lines == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"many": {"a": 1.0}}, "damaged: many is no number of examples"),
        ({"9" * 5_000: {"a": 1.0}}, "is no number of examples"),
        ({"5": {"a": "one"}}, 'damaged: 5.a must be int or float, not "one"'),
        ([1], "damaged"),
        (InputError("labels.json of run r1: not JSON: it is empty"), "not JSON"),
    ],
    ids=["a size that is none", "a size of thousands of digits", "a count that is none", "a list", "cut"],
)
def test_damaged_counts_are_named_and_left_out(store, content, why):
    store.files["r1", FILE] = content
    lines = []
    assert stored_counts(store, "mine", lines.append) == COUNTS
    (line,) = lines
    assert line.startswith("not used: labels.json of run r1: ")
    assert why in line


def test_a_store_that_does_not_answer_is_no_damaged_file(store):
    store.files["r1", FILE] = StoreUnavailableError("tracking store http://x: does not answer")
    with pytest.raises(StoreUnavailableError):
        stored_counts(store, "mine", print)
