"""The flaws of the four published documents, in the experiments that follow them, over small data."""

import numpy as np
import pandas as pd
import pytest

from seedbed.comparison.record import settings_of
from seedbed.config.study import study
from seedbed.lint.rules import with_findings
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.encoder_order import encoder_orders
from seedbed.report.analysis.inputs import ReportInputs


@pytest.fixture
def without_vectors(monkeypatch):
    """As if the files of vectors, which are not here, had all words."""
    monkeypatch.setattr("seedbed.embeddings.static.Static.content", lambda self: {})
    monkeypatch.setattr("seedbed.lint.coverage.keyed_parts", lambda embedding: ())


FLAWS = {"validation-from-test", "one-test-set"}


@pytest.mark.parametrize("protocol", ["published", "corrected"])
def test_imdb_static_200(linted, imdb, protocol):
    looked = linted("experiment=imdb_static_200", f"protocol={protocol}", "embedding=random", f"dataset.path={imdb}")
    assert looked.rules == (FLAWS if protocol == "published" else set())


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["published", "corrected"])
def test_imdb_elmo_200_gives_its_arms_other_rates_where_it_does_what_the_text_says(
    linted, imdb, monkeypatch, without_vectors, protocol
):
    monkeypatch.setattr("seedbed.embeddings.elmo.Elmo.content", lambda self: {})
    looked = linted("experiment=imdb_elmo_200", f"protocol={protocol}", f"dataset.path={imdb}")
    assert looked.rules == (FLAWS if protocol == "published" else {"arms-differ-in-more"})
    if protocol == "corrected":
        assert looked.text("arms-differ-in-more").endswith("training.learning_rate (0.0001 and 1e-05)")


OVERLAPS = {"text-in-train-and-test", "text-in-train-and-validation", "text-in-validation-and-test"}


def test_twitter_ner_bilstm_has_tweets_in_two_splits_and_one_test_set(linted, tweets):
    looked = linted("experiment=twitter_ner_bilstm", f"dataset.path={tweets}")
    assert looked.rules == OVERLAPS | {"one-test-set", "too-few-replicates", "arms-differ-in-more"}
    assert looked.text("arms-differ-in-more").endswith("differ in more: embedding.trainable (True and False)")
    assert "1 of 5 test texts is also in train, such as test/4 (as train/12)" in looked.text("text-in-train-and-test")
    dropped = linted("experiment=twitter_ner_bilstm", f"dataset.path={tweets}", "dataset.drop_duplicates=true")
    assert "text-in-train-and-test" not in dropped.rules


def test_twitter_ner_elmo_has_too_few_replicates(linted, tweets, monkeypatch):
    monkeypatch.setattr("seedbed.embeddings.elmo.Elmo.content", lambda self: {})
    looked = linted("experiment=twitter_ner_elmo", f"dataset.path={tweets}")
    assert looked.rules == OVERLAPS | {"one-test-set", "too-few-replicates"}


def test_gmb_elmo_residual_cuts_sentences(linted, gmb, monkeypatch):
    monkeypatch.setattr("seedbed.embeddings.elmo.Elmo.content", lambda self: {})
    looked = linted("experiment=gmb_elmo_residual", f"dataset.path={gmb}")
    assert looked.rules == {"sequences-cut"}
    assert "tokens (dataset.max_tokens)" in looked.text("sequences-cut")


def test_movie_reviews_cnn_names_its_arms_for_all_in_which_they_differ(linted, imdb, without_vectors):
    movies = [f"dataset.path={imdb}", "dataset=imdb", "sampling.test=200", "sizes=[50]"]
    assert linted("experiment=movie_reviews_cnn", *movies).rules == set()


def test_gmb_elmo_residual_has_a_probe_on_few_sentences(linted, gmb, monkeypatch):
    monkeypatch.setattr("seedbed.embeddings.elmo.Elmo.content", lambda self: {})
    few = ("protocol=fewshot", "sizes=[30]", "sampling.validation=5", "sampling.test=5")
    looked = linted("experiment=gmb_elmo_residual", f"dataset.path={gmb}", *few)
    assert "sequences-cut" in looked.rules
    assert "arms-differ-in-more" not in looked.rules


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "representations", "encoders"),
    [
        ("imdb_elmo_200", ("muse", "muse_elmo"), ("{}", "{}_probe")),
        ("twitter_ner_fewshot", ("random", "glove"), ("{}_bilstm", "{}_probe")),
    ],
)
def test_opposite_orders_under_probe_and_encoder_are_found(experiment, representations, encoders):
    noise = np.random.default_rng(0).normal(0, 0.005, (4, 10))
    names = [encoder.format(name) for encoder in encoders for name in representations]
    rows = [
        {"arm": name, "n_train": 200, "replicate": r, "test/accuracy": mean + noise[n, r]}
        for n, (name, mean) in enumerate(zip(names, (0.6, 0.7, 0.75, 0.65), strict=True))
        for r in range(10)
    ]
    settings = settings_of(study([f"experiment={experiment}"]))
    analysis = with_findings(analyse(pd.DataFrame(rows), inputs=ReportInputs(settings=settings)))
    (finding,) = [finding for finding in analysis.inputs.findings if finding.rule == "order-by-encoder"]
    assert all(f" {name} " in finding.text for name in names)
    same = pd.DataFrame(
        [row | {"test/accuracy": 1 - row["test/accuracy"]} if "probe" in row["arm"] else row for row in rows]
    )
    assert not encoder_orders(analyse(same, inputs=ReportInputs(settings=settings)))
