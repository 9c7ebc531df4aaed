"""Settings of arms as JSON and back; a file cannot name other code."""

import json
import sys

import pytest

from seedbed.config.plugins import allowed_modules
from seedbed.data.dataset import Dataset
from seedbed.data.readers import JsonLines
from seedbed.embeddings.elmo import Elmo
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.static import Static
from seedbed.embeddings.static_tokens import StaticTokens
from seedbed.errors import InputError
from seedbed.model.encoders import CNN
from seedbed.saved_models.objects import CLASS, from_json, to_json


@pytest.mark.parametrize(
    "stage",
    [
        CNN(filters=7),
        Static(path="none.txt", names=["a", "b"], limit=3),
        Static(path="${oc.env:HOME}/vectors.txt"),
        Stack({"words": Static(path="v.txt", dim=5), "more": Stack({"elmo": Elmo(options="o", weights="w")})}),
        StaticTokens(path="folder"),
        Random(dim=3, vocabulary=["train"]),
        Dataset(reader=JsonLines(text="t"), files={"train": ["a.jsonl", "b.jsonl"]}, labels={"0": "no"}),
    ],
    ids=lambda stage: type(stage).__name__,
)
def test_settings_come_back_through_json(stage):
    assert from_json(json.loads(json.dumps(to_json(stage))), "stage", "model.json") == stage


def test_a_file_in_the_working_directory_is_found_from_any_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vectors.txt").write_text("a 1")
    assert to_json(Static(path="vectors.txt"))["path"] == str(tmp_path / "vectors.txt")


def test_a_reader_of_an_allowed_module_comes_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "reader_of_objects.py").write_text(READER)
    name = "reader_of_objects.Pipes"
    content = to_json(Dataset(reader=JsonLines(), files={"train": "a.txt"})) | {"reader": {CLASS: name, "mark": "/"}}
    with pytest.raises(InputError, match=r"plugins=\[reader_of_objects\]"):
        from_json(content, "dataset", "model.json")
    try:
        reader = from_json(content, "dataset", "model.json", allowed_modules(["plugins=[reader_of_objects]"])).reader
    finally:
        sys.modules.pop("reader_of_objects", None)
    assert (type(reader).__name__, reader.mark) == ("Pipes", "/")


READER = """
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Pipes:
    mark: str = "|"
    task: ClassVar[str] = "classification"

    def read(self, path):
        return iter(())
"""


@pytest.mark.parametrize(
    "name",
    ["os.system", "builtins.eval", "subprocess.Popen", "seedbed.cli.main.main", "seedbed.__main__", "seedbed.model.os",
     "seedbed.errors.InputError", "seedbed.data.dataset.sources", "seedbed.model..x", "", "evil"],
)  # fmt: skip
def test_a_file_names_no_other_code(name):
    with pytest.raises(InputError):
        from_json({CLASS: name}, "encoder", "model.json")


@pytest.mark.parametrize(
    "content",
    [None, 3, {}, {CLASS: 5}, {CLASS: "seedbed.model.encoders.CNN", "filters": "many"},
     {CLASS: "seedbed.model.encoders.CNN", "colour": 1}, {CLASS: "seedbed.model.encoders.CNN", "filters": 0}],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused(content):
    with pytest.raises(InputError, match=r"model\.json"):
        from_json(content, "encoder", "model.json")
