"""``encoder.pooling=auto``: the vector of the text where an embedding has one, else the mean of those of its tokens."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.config.schema import Stage

if TYPE_CHECKING:
    from omegaconf import DictConfig

AUTO = "auto"

ENCODERS = tuple(f"seedbed.model.{name}" for name in ("probe.Probe", "mlp_probe.MLPProbe", "neighbors.KNN",
                                                      "neighbors.Prototype"))  # fmt: skip
"""Those that read a vector of a text or pool vectors without weights."""


def resolve_pooling(node: "DictConfig", embedding: Stage) -> None:
    """Set the pooling of an encoder's node where it is ``auto``, so that arms have one that is known."""
    if node.get("_target_") in ENCODERS and node.get("pooling") == AUTO:
        has_vectors = next(without_text_vectors(embedding, "embedding"), None) is None
        node.pooling = "sentence" if has_vectors else "mean"


def without_text_vectors(embedding: Stage, path: str) -> Iterator[str]:
    """Yield the paths of embeddings that have a vector for each token only."""
    if not hasattr(embedding, "text_features") or getattr(embedding, "level", "") == "token":
        yield path
    for name, part in getattr(embedding, "parts", {}).items():
        yield from without_text_vectors(part, f"{path}.parts.{name}")
