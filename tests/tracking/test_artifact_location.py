"""A store that was moved or copied goes on with the files that lie beside its database."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.errors import InputError
from seedbed.tracking.opening import open_store, read_store
from seedbed.tracking.settings import Tracking


@pytest.fixture
def original(tmp_path, empty_database, make_cell, make_outcome):
    """The folder of a store with a comparison of one cell."""
    folder = tmp_path / "A"
    folder.mkdir()
    shutil.copy(empty_database, folder / "mlflow.db")
    store = open_store(at(folder))
    parent = store.start_comparison("study", "digest", {}, ["c0"])
    store.write_group([make_cell()], [make_outcome()], parent, {})
    store.log_json(parent, "study.json", {"of": "A"})
    return folder


def at(folder, **keys):
    return Tracking(uri=f"sqlite:///{folder}/mlflow.db", **keys)


def tree(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in Path(folder).rglob("*") if file.is_file()}


def recorded(folder):
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        places = [place for (place,) in connection.execute("SELECT artifact_uri FROM runs ORDER BY start_time")]
        own = connection.execute("SELECT artifact_location FROM experiments WHERE name = 'seedbed'")
        return places + [place for (place,) in own]


def whole(store):
    """What the comparison of the fixture has, read back."""
    (parent,) = store.comparisons("study")
    run, kept = store.latest(["c0"])["c0"]["run"], store.cell_artifacts()
    return store.comparison_cells(parent), [one.id for one in kept.predictions(run)], len(kept.history(run))


WHOLE = (["c0"], ["test/0", "test/1"], 2)


def test_a_moved_store_is_read_and_written_where_it_is_now(original, tmp_path, make_cell, make_outcome, caplog):
    now = original.rename(tmp_path / "B")
    store = open_store(at(now))
    assert f"taken from {now}/mlartifacts, not from {original}/mlartifacts" in caplog.text
    assert whole(store) == WHOLE
    new = store.write_group([make_cell("c1")], [make_outcome()], None, {})[0]
    assert (now / "mlartifacts" / new / "artifacts" / "predictions.jsonl").is_file()
    (parent,) = store.comparisons("study")
    store.log_json(parent, "more.json", 1)
    store.start_comparison("study", "digest", {}, ["c2"])
    assert (now / "mlartifacts" / parent / "artifacts" / "more.json").is_file()
    assert store.comparison_cells(parent) == ["c0", "c2"]
    assert not original.exists()
    client = store._client
    assert {file.path for file in client.list_artifacts(parent)} == {"cells.json", "more.json", "study.json"}
    assert all(place.startswith((now / "mlartifacts").as_uri()) for place in recorded(now))


def test_the_logged_models_of_a_moved_store_move_too(original, tmp_path, make_cell, make_outcome):
    files = {"model/manifest.json": b"{}"}
    open_store(at(original)).write_group([make_cell("c1")], [make_outcome(files=files)], None, {})
    now = original.rename(tmp_path / "B")
    store = open_store(at(now))
    [model] = store._client.search_logged_models([store.experiment_id])
    assert model.artifact_location == f"{(now / 'mlartifacts').as_uri()}/{model.source_run_id}/artifacts/model"


def test_a_copy_has_files_of_its_own(original, tmp_path, make_cell, make_outcome):
    copy = Path(shutil.copytree(original, tmp_path / "B"))
    before = tree(original)
    (parent,) = open_store(at(copy)).comparisons("study")
    open_store(at(copy)).log_json(parent, "study.json", {"of": "B"})
    for reading in (open_store, read_store):
        assert reading(at(copy)).read_json(parent, "study.json") == {"of": "B"}
        assert reading(at(original)).read_json(parent, "study.json") == {"of": "A"}
    open_store(at(copy)).write_group([make_cell("c1")], [make_outcome()], parent, {})
    assert tree(original) == before
    assert not any("/A/" in place for place in recorded(copy))


def test_a_copy_inside_the_original_has_files_of_its_own(original, make_cell, make_outcome):
    shutil.copytree(original, original / "copy", ignore=shutil.ignore_patterns("copy"))
    before = {name: content for name, content in tree(original).items() if not name.startswith("copy")}
    open_store(at(original / "copy")).write_group([make_cell("c1")], [make_outcome()], None, {})
    assert {name: content for name, content in tree(original).items() if not name.startswith("copy")} == before
    assert whole(open_store(at(original))) == WHOLE


def test_a_folder_may_be_moved_again_and_back(original, tmp_path):
    for name in ("B", "deep/er/C", "A"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        original = original.rename(tmp_path / name)
        assert whole(open_store(at(original))) == WHOLE
    twice = original.rename(tmp_path / "D").rename(tmp_path / "E")
    assert whole(read_store(at(twice))) == WHOLE
    assert sorted(os.listdir(tmp_path)) == ["E", "deep"]


def test_a_moved_store_that_cannot_be_written_is_read_as_it_is(original, tmp_path, monkeypatch):
    now = original.rename(tmp_path / "B")
    before = tree(now)

    def refused(*_):
        raise InputError("cannot be opened for writing")

    monkeypatch.setattr("seedbed.tracking.relocation.update_addresses", refused)
    assert whole(read_store(at(now))) == WHOLE
    assert tree(now) == before
    assert not original.exists()


def test_a_database_is_told_of_a_move_as_a_whole_or_not_at_all(original, tmp_path):
    now = original.rename(tmp_path / "B")
    with closing(sqlite3.connect(now / "mlflow.db")) as connection:
        connection.execute("CREATE TRIGGER no BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(InputError, match="cannot be opened for writing: no"):
        open_store(at(now))
    assert all("/A/mlartifacts" in place for place in recorded(now))
    assert whole(read_store(at(now))) == WHOLE


def test_another_name_of_the_same_folder_changes_nothing(original, tmp_path, make_cell, make_outcome):
    (tmp_path / "link").symlink_to(original)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mlflow.db").symlink_to(original / "mlflow.db")
    before = recorded(original)
    for folder in ("link", "elsewhere"):
        store = open_store(at(tmp_path / folder))
        assert whole(store) == WHOLE
        store.write_group([make_cell(folder)], [make_outcome()], None, {})
    assert set(before) <= set(recorded(original))
    assert all("/A/mlartifacts" in place for place in recorded(original))
    assert os.listdir(tmp_path / "elsewhere") == ["mlflow.db"]


def test_files_that_are_a_link_to_a_larger_disk_stay_there(original, tmp_path):
    (original / "mlartifacts").rename(tmp_path / "large")
    (original / "mlartifacts").symlink_to(tmp_path / "large")
    before = recorded(original)
    assert whole(open_store(at(original))) == WHOLE
    assert recorded(original) == before
    assert whole(open_store(at(original.rename(tmp_path / "B")))) == WHOLE


@pytest.mark.parametrize("chosen", ["files", "out/files", "../files of runs", "{tmp}/A/files"])
def test_a_chosen_folder_moves_with_the_database(
    tmp_path, empty_database, monkeypatch, make_cell, make_outcome, chosen
):
    folder = tmp_path / "A" / "db"
    folder.mkdir(parents=True)
    shutil.copy(empty_database, folder / "mlflow.db")
    monkeypatch.chdir(folder)
    run = open_store(at(folder, artifacts=chosen.format(tmp=tmp_path))).write_group(
        [make_cell()], [make_outcome()], None, {}
    )[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "A").rename(tmp_path / "B")
    store = open_store(at(tmp_path / "B" / "db"))
    assert len(store.cell_artifacts().predictions(run)) == 2
    store.write_group([make_cell("c1")], [make_outcome()], None, {})
    assert os.listdir(tmp_path) == ["B"]
    assert len(list((tmp_path / "B").rglob("predictions.jsonl"))) == 2


def test_a_folder_that_was_chosen_elsewhere_stays_where_it_is(tmp_path, empty_database, make_cell, make_outcome):
    folder, chosen = tmp_path / "A", tmp_path / "large disk" / "mlartifacts"
    folder.mkdir()
    shutil.copy(empty_database, folder / "mlflow.db")
    run = open_store(at(folder, artifacts=str(chosen))).write_group([make_cell()], [make_outcome()], None, {})[0]
    shutil.copytree(folder, tmp_path / "B")
    for place in (folder, tmp_path / "B", folder.rename(tmp_path / "C")):
        if place.exists():
            store = open_store(at(place))
            assert len(store.cell_artifacts().predictions(run)) == 2
            store.write_group([make_cell("c1")], [make_outcome()], None, {})
            assert [file.name for file in place.iterdir()] == ["mlflow.db"]
    assert len(list(chosen.iterdir())) == 3


def test_files_that_are_nowhere_are_one_line_that_says_what_to_do(original, tmp_path, make_cell, make_outcome):
    now = original.rename(tmp_path / "B")
    (now / "mlartifacts").rename(tmp_path / "kept apart")
    before = tree(now)
    with pytest.raises(InputError) as refused:
        open_store(at(now))
    said = str(refused.value)
    assert f"not in {original}/mlartifacts" in said
    assert f"put them into {now}/mlartifacts" in said
    assert "tracking.artifacts=FOLDER" in said
    reader = read_store(at(now))
    assert reader.location.problem == said
    assert reader.table()["test/accuracy"].to_list() == [1 / 3]
    assert reader.missing_files(reader.last_comparison()) == said
    assert tree(now) == before
    store = open_store(at(now, artifacts=str(tmp_path / "kept apart")))
    assert whole(store) == WHOLE
    store.write_group([make_cell("c1")], [make_outcome()], None, {})
    assert whole(open_store(at(now))) == WHOLE
    assert sorted(os.listdir(tmp_path)) == ["B", "kept apart"]


def test_runs_whose_files_went_to_the_old_place_are_read_from_there(original, tmp_path, make_cell, make_outcome):
    """As versions did that wrote to the recorded place."""
    now = Path(shutil.copytree(original, tmp_path / "B"))
    late = open_store(at(original)).write_group([make_cell("late")], [make_outcome()], None, {})[0]
    shutil.copy(original / "mlflow.db", now / "mlflow.db")
    for parent in (original / "mlartifacts").iterdir():
        if parent.name != late:
            shutil.rmtree(parent)
    for reading in (read_store, open_store):
        store = reading(at(now))
        assert whole(store) == WHOLE
        assert len(store.cell_artifacts().predictions(late)) == 2
    assert [place for place in recorded(now) if "/A/" in place] == [
        (original / "mlartifacts" / late / "artifacts").as_uri()
    ]


def test_every_experiment_of_the_place_moves_with_it(original, tmp_path, make_cell, make_outcome):
    run = open_store(at(original, experiment="another")).write_group([make_cell()], [make_outcome()], None, {})[0]
    now = original.rename(tmp_path / "B")
    open_store(at(now))
    assert not any("/A/" in place for place in recorded(now))
    assert len(open_store(at(now, experiment="another")).cell_artifacts().predictions(run)) == 2


def test_an_experiment_without_results_begins_where_the_settings_say(tmp_path, empty_database, make_cell, make_outcome):
    folder = tmp_path / "A"
    folder.mkdir()
    shutil.copy(empty_database, folder / "mlflow.db")
    open_store(at(folder, artifacts=str(tmp_path / "never made")))
    open_store(at(folder)).write_group([make_cell()], [make_outcome()], None, {})
    assert os.listdir(tmp_path) == ["A"]
    moved = folder.rename(tmp_path / "B")
    open_store(at(moved)).write_group([make_cell("c1")], [make_outcome()], None, {})
    assert os.listdir(tmp_path) == ["B"]


def test_a_place_that_is_chosen_too_late_is_named(original, tmp_path, make_cell, make_outcome, caplog):
    store = open_store(at(original, artifacts=str(tmp_path / "other")))
    store.write_group([make_cell("c1")], [make_outcome()], None, {})
    assert "tracking.artifacts=" in caplog.text
    assert "is for a new experiment" in caplog.text
    assert not (tmp_path / "other").exists()


def test_removed_files_are_no_reason_to_stop(original, make_cell, make_outcome):
    shutil.rmtree(original / "mlartifacts")
    store = open_store(at(original))
    (parent,) = store.comparisons("study")
    assert store.comparison_cells(parent) == []
    assert store.missing_files(parent) == f"its files are not in {original}/mlartifacts/{parent}/artifacts"
    store.write_group([make_cell("c1")], [make_outcome()], None, {})
    assert replace(at(original)).artifact_root == (original / "mlartifacts").as_uri()


def test_a_file_that_only_mlflow_can_read_keeps_its_place(original, tmp_path, monkeypatch, make_cell, make_outcome):
    shutil.copy(original / "mlflow.db", tmp_path / "mlflow.db")
    monkeypatch.setattr("seedbed.tracking.sqlite_schema.has_schema", lambda connection: False)
    store = open_store(at(tmp_path))
    run = store.write_group([make_cell("c1")], [make_outcome()], None, {})[0]
    assert (original / "mlartifacts" / run / "artifacts" / "predictions.jsonl").is_file()
    assert len(store.cell_artifacts().predictions(run)) == 2
    assert not (tmp_path / "mlartifacts").exists()
