"""Leases: each cell has one holder, whoever asks at once; the dead lose theirs; a deleted table is made again."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from seedbed.errors import InputError
from seedbed.tracking.holders import this_worker
from seedbed.tracking.lease_databases import SqliteFile
from seedbed.tracking.lease_table import LEASES, WORKERS, LeaseTable
from seedbed.tracking.leases import Leases, open_leases
from seedbed.tracking.settings import Tracking


def quiet(line):
    pass


@pytest.fixture
def file(tmp_path):
    """A database that has no tables yet."""
    path = tmp_path / "bare.db"
    path.touch()
    return path


@pytest.fixture
def opened(file):
    """Opens leases of further workers; ``worker``: fields that differ from those of this process."""
    made = []

    def new(lease_s=60.0, beat_s=10.0, **worker):
        if not made:
            Leases(LeaseTable(SqliteFile(file), lease_s), this_worker()).close()
            execute(file, f"UPDATE {WORKERS} SET since = since - 1000")  # the tables are old
        leases = Leases(LeaseTable(SqliteFile(file), lease_s), replace(this_worker(), **worker), lease_s, beat_s)
        made.append(leases)
        return leases

    yield new
    for leases in made:
        leases.close()


def execute(file, statement):
    with closing(sqlite3.connect(file, timeout=20)) as connection, connection:
        return connection.execute(statement).fetchall()


def test_a_group_is_held_by_one_worker_all_cells_or_none(opened):
    one, two = opened(), opened()
    assert one.claim(["a", "b"])
    assert one.claim(["b", "a"])  # its own
    assert not two.claim(["c", "b"])
    assert opened().claim(["c"])
    assert {cell: holder.worker for cell, holder in two.holders(["a", "b", "x"]).items()} == dict.fromkeys(
        ["a", "b"], one.worker.worker
    )
    assert one.holders(["a", "b"]) == {}
    one.release(["b"])
    assert two.claim(["b"])
    assert not two.claim(["a"])
    assert two.before == {"b"}
    assert one.before == set()


def test_closing_releases_everything_and_returns_the_others_on_the_study(opened):
    one, two, elsewhere = opened(), opened(), opened()
    one.join_study("s")
    two.join_study("s")
    elsewhere.join_study("t")
    assert one.claim(["a"])
    assert [other.worker for other in two.others()] == [one.worker.worker]
    assert [other.worker for other in one.close()] == [two.worker.worker]
    assert two.claim(["a"])
    assert two.close() == two.close() == []


def test_what_is_known_of_cells_is_forgotten_when_nobody_works(opened, file):
    one = opened()
    one.claim(["a"])
    one.close()
    assert execute(file, f"SELECT cell, held FROM {LEASES}") == [("a", 0)]
    two = opened()
    assert two.claim(["a"])
    assert not two.before


def claim_all(file, keys, barrier, won):
    leases = Leases(LeaseTable(SqliteFile(file), 60.0), this_worker())
    barrier.wait()
    for key in keys:
        if leases.claim([key, f"{key}+"]):
            won.append(key)
    barrier.wait()
    leases.close()


def test_many_threads_claim_each_key_once(file):
    keys, won, barrier = [f"k{n}" for n in range(30)], [], threading.Barrier(8)
    threads = [threading.Thread(target=claim_all, args=(file, keys, barrier, won)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(keys)


def test_many_processes_claim_each_key_once_on_a_bare_table(file):
    spawn = multiprocessing.get_context("spawn")
    keys = [f"k{n}" for n in range(30)]
    with spawn.Manager() as manager:
        won, barrier = manager.list(), manager.Barrier(4)
        processes = [spawn.Process(target=claim_all, args=(file, keys, barrier, won)) for _ in range(4)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * 4
        assert sorted(won) == sorted(keys)


def test_a_worker_without_beats_expires_and_one_that_beats_does_not(opened):
    silent = opened(lease_s=1.0, beat_s=1000.0, worker="far:1:a-b-c")
    beating = opened(lease_s=1.0, beat_s=0.1, worker="far:2:a-b-c")
    assert silent.claim(["a"])
    assert beating.claim(["b"])
    other = opened(lease_s=1.0, beat_s=0.1)
    assert not other.claim(["a"])
    time.sleep(2)
    assert other.claim(["a"])
    assert other.before == {"a"}
    assert not other.claim(["b"])
    assert not silent.keeps(["a"])
    assert beating.keeps(["b"])


def test_a_killed_process_on_this_host_loses_its_leases_at_once(opened, file):
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from seedbed.tracking.holders import this_worker\n"
        "from seedbed.tracking.lease_databases import SqliteFile\n"
        "from seedbed.tracking.lease_table import LeaseTable\n"
        "from seedbed.tracking.leases import Leases\n"
        "leases = Leases(LeaseTable(SqliteFile(Path(sys.argv[1])), 60.0), this_worker())\n"
        "print(leases.claim(['a']), flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "True\n"
        leases = opened()
        assert not leases.claim(["a"])
        assert leases.holders(["a"])["a"].pid == process.pid
        process.kill()
        process.wait()
    assert leases.claim(["a"])


def test_a_process_that_has_the_id_of_an_ended_one_is_another(opened):
    host_pid, _, rest = this_worker().worker.rpartition(":")
    place, _, random = rest.split("-")
    gone = opened(worker=f"{host_pid}:{place}-0-{random}")
    gone.claim(["a"])
    assert opened().claim(["a"])


@pytest.mark.parametrize("table", [WORKERS, LEASES])
def test_a_deleted_table_is_made_again_and_leases_are_kept(opened, file, table):
    one, two = opened(beat_s=0.2), opened(beat_s=1000.0)
    assert one.claim(["a"])
    execute(file, f"DROP TABLE {table}")
    time.sleep(1)
    if table == LEASES:  # a beat does not see that: the cell is claimed anew, and both look into the store
        execute(file, f"DELETE FROM {WORKERS}")
        time.sleep(1)
    assert not two.claim(["a"])
    assert one.keeps(["a"])
    assert one.before == {"a"}
    assert two.claim(["b"])


def test_what_is_claimed_while_a_table_is_new_is_looked_up_in_the_store(opened, file):
    one, two = opened(lease_s=2.0, beat_s=1000.0), opened(lease_s=2.0, beat_s=1000.0)
    assert one.claim(["a"])
    execute(file, f"DROP TABLE {WORKERS}")
    execute(file, f"DROP TABLE {LEASES}")
    assert two.claim(["a"])  # nobody knows of the other, which has not beaten yet
    assert two.before == {"a"}
    time.sleep(2.5)
    assert two.claim(["b"])
    assert two.before == {"a"}


def test_two_versions_on_one_study_are_refused(opened):
    old, new = opened(version="0.0.9", host="node7", pid=12, worker="node7:12:a-b-c"), opened()
    old.join_study("s")
    old.claim(["a"])
    message = r"node7:12 works on the same cells with seedbed 0\.0\.9, and this is seedbed .*: use one version"
    with pytest.raises(InputError, match=message):
        new.join_study("s")
    with pytest.raises(InputError, match=message):
        new.claim(["a"])
    new.join_study("t")
    assert new.claim(["b"])


def test_one_worker_at_a_time_holds_what_is_exclusive(file):
    inside, most, counts = 0, 0, []

    def work():
        nonlocal inside, most
        with Leases(LeaseTable(SqliteFile(file), 60.0), this_worker()) as leases:
            for _ in range(3):
                with leases.exclusive("door", "it tests", quiet):
                    inside += 1
                    most = max(most, inside)
                    time.sleep(0.02)
                    inside -= 1
                    counts.append(1)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(counts)) == (1, 15)


def test_a_store_that_is_away_is_no_reason_to_stop(opened, file):
    leases = opened(lease_s=60.0, beat_s=0.1)
    assert leases.claim(["a"])
    file.rename(file.with_suffix(".away"))
    file.mkdir()
    time.sleep(0.5)
    leases.release(["a"])
    file.rmdir()
    file.with_suffix(".away").rename(file)
    time.sleep(1)
    assert opened().claim(["a"])  # released by a later beat


def test_leases_are_in_the_store(store, tracking):
    with open_leases(store, name="gpu 3") as leases:
        assert leases.claim(["a"])
        rows = execute(tracking.database, f"SELECT name, pid FROM {WORKERS} WHERE pid > 0")
    assert rows == [("gpu 3", os.getpid())]
    assert execute(Tracking(uri=tracking.uri).database, f"SELECT * FROM {WORKERS} WHERE pid > 0") == []


def test_a_database_that_was_deleted_is_not_made_again(opened, file):
    leases = opened()
    file.unlink()
    with pytest.raises(InputError, match="unable to open database file"):
        leases.claim(["a"])
    assert not file.exists()
