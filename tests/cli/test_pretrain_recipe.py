"""``seedbed pretrain experiment=NAME``: trained, and told from a study. `tests/config` has what is wrong in a file."""

from pathlib import Path

import pytest

RECIPE = """\
corpus: texts.txt
size: tiny
epochs: 1
streams: 4
unroll: 5
min_count: 1
held_out: 0.1
precision: float32
saved_model: false
tracking: off
"""


def test_a_recipe_of_ones_own_is_trained_into_a_folder_of_its_name(seedbed):
    Path("own/pretraining").mkdir(parents=True)
    Path("own/pretraining/mats.yaml").write_text(RECIPE, encoding="utf-8")
    lines = [f"the cat sat on mat {n % 7}.\nit is a cat.\n" for n in range(40)]
    Path("texts.txt").write_text("\n".join(lines), encoding="utf-8")
    said = seedbed("pretrain", "--config-dir", "own", "experiment=mats", "time_limit=60")
    assert said.code == 0, said.err
    assert Path("seedbed-out/pretrain/mats/weights.hdf5").is_file()
    assert not Path("mlflow.db").exists()


@pytest.mark.parametrize("command", ["compare", "run", "show", "lint"])
def test_other_commands_say_whose_it_is(refused, command):
    line = refused(command, "experiment=small_english")
    assert line == "seedbed: experiment=small_english: a recipe of `seedbed pretrain`, not a study"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["experiment=quickstart"], "a study of `seedbed compare`, not a recipe"),
        (["experiment=smal_english"], "did you mean experiment=small_english?"),
        (["experiment="], "experiment=: leave it out"),
        (["experiment=small_english", "epochs=none"], "seedbed: epochs=none (command line): must be of type int"),
    ],
)
def test_a_recipe_that_is_none_is_refused(refused, words, said):
    assert said in refused("pretrain", *words)
