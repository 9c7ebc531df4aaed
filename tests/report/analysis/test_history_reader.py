"""Histories are read once, and damaged ones are named."""

import pytest

from seedbed.errors import InputError, StoreUnavailableError
from seedbed.report.analysis.history_reader import HistoryReader


class Histories:
    """A store that keeps histories alone."""

    def __init__(self, of):
        self.history = of


def test_a_store_that_does_not_answer_is_no_damaged_history():
    def reader(error):
        def failing(run):
            raise error

        return HistoryReader(Histories(failing))

    damaged = reader(InputError("epochs.json of run r1: cut"))
    assert damaged.read("r1") == {}
    assert damaged.damaged == {"r1": "epochs.json of run r1: cut"}
    with pytest.raises(StoreUnavailableError):
        reader(StoreUnavailableError("no answer")).read("r1")


def test_each_history_is_read_once():
    runs = []
    reader = HistoryReader(Histories(lambda run: runs.append(run) or {"train/loss": (0.5, float("nan"))}))
    assert [list(reader.read("r1")["train/loss"])[:1] for _ in range(2)] == [[0.5], [0.5]]
    assert (runs, reader.read("")) == (["r1"], {})
    assert HistoryReader(None).read("r1") == {}
