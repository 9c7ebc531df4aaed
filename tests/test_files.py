import os

import pytest

from seedbed.errors import InputError
from seedbed.files import replacing, write_whole


def test_a_file_that_could_not_be_finished_leaves_the_old_one_and_nothing_else(tmp_path, monkeypatch):
    write_whole(tmp_path / "a.csv", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"a\.csv: cannot be written: No space left on device"):
        write_whole(tmp_path / "a.csv", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == b"old"


def test_a_stream_that_breaks_off_leaves_the_old_file(tmp_path):
    write_whole(tmp_path / "a.npz", b"old")

    def break_off():
        with replacing(tmp_path / "a.npz") as stream:
            stream.write(b"new")
            raise ValueError("broken off")

    with pytest.raises(ValueError, match="broken off"):
        break_off()
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
    with replacing(tmp_path / "a.npz") as stream:
        stream.write(b"new")
        assert (tmp_path / "a.npz").read_bytes() == b"old"
    assert (tmp_path / "a.npz").read_bytes() == b"new"
