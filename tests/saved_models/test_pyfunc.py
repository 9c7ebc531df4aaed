"""A model folder as a function of MLflow."""

import json

import pandas as pd
import pytest

from seedbed.saved_models.folder import write_folder
from seedbed.saved_models.pyfunc import _load_pyfunc


@pytest.fixture
def function(train, files_of_model, tmp_path):
    """Returns the function of a small model, by its task."""

    def made(*words, task="classification"):
        _, outcomes = train(*words, task=task, replicates=1)
        write_folder(tmp_path / "model", files_of_model(outcomes[0]))
        return _load_pyfunc(str(tmp_path / "model"))

    return made


def test_a_missing_text_is_empty_and_its_row_is_valid_json(function):
    table = function("embedding=glove", "encoder=prototype").predict(pd.DataFrame({"text": ["good film", None, ""]}))
    rows = json.loads(json.dumps(table.to_dict(orient="records"), allow_nan=False))
    assert [row["flag"] for row in rows] == ["", "empty", "empty"]
    assert [row["label"] for row in rows[1:]] == ["", ""]
    assert sum(rows[0][f"p_{label}"] for label in ("neg", "pos", "so")) == pytest.approx(1, abs=1e-5)
    assert rows[1]["p_neg"] is None


def test_probabilities_are_numbers_where_no_text_is_empty(function):
    table = function("embedding=glove", "encoder=prototype").predict(["good film", "bad plot"])
    assert [str(table[f"p_{label}"].dtype) for label in ("neg", "pos", "so")] == ["float64"] * 3


@pytest.mark.slow
def test_tags_are_lists_of_each_text(function):
    table = function("embedding=glove", "encoder=prototype", task="tagging").predict({"text": ["Ann saw", None]})
    assert table["tokens"].tolist() == [["Ann", "saw"], []]
    assert [len(tags) for tags in table["tags"]] == [2, 0]
    assert table["flag"].tolist() == ["", "empty"]


def test_sets_of_labels_are_lists(function):
    table = function("embedding=glove", "encoder=probe", task="multilabel").predict(["good bad film", ""])
    assert all(isinstance(labels, list) for labels in table["labels"])
    assert table["labels"][1] == []
    assert list(table.columns) == ["labels", "p_neg", "p_pos", "p_so", "flag"]
