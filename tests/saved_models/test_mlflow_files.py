"""What MLflow reads beside the files of a model."""

import json
from dataclasses import replace

import pytest

import seedbed
from seedbed.embeddings.random import Random
from seedbed.model.probe import Probe
from seedbed.model.tasks import Classification
from seedbed.saved_models.description import Description, ReplicateInfo, Variant
from seedbed.saved_models.mlflow_files import LOADER, mlflow_files, signature
from seedbed.saved_models.text import TextPreparation

CLASSES = Description(
    "arm", "classification", ("a", 'b "c"'), "mine", "csv", "d", TextPreparation(),
    (ReplicateInfo(0, 0, "c", "d", 0, 0, 10),), (Variant(Random(), Probe(), Classification()),),
)  # fmt: skip


@pytest.mark.parametrize("task", ["classification", "multilabel", "tagging"])
def test_the_signature_is_the_one_that_mlflows_own_classes_make(task):
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import Array, DataType

    texts = Array(DataType.string)
    columns = {
        "classification": [ColSpec("string", "label"), *(ColSpec("double", f"p_{label}") for label in CLASSES.labels)],
        "multilabel": [ColSpec(texts, "labels"), *(ColSpec("double", f"p_{label}") for label in CLASSES.labels)],
        "tagging": [ColSpec(texts, "tokens"), ColSpec(texts, "tags")],
    }[task]
    made = ModelSignature(
        Schema([ColSpec("string", "text")]), Schema([*columns, ColSpec("string", "flag")]),
        ParamSchema([ParamSpec("by", "string", "mean")]),
    )  # fmt: skip
    assert ModelSignature.from_dict(signature(replace(CLASSES, task=task))) == made


def test_mlflow_reads_the_loader_and_pip_the_requirements(tmp_path):
    from mlflow.models import Model

    files = mlflow_files(CLASSES)
    (tmp_path / "MLmodel").write_bytes(files["MLmodel"])
    found = Model.load(str(tmp_path / "MLmodel"))
    assert found.flavors["python_function"]["loader_module"] == LOADER
    assert found.signature.params is not None
    assert files["requirements.txt"].decode() == f"seedbed=={seedbed.__version__}\n"
    assert json.loads(files["MLmodel"])
