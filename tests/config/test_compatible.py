"""What an encoder that is fitted at once cannot be combined with, which settings it does not read, and its pooling."""

from types import SimpleNamespace

import pytest
from tests.refusals import refusal

from seedbed.comparison.fingerprint import arm_parts, fingerprint
from seedbed.config.study import study

PROBE = ["dataset=movie_reviews", "task=classification", "sampling=fewshot", "embedding=glove", "encoder=probe"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (["sampling.validation=0"], r"one of 7 values of encoder\.c on validation; .* encoder\.c=\[0\.1\]"),
        (["embedding.trainable=true"], r"embedding\.trainable=true.*use embedding\.trainable=false"),
        (["embedding=elmo_reviews"], r"embedding\.mix=learned.*use embedding\.mix=average"),
        (["embedding=glove_elmo"], r"use embedding\.parts\.elmo\.mix=average"),
        (["training.learning_rate=0.1"], "only an encoder that is trained by gradient steps"),
        (["training.epochs=3"], r"training\.epochs=3 .*gradient steps"),
        (["training.patience=9"], r"training\.patience=9 .*gradient steps"),
        (["task.hidden=8"], r"task\.hidden=8 .*gradient steps"),
        (["encoder.c=[1]", "encoder.select=score"], r"only several values of encoder\.c"),
        (["encoder=knn", "encoder.k=[3]", "encoder.select=score"], r"only several values of encoder\.k"),
        (["encoder=nn_tagger"], "encoder=nn_tagger tags tokens .* use encoder=knn"),
        (["encoder.c=[]"], r"encoder\.c=\[\]"),
        (["encoder.c=[0,1]"], r"encoder\.c=\[0"),
        (["encoder.pooling=last"], "choose auto, mean, max, mean_max, first, sentence"),
        (["encoder.pooling=sentence"], r"embedding \(.*\) has no vectors of whole texts; use encoder\.pooling=mean"),
        (
            ["embedding=glove_elmo", "embedding.parts.elmo.mix=average", "encoder.pooling=sentence"],
            r"embedding\.parts\.static \(glove_elmo\) has no vectors of whole texts",
        ),
        (["embedding=characters"], r"embedding: characters are read by a trained network.*encoder=bilstm or cnn"),
        (["embedding=glove_characters"], r"embedding\.parts\.characters: characters are read"),
        (["embedding=word_shape"], r"embedding\.affixes=\[2,3\].*use embedding\.affixes=\[\]"),
        (["encoder.tolerance=0"], r"encoder\.tolerance=0"),
        (["encoder.max_iterations=0"], r"encoder\.max_iterations=0"),
        (["encoder=mlp_probe", "encoder.hidden=-1"], r"encoder\.hidden=-1"),
    ],
)
def test_it_is_refused_in_one_line_that_says_what_to_type(settings, text):
    chosen = {setting.partition("=")[0] for setting in settings}
    base = [setting for setting in PROBE if setting.partition("=")[0] not in chosen]
    assert refusal(study, [*base, *settings], single=True, match=text)


@pytest.mark.parametrize("encoder", ["probe", "mlp_probe"])
def test_pooling_is_not_read_for_tagging(encoder):
    settings = ["dataset=twitter_ner", "embedding=glove", f"encoder={encoder}", "encoder.pooling=max"]
    assert "task=classification" in refusal(study, settings, single=True, match=r"encoder\.pooling=max")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (["encoder.transitions=false", "encoder.temperature=[1]"], "only encoder.transitions=true"),
        (["encoder.temperature=[1]", "encoder.select=loss"], r"only several values of encoder\.temperature"),
        (["encoder.transitions=false", "encoder.select=loss"], r"only several values of encoder\.temperature"),
        (["sampling.validation=0"], r"one of 4 values of encoder\.temperature .* encoder\.temperature=\[1\]"),
        (["encoder.pooling=max"], "encoder.pooling"),
        (["embedding.trainable=true"], r"embedding\.trainable=false"),
        (["encoder.metric=dot"], "choose cosine, euclidean"),
    ],
)
def test_settings_of_the_nearest_neighbor_tagger_that_nothing_reads_are_refused(settings, text):
    base = ["dataset=twitter_ner", "embedding=glove", "encoder=nn_tagger", "sampling=fewshot", "sizes=[20]"]
    assert refusal(study, [*base, *settings], single=True, match=text)


def test_a_nearest_neighbor_tagger_without_transitions_needs_no_validation():
    settings = ["dataset=twitter_ner", "embedding=glove", "encoder=nn_tagger", "sampling=fewshot", "sizes=[20]"]
    assert study([*settings, "sampling.validation=0", "encoder.transitions=false"], single=True).arms


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (["sampling=fewshot", "sampling.ways=3"], r"sampling\.ways=3 .*only sampling\.strategy=episodes"),
        (["sampling=fewshot", "sampling.queries=3"], r"sampling\.queries=3 .*only sampling\.strategy=episodes"),
        (
            ["sampling=episodes", "sampling.queries=3", "sampling.test=9"],
            r"sampling\.test=9 .*only sampling\.queries=null",
        ),
        (["sampling=episodes", "sampling.redraw_test=false"], "another strategy than episodes"),
        (["sampling=episodes", "sampling.ways=null"], r"such as sampling\.ways=5"),
        (["sampling=fewshot", "sampling.strategy=episodes"], r"such as sampling\.ways=5"),
        (
            ["sampling=episodes", "dataset=csv", "dataset.files.train=none.csv", "task=classification"],
            "counts mentions",
        ),
    ],
)
def test_settings_of_episodes_that_nothing_reads_are_refused(settings, text):
    base = ["dataset=twitter_ner", "embedding=glove", "sizes=[1]"]
    assert refusal(study, [*base, *settings], single=True, match=text)


def test_episodes_train_as_other_few_examples_do():
    (arm,) = study(["dataset=twitter_ner", "sampling=episodes", "sizes=[1]"], single=True).arms
    assert arm.choices["training"] == "fewshot"
    assert (arm.sampling.ways, arm.sampling.queries, arm.sampling.test) == (5, None, "auto")


@pytest.mark.parametrize("setting", ["task.decoder=crf", "task.decoder=constrained", "task.scheme=bilou"])
@pytest.mark.parametrize("encoder", ["probe", "prototype"])
def test_decoders_are_refused_for_what_is_fitted_to_single_tokens(encoder, setting):
    settings = ["dataset=twitter_ner", "embedding=glove", f"encoder={encoder}", "sampling=fewshot", setting]
    line = refusal(
        study, settings, single=True, match=rf"^{setting}: encoder={encoder} is fitted to single tokens; use"
    )
    assert line.endswith(f"{setting.partition('=')[0]}={'iob2' if 'scheme' in setting else 'softmax'}")


@pytest.mark.parametrize("encoder", ["probe", "knn", "prototype", "mlp_probe"])
def test_defaults_compose(encoder):
    (arm,) = study([*PROBE[:-1], f"encoder={encoder}"], single=True).arms
    assert arm.encoder.pooling == "mean"


@pytest.mark.parametrize(
    ("embedding", "pooling"),
    [
        ("random", "mean"),
        ("glove", "mean"),
        ("wordllama", "sentence"),
        ("minilm", "sentence"),
        ("stack,embedding@embedding.parts.glove=wordllama,embedding@embedding.parts.random=minilm", "sentence"),
        ("stack,embedding@embedding.parts.random=minilm", "mean"),
    ],
)
def test_automatic_pooling_takes_the_vectors_of_texts_that_an_embedding_has(embedding, pooling):
    choice, *parts = embedding.split(",")
    (arm,) = study([*PROBE[:-2], f"embedding={choice}", *parts, "encoder=probe"], single=True).arms
    assert arm.encoder.pooling == arm.settings["encoder.pooling"] == pooling


def test_automatic_pooling_has_the_fingerprint_of_what_it_stands_for():
    assert prints("probe") == prints("probe", "encoder.pooling=mean") != prints("probe", "encoder.pooling=max")


def prints(encoder, *settings):
    """The fingerprint of an arm next to a CNN, which reads the keys of training."""
    arms = f"arms={{cnn: [encoder=cnn], other: [encoder={encoder}]}}"
    checked = study([*PROBE[:-2], "embedding=random", arms, *settings])
    (arm,) = [arm for arm in checked.arms if arm.name == "other"]
    return fingerprint(arm_parts(arm), SimpleNamespace(digest="corpus"), SimpleNamespace(digest="draw"), 0)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["probe", "knn", "prototype"])
def test_settings_of_training_that_are_not_read_do_not_change_the_fingerprint(encoder):
    plain = prints(encoder)
    assert prints(encoder, "training.learning_rate=0.1", "training.epochs=3", "training.patience=1") == plain
    assert prints(encoder, "training.score_at_end=[test]") != plain


def test_the_fingerprint_of_other_encoders_keeps_them():
    assert prints("pool", "training.epochs=3") != prints("pool")


LABELS = ["dataset=jsonl", "dataset.files.train=a.jsonl", "sampling=fewshot", "embedding=glove", "encoder=pool"]


def test_the_task_follows_from_a_data_set_of_sets_of_labels():
    (arm,) = study([*LABELS, "dataset.task=multilabel"], single=True).arms
    assert arm.task.kind == "multilabel"


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (["task=multilabel"], r"did you mean task=classification, or dataset\.task=multilabel for sets of labels\?"),
        (["dataset.task=multilabel", "task=classification"], r"a multilabel set .*; did you mean task=multilabel\?"),
        (["dataset.task=multilabel", "sampling.strategy=per_class"], "use stratified .* or random"),
        (["dataset.task=multilabel", "sampling.strategy=k_per_type"], "counts mentions"),
        (["dataset.task=multilabel", "encoder=nn_tagger"], "tags tokens"),
        (["dataset.task=multilabel", "task.label_smoothing=1.5"], r"task\.label_smoothing=1\.5"),
    ],
)
def test_what_sets_of_labels_cannot_be_combined_with(settings, text):
    assert refusal(study, [*LABELS, *settings], match=text, single=True)


def test_an_encoder_of_a_plugin_that_is_fitted_to_classes_alone_is_refused(monkeypatch):
    monkeypatch.delattr("seedbed.model.probe.Probe.fits_labels")
    words = [*LABELS[:-1], "encoder=probe", "dataset.task=multilabel"]
    assert refusal(study, words, match="encoder=probe is fitted to one class of each text", single=True)
