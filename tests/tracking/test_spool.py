"""Records of the spool are whole or recognized as cut; a killed process leaves nothing that is half delivered."""

import os
import signal
import subprocess
import sys

import pytest

from seedbed.tracking import spool
from seedbed.tracking.settings import Tracking
from seedbed.tracking.spool import (
    DAMAGED,
    SpoolFile,
    delivered,
    finish_file,
    locked,
    note_delivered,
    other_stores,
    read_records,
    spool_files,
    spool_folder,
)

RECORDS = [b"first", b"", b"x" * 5000]
PG = Tracking(uri="postgresql://me:Zq7secret@db/x")


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def written():
    file = SpoolFile(PG)
    for record in RECORDS:
        file.append(record)
    path = file.path
    file.close()
    return path


def test_records_come_back_in_order_and_nothing_has_the_password(written, state):
    assert read_records(written).whole == RECORDS
    assert spool_files(PG) == [written]
    assert written.stat().st_mode & 0o077 == 0
    assert not [path for path in state.rglob("*") if path.is_file() and b"Zq7" in path.read_bytes()]
    assert other_stores(PG) == []
    assert other_stores(Tracking(uri="http://h")) == ["postgresql://***@db/x"]


def test_the_spool_of_a_store_does_not_depend_on_its_password():
    assert spool_folder(Tracking(uri="postgresql://me:other@db/x")) == spool_folder(PG)
    assert spool_folder(Tracking(uri="postgresql://db2/x")) != spool_folder(PG)
    assert spool_folder(Tracking(uri=PG.uri, experiment="e")) != spool_folder(PG)


def test_at_every_cut_the_whole_records_before_it_are_read(written):
    content = written.read_bytes()
    ends = [len(content)]
    for record in reversed(RECORDS):
        ends.insert(0, ends[0] - len(record) - spool._HEAD.size)
    for length in [*range(0, ends[2] + 60), len(content) - 1]:
        written.write_bytes(content[:length])
        found = read_records(written)
        n = sum(end <= length for end in ends[1:])
        assert found.whole == RECORDS[:n]
        assert found.damaged == 0
        assert (found.cut > 0) == (length not in [0, *ends])


def test_a_damaged_record_is_left_out_and_the_next_is_read(written):
    content = bytearray(written.read_bytes())
    content[len(spool._MAGIC) + spool._HEAD.size] ^= 1
    written.write_bytes(content)
    found = read_records(written)
    assert found.whole == RECORDS[1:]
    assert (found.damaged, found.cut) == (spool._HEAD.size + 5, 0)
    finish_file(written, damaged=True)
    assert written.with_suffix(DAMAGED).read_bytes() == content
    assert spool_files(PG) == []


def test_a_file_of_something_else_is_damaged(written):
    written.write_bytes(b"something else")
    assert read_records(written).damaged == 14


def test_what_is_delivered_is_noted_and_the_last_file_takes_its_folder_along(written, state):
    note_delivered(written, "t0")
    note_delivered(written, "t1")
    assert delivered(written) == {"t0", "t1"}
    finish_file(written, damaged=False)
    assert not [path for path in state.rglob("*") if path.is_file()]


WRITER = """
import sys
from seedbed.tracking.settings import Tracking
from seedbed.tracking.spool import SpoolFile
file = SpoolFile(Tracking(uri="postgresql://db/x"))
file.append(b"kept")
print("written", flush=True)
sys.stdin.read()
"""


def test_a_file_is_locked_while_its_process_lives_and_free_after_a_kill():
    tracking = Tracking(uri="postgresql://db/x")
    with subprocess.Popen([sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"written\n"
        (path,) = spool_files(tracking)
        with locked(path) as mine:
            assert not mine
        process.send_signal(signal.SIGKILL)
        process.wait()
        with locked(path) as mine:
            assert mine
        assert read_records(path).whole == [b"kept"]


def test_a_record_that_does_not_fit_leaves_the_file_as_it_was(monkeypatch):
    import resource

    file = SpoolFile(PG)
    file.append(b"kept")
    size = file.path.stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.append(os.urandom(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert file.path.stat().st_size == size
    file.append(b"after")
    assert read_records(file.path).whole == [b"kept", b"after"]
    file.close()
