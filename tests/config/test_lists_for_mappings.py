"""A list in a file where a mapping is due is refused with file, line and key."""

import pytest
from tests.refusals import refusal

from seedbed.config.study import study

FILES = {
    "dataset: {labels: []}": "2: dataset.labels: must be a mapping, not a list",
    "dataset:\n  files: [a.csv]": "3: dataset.files: must be a mapping, not a list",
    "training: {epochs: 3}\ndataset: {held_out: [test]}": "3: dataset.held_out: must be a mapping, not a list",
    "dataset: {reader: [a]}": "2: dataset.reader: must be a mapping, not a list",
    "tune: {space: [a]}": "2: tune.space: must be a mapping, not a list",
    "hydra: []": "2: hydra: must be a mapping",
    "hydra: [a]": "2: hydra: must be a mapping",
    "training: [epochs]": "2: training: must be a mapping; a choice is `- override /training: NAME` in defaults",
    "arms: []": "2: arms: must be a mapping",
    "defaults:\n  - override /dataset: [trec]": "3: defaults: the choice of override /dataset must be a name",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "experiment").mkdir()
    return tmp_path


@pytest.mark.parametrize("text", FILES)
def test_it_is_refused_with_its_line(folder, text):
    file = folder / "experiment" / "mine.yaml"
    file.write_text(f"# @package _global_\n{text}\n", encoding="utf-8")
    assert refusal(study, ["experiment=mine"], str(folder)).startswith(f"{file}:{FILES[text]}")


def test_a_launcher_in_a_file_that_is_no_mapping_is_named_with_its_line(folder):
    file = folder / "experiment" / "mine.yaml"
    file.write_text("# @package _global_\nhydra:\n  mode: MULTIRUN\n  launcher: foo\n", encoding="utf-8")
    line = refusal(study, ["experiment=mine"], str(folder))
    assert line == f"{file}:4: Merge error: str is not a subclass of BasicLauncherConf. value: foo"
