"""``seedbed ship`` of studies whose settings were chosen by a search: with saved models, and trained again."""

import json
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
