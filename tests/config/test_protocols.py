"""Protocols for any study, and those that an experiment defines itself."""

import pytest
from tests.refusals import refusal

from seedbed.config.protocols import general_protocols, protocol_overrides
from seedbed.config.study import study

CLASSES = ["protocol=mteb", "dataset=trec"]


def test_mteb_is_eight_per_class_ten_draws_all_of_test_and_c_of_one():
    checked = study([*CLASSES, "embedding=glove"])
    (arm,) = checked.arms
    assert (checked.keys.sizes, checked.keys.replicates) == ([8], 10)
    assert (arm.sampling.strategy, arm.sampling.validation, arm.sampling.test) == ("per_class", 0, "all")
    assert (list(arm.encoder.c), arm.encoder.standardize, arm.choices["task"]) == ([1.0], False, "classification")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("embedding", "pooling"),
    [
        (["embedding=minilm"], "sentence"),
        (["embedding=wordllama"], "sentence"),
        (["embedding=glove"], "mean"),
        (["embedding=random"], "mean"),
        (["embedding=precomputed"], "sentence"),
        (["embedding=precomputed", "embedding.level=token"], "mean"),
        (["embedding=glove_elmo", "embedding.parts.elmo.mix=average"], "mean"),
        (["embedding=minilm", "encoder.pooling=max"], "max"),
        (["embedding=minilm", "encoder=knn", "encoder.pooling=auto", "~encoder.c"], None),
    ],
)
def test_the_vector_of_the_text_is_read_where_there_is_one(embedding, pooling):
    if pooling is None:
        assert refusal(study, [*CLASSES, *embedding], match="encoder.c")
        return
    assert study([*CLASSES, *embedding]).arms[0].encoder.pooling == pooling


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["probe", "knn", "prototype", "mlp_probe"])
def test_each_encoder_of_pooled_vectors_has_automatic_pooling(encoder):
    settings = ["dataset=trec", "task=classification", "sampling=fewshot", f"encoder={encoder}", "encoder.pooling=auto"]
    assert study([*settings, "embedding=minilm"]).arms[0].encoder.pooling == "sentence"
    assert study([*settings, "embedding=glove"]).arms[0].encoder.pooling == "mean"


def test_other_encoders_have_no_automatic_pooling():
    settings = ["dataset=trec", "task=classification", "encoder=bilstm", "encoder.pooling=auto"]
    assert refusal(study, settings, match=r"encoder\.pooling=auto")


def test_arms_of_several_embeddings_have_their_own_pooling():
    arms = study([*CLASSES, "arms={glove: [embedding=glove], minilm: [embedding=minilm]}"]).arms
    assert [arm.encoder.pooling for arm in arms] == ["mean", "sentence"]


def test_settings_of_the_command_line_come_after_the_protocol():
    checked = study([*CLASSES, "embedding=glove", "sizes=[16]", "encoder.c=[0.1,1]", "sampling.validation=50"])
    assert checked.keys.sizes == [16]
    assert list(checked.arms[0].encoder.c) == [0.1, 1.0]


def test_a_protocol_of_the_study_of_the_same_name_wins(tmp_path):
    assert protocol_overrides("mteb", {"mteb": ["replicates=3"]}) == ["replicates=3"]
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /dataset: trec\n  - override /task: classification\n"
        "  - override /encoder: cnn\n  - override /sampling: fewshot\nprotocols:\n  mteb: [replicates=3]\n",
        encoding="utf-8",
    )
    checked = study(["experiment=mine", "protocol=mteb"], str(tmp_path))
    assert (checked.keys.replicates, checked.arms[0].choices["encoder"]) == (3, "cnn")


def test_protocols_of_an_experiment_are_its_own():
    assert set(study(["experiment=imdb_static_200"]).keys.protocols) == {"published", "corrected"}
    assert study(["dataset=twitter_ner"]).keys.protocols == {}
    assert "mteb" in general_protocols()


def test_an_unknown_protocol_and_a_tagging_set_are_refused():
    assert refusal(study, ["protocol=mtebb"], match="not a protocol here; did you mean mteb")
    assert refusal(study, ["experiment=imdb_static_200", "protocol=publish"], match="did you mean published")
    assert refusal(study, ["protocol=mteb", "dataset=twitter_ner"], match="a tagging set")
    settings = ["dataset=twitter_ner", "sampling=fewshot", "sampling.strategy=per_class", "sizes=[8]"]
    assert refusal(study, settings, match=r"sampling\.strategy=per_class balances classes")
