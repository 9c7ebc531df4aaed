import os

import pytest

from seedbed.errors import InputError
from seedbed.files import write_whole


def test_a_file_that_could_not_be_finished_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    write_whole(tmp_path / "a.csv", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"a\.csv: cannot be written: No space left on device"):
        write_whole(tmp_path / "a.csv", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"old"
