"""``seedbed ship`` of studies whose settings were chosen by a search: with saved models, and trained again."""

import json
import re
import shlex
from pathlib import Path

import pytest

import seedbed as api

pytestmark = pytest.mark.slow

TUNED = ["tune=random", "tune.budget=3"]
ARMS = "arms={probe: [encoder=probe]}"


def done(said):
    assert said.code == 0, said.err
    return said


def predictions_of_cells(setting):
    """By replicate, what the cells of a setting have predicted for their test examples."""
    cells = api.results("sqlite:///mlflow.db").query(f"setting == '{setting}'")
    return {
        int(cell.replicate): [
            json.loads(line)
            for line in Path("mlartifacts", cell.run, "artifacts/predictions.jsonl").read_text("utf-8").splitlines()
        ]
        for cell in cells.itertuples()
    }


def predicts_as_its_cells(folder, setting):
    """The replicates of a shipped model have the predictions of the cells that they are."""
    model, texts = api.load_model(folder), texts_of("test.csv")
    stored = predictions_of_cells(setting)
    assert len(stored) == 3
    for replicate, rows in stored.items():
        predicted = model.predict([texts[int(row["id"].rpartition("/")[2])] for row in rows], by=replicate)
        assert [one.label for one in predicted] == [row["predicted"] for row in rows]
        for own, row in zip(predicted, rows, strict=True):
            assert list(own.probabilities.values()) == pytest.approx(row["probabilities"], abs=1e-4)


def texts_of(file):
    return [line.rpartition(",")[0] for line in Path(file).read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("more", "setting"), [([], "tuned"), (["tune.refit=true"], "refit")])
def test_saved_models_of_a_search_ship_with_the_vectors_of_the_words(seedbed, split_words, more, setting):
    done(seedbed("compare", *split_words, ARMS, *TUNED, *more, "tracking.save_model=true"))
    said = done(seedbed("ship", "arm=probe", "output=made"))
    assert "trained again" not in said.err
    assert "good" in json.loads(Path("made/words.json").read_bytes())["kept/0/"]
    assert {one["setting"] for one in json.loads(Path("made/model.json").read_bytes())["replicates"]} == {setting}
    Path("vectors.txt").rename("gone.txt")
    predicts_as_its_cells("made", setting)


@pytest.mark.parametrize(("arms", "more", "setting"), [
    (ARMS, [], "tuned"),
    (ARMS, ["tune.refit=true"], "refit"),
    ("arms={cnn: [encoder=cnn, training.epochs=3]}", ["tune.space={encoder.filters: 'choice(2, 3, 5)'}"], "tuned"),
])  # fmt: skip
def test_chosen_settings_are_trained_again_without_another_search(seedbed, split_words, arms, more, setting):
    """The three replicates of the network have chosen layers of several widths, which do not train as one group."""
    done(seedbed("compare", *split_words, arms, *TUNED, *more))
    before = {cell.run for cell in api.results("sqlite:///mlflow.db").itertuples()}
    arm = arms[6:].partition(":")[0]
    said = done(seedbed("ship", f"arm={arm}", "output=made"))
    assert "3 of 3 cells have no saved model: they are trained again" in said.err
    assert "trials" not in said.err
    assert {cell.run for cell in api.results("sqlite:///mlflow.db").itertuples()} == before
    predicts_as_its_cells("made", setting)
    text = Path("made/README.md").read_text(encoding="utf-8")
    assert "The settings of each replicate were chosen by a search" in text
    then, now = re.search(r"their mean test/accuracy then was ([\d.]+), now ([\d.]+)\.", text).groups()
    assert then == now
    if setting == "tuned" and arm == "cnn":
        variants = json.loads(Path("made/model.json").read_bytes())["variants"]
        assert len({variant["encoder"]["filters"] for variant in variants}) > 1


def test_predict_gives_the_command_that_makes_the_model_of_a_search(seedbed, split_words):
    done(seedbed("compare", *split_words, ARMS, *TUNED))
    said = seedbed("predict", "study=mine", "arm=probe", "text=a good film")
    assert said.code == 2
    assert said.err.count("\n") == 1
    words = shlex.split(re.search(r"`seedbed (.*?)`", said.err).group(1))
    done(seedbed(*words))
    assert done(seedbed("predict", "model=DIR", "text=a good film")).lines


def test_a_tuned_arm_is_refitted_with_its_chosen_settings(seedbed, split_words):
    """As by ``tune.refit=true``: on training and validation examples, with the value that was chosen."""
    done(seedbed("compare", *split_words, ARMS, *TUNED, "tune.refit=true"))
    done(seedbed("ship", "arm=probe", "output=by_study"))
    said = seedbed("ship", "arm=probe", "output=made", "refit=true")
    assert said.code == 2
    assert "by tune.refit=true: ship them without refit=true" in said.err
    done(seedbed("compare", *split_words, ARMS, *TUNED))
    done(seedbed("ship", "arm=probe", "output=made", "refit=true"))
    content = json.loads(Path("made/model.json").read_bytes())
    assert [(one["n_train"], one["setting"]) for one in content["replicates"]] == [(40, "refit")] * 3
    texts = texts_of("test.csv")
    for replicate in range(3):
        own = [one.probabilities for one in api.load_model("made").predict(texts, by=replicate)]
        study = [one.probabilities for one in api.load_model("by_study").predict(texts, by=replicate)]
        for one, other in zip(own, study, strict=True):
            assert one == pytest.approx(other, abs=1e-5)


def test_trials_that_are_missing_are_said(seedbed, split_words):
    done(seedbed("compare", *split_words, ARMS, *TUNED))
    cells = api.results("sqlite:///mlflow.db").query("setting == 'tuned' and replicate == 1")
    Path("mlartifacts", cells["run"].iloc[0], "artifacts/trials.json").unlink()
    said = seedbed("ship", "arm=probe", "output=made")
    assert said.code == 2
    assert f"trials.json of run {cells['run'].iloc[0]}: the file with the chosen settings is missing" in said.err
    assert not Path("made").exists()
