"""``seedbed sync`` delivers what was kept while a store did not answer, and says what it did."""

import pytest

from seedbed.cells import Cell, Outcome
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking
from seedbed.tracking.spool import SpoolFile, spool_files
from seedbed.tracking.spool_records import TrainedGroup, to_bytes


def kept(tracking, *names):
    """Spool a group of cells, as a study does."""
    cells = [Cell("a", "d", "e", "c", "tagging", 50, n, n, n, "d", name) for n, name in enumerate(names)]
    file = SpoolFile(tracking)
    file.append(
        to_bytes(TrainedGroup(f"of {names[0]}", cells, [Outcome("finished", {"test/f1": 0.5})] * len(cells), None, {}))
    )
    file.close()


def test_nothing_to_deliver(seedbed, tmp_path):
    said = seedbed("sync", f"tracking.uri=sqlite:///{tmp_path}/x.db")
    assert (said.code, said.err) == (0, "")
    assert said.out == f"sqlite:///{tmp_path}/x.db: nothing is in its spool\n"
    assert not (tmp_path / "x.db").exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["sync", "report"])
def test_what_was_kept_is_delivered_once(seedbed, tmp_path, command, caplog):
    tracking = Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db")
    open_store(tracking)
    kept(tracking, "c0", "c1")
    kept(tracking, "c2")
    said = seedbed(command, f"tracking.uri={tracking.uri}")
    assert "3 cells delivered" in said.out + caplog.text
    assert set(open_store(tracking).finished(["c0", "c1", "c2"])) == {"c0", "c1", "c2"}
    assert spool_files(tracking) == []
    again = seedbed("sync", f"tracking.uri={tracking.uri}")
    assert (again.code, again.out) == (0, f"{tracking.shown_address}: nothing is in its spool\n")
    assert len(open_store(tracking).find_runs({"seedbed.kind": "cell"})) == 3


def test_damaged_records_are_said_and_kept_aside(seedbed, tmp_path):
    tracking = Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db")
    open_store(tracking)
    kept(tracking, "c0")
    (path,) = spool_files(tracking)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    said = seedbed("sync", f"tracking.uri={tracking.uri}")
    assert said.code == 1
    assert "bytes are damaged and left out; they stay in *.damaged" in said.err
    assert len(list(path.parent.glob("*.damaged"))) == 1


def test_other_stores_with_a_spool_are_named(seedbed, tmp_path):
    kept(Tracking(uri="postgresql://me:Zq7secret@db/results"), "c0")
    said = seedbed("sync", f"tracking.uri=sqlite:///{tmp_path}/x.db")
    assert "there is a spool of postgresql://***@db/results" in said.out
    assert "Zq7" not in said.out


def test_a_store_that_is_still_away_is_said_and_nothing_is_lost(seedbed, monkeypatch):
    from seedbed.tracking import opening

    monkeypatch.setattr(opening, "OPENING_PATIENCE", 0.0)
    tracking = Tracking(uri="http://127.0.0.1:9")
    kept(tracking, "c0")
    said = seedbed("sync", "tracking.uri=http://127.0.0.1:9")
    assert (said.code, said.err) == (75, "seedbed: tracking store http://127.0.0.1:9: does not answer\n")
    assert len(spool_files(tracking)) == 1
