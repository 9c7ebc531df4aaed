"""A model in ONNX predicts what the saved model predicts, under ONNX Runtime and without seedbed."""

import json
import re
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import pytest

from seedbed.embeddings.random import Random
from seedbed.errors import InputError
from seedbed.model.encoders import Pool
from seedbed.model.tasks import Classification, Tagging
from seedbed.saved_models.model import model_of
from seedbed.saved_models.onnx_export import onnx_files, refuse_unexportable
from seedbed.saved_models.saving import merged, with_vectors

CLASSIFIERS = {
    "probe": ["embedding=glove", "encoder=probe"],
    "probe_mean_max": ["embedding=glove", "encoder=probe", "encoder.pooling=mean_max"],
    "prototype": ["embedding=glove", "encoder=prototype", "encoder.standardize=true"],
    "pool": ["embedding=glove", "encoder=pool", "task.hidden=5"],
    "mlp_probe": ["embedding=glove", "encoder=mlp_probe", "encoder.pooling=max", "encoder.hidden=6"],
    "linear_probe": ["embedding=glove", "encoder=mlp_probe", "encoder.pooling=first", "encoder.hidden=0"],
    "cnn": ["embedding=glove", "encoder=cnn", "encoder.filters=5", "encoder.widths=[2,3,4]"],
    "bilstm": ["embedding=glove", "encoder=bilstm", "encoder.units=4"],
    "bilstm_last": ["embedding=glove", "encoder=bilstm", "encoder.units=4", "encoder.pooling=last"],
    "residual_bilstm": ["embedding=glove", "encoder=residual_bilstm", "encoder.units=4", "encoder.pooling=mean"],
    "residual_bilstm_last": ["embedding=glove", "encoder=residual_bilstm", "encoder.units=4", "encoder.pooling=last"],
    "random_probe": ["embedding=random", "embedding.dim=6", "encoder=probe"],
    "trained_random_cnn": ["embedding=random", "embedding.dim=6", "embedding.trainable=true", "encoder=cnn",
                           "encoder.filters=4"],
    "trained_glove": ["embedding=glove", "embedding.trainable=true", "encoder=pool"],
    "trained_glove_any_case": ["embedding=glove", "embedding.trainable=true", "embedding.case=any", "encoder=cnn",
                               "encoder.filters=4"],
}  # fmt: skip
TAGGERS = {
    "probe": ["embedding=glove", "encoder=probe"],
    "mlp_probe": ["embedding=glove", "encoder=mlp_probe", "encoder.pooling=mean_max"],
    "cnn": ["embedding=glove", "encoder=cnn", "encoder.filters=5", "encoder.widths=[1,4]"],
    "bilstm": ["embedding=glove", "encoder=bilstm", "encoder.units=4"],
    "residual_bilstm": ["embedding=glove", "encoder=residual_bilstm", "encoder.units=4", "task.hidden=3"],
    "trained_glove": ["embedding=glove", "embedding.trainable=true", "encoder=bilstm", "encoder.units=4"],
}
UNSEEN = [
    ("film",), ("FILM", "wAs", "Good", "ANN"), ("nowhere",), ("nowhere", "Bob", "NOWHERE", "A", "tree", "plot"),
    ("ROME", "XYZ", "rare1", "RARE2"),
]  # fmt: skip
"""Words without a vector, and spellings that no text of the data has."""


@pytest.mark.slow
@pytest.mark.parametrize("words", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_a_classifier_has_the_same_probabilities(train, files_of_model, words):
    np.testing.assert_allclose(*compared(*ensemble(*train(*words), files_of_model)), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["probe", "prototype", "pool", "cnn"])
def test_a_model_of_sets_of_labels_has_the_same_probabilities(train, files_of_model, encoder):
    trained = train("embedding=glove", f"encoder={encoder}", task="multilabel")
    np.testing.assert_allclose(*compared(*ensemble(*trained, files_of_model)), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("words", TAGGERS.values(), ids=TAGGERS)
def test_a_tagger_has_the_same_probabilities(train, files_of_model, words):
    np.testing.assert_allclose(*compared(*ensemble(*train(*words, task="tagging"), files_of_model)), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["pool", "bilstm"])
def test_a_model_of_joined_vectors_has_the_same_probabilities(train, files_of_model, joined, encoder):
    files, texts = ensemble(*train(*joined, f"encoder={encoder}"), files_of_model)
    np.testing.assert_allclose(*compared(files, texts), atol=1e-4)


@pytest.mark.slow
def test_replicates_with_other_settings_are_one_graph(train, files_of_model):
    cells, outcomes = train("embedding=glove", "encoder=cnn", "encoder.filters=4")
    others, more = train("embedding=glove", "encoder=cnn", "encoder.filters=6")
    files, texts = ensemble([*cells, *others], [*outcomes, *more], files_of_model)
    assert len(model_of(files, "made").description.variants) == 2
    np.testing.assert_allclose(*compared(files, texts), atol=1e-4)


def ensemble(cells, outcomes, files_of_model):
    """The files of all replicates with the vectors of the data set's words, and texts."""
    examples = list(cells[0].corpus)
    files = merged([(str(n), files_of_model(outcome)) for n, outcome in enumerate(outcomes)])
    words = {token for example in examples for token in example.tokens}
    return with_vectors(files, "made", words), [*UNSEEN, *(example.tokens for example in examples[:40])]


def compared(files, texts):
    """The probabilities under ONNX Runtime and of the model, of all rows by the mean and by each replicate."""
    made = onnx_files(files, "made")
    onnx.checker.check_model(onnx.load_from_string(made["model.onnx"]), full_check=True)
    model = model_of(files | {"model.json": files["model.json"].replace(b'"whole": false', b'"whole": true')}, "made")
    assert model.description.whole  # without the file of vectors, which has words that the folder lacks
    mean, replicates = under_onnx_runtime(made, texts)
    pairs = []
    for by, rows in (("mean", mean), *zip(model.numbers, replicates, strict=True)):
        for text, row, predicted in zip(texts, rows, model.predict(texts, by), strict=True):
            of_rows = predicted.probabilities if model.description.per_token else [predicted.probabilities]
            own = np.array([[one[label] for label in model.labels] for one in of_rows])
            found = row[: len(text)] if model.description.per_token else row[None]
            pairs.append((found, own))
    assert len(pairs) == len(texts) * (1 + len(model.numbers))
    return [np.concatenate(arrays) for arrays in zip(*pairs, strict=True)]


def under_onnx_runtime(made, texts):
    """The outputs for padded texts, with the ids that the documentation describes."""
    vocabulary = json.loads(made["onnx.json"])
    number = {word: n for n, word in enumerate(vocabulary["words"], 1)}

    def id_of(word):
        if word in number:
            return number[word]
        for name in vocabulary["spellings"]:
            other = getattr(word, name)()
            if other in number:
                return vocabulary["respelled"].get(other, number[other])
        return 0

    lengths = np.array([len(text) for text in texts], np.int64)
    ids = np.zeros((len(texts), lengths.max() + 3), np.int64)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)] = [id_of(word) for word in text]
    session = onnxruntime.InferenceSession(made["model.onnx"], providers=["CPUExecutionProvider"])
    return session.run(["probabilities", "replicates"], {"ids": ids, "lengths": lengths})


def test_a_trained_word_in_another_spelling_has_an_id_of_its_own(train, files_of_model):
    """``FILM`` was in no training text: its vector is that of the file, and not the trained one of ``film``."""
    files, _ = ensemble(*train("embedding=glove", "embedding.trainable=true", "encoder=pool"), files_of_model)
    vocabulary = json.loads(onnx_files(files, "made")["onnx.json"])
    assert vocabulary["spellings"] == ["lower"]
    assert vocabulary["respelled"]["was"] > len(vocabulary["words"])
    frozen, _ = ensemble(*train("embedding=glove", "encoder=pool"), files_of_model)
    assert json.loads(onnx_files(frozen, "made")["onnx.json"])["respelled"] == {}


REFUSED = {
    "knn": (["embedding=glove", "encoder=knn", "encoder.k=[1]"], "encoder KNN cannot be exported; these can: Pool"),
    "bfloat16": (["embedding=glove", "encoder=cnn", "encoder.filters=4", "training.precision=bfloat16"],
                 "training.precision=bfloat16 cannot be exported"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_exported_is_refused_with_its_key(train, files_of_model, words, said):
    files, _ = ensemble(*train(*words), files_of_model)
    with pytest.raises(InputError, match=re.escape(said)):
        onnx_files(files, "made")


@pytest.mark.parametrize("setting", [{"decoder": "crf"}, {"decoder": "constrained"}, {"scheme": "bilou"}])
def test_a_tagger_with_a_decoder_or_a_scheme_is_refused_with_its_key(setting):
    [(key, value)] = setting.items()
    with pytest.raises(InputError, match=f"^onnx=true: task.{key}={value} cannot be exported$"):
        refuse_unexportable(Random(), Pool(), Tagging(**setting), "float32")


@dataclass(frozen=True)
class OwnHead(Classification):
    """A head as one of a plugin."""


def test_a_head_of_a_plugin_is_refused_by_its_name():
    with pytest.raises(
        InputError, match="task OwnHead cannot be exported; these can: Classification, Multilabel, Tagging"
    ):
        refuse_unexportable(Random(), Pool(), OwnHead(), "float32")


def test_too_many_vectors_for_a_file_are_refused(train, files_of_model, monkeypatch):
    files, _ = ensemble(*train("embedding=glove", "encoder=probe"), files_of_model)
    words = json.loads(onnx_files(files, "made")["onnx.json"])["words"]
    needed = (1 + len(words)) * 8 * 4  # 8 numbers of 4 bytes, and the row of unknown words
    monkeypatch.setattr("seedbed.saved_models.onnx_export.LARGEST", needed)
    onnx_files(files, "made")
    monkeypatch.setattr("seedbed.saved_models.onnx_export.LARGEST", needed - 1)
    with pytest.raises(InputError, match="at most 2 GB"):
        onnx_files(files, "made")
