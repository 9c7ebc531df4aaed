"""The three documents with ELMo, each from its experiment, on real data with the tiny biLM."""

import pandas as pd
import pytest

from seedbed.embeddings.elmo import Elmo

pytestmark = pytest.mark.slow

TINY = "embedding=elmo_tiny"
PARTS = ("embedding@embedding.parts.elmo=elmo_tiny", "embedding@embedding.parts.static=glove")
FEW = ("sampling=fewshot", "sampling.validation=20", "sampling.test=30", "sizes=[40]", "replicates=2")


@pytest.fixture
def study(data_root, seedbed):
    """Runs an experiment; its table."""

    def run(name, *settings):
        said = seedbed("compare", f"experiment={name}", "output=out", *settings)
        assert said.code == 0, said.err
        return said, pd.read_csv("out/results.csv")

    return run


@pytest.mark.parametrize("protocol", ["published", "corrected"])
def test_imdb_with_and_without_elmo_and_the_second_time_no_model_is_built(study, monkeypatch, protocol):
    small = ("dataset.max_tokens=60", "sampling.validation=20", "sampling.test=30", "replicates=2", "training.epochs=2")
    settings = ("imdb_elmo_200", f"protocol={protocol}", *PARTS, *small, "sizes=[40]")
    said, table = study(*settings)
    assert set(table["arm"]) == {"muse", "muse_elmo", "muse_probe", "muse_elmo_probe"}
    assert (table["status"] == "finished").all()
    assert (table.groupby("replicate")["draw"].nunique() == 1).all()
    assert table.loc[table["arm"] == "muse_elmo", "elmo/embedding/cache_hit_rate"].tolist() == [0.0, 0.0]
    assert "vectors of 0 of" in said.err

    def built(self):
        raise AssertionError("the biLM was built")

    monkeypatch.setattr(Elmo, "open", built)
    said, again = study(*settings, "force=true")
    assert again.loc[again["arm"] == "muse_elmo", "elmo/embedding/cache_hit_rate"].tolist() == [1.0, 1.0]
    scores = [name for name in table.columns if name.startswith(("test/", "validation/"))]
    pd.testing.assert_frame_equal(again[scores], table[scores])
    said, third = study(*settings, "arms.layer1=[embedding.parts.elmo.mix=layer1]")
    assert third.loc[third["arm"] == "layer1", "elmo/embedding/cache_hit_rate"].tolist() == [1.0, 1.0]


def test_tweets_with_elmo_in_the_tagger_of_the_second_document(study):
    _, table = study("twitter_ner_elmo", TINY, *FEW, "training.epochs=2", "encoder.units=16")
    assert set(table["arm"]) == {"random", "elmo"}
    assert table["test/f1"].notna().all()
    learned = table[table["arm"] == "elmo"]
    assert (learned[["mix/layer0", "mix/layer1", "mix/layer2"]].sum(axis=1) - 1).abs().max() < 1e-5
    assert (learned["mix/scale"] != 1.0).all()


def test_gmb_has_a_probe_where_few_sentences_are_drawn(study):
    small = ("sizes=[20]", "replicates=2", "sampling.validation=10", "sampling.test=20", "floor=false")
    _, table = study("gmb_elmo_residual", "protocol=fewshot", TINY, *small, "training.epochs=1", "encoder.units=4")
    assert set(table["arm"]) == {"residual", "probe"}
    assert set(table.loc[table["probe/c"].notna(), "arm"]) == {"probe"}


def test_gmb_with_elmo_and_what_counting_padding_would_have_said(study):
    _, table = study("gmb_elmo_residual", TINY, *FEW, "training.epochs=2", "encoder.units=16")
    assert (table["test/padded_accuracy"] > table["test/accuracy"]).all()
    assert (table["test/padded_accuracy"] > table["test/f1"] + 0.2).all()
