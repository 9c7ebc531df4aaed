"""A saved model predicts what its cell predicted, for every kind of arm."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from seedbed.errors import InputError
from seedbed.label_sets import LabelSet
from seedbed.saved_models.model import model_of
from seedbed.saved_models.saving import merged

CLASSIFIERS = {
    "probe": ["embedding=glove", "encoder=probe"],
    "probe_mean_max": ["embedding=glove", "encoder=probe", "encoder.pooling=mean_max"],
    "knn": ["embedding=glove", "encoder=knn", "encoder.k=[1,3]", "encoder.standardize=true"],
    "prototype": ["embedding=glove", "encoder=prototype"],
    "pool": ["embedding=glove", "encoder=pool", "task.hidden=5"],
    "mlp_probe": ["embedding=glove", "encoder=mlp_probe", "encoder.hidden=6"],
    "cnn": ["embedding=glove", "encoder=cnn", "encoder.filters=5"],
    "bilstm": ["embedding=glove", "encoder=bilstm", "encoder.units=4"],
    "random_probe": ["embedding=random", "embedding.dim=6", "encoder=probe"],
    "random_of_training_words": ["embedding=random", "embedding.dim=6", "encoder=cnn", "encoder.filters=4",
                                 "embedding.vocabulary=[train]"],
    "trained_random": ["embedding=random", "embedding.dim=6", "embedding.trainable=true", "encoder=cnn",
                       "encoder.filters=4"],
    "trained_glove": ["embedding=glove", "embedding.trainable=true", "encoder=pool"],
    "characters_pool": ["embedding=characters", "embedding.filters=4", "encoder=pool"],
    "word_shape_probe": ["embedding=word_shape", "embedding.affixes=[]", "encoder=probe"],
    "trained_glove_cnn": ["embedding=glove", "embedding.trainable=true", "encoder=cnn", "encoder.filters=4"],
}  # fmt: skip
TAGGERS = {
    "probe": ["embedding=glove", "encoder=probe"],
    "nn_tagger": ["embedding=glove", "encoder=nn_tagger"],
    "nn_tagger_without_transitions": ["embedding=glove", "encoder=nn_tagger", "encoder.transitions=false",
                                      "encoder.standardize=true"],
    "mlp_probe": ["embedding=glove", "encoder=mlp_probe", "encoder.pooling=mean_max"],
    "cnn": ["embedding=glove", "encoder=cnn", "encoder.filters=5"],
    "bilstm": ["embedding=glove", "encoder=bilstm", "encoder.units=4"],
    "trained_glove": ["embedding=glove", "embedding.trainable=true", "encoder=bilstm", "encoder.units=4"],
    "character_cnn": [
        "embedding=characters",
        "embedding.filters=4",
        "embedding.widths=[2,3]",
        "encoder=cnn",
        "encoder.filters=4",
    ],
    "character_bilstm": [
        "embedding=characters",
        "embedding.network=bilstm",
        "embedding.units=3",
        "encoder=bilstm",
        "encoder.units=4",
    ],
    "word_shape": ["embedding=word_shape", "embedding.dim=3", "encoder=bilstm", "encoder.units=4"],
}  # fmt: skip


@pytest.mark.parametrize("words", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_a_classifier_predicts_what_its_cell_predicted(train, files_of_model, words):
    labels, expected, own, stored = compared(*train(*words), files_of_model)
    assert labels == expected
    np.testing.assert_allclose(own, stored, atol=1e-5)


@pytest.mark.parametrize("name", ["random_probe", "trained_glove"])
def test_a_model_without_the_words_of_its_table_is_refused(train, files_of_model, name):
    _, (outcome, *_) = train(*CLASSIFIERS[name])
    files = files_of_model(outcome) | {"words.json": b"{}"}
    with pytest.raises(InputError, match=r"^M: damaged: it has no table of the words of embedding$"):
        model_of(files, "M")


@pytest.mark.parametrize("name", ["probe", "knn", "prototype", "pool", "mlp_probe", "cnn", "trained_glove"])
def test_a_model_of_sets_of_labels_predicts_what_its_cell_predicted(train, files_of_model, name):
    words = [word.replace("task.hidden=5", "task.class_weights=true") for word in CLASSIFIERS[name]]
    labels, expected, own, stored = compared(*train(*words, task="multilabel"), files_of_model)
    assert labels == expected
    np.testing.assert_allclose(own, stored, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("words", TAGGERS.values(), ids=TAGGERS)
def test_a_tagger_predicts_what_its_cell_predicted(train, files_of_model, words):
    labels, expected, _, _ = compared(*train(*words, task="tagging"), files_of_model)
    assert labels == expected


@pytest.fixture
def bilm(tmp_path):
    """A small biLM, as settings of ``embedding=elmo``."""
    spec = importlib.util.spec_from_file_location("bilm_files", Path(__file__).parents[1] / "bench" / "bilm_files.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    options, weights = made.write_bilm(tmp_path / "bilm", made.options(12, 6, ((1, 3), (2, 4)), dim=3, highways=1))
    return [f"options={options}", f"weights={weights}"]


CONTEXTUAL = {
    "learned_mix": (["encoder=cnn", "encoder.filters=4"], "classification"),
    "last_layer_probe": (["encoder=probe", "embedding.mix=layer2"], "tagging"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("words", "task"), CONTEXTUAL.values(), ids=CONTEXTUAL)
def test_a_model_of_contextual_vectors_predicts_what_its_cell_predicted(train, files_of_model, bilm, words, task):
    elmo = ["embedding=elmo", *(f"embedding.{setting}" for setting in bilm)]
    labels, expected, own, stored = compared(*train(*elmo, *words, task=task), files_of_model)
    assert labels == expected
    np.testing.assert_allclose(own, stored, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["pool", "bilstm"])
def test_a_model_of_joined_vectors_predicts_what_its_cell_predicted(train, files_of_model, joined, encoder):
    labels, expected, own, stored = compared(*train(*joined, f"encoder={encoder}"), files_of_model)
    assert labels == expected
    np.testing.assert_allclose(own, stored, atol=1e-5)


@pytest.mark.slow
def test_a_tagger_of_words_characters_and_shapes_predicts_what_its_cell_predicted(train, files_of_model, vectors):
    parts = [
        "embedding=glove_characters", f"embedding.parts.glove.path={vectors}", "embedding.parts.glove.dim=8",
        "embedding.parts.characters.filters=4", "+embedding@embedding.parts.shape=word_shape", "encoder=bilstm",
    ]  # fmt: skip
    labels, expected, _, _ = compared(*train(*parts, task="tagging"), files_of_model)
    assert labels == expected


def answer(predicted):
    """The tags, labels or class of a text."""
    if predicted.labels is not None:
        return LabelSet(predicted.labels)
    return predicted.tags or predicted.label


def compared(cells, outcomes, files_of_model):
    """The predictions and probabilities of one and of all replicates, each beside those of the cells."""
    ensemble = model_of(merged([(str(n), files_of_model(outcome)) for n, outcome in enumerate(outcomes)]), "ensemble")
    pairs, probabilities = [], []
    for n, (planned, outcome) in enumerate(zip(cells, outcomes, strict=True)):
        texts = [planned.corpus.by_id[prediction.id].tokens for prediction in outcome.predictions]
        for model, by in ((model_of(files_of_model(outcome), "alone"), "mean"), (ensemble, n)):
            predicted = model.predict(texts, by)
            pairs.append(([answer(one) for one in predicted], [p.predicted for p in outcome.predictions]))
            if not model.description.per_token:
                own = np.array([[one.probabilities[label] for label in model.labels] for one in predicted])
                probabilities.append((own, np.array([p.probabilities for p in outcome.predictions])))
    own, stored = (np.concatenate(arrays) for arrays in zip(*probabilities, strict=True)) if probabilities else (0, 0)
    return [own for own, _ in pairs], [stored for _, stored in pairs], own, stored
