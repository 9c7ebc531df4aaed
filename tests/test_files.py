import os

import pytest

from seedbed.errors import InputError
from seedbed.files import nothing_left, replacing, replacing_folder, write_whole


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


def test_a_folder_takes_its_place_whole_and_takes_that_of_an_old_one(tmp_path):
    for content in ("one", "two"):
        with replacing_folder(tmp_path / "deep" / "folder") as unfinished:
            (unfinished / content).write_text(content, encoding="utf-8")
        assert [path.name for path in (tmp_path / "deep").iterdir()] == ["folder"]
        assert [path.name for path in (tmp_path / "deep/folder").iterdir()] == [content]


def test_a_folder_that_could_not_be_finished_leaves_the_old_one_and_nothing_else(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old/file").touch()

    def break_off(folder):
        with replacing_folder(folder) as unfinished:
            (unfinished / "half").touch()
            raise KeyboardInterrupt

    for name in ("old", "deep/new"):
        with pytest.raises(KeyboardInterrupt):
            break_off(tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "old", tmp_path / "old/file"]


def test_an_old_folder_whose_place_cannot_be_taken_comes_back(tmp_path, monkeypatch):
    (tmp_path / "old").mkdir()
    (tmp_path / "old/file").touch()
    rename = type(tmp_path).rename

    def full(self, target):
        if self.suffix == ".tmp":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    def replace():
        with replacing_folder(tmp_path / "old"):
            monkeypatch.setattr(type(tmp_path), "rename", full)

    with pytest.raises(OSError, match="No space"):
        replace()
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "old", tmp_path / "old/file"]


def test_what_fails_leaves_no_folder_that_was_made_for_it(tmp_path):
    (tmp_path / "there").mkdir()

    def fail():
        with nothing_left(tmp_path / "there/a/b"):
            (tmp_path / "there/a/b").mkdir(parents=True)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "there"]
