"""``seedbed ship`` of studies whose cells are trained again: with plugins, per class, and of several runs."""

import json
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PLUGINS = Path(__file__).parents[1] / "plugins" / "package"


@pytest.fixture
def words(reviews, tmp_path):
    """A study of a small arm on vectors of the words of the reviews."""
    known = "the a film it was plot bad dull good"
    lines = [f"{word} {n % 3} {n % 5} {n % 7}" for n, word in enumerate(known.split())]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [
        "dataset=csv", f"dataset.files.train={reviews}", "dataset.reader.text_column=review",
        "dataset.reader.label_column=sentiment", "task=classification", "embedding=glove", "encoder=prototype",
        f"embedding.path={tmp_path / 'vectors.txt'}", "embedding.dim=3", "sampling=fewshot", "sampling.validation=10",
        "sampling.test=20", "arms={proto: []}", "name=mine", "lint=off",
    ]  # fmt: skip


def rows_of(said):
    assert said.code == 0, said.err
    return [json.loads(line) for line in said.lines]


@pytest.mark.parametrize("arm", ["proto", "tfidf"])
def test_draws_with_as_many_examples_of_each_class_are_made_again(seedbed, words, arm):
    """``size=4`` examples of each of two classes are ``n_train=8``."""
    said = seedbed("compare", *words, "sampling.strategy=per_class", "sizes=[3,4]", "replicates=2")
    assert said.code == 0, said.err
    said = seedbed("ship", f"arm={arm}", "output=made")
    assert said.code == 0, said.err
    content = json.loads(Path("made/model.json").read_bytes())
    assert [one["n_train"] for one in content["replicates"]] == [8, 8]
    assert rows_of(seedbed("predict", "model=made", "text=a good film"))[0]["label"] in ("neg", "pos")


def test_vectors_of_words_are_kept_where_the_models_were_saved(seedbed, words):
    said = seedbed("compare", *words, "sampling.strategy=per_class", "sizes=[4]", "tracking.save_model=true")
    assert said.code == 0, said.err
    said = seedbed("ship", "arm=proto", "output=made", "vectors=words")
    assert said.code == 0, said.err
    kept = json.loads(Path("made/words.json").read_bytes())["kept/0/"]
    assert sorted(kept) == ["a", "bad", "dull", "film", "good", "it", "plot", "the", "was"]


def test_a_study_of_several_runs_is_made_again_from_all_of_their_records(seedbed, words):
    for seed in (0, 1):
        said = seedbed("compare", *words, "sizes=[8]", "replicates=2", f"seed={seed}")
        assert said.code == 0, said.err
    said = seedbed("ship", "study=mine", "arm=proto", "output=made")
    assert said.code == 0, said.err
    assert "4 of 4 cells have no saved model: they are trained again" in said.err
    content = json.loads(Path("made/model.json").read_bytes())
    assert len({one["data_seed"] for one in content["replicates"]}) == 4


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A module with a reader and an embedding in the working folder; it is not installed."""
    shutil.copytree(PLUGINS / "seedbed_extras", tmp_path / "seedbed_extras")
    shutil.copytree(PLUGINS / "my_conf", tmp_path / "my_conf")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield "plugins=[seedbed_extras]"
    for name in [name for name in sys.modules if name.partition(".")[0] == "seedbed_extras"]:
        del sys.modules[name]


@pytest.mark.parametrize("saved", [True, False])
def test_a_study_with_classes_of_an_allowed_module_ships_and_predicts(seedbed, plugins, tmp_path, saved):
    lines = [f"{('neg', 'pos')[n % 2]}|a {('bad', 'good')[n % 2]} film {n % 7}" for n in range(160)]
    (tmp_path / "reviews.txt").write_text("\n".join(lines), encoding="utf-8")
    said = seedbed(
        "compare", "--config-dir", "my_conf", "dataset=pipes", "dataset.files.train=reviews.txt", "embedding=hashed",
        "task=classification", "encoder=prototype", "sampling=fewshot", "sampling.validation=10", "sampling.test=20",
        "sizes=[10]", "replicates=2", "arms={proto: []}", "name=mine", "lint=off", plugins,
        f"tracking.save_model={str(saved).lower()}",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "if you trust the module" in seedbed("ship", "output=made").err
    said = seedbed("ship", "arm=proto", "output=made", "register=mine", plugins)
    assert said.code == 0, said.err
    assert "models:/mine@winner" in said.out
    [row] = rows_of(seedbed("predict", "model=made", "text=a good film", plugins))
    assert row["label"] == "pos"
    if saved:
        assert rows_of(seedbed("predict", "study=mine", "arm=proto", "text=a good film", plugins)) == [row]
