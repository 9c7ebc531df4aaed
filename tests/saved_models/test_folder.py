"""The files of a model: whole and unchanged, or refused in one line."""

import json

import pytest

from seedbed.errors import InputError
from seedbed.saved_models.folder import MANIFEST, read_folder, write_folder

FILES = {"model.json": b"{}", "weights.safetensors": b"12345", "more/card.md": "Ü".encode()}


@pytest.fixture
def folder(tmp_path):
    write_folder(tmp_path / "model", FILES)
    return tmp_path / "model"


def test_the_files_come_back(folder):
    assert read_folder(folder) == FILES


def test_a_model_is_replaced_as_a_whole(folder):
    write_folder(folder, {"model.json": b"new"})
    assert read_folder(folder) == {"model.json": b"new"}
    assert {path.name for path in folder.iterdir()} == {"model.json", MANIFEST}


def test_another_folder_is_not_replaced(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="something else than a model"):
        write_folder(tmp_path, FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("content", [b"12346", b"123456", b""], ids=["same size", "longer", "empty"])
def test_a_changed_file_is_refused_by_its_name(folder, content):
    (folder / "weights.safetensors").write_bytes(content)
    with pytest.raises(InputError, match=r"weights\.safetensors has been changed"):
        read_folder(folder)


def test_a_missing_file_is_refused_by_its_name(folder):
    (folder / "more" / "card.md").unlink()
    with pytest.raises(InputError, match=r"more/card\.md is missing"):
        read_folder(folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "", "a\\b", "a//b", ".hidden"])
def test_a_manifest_names_no_file_outside_its_folder(folder, name):
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = {"sha256": "0", "bytes": 1}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="no name of a file in the folder"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "not the manifest of a model"),
        ({"version": 2}, "a model of format 2"),
        ({"files": []}, "files must be an object"),
    ],
)
def test_a_manifest_of_something_else_is_refused(folder, change, message):
    manifest = json.loads((folder / MANIFEST).read_bytes()) | change
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=message):
        read_folder(folder)


def test_a_folder_that_is_no_model_says_how_to_get_one(tmp_path):
    with pytest.raises(InputError, match="seedbed ship"):
        read_folder(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_folder(tmp_path / "none")
