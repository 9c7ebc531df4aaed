"""What is asked for vectors, and what it took to have them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seedbed.embeddings.layers import LanguageModel


@dataclass(frozen=True)
class Source:
    """Where vectors come from: a digest of all that determines them, a name for people, and what opens the model."""

    digest: str
    name: str
    open: Callable[[], LanguageModel]


@dataclass
class Filled:
    """What it took: different sentences asked for, those found (``hits``) and those computed, tokens, seconds.

    ``not_stored``: sentences that the cache had no room for, ``damaged``: entries made again, ``set_aside``: damaged
    stores. ``model``: what the model itself counted, if it was open.
    """

    asked: int = 0
    hits: int = 0
    computed: int = 0
    tokens: int = 0
    tokens_computed: int = 0
    not_stored: int = 0
    damaged: int = 0
    set_aside: int = 0
    seconds: float = 0.0
    model: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """What is to be logged where it is not zero; not the model's own counts, which are of what it computed now."""
        own = {
            "computed": self.computed, "not_stored": self.not_stored, "damaged": self.damaged,
            "stores_set_aside": self.set_aside,
        }  # fmt: skip
        return own
