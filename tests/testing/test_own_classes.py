"""The classes of seedbed pass the checks that those of others must pass."""

import pytest
from tests.testing.failures import failures

from seedbed.data.csv_readers import Gmb, Table
from seedbed.data.readers import ClassFiles, Columns, JsonLines, LabelLines
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.static import Static
from seedbed.errors import InputError
from seedbed.model.encoders import CNN, BiLSTM, Pool, ResidualBiLSTM
from seedbed.model.mlp_probe import MLPProbe
from seedbed.model.tasks import Classification, Multilabel, Tagging
from seedbed.testing import (
    check_encoder,
    check_reader,
    embedding_checks,
    encoder_checks,
    reader_checks,
    task_checks,
)  # fmt: skip
from seedbed.word_forms.characters import Characters
from seedbed.word_forms.word_shape import WordShape

ENCODERS = {
    "bilstm": BiLSTM(units=6, dropout=0.3, recurrent_dropout=0.3, output_dropout=0.3),
    "residual_bilstm": ResidualBiLSTM(units=6, dropout=0.2, recurrent_dropout=0.2, output_dropout=0.2),
    "cnn": CNN(filters=6, widths=[2, 3], dropout=0.2, output_dropout=0.2),
    "pool": Pool(dropout=0.2),
    "mlp_probe": MLPProbe(hidden=5, dropout=0.2),
    "mlp_probe_without_layer": MLPProbe("mean_max", hidden=0),
}
TASKS = {
    "tagging": Tagging(hidden=4, dropout=0.1),
    "crf": Tagging(hidden=4, dropout=0.1, decoder="crf", scheme="bilou"),
    "classification": Classification(5, 0.1, class_weights=True),
    "multilabel": Multilabel(5, 0.1, class_weights=True, label_smoothing=0.1),
}
EMBEDDINGS = {
    "random_trained": Random(dim=6, trainable=True, vocabulary=["train"]),
    "character_cnn": Characters(dim=3, filters=4, widths=[2, 3]),
    "character_bilstm": Characters(network="bilstm", dim=3, units=2, max_characters=2),
    "word_shape": WordShape(affixes=[1, 2], dim=3, min_count=1),
    "word_shape_without_affixes": WordShape(affixes=[]),
    "stack_of_characters": Stack({"fixed": Random(dim=3), "characters": Characters(dim=3, filters=4)}),
    "stack": Stack({"fixed": Random(dim=3), "learned": Random(dim=4, trainable=True)}),
}


def checks_of(suite, classes):
    return [pytest.param(check, id=f"{name}: {check}") for name, own in classes.items() for check in suite(own)]


@pytest.mark.slow
@pytest.mark.parametrize("check", checks_of(encoder_checks, ENCODERS))
def test_encoders(check):
    assert failures([check]) == []


@pytest.mark.slow
@pytest.mark.parametrize("check", checks_of(task_checks, TASKS))
def test_tasks(check):
    assert failures([check]) == []


@pytest.mark.slow
@pytest.mark.parametrize("check", checks_of(embedding_checks, EMBEDDINGS))
def test_embeddings(check):
    assert failures([check]) == []


@pytest.mark.slow
@pytest.mark.parametrize("trainable", [False, True])
def test_static_vectors(tmp_path, trainable):
    rows = [f"w{n} {n / 10} {1 - n / 7} 0.5" for n in range(40)]
    (tmp_path / "vectors.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    embedding = Static(path=str(tmp_path / "vectors.txt"), dim=3, trainable=trainable)
    assert failures(embedding_checks(embedding)) == []


READERS = {
    "columns": (Columns(), "EU B-ORG\nrejects O\n\nPeter B-PER\n"),
    "class_files": (LabelLines(), "0 good film\n1 bad film\n"),
    "json_texts": (JsonLines(), '{"text": "good", "label": 1, "id": 7}\n{"text": "bad", "label": 0}\n'),
    "json_tags": (JsonLines(tokens="t", tags="g"), '{"t": ["a", "b"], "g": ["O", "B-x"]}\n{"t": ["c"], "g": ["O"]}\n'),
    "table": (Table(text_column="a", label_column="b"), "a,b\nfine film,1\nno film,0\n"),
    "gmb": (Gmb(), "Sentence #,Word,POS,Tag\nSentence: 1,EU,N,B-org\n,is,V,O\nSentence: 2,Ann,N,B-per\n"),
}


@pytest.mark.parametrize("name", READERS)
def test_readers(tmp_path, name):
    reader, text = READERS[name]
    (tmp_path / "file.txt").write_text(text, encoding="utf-8")
    assert failures(reader_checks(reader, tmp_path / "file.txt")) == []


def test_what_an_encoder_refuses_is_no_other_setting():
    with pytest.raises(InputError):
        CNN(filters=0)
    check_encoder(Pool())


def test_a_reader_of_one_class_a_file_is_named_for_what_it_is(tmp_path):
    (tmp_path / "file.neg").write_text("bad film\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"^examples: all examples have one target: give a file with more"):
        check_reader(ClassFiles(), tmp_path / "file.neg")
