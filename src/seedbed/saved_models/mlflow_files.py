"""Files by which MLflow loads the folder of a model as a function, written without importing MLflow."""

import json
import platform

from seedbed.saved_models.description import Description
from seedbed.saved_models.requirement import requirement
from seedbed.saved_models.results import MEAN

LOADER = "seedbed.saved_models.pyfunc"
"""The module that loads the model: installed code, not code of the folder."""
TEXT = "text"
"""The column of texts."""
BY = "by"
"""The parameter that says how replicates are combined, see `seedbed.saved_models.model.Model.predictions`."""


def mlflow_files(description: Description) -> dict[str, bytes]:
    """Return ``MLmodel``, as JSON, which is YAML too, and ``requirements.txt``: they lie beside the model's files."""
    meta = {
        "flavors": {"python_function": {"loader_module": LOADER, "python_version": platform.python_version()}},
        "signature": signature(description),
    }
    return {
        "MLmodel": json.dumps(meta, indent=1, ensure_ascii=False).encode(),
        "requirements.txt": f"{requirement(description)}\n".encode(),
    }


def signature(description: Description) -> dict[str, str]:
    """Return the texts of MLflow's ``ModelSignature.from_dict``.

    A column ``text`` to the columns of `seedbed.saved_models.pyfunc.TextFunction.predict`.
    """
    if description.per_token:
        outputs = [_column("tokens", is_list=True), _column("tags", is_list=True)]
    else:
        answer = _column("labels", is_list=True) if description.multilabel else _column("label")
        outputs = [answer, *(_column(f"p_{label}", "double") for label in description.labels)]
    return {
        "inputs": json.dumps([_column(TEXT)]),
        "outputs": json.dumps([*outputs, _column("flag")]),
        "params": json.dumps([{"name": BY, "type": "string", "default": MEAN, "shape": None}]),
    }


def _column(name: str, kind: str = "string", is_list: bool = False) -> dict[str, object]:
    of_type: dict[str, object] = {"type": "array", "items": {"type": kind}} if is_list else {"type": kind}
    return {**of_type, "name": name, "required": True}
