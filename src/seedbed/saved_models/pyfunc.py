"""A model folder as a function of MLflow, which names this module as its loader: nothing is pickled."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.saved_models.mlflow_files import BY, TEXT
from seedbed.saved_models.model import Model, load_model
from seedbed.saved_models.results import MEAN

if TYPE_CHECKING:
    import pandas as pd


class TextFunction:
    """Predicts a column ``text``, or a list of texts."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> "pd.DataFrame":  # Any: of MLflow
        """Return a row for each text: ``label`` or ``labels`` and ``p_LABEL`` of each, or ``tokens`` and ``tags``; and
        ``flag``.

        A missing text is an empty one. Where a text is empty, its probabilities are None, which is null in JSON.
        """
        import pandas as pd

        texts = model_input[TEXT] if isinstance(model_input, pd.DataFrame | dict) else model_input
        given = ["" if pd.isna(text) else str(text) for text in texts]
        predicted = self.model.predict(given, str((params or {}).get(BY, MEAN)))
        rows: list[dict[str, object]] = []
        for one in predicted:
            if one.tags is not None:
                rows.append({"tokens": list(one.tokens), "tags": list(one.tags), "flag": one.flag})
                continue
            values = one.probabilities if isinstance(one.probabilities, dict) else {}
            of_label = {f"p_{label}": values.get(label) for label in self.model.labels}
            answer = {"label": one.label or ""} if one.labels is None else {"labels": list(one.labels)}
            rows.append({**answer, **of_label, "flag": one.flag})
        table = pd.DataFrame(rows)
        return table if table.notna().all(axis=None) else table.astype(object).where(table.notna(), None)


def _load_pyfunc(path: str) -> TextFunction:
    """Return what MLflow calls; ``path``: the folder of the model."""
    return TextFunction(load_model(Path(path)))
