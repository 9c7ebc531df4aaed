"""What is shipped: refitted models, graphs of ONNX, and what the card says of the ensemble."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import StandardScaler

import seedbed as api
from seedbed.embeddings.safetensors_file import tensors_in

pytestmark = pytest.mark.slow


def done(said):
    assert said.code == 0, said.err
    return said


def texts_of(file):
    rows = [line.rpartition(",") for line in Path(file).read_text(encoding="utf-8").splitlines()[1:]]
    return [text for text, _, _ in rows], [label for _, _, label in rows]


def test_the_card_has_the_score_that_the_ensemble_has_on_the_test_split(seedbed, split_words):
    done(seedbed("compare", *split_words, "arms={probe: [encoder=probe]}"))
    done(seedbed("ship", "arm=probe", "output=made"))
    text = Path("made/README.md").read_text(encoding="utf-8")
    found = re.search(
        r"accuracy ([\d.]+) by the mean of the probabilities and ([\d.]+) by vote, on the test examples", text
    )
    texts, gold = texts_of("test.csv")
    model = api.load_model("made")
    for by, score in zip(("mean", "vote"), found.groups(), strict=True):
        own = accuracy_score(gold, [one.label for one in model.predict(texts, by)])
        assert float(score) == pytest.approx(100 * own, abs=5e-3)
    single = [accuracy_score(gold, [one.label for one in model.predict(texts, n)]) for n in range(3)]
    assert f"a single replicate has {100 * np.mean(single):.2f} there on average" in text


def test_a_refitted_probe_is_fitted_to_training_and_validation_examples(seedbed, split_words):
    """With the C that was chosen on validation: scikit-learn has the same weights."""
    done(seedbed("compare", *split_words, "arms={probe: [encoder=probe]}"))
    said = done(seedbed("ship", "arm=probe", "output=made", "refit=true"))
    assert "3 replicates are trained on their training and validation examples" in said.err
    content = json.loads(Path("made/model.json").read_bytes())
    assert [(one["n_train"], one["setting"]) for one in content["replicates"]] == [(40, "refit")] * 3
    assert len(content["variants"]) == 1
    text = Path("made/README.md").read_text(encoding="utf-8")
    assert "each trained on 40 examples" in text
    assert "Their score is not measured" in text

    draws = {entry["replicate"]: entry for entry in drawn()}
    arrays = tensors_in(Path("made/weights.safetensors").read_bytes(), "made")
    texts, labels = texts_of("train.csv")
    table = dict(read_vectors("vectors.txt"))
    pooled = np.array([np.mean([table[word] for word in text.split()], axis=0) for text in texts], np.float32)
    chosen = api.results("sqlite:///mlflow.db").set_index("replicate")["probe/c"]
    for n in range(3):
        rows = [int(i.rpartition("/")[2]) for split in ("train", "validation") for i in draws[n][split]]
        scaler = StandardScaler().fit(pooled[rows].astype(float))
        fitted = LogisticRegression(C=chosen[n], tol=1e-8, max_iter=10_000)
        fitted.fit(scaler.transform(pooled[rows].astype(float)), np.array(labels)[rows])
        own = np.diff(arrays[f"{n}/softmax/kernel"], axis=1)[:, 0]
        np.testing.assert_allclose(own, fitted.coef_[0] / scaler.scale_, rtol=1e-3, atol=1e-4)


def drawn():
    [file] = Path("mlartifacts").rglob("draws.json")
    return json.loads(file.read_bytes())["draws"]


def read_vectors(file):
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        word, *numbers = line.split()
        yield word, np.array(numbers, np.float32)


def test_a_refitted_network_has_other_weights_and_the_same_ones_again(seedbed, split_words):
    arms = "arms={pool: [encoder=pool, training.epochs=4, training.learning_rate=0.05, training.min_steps=0]}"
    done(seedbed("compare", *split_words, arms, "tracking.save_model=true"))
    done(seedbed("ship", "arm=pool", "output=before"))
    done(seedbed("ship", "arm=pool", "output=made", "refit=true"))
    before, after = (tensors_in(Path(f"{name}/weights.safetensors").read_bytes(), name) for name in ("before", "made"))
    assert before.keys() == after.keys()
    assert any(not np.array_equal(before[name], after[name]) for name in before)
    again = done(seedbed("ship", "arm=pool", "output=again", "refit=true"))
    assert Path("again/weights.safetensors").read_bytes() == Path("made/weights.safetensors").read_bytes(), again.err


def test_the_shipped_graph_predicts_what_the_model_predicts(seedbed, split_words):
    """With the ids of the program in the documentation, of a text with words that are unknown or in another case."""
    done(seedbed("compare", *split_words, "arms={probe: [encoder=probe]}"))
    done(seedbed("ship", "arm=probe", "output=winner", "onnx=true", "refit=true"))
    listed = json.loads(Path("winner/manifest.json").read_bytes())["files"]
    assert {"model.onnx", "onnx.json"} <= listed.keys()
    assert "`model.onnx`" in Path("winner/README.md").read_text(encoding="utf-8")
    guide = (Path(__file__).parents[2] / "docs/guides/predict.md").read_text(encoding="utf-8")
    [program] = [code for code in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "onnxruntime" in code]
    program = program.replace("see it twice", "the Good film was nowhere great")
    values = {}
    exec(compile(program, "guide", "exec"), values)
    [predicted] = api.load_model("winner").predict(["the Good film was nowhere great"])
    assert values["id_of"]("nowhere") == 0
    assert values["id_of"]("Good") == values["id_of"]("good") > 0
    found = dict(zip(values["vocabulary"]["labels"], values["probabilities"][0].tolist(), strict=True))
    assert found == pytest.approx(predicted.probabilities, abs=1e-4)


def test_a_changed_graph_is_refused(seedbed, split_words):
    done(seedbed("compare", *split_words, "arms={proto: [encoder=prototype]}"))
    done(seedbed("ship", "arm=proto", "output=made", "onnx=true"))
    content = bytearray(Path("made/model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    Path("made/model.onnx").write_bytes(content)
    said = seedbed("predict", "model=made", "text=a good film")
    assert said.code == 2
    assert "model.onnx has been changed" in said.err


@pytest.mark.parametrize(
    ("arm", "keys", "message"),
    [
        ("knn: [encoder=knn]", ["onnx=true"], "encoder KNN cannot be exported"),
        ("proto: [encoder=prototype]", ["onnx=true", "vectors=file"], "vectors=words or vectors=all"),
        ("proto: [encoder=prototype]", ["onnx=yes"], "onnx=yes: choose true or false"),
        ("proto: [encoder=prototype]", ["onnx=true", "arm=tfidf"], "tfidf is no arm"),
        ("proto: [encoder=prototype]", ["refit=true", "arm=tfidf"], "tfidf is no arm"),
        ("proto: [encoder=prototype, sampling.validation=0]", ["refit=true"], "has no validation examples to add"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(seedbed, split_words, arm, keys, message):
    done(seedbed("compare", *split_words, f"arms={{{arm}}}"))
    own = [] if any(key.startswith("arm=") for key in keys) else [f"arm={arm.partition(':')[0]}"]
    said = seedbed("ship", "output=made", *own, *keys)
    assert said.code == 2
    assert message in said.err
    assert "are trained" not in said.err
    assert not Path("made").exists()
