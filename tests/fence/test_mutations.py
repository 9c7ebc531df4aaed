"""Damaged files of every reader end in a result or in one line, whatever the damage.

Few examples, the same each time; ``make fuzz`` tries many more.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fence.mutations import mutated
from tests.fence.outcome import READERS, outcome


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", READERS)
def test_the_files_that_are_damaged_are_read_while_they_are_whole(name):
    reader = READERS[name]
    assert outcome(reader, reader.valid[reader.file]) == "result"


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_damage_is_a_result_or_one_line(name):
    reader = READERS[name]
    valid = reader.valid[reader.file]

    @settings(max_examples=12, derandomize=True, deadline=None, database=None)
    @given(st.integers(0, 10**6))
    def damaged(seed):
        assert outcome(reader, mutated(valid, seed))

    damaged()
    assert outcome(reader, b"")
