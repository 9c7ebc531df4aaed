"""The models of contextual vectors in an embedding, opened only when vectors are computed."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seedbed.config.schema import Stage

if TYPE_CHECKING:
    from seedbed.embeddings.contextual import ContextualSettings
    from seedbed.embeddings.layers import LanguageModel


def contextual(embedding: Stage, name: str = "") -> "dict[str, ContextualSettings]":
    """Return the contextual models of an embedding, by their path in a stack."""
    from seedbed.embeddings.elmo import Elmo
    from seedbed.embeddings.transformer import Transformer

    if isinstance(embedding, Elmo | Transformer):
        return {name: embedding}
    parts = getattr(embedding, "parts", {}).items()
    nested = (contextual(part, f"{name}.{key}".strip(".")) for key, part in parts)
    return {path: model for models in nested for path, model in models.items()}


class Chosen:
    """A model's settings; ``before_open`` is called before the model is opened, which a complete cache avoids.

    ``seconds``: the time of starting the backend and opening the model.
    """

    def __init__(self, model: "ContextualSettings", before_open: Callable[[], object]) -> None:
        self.model, self.before_open, self.seconds = model, before_open, 0.0

    def __getattr__(self, name: str) -> Any:  # an attribute of the model
        return getattr(self.model, name)

    def open(self) -> "LanguageModel":
        """Open the model."""
        started = time.perf_counter()
        try:
            self.before_open()
            return self.model.open()
        finally:
            self.seconds += time.perf_counter() - started
