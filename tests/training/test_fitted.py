"""Encoders that are fitted at once: what they see, what they choose, and what comes out."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.refusals import refusal

from seedbed.embeddings.random import Random
from seedbed.embeddings.text_features import TextFeatures
from seedbed.matching import matching_scores
from seedbed.metrics import tagging_scores
from seedbed.model.neighbors import KNN, Prototype
from seedbed.model.nn_tagger import NNTagger
from seedbed.model.probe import Probe
from seedbed.model.tasks import Classification, Multilabel, Tagging
from seedbed.testing.samples import sample_corpus, sample_draw
from seedbed.training.batches import EncodedExamples
from seedbed.training.fit_cache import FitCache
from seedbed.training.fitted import FittedGroup
from seedbed.training.pooled import reads_sentences, text_embedding, vectors_of
from seedbed.training.recording import FINAL, NO_RECORDING, Recording
from seedbed.training.settings import Training

ENCODED = {
    kind: EncodedExamples.from_corpus(sample_corpus(kind), [e.id for e in sample_corpus(kind)])
    for kind in ("classification", "tagging", "multilabel")
}
TASKS = {"classification": Classification(), "tagging": Tagging(), "multilabel": Multilabel()}


def group(encoder, kind="classification", replicates=(0, 1), features=None, draws=None, cache=None):
    encoded = ENCODED[kind]
    draws = draws or [sample_draw(replicate) for replicate in replicates]
    features = features or Random(dim=6).features(encoded.examples, draws, replicates)
    vectors = vectors_of(features, encoder, encoded, draws)
    return FittedGroup(
        [encoder] * len(draws), TASKS[kind], encoded, vectors, draws, replicates, cache=cache or FitCache()
    )


def outcomes(*arguments, recording=NO_RECORDING, watch=lambda epoch: None, **settings):
    return group(*arguments, **settings).fit(Training(), watch, recording)[0]


def arrays(replicate, split, kind):
    """Vectors and classes of a split of a replicate: token by token, or the mean of each text."""
    encoded, draw = ENCODED[kind], sample_draw(replicate)
    features = Random(dim=6).features(encoded.examples, [draw], [replicate])
    table = features.arrays.frozen["table"][0]
    tokens = [table[features.rows[0][features.index.tokens[n]]] for n in draw[split]]
    targets = [np.atleast_1d(encoded.targets[n]) for n in draw[split]]
    x = np.concatenate(tokens) if kind == "tagging" else np.stack([rows.mean(0) for rows in tokens])
    return x.astype(np.float64), np.stack(targets) if kind == "multilabel" else np.concatenate(targets)


def reference(replicate, c, kind):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, tol=1e-10, max_iter=10_000))
    return model.fit(*arrays(replicate, "train", kind))


def losses(replicate, values, kind):
    x, y = arrays(replicate, "validation", kind)
    return [log_loss(y, reference(replicate, c, kind).predict_proba(x), labels=[0, 1]) for c in values]


@pytest.mark.parametrize("kind", ["classification", "tagging"])
def test_c_and_scores_are_those_of_scikit_learn_on_the_same_arrays(kind):
    values = [0.001, 0.1, 10.0]
    for replicate, outcome in enumerate(outcomes(Probe(c=values), kind)):
        best = values[int(np.argmin(losses(replicate, values, kind)))]
        assert outcome.metrics["probe/c"] == best
        assert outcome.metrics["probe/edge"] == (best != 0.1)
        assert outcome.metrics["validation/loss"] == pytest.approx(min(losses(replicate, values, kind)), abs=1e-4)
        x, y = arrays(replicate, "test", kind)
        expected = reference(replicate, best, kind)
        assert outcome.metrics["test/accuracy"] == pytest.approx(expected.score(x, y), abs=1e-12)
        assert (outcome.epochs, outcome.best_epoch, outcome.history) == (0, 0, {})


def test_probabilities_are_those_of_scikit_learn():
    (outcome,) = outcomes(Probe(c=[1.0]), replicates=[3])
    x, _ = arrays(3, "test", "classification")
    own = [prediction.probabilities for prediction in outcome.predictions]
    np.testing.assert_allclose(own, reference(3, 1.0, "classification").predict_proba(x), atol=1e-4)


def test_saved_weights_give_the_predictions():
    (outcome,) = outcomes(Probe(), replicates=[2])
    x, _ = arrays(2, "test", "classification")
    logits = x @ outcome.weights["softmax/kernel"] + outcome.weights["softmax/bias"]
    labels = ENCODED["classification"].labels
    assert [labels[n] for n in logits.argmax(1)] == [p.predicted for p in outcome.predictions]


def test_the_score_of_tagging_is_strict_entity_f1_of_the_predicted_tags():
    (outcome,) = outcomes(Probe(), "tagging", replicates=[1])
    gold, predicted = zip(*((p.gold, p.predicted) for p in outcome.predictions), strict=True)
    assert outcome.metrics["test/f1"] == tagging_scores(gold, predicted)["f1"]
    softer = matching_scores(gold, predicted)
    assert {name: outcome.metrics[f"test/{name}"] for name in softer} == softer
    assert "validation/partial_f1" not in outcome.metrics
    assert [len(tags) for tags in predicted] == [len(tags) for tags in gold]
    flat = [np.concatenate([np.array(tags) != "O" for tags in rows]) for rows in (gold, predicted)]
    assert outcome.metrics["test/f1"] == pytest.approx(f1_score(*flat))  # every entity of the sample has one token


def test_by_score_the_value_with_the_highest_score_is_chosen_then_that_with_the_least_loss():
    values = [1e-6, 0.01, 1.0, 100.0]
    for replicate, outcome in enumerate(outcomes(Probe(c=values, select="score"))):
        x, y = arrays(replicate, "validation", "classification")
        accuracy = [reference(replicate, c, "classification").score(x, y) for c in values]
        loss = losses(replicate, values, "classification")
        assert outcome.metrics["probe/c"] == values[max(range(4), key=lambda i: (accuracy[i], -loss[i]))]


@pytest.mark.parametrize("kind", ["classification", "tagging"])
@pytest.mark.parametrize("encoder", [Probe(), Probe(pooling="mean_max"), KNN(), Prototype()], ids=str)
def test_a_replicate_is_the_same_alone_and_in_a_group(encoder, kind):
    together = outcomes(encoder, kind, replicates=[0, 1, 2])
    for replicate in (1, 2):
        (alone,) = outcomes(encoder, kind, replicates=[replicate])
        own = together[replicate].metrics
        assert own.keys() == alone.metrics.keys()
        assert all(own[name] == pytest.approx(alone.metrics[name], abs=1e-6) for name in own)
        assert [p.predicted for p in alone.predictions] == [p.predicted for p in together[replicate].predictions]


@pytest.mark.parametrize("transitions", [True, False])
def test_a_replicate_of_the_nearest_neighbor_tagger_is_the_same_alone_and_in_a_group(transitions):
    encoder = NNTagger(transitions=transitions)
    together = outcomes(encoder, "tagging", replicates=[0, 1, 2], recording=Recording(probabilities=True))
    for replicate in (1, 2):
        (alone,) = outcomes(encoder, "tagging", replicates=[replicate], recording=Recording(probabilities=True))
        own = together[replicate]
        assert {name: pytest.approx(value, abs=1e-6) for name, value in own.metrics.items()} == alone.metrics
        assert [p.predicted for p in alone.predictions] == [p.predicted for p in own.predictions]
        np.testing.assert_allclose(alone.recorded[FINAL]["values"], own.recorded[FINAL]["values"], atol=1)
        assert own.metrics["nn_tagger/temperature"] in encoder.candidates()


def test_each_sentence_is_decoded_as_its_own():
    """The tags of the test sentences are those of the path that is given them one by one."""
    encoder = NNTagger(temperature=[1.0])
    made = group(encoder, "tagging", replicates=[1])
    (outcome,) = made.fit(Training(), lambda epoch: None, NO_RECORDING)[0]
    path = encoder.restored(outcome.weights, len(ENCODED["tagging"].labels))
    draw = sample_draw(1)
    for position, prediction in zip(draw["test"], outcome.predictions, strict=True):
        ((_, x),) = made.vectors.blocks(0, [position])
        (probabilities,) = path.of_sentences(x, np.array([len(x)]))
        assert [ENCODED["tagging"].labels[n] for n in probabilities.argmax(1)] == list(prediction.predicted)


def test_knn_says_what_k_was_chosen_and_a_prototype_chooses_nothing():
    (knn,), (prototype,) = outcomes(KNN(k=[1, 5, 9]), replicates=[0]), outcomes(Prototype(), replicates=[0])
    assert knn.metrics["knn/k"] in (1, 5, 9)
    assert not [name for name in prototype.metrics if name.startswith(("knn", "probe"))]
    assert prototype.weights["softmax/kernel"].shape == (6, 2)


def test_the_number_of_weights_is_that_of_the_fit():
    assert group(Probe(pooling="mean_max")).fit(Training(), lambda epoch: None, NO_RECORDING)[1] == [13, 13]
    assert group(KNN()).fit(Training(), lambda epoch: None, NO_RECORDING)[1] == [0, 0]


def test_probabilities_of_tags_are_recorded():
    (outcome,) = outcomes(Probe(), "tagging", replicates=[0], recording=Recording(probabilities=True))
    recorded = outcome.recorded[FINAL]
    assert recorded["values"].shape == (recorded["lengths"].sum(), 2)
    assert set(recorded["values"].sum(axis=1).tolist()) <= {254, 255, 256}
    names = np.array(recorded["labels"])[recorded["values"].argmax(1)].tolist()
    assert names == [tag for prediction in outcome.predictions for tag in prediction.predicted]


def test_progress_counts_the_fits_of_all_replicates():
    epochs = []
    outcomes(Probe(), replicates=[0, 1, 2], watch=epochs.append)
    assert (epochs[-1].number, epochs[-1].total, epochs[-1].unit) == (21, 21, "fit")


def test_several_values_without_validation_examples_are_refused_and_one_value_is_not():
    draw = {split: own for split, own in sample_draw(0).items() if split != "validation"}
    text = refusal(outcomes, Probe(), replicates=[0], draws=[draw], match=r"encoder\.c=\[0\.1\]")
    assert "sampling.validation=100" in text
    assert outcomes(Probe(c=[1.0]), replicates=[0], draws=[draw])[0].status == "finished"


def test_trained_vectors_are_refused():
    draws = [sample_draw(0)]
    features = Random(dim=4, trainable=True).features(ENCODED["tagging"].examples, draws, [0])
    text = refusal(vectors_of, features, Probe(), ENCODED["tagging"], draws, match="trainable")
    assert "embedding.mix=average" in text


def test_vectors_that_are_not_finite_fail_their_replicate_only():
    draws, encoded = [sample_draw(0), sample_draw(1)], ENCODED["classification"]
    features = Random(dim=6).features(encoded.examples, draws, [0, 1])
    features.arrays.frozen["table"][1, 1:] = np.nan
    first, second = outcomes(Probe(), features=features)
    assert (first.status, second.status) == ("finished", "failed")
    assert "not finite" in second.error


@dataclasses.dataclass(frozen=True)
class Sentences:
    """An embedding with a vector for each text: its length, and noise."""

    def features(self, *arguments):
        raise NotImplementedError

    def text_features(self, examples, draws, seeds, watch=None):
        vectors = np.random.default_rng(0).normal(size=(len(examples), 3))
        vectors[:, 0] = [len(example.tokens) for example in examples]
        return TextFeatures(vectors, [{} for _ in draws])


def test_the_vectors_of_texts_are_read_as_they_are():
    encoder, draw, encoded = Probe(pooling="sentence"), sample_draw(0), ENCODED["classification"]
    assert reads_sentences(encoder, per_token=False)
    assert not reads_sentences(encoder, per_token=True)
    features = text_embedding(Sentences(), "mine").text_features(encoded.examples, [draw], [0])
    ((positions, x),) = vectors_of(features, encoder, encoded, [draw]).blocks(0, draw["test"])
    assert x[:, 0].tolist() == [encoded.lengths[n] for n in positions]
    text = refusal(text_embedding, Random(), "random", match="embedding=random has no")
    assert "pooling=mean|max|mean_max|first" in text


@pytest.mark.parametrize("standardize", [False, True])
def test_sets_of_labels_are_those_of_one_regression_for_each_label(standardize):
    """One value of C for all labels; 0.5 is exceeded by what is predicted; a replicate alone has the same numbers."""
    values = [0.001, 0.1, 10.0]
    found = outcomes(Probe(c=values, standardize=standardize), "multilabel")
    for replicate, outcome in enumerate(found):
        (x, y), (x_validation, y_validation), (x_test, y_test) = (
            arrays(replicate, split, "multilabel") for split in ("train", "validation", "test")
        )
        models = []
        for c in values:
            regression = LogisticRegression(C=c, tol=1e-10, max_iter=10_000)
            steps = [StandardScaler()] * standardize + [OneVsRestClassifier(regression)]
            models.append(make_pipeline(*steps).fit(x, y))
        lost = [
            np.mean(
                [log_loss(own, p) for own, p in zip(y_validation.T, model.predict_proba(x_validation).T, strict=True)]
            )
            for model in models
        ]
        best = int(np.argmin(lost))
        assert outcome.metrics["probe/c"] == values[best]
        assert outcome.metrics["validation/loss"] == pytest.approx(lost[best], abs=1e-4)
        predicted = models[best].predict(x_test)
        assert outcome.metrics["test/micro_f1"] == pytest.approx(f1_score(y_test, predicted, average="micro"))
        labels = sample_corpus("multilabel").labels
        for one, row in zip(outcome.predictions, predicted, strict=True):
            assert one.predicted.names == tuple(label for label, has in zip(labels, row, strict=True) if has)
    alone = outcomes(Probe(c=values, standardize=standardize), "multilabel", replicates=(0,))[0]
    assert alone.predictions == found[0].predictions


def test_a_label_that_no_or_every_training_text_has_is_predicted_as_such():
    draws = [sample_draw(0)]
    encoded = ENCODED["multilabel"]
    long = [n for n in draws[0]["train"] if encoded.targets[n].tolist() == [1, 0]]
    (outcome,) = outcomes(Probe(), "multilabel", (0,), draws=[draws[0] | {"train": long}])
    assert {one.predicted.names for one in outcome.predictions} == {("long",)}
    assert {one.probabilities for one in outcome.predictions} == {(1.0, 0.0)}
