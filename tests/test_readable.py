"""What is no file with an end is refused before it is opened: to open a pipe would wait for ever."""

import os
import socket
from pathlib import Path

from tests.refusals import refusal

from seedbed.readable import exists, regular


def refused(path, said):
    return refusal(regular, path, match=said)


def test_a_file_gives_its_state_also_by_way_of_a_link(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(b"abc")
    (tmp_path / "link").symlink_to(file)
    assert regular(file).st_size == regular(tmp_path / "link").st_size == 3
    assert exists(file)
    assert exists(tmp_path)


def test_pipes_sockets_devices_and_folders_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind("socket")
        assert refused(Path("socket"), "socket: cannot be read: it is a socket")
    assert refused(Path("pipe"), "pipe: cannot be read: it is a pipe, which need not end; write it into a file first")
    assert refused(tmp_path, "cannot be read: it is a folder, not a file")
    for device in ("/dev/null", "/dev/zero"):
        assert refused(Path(device), f"{device}: cannot be read: it is a device")


def test_names_that_no_file_has_or_can_have_are_one_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refused(tmp_path / "none.txt", "none.txt: there is no such file")
    assert refused(tmp_path / "a.txt" / "b", "b: there is no such file")
    assert refused(Path("a" * 5000), "aaa: cannot be read: File name too long")
    assert refused(tmp_path / "loop", "cannot be read: Too many levels")
    assert refused(Path("zero\0byte"), "cannot be read: embedded null byte")
    for name in ("none.txt", "a" * 5000, "zero\0byte"):
        assert not exists(tmp_path / name)
