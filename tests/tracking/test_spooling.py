"""Cells that a store does not take are kept, and delivered once each, whatever happens in between."""

import shutil

import pytest

from seedbed.cells import Outcome
from seedbed.errors import InputError, StoreUnavailableError
from seedbed.tracking import spooling
from seedbed.tracking.opening import open_store
from seedbed.tracking.spool import spool_files, spool_folder
from seedbed.tracking.spooling import WRITE, SpoolingWriter, deliver_first, deliver_spool


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(spooling, "EVERY_S", 0.0)


class Away:
    """A store that takes cells, and stays away or refuses them where a test says so."""

    def __init__(self, store):
        self.store, self.error = store, None

    def write_group(self, *given):
        if self.error:
            raise self.error
        return self.store.write_group(*given)

    def __getattr__(self, name):
        return getattr(self.store, name)


AWAY = StoreUnavailableError("tracking store x: does not answer")


@pytest.fixture
def away(store):
    return Away(store)


def write(writer, make_cell, make_outcome, *names):
    return writer.write_group([make_cell(name) for name in names], [make_outcome() for _ in names], None, {"a": "b"})


def runs(store):
    """The names of the cells of all runs, with their status."""
    return sorted((run.tags["seedbed.cell"], run.status) for run in store.find_runs({"seedbed.kind": "cell"}))


def test_cells_go_into_the_store_and_no_spool_is_made(away, make_cell, make_outcome):
    writer = SpoolingWriter(away, print)
    assert len(write(writer, make_cell, make_outcome, "c0", "c1")) == 2
    assert writer.finish() == []
    assert runs(away) == [("c0", "FINISHED"), ("c1", "FINISHED")]
    assert not spool_folder(away.tracking).exists()


def test_cells_of_a_store_that_is_away_are_delivered_in_order_when_it_answers(away, make_cell, make_outcome):
    said = []
    writer = SpoolingWriter(away, said.append)
    away.error = AWAY
    assert write(writer, make_cell, make_outcome, "c0", "c1") == []
    assert write(writer, make_cell, make_outcome, "c2") == []
    assert writer.n_waiting == 3
    assert runs(away) == []
    away.error = None
    assert len(write(writer, make_cell, make_outcome, "c3")) == 4
    assert writer.finish() == []
    assert runs(away) == [(f"c{n}", "FINISHED") for n in range(4)]
    assert spool_files(away.tracking) == []
    assert "training goes on, and results are kept in" in said[0]
    assert "answers again; 3 cells delivered" in said[1]
    assert len(said) == 2


def test_results_are_delivered_as_they_were_trained(away, make_cell, make_outcome):
    direct = away.write_group([make_cell("d0")], [make_outcome()], None, {})
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    write(writer, make_cell, make_outcome, "c0")
    away.error = None
    (run,) = writer.finish()
    rows = away.store.finished(["c0", "d0"])
    left_out = {"cell", "run"}
    assert {k: repr(v) for k, v in rows["c0"].items() if k not in left_out} == {
        k: repr(v) for k, v in rows["d0"].items() if k not in left_out
    }
    files = away.store.cell_artifacts()
    assert files.predictions(run) == files.predictions(direct[0])
    assert files.history(run) == files.history(direct[0])


def test_a_store_that_stays_away_is_said_with_what_to_type(away, make_cell, make_outcome):
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    write(writer, make_cell, make_outcome, "c0", "c1")
    with pytest.raises(StoreUnavailableError) as error:
        writer.finish()
    folder = spool_folder(away.tracking)
    assert f"does not answer; trained meanwhile and kept in {folder}: 2 cells; there is no report yet" in str(
        error.value
    )
    assert f"`seedbed sync tracking.uri={away.tracking.uri}`" in str(error.value)
    away.error = None
    delivery = deliver_spool(away, print)
    assert (len(delivery.runs), delivery.known) == (2, 0)
    assert deliver_spool(away, print).summary == ""
    assert runs(away) == [("c0", "FINISHED"), ("c1", "FINISHED")]
    assert not folder.exists()


def test_a_store_that_refuses_cells_ends_the_study_and_they_are_kept(away, make_cell, make_outcome):
    writer = SpoolingWriter(away, print)
    away.error = InputError("tracking store x: answers 403 (forbidden)")
    with pytest.raises(InputError, match=r"403.*: 1 cell; there is no report yet") as error:
        write(writer, make_cell, make_outcome, "c0")
    assert not isinstance(error.value, StoreUnavailableError)
    writer._file.close()
    away.error = None
    assert len(deliver_spool(away, print).runs) == 1


def test_a_run_that_was_written_in_part_is_deleted_and_written_anew(away, make_cell, make_outcome):
    """As it is left where the store goes away between the creation of a run and its end."""
    real, partly = away.store.write_group, []

    def lose(cells, outcomes, parent, tags):
        names = {"seedbed.kind": "cell", "seedbed.cell": cells[1].cell} | tags
        partly.append(away.store.create_run("half", names).info.run_id)
        real(cells[:1], outcomes[:1], parent, tags)
        raise AWAY

    writer = SpoolingWriter(away, print)
    away.write_group = lose
    assert write(writer, make_cell, make_outcome, "c0", "c1") == []
    assert runs(away) == [("c0", "FINISHED"), ("c1", "RUNNING")]
    del away.write_group
    assert len(writer.finish()) == 1
    assert runs(away) == [("c0", "FINISHED"), ("c1", "FINISHED")]
    assert away.store._client.get_run(partly[0]).info.lifecycle_stage == "deleted"


@pytest.mark.parametrize("anew", [False, True])
def test_what_others_have_finished_meanwhile_is_delivered_only_where_it_was_trained_anew(
    away, make_cell, make_outcome, anew
):
    writer = SpoolingWriter(away, print, anew)
    away.error = AWAY
    write(writer, make_cell, make_outcome, "c0", "c1")
    away.store.write_group([make_cell("c0")], [make_outcome()], None, {})
    away.error = None
    assert len(writer.finish()) == (2 if anew else 1)
    assert [name for name, _ in runs(away)] == (["c0", "c0", "c1"] if anew else ["c0", "c1"])


def test_a_delivery_that_is_cut_short_before_it_is_noted_delivers_nothing_twice(
    away, make_cell, make_outcome, monkeypatch
):
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    write(writer, make_cell, make_outcome, "c0")
    write(writer, make_cell, make_outcome, "c1")
    writer._file.close()
    away.error = None

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(spooling, "note_delivered", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver_spool(away, print)
    assert runs(away) == [("c0", "FINISHED")]
    delivery = deliver_spool(away, print)
    assert (len(delivery.runs), delivery.known) == (1, 1)
    assert runs(away) == [("c0", "FINISHED"), ("c1", "FINISHED")]


def test_a_copy_of_a_spool_delivers_nothing_twice(away, make_cell, make_outcome):
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    write(writer, make_cell, make_outcome, "c0")
    writer._file.close()
    (path,) = spool_files(away.tracking)
    shutil.copy(path, path.with_name("copy.spool"))
    away.error = None
    delivery = deliver_spool(away, print)
    assert (len(delivery.runs), delivery.known) == (1, 1)


def test_a_record_that_a_kill_has_cut_is_left_out_and_said(away, make_cell, make_outcome):
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    write(writer, make_cell, make_outcome, "c0")
    write(writer, make_cell, make_outcome, "c1")
    writer._file.close()
    (path,) = spool_files(away.tracking)
    path.write_bytes(path.read_bytes()[:-7])
    away.error = None
    said = []
    deliver_first(away, said.append)
    assert runs(away) == [("c0", "FINISHED")]
    assert said[0] == "spool: 0 of 1 groups are delivered"
    assert "bytes of a record that was cut by a kill are left out" in said[1]
    assert "1 cell delivered" in said[2]
    assert spool_files(away.tracking) == []


def test_a_spool_that_cannot_be_written_is_said_and_ends_the_study(
    away, make_cell, make_outcome, tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "file"))
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    with pytest.raises(StoreUnavailableError, match=r"does not answer; and the spool .*/file/.* cannot be written"):
        write(writer, make_cell, make_outcome, "c0")


def test_interrupted_cells_are_not_kept(away, make_cell):
    writer = SpoolingWriter(away, print)
    away.error = AWAY
    assert writer.write_group([make_cell("c0")], [Outcome("interrupted")], None, {}) == []
    assert writer.n_waiting == 0
    assert not spool_folder(away.tracking).exists()


def test_interrupted_cells_go_into_a_store_that_answers(away, make_cell):
    writer = SpoolingWriter(away, print)
    assert len(writer.write_group([make_cell("c0")], [Outcome("interrupted")], None, {})) == 1
    assert runs(away) == [("c0", "KILLED")]


def test_the_runs_of_a_group_share_a_tag_that_others_do_not_have(tracking, make_cell, make_outcome):
    store = open_store(tracking)
    writer = SpoolingWriter(store, print)
    write(writer, make_cell, make_outcome, "c0", "c1")
    write(writer, make_cell, make_outcome, "c2")
    tokens = {run.tags["seedbed.cell"]: run.tags[WRITE] for run in store.find_runs({"a": "b"})}
    assert tokens["c0"] == tokens["c1"] != tokens["c2"]


def test_a_spool_that_is_delivered_in_the_middle_of_a_run_takes_cells_again(away, make_cell, make_outcome):
    writer = SpoolingWriter(away, print)
    for name in ("c0", "c1"):
        away.error = AWAY
        assert write(writer, make_cell, make_outcome, name) == []
        with pytest.raises(StoreUnavailableError):
            writer.deliver()
        assert writer.n_waiting == 1
        away.error = None
        assert len(writer.deliver()) == 1
        assert writer.deliver() == []
    assert writer.finish() == []
    assert runs(away) == [("c0", "FINISHED"), ("c1", "FINISHED")]
    assert spool_files(away.tracking) == []
