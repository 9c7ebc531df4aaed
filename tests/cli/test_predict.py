"""``seedbed ship`` and ``seedbed predict``: from a comparison to labels."""

import csv
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

import seedbed as api


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    """A file of vectors of 6 numbers, of the words of the reviews."""
    rng = random.Random(4)
    words = ["the", "a", "film", "it", "was", "plot", "bad", "dull", "poor", "good", "great", "fine", "so", "new", ","]
    lines = [f"{word} {' '.join(f'{rng.gauss(0, 1):.4f}' for _ in range(6))}" for word in words]
    file = tmp_path_factory.mktemp("vectors") / "vectors.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def study(training, reviews, vectors):
    """Two arms of which no cell has a saved model."""
    return training(
        "compare", "dataset=csv", f"dataset.files.train={reviews}", "dataset.reader.text_column=review",
        "dataset.reader.label_column=sentiment", "task=classification", "embedding=glove",
        f"embedding.path={vectors}", "embedding.dim=6", "sampling=fewshot", "sampling.validation=10",
        "sampling.test=20", "name=mine", "sizes=[12,24]", "replicates=3",
        "arms={probe: [encoder=probe], proto: [encoder=prototype]}",
    )  # fmt: skip


@pytest.fixture(scope="module")
def there(study):
    """Runs a command where the study was trained."""
    from tests.cli.conftest import command

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(study.folder)
        patch.setenv("SEEDBED_CACHE", str(study.folder / "cache"))
        yield command


@pytest.fixture(scope="module")
def model(there, study):
    """The folder of the probe as an ensemble."""
    said = there("ship", "arm=probe", "output=probe")
    assert said.code == 0, said.err
    assert "3 of 3 cells have no saved model: they are trained again" in said.err
    return study.folder / "probe"


def rows_of(said):
    assert said.code == 0, said.err
    return [json.loads(line) for line in said.lines]


@pytest.mark.slow
def test_a_cell_without_a_model_says_how_to_get_one(there, study):
    said = there("predict", "study=mine", "arm=probe", "text=a good film")
    assert said.code == 2
    assert "`seedbed ship study=mine arm=probe size=24 output=DIR` trains them again" in said.err
    said = there(*study.words, "tracking.save_model=true")
    assert said.code == 2
    assert "12 of the 12 cells that are trained already have no model; force=true trains all" in said.err


def test_the_model_predicts_as_the_cells_that_were_trained(model, there):
    """The cells are trained again when the model is shipped; their stored predictions are those of the first time."""
    found = {}
    for run in (
        api.results("sqlite:///mlflow.db").query("arm == 'probe' and n_train == 24")[["run", "replicate"]].values
    ):
        file = model.parent / "mlartifacts" / run[0] / "artifacts" / "predictions.jsonl"
        found[int(run[1])] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    corpus = api.load("csv", **{
        "files__train": json.loads((model / "config.json").read_text())["dataset"]["files"]["train"],
        "reader__text_column": "review", "reader__label_column": "sentiment",
    })  # fmt: skip
    opened = api.load_model(model)
    for replicate, stored in found.items():
        predicted = opened.predict([corpus.by_id[one["id"]].tokens for one in stored], by=replicate)
        assert [one.label for one in predicted] == [one["predicted"] for one in stored]
        for own, one in zip(predicted, stored, strict=True):
            assert list(own.probabilities.values()) == pytest.approx(one["probabilities"], abs=1e-5)


def test_the_mean_is_that_of_all_replicates_and_the_vote_counts_them(model):
    opened, text = api.load_model(model), ["good film"]
    each = [opened.predict(text, by=n)[0] for n in range(3)]
    [mean], [vote] = opened.predict(text), opened.predict(text, by="vote")
    for label in opened.labels:
        assert mean.probabilities[label] == pytest.approx(sum(one.probabilities[label] for one in each) / 3, abs=1e-5)
        assert vote.probabilities[label] == pytest.approx(sum(one.label == label for one in each) / 3, abs=1e-5)


def test_rows_come_in_order_with_flags_for_texts_that_say_nothing(model, there, tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("a good film\n\nzzz qqq\nIT WAS DULL\n", encoding="utf-8")
    rows = rows_of(there("predict", f"model={model}", f"input={file}"))
    assert [row["text"] for row in rows] == ["a good film", "", "zzz qqq", "IT WAS DULL"]
    assert [row.get("flag") for row in rows] == [None, "empty", "unknown words", None]
    assert [row["label"] is None for row in rows] == [False, True, False, False]
    assert set(rows[0]["probabilities"]) == {"neg", "pos"}


def test_json_lines_and_csv_have_the_same_predictions(model, there, tmp_path):
    file = tmp_path / "texts.jsonl"
    lines = [{"text": "a good, dull film"}, {"tokens": ["a", "good", ",", "dull", "film"]}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    rows = rows_of(there("predict", f"model={model}", f"input={file}"))
    assert rows[0]["probabilities"] == rows[1]["probabilities"]
    said = there("predict", f"model={model}", f"input={file}", f"output={tmp_path / 'out.csv'}")
    assert said.code == 0
    assert said.out == f"{tmp_path / 'out.csv'}: 2 texts as csv\n"
    table = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert [row["label"] for row in table] == [row["label"] for row in rows]
    assert [float(row["pos"]) for row in table] == [row["probabilities"]["pos"] for row in rows]


def test_a_file_of_predictions_is_replaced_and_that_of_the_texts_is_not(model, there, tmp_path):
    texts, output = tmp_path / "texts.txt", tmp_path / "out.jsonl"
    texts.write_text("a good film\n", encoding="utf-8")
    output.write_text("of an earlier run\n" * 9, encoding="utf-8")
    assert there("predict", f"model={model}", f"input={texts}", f"output={output}").code == 0
    assert [json.loads(line)["text"] for line in output.read_text(encoding="utf-8").splitlines()] == ["a good film"]
    said = there("predict", f"model={model}", f"input={texts}", f"output={tmp_path / '.' / 'texts.txt'}")
    assert said.code == 2
    assert "is the file of input=, which would be replaced" in said.err
    assert texts.read_text(encoding="utf-8") == "a good film\n"


def test_nothing_of_a_file_is_left_where_a_line_is_refused(model, there, tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "a"}\n{"label": 3}\n', encoding="utf-8")
    said = there("predict", f"model={model}", f"input={file}", f"output={tmp_path / 'out.csv'}")
    assert said.code == 2
    assert f"{file}:2: no key 'text'" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["texts.jsonl"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["text=a"], "give one of model=DIR"),
        (["model=probe"], "give one of text="),
        (["model=probe", "text=a", "column=b"], "column=b: goes with input="),
        (["model=probe", "input=a.txt", "column=b"], "column=b: a.txt is read as lines"),
        (["model=probe", "run=1", "text=a"], "model and run are several"),
        (["model=none", "text=a"], "there is no such folder"),
        (["model=probe", "text=a", "by=most"], "by=most: choose mean, vote, or a replicate of the model: 0, 1, 2"),
        (["model=probe", "text=a", "format=xml"], "format=xml: choose"),
        (["model=probe", "text=a", "format=conll"], "for a model of tags"),
        (["model=probe", "text=a", "tokenizer=words"], "tokenizer=words: choose"),
        (["model=probe", "input=none.txt"], "no such file"),
        (["study=mine", "text=a"], "give arm=NAME too"),
        (["study=mine", "arm=prob", "text=a"], "did you mean probe"),
        (["study=mine", "arm=probe", "size=13", "text=a"], "has 12, 24"),
        (["run=none", "text=a"], "mlflow.db; column `run` of results.csv has the runs of cells"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(model, there, words, message):
    said = there("predict", *words)
    assert said.code == 2
    assert message in said.err
    assert len(said.err.splitlines()) == 1


def test_a_run_without_a_model_is_told_from_one_that_is_no_cell_or_not_there(there):
    table = api.results("sqlite:///mlflow.db")
    run = table.query("arm == 'probe' and n_train == 12")["run"].iloc[0]
    said = there("predict", f"run={run[:8]}", "text=a")
    assert said.err.endswith(f"did you mean run={run}?\n")
    said = there("predict", f"run={run}", "text=a")
    assert said.code == 2
    assert (
        f"run={run}: no model was saved with this run: `seedbed ship study=mine arm=probe size=12 output=" in said.err
    )
    [record] = Path("mlartifacts").rglob("study.json")
    said = there("predict", f"run={record.parts[1]}", "text=a")
    assert f"run={record.parts[1]}: is a comparison, not a cell; comparison={record.parts[1]} arm=NAME" in said.err


def test_a_changed_weight_is_refused(model, there, tmp_path):
    import shutil

    shutil.copytree(model, tmp_path / "copy")
    weights = tmp_path / "copy" / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    said = there("predict", f"model={tmp_path / 'copy'}", "text=a")
    assert said.code == 2
    assert "weights.safetensors has been changed" in said.err


def test_the_folder_is_enough_where_the_vectors_are_gone(model, there, vectors):
    before = rows_of(there("predict", f"model={model}", "text=a good film"))
    moved = vectors.rename(vectors.with_suffix(".gone"))
    try:
        said = there("predict", f"model={model}", "text=a good film")
        assert rows_of(said) == before
        assert "words in the model's folder are known" in said.err
    finally:
        moved.rename(vectors)


def test_a_probe_on_static_vectors_predicts_without_a_backend(model, tmp_path):
    code = (
        "import sys, seedbed\n"
        f"print(seedbed.load_model({str(model)!r}).predict(['a good film'])[0].label)\n"
        "print([name for name in ('tensorflow', 'keras', 'jax', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    label, imported = done.stdout.splitlines()
    assert label in ("neg", "pos")
    assert imported == "[]"


def test_the_floor_ships_like_an_arm_and_its_card_says_what_it_is(model, there, study):
    said = there("ship", "arm=tfidf", "output=floor")
    assert said.code == 0, said.err
    rows = rows_of(there("predict", "model=floor", "text=a good great fine film"))
    assert rows[0]["label"] == "pos"
    text = (study.folder / "floor" / "README.md").read_text(encoding="utf-8")
    assert "a simple method without pretrained vectors" in text


def test_a_card_has_the_evidence_and_no_markup_of_data(model):
    text = (model / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\npipeline_tag: text-classification\n")
    for part in ("Mean test/accuracy", "proto", "3 replicates were trained again", "TF-IDF", "| 2 | 24 |",
                 "Not tested on other sources"):  # fmt: skip
        assert part in text


def test_what_cannot_be_shipped_is_refused(there, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for words, message in (
        (["output="], "has no value"),
        (["arm=probe"], "give output=DIR"),
        ([f"output={tmp_path}"], "something else than a model"),
        (["output=x", "arm=prob"], "did you mean probe"),
        (["output=x", "size=99"], "has 12, 24"),
        (["output=x", "vectors=some"], "choose words, all, file"),
        (["output=x", "comparison=1", "study=mine"], "give one of"),
    ):
        said = there("ship", *words)
        assert said.code == 2, words
        assert message in said.err


@pytest.mark.slow
def test_mlflow_loads_what_is_registered_as_the_winner(model, there):
    said = there("ship", "arm=probe", "output=probe", "register=reviews")
    assert said.code == 0, said.err
    assert "models:/reviews@winner (version 1)" in said.out
    code = (
        "import mlflow, json\n"
        "mlflow.set_tracking_uri('sqlite:///mlflow.db')\n"
        "loaded = mlflow.pyfunc.load_model('models:/reviews@winner')\n"
        "assert loaded.metadata.signature is not None\n"
        "table = loaded.predict([{'text': 'a good film'}, {'text': ''}], params={'by': 'vote'})\n"
        "print(json.dumps([list(table.columns), table['label'].tolist(), table['flag'].tolist()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    columns, labels, flags = json.loads(done.stdout.splitlines()[-1])
    assert columns == ["label", "p_neg", "p_pos", "flag"]
    assert labels[0] in ("neg", "pos")
    assert labels[1] == ""
    assert flags == ["", "empty"]


@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")  # MLflow while imported
def test_a_study_that_saves_its_models_predicts_from_the_store(there, study):
    said = there(*study.words, "tracking.save_model=true", "sizes=[13]", "name=saved")
    assert said.code == 0, said.err
    runs = api.results("sqlite:///mlflow.db").query("arm == 'proto' and n_train == 13").sort_values("replicate")["run"]
    each = [rows_of(there("predict", f"run={run}", "text=a good film"))[0]["probabilities"]["pos"] for run in runs]
    [row] = rows_of(there("predict", "study=saved", "arm=proto", "text=a good film"))
    assert row["probabilities"]["pos"] == pytest.approx(sum(each) / 3, abs=1e-5)
    assert len(set(each)) == 3
    _loads_logged_models(there, dict(zip(runs, each, strict=True)))


def _loads_logged_models(there, expected):
    """The logged model of each of these runs, by its id and by the run, predicts its probability of ``pos``."""
    import mlflow

    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    client = mlflow.MlflowClient()
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    logged = {model.source_run_id: model.model_id for model in client.search_logged_models(experiments)}
    for run, probability in expected.items():
        [row] = rows_of(there("predict", f"model=models:/{logged[run]}", "text=a good film"))
        assert row["probabilities"]["pos"] == probability
        for address in (f"models:/{logged[run]}", f"runs:/{run}/model"):
            loaded = mlflow.pyfunc.load_model(address)
            assert loaded.predict([{"text": "a good film"}])["p_pos"].tolist() == [pytest.approx(probability, abs=1e-5)]


@pytest.mark.parametrize(("address", "said"), [
    ("models:/m-0", "model=models:/m-0: no such logged model in sqlite:///"),
    ("models:/mine@winner", "for a registered model: `mlflow artifacts download -u models:/mine@winner -d DIR`"),
    ("models:/", "model=models:/: the model of a cell is named by its id, models:/m-ID"),
])  # fmt: skip
def test_another_address_of_mlflow_is_refused_with_what_to_type(there, address, said):
    refused = there("predict", f"model={address}", "text=a good film")
    assert refused.code == 2
    assert said in refused.err
    assert refused.err.count("\n") == 1
