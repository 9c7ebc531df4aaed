"""How the settings of an arm are searched: the schema of ``conf/tune``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seedbed.errors import InputError

METHODS = ("none", "random", "quasi", "tpe", "grid")
EXAMPLE = "{encoder.dropout: uniform(0, 0.5)}"
DEFAULT = "default"
"""The space of encoders without one of their own."""
PRUNE = ("none", "halving", "median")


@dataclass(frozen=True)
class Tune:
    """Method and budget of the search, which is the same for every arm, size and replicate.

    ``budget``: the number of trials; trial 0 is the default, the arm with the settings that it was given. ``space``: by
    key, a distribution as text, see `seedbed.comparison.search.distributions`; empty: that of ``spaces`` for the
    encoder of an arm. ``metric``: a score on validation, by default the main one of the task; equal scores are decided
    by the loss. ``batch``: the number of trials that ``tpe`` proposes at once. ``prune``: which trials stop early, see
    `seedbed.comparison.search.pruning`. ``refit``: train the chosen settings again on training and validation examples;
    these cells are compared with the tuned ones only. ``audit``: score all trials on test after every choice is made,
    for the report only. ``searches``: how often each replicate is searched; the first search decides, the others show
    how much searching again would change.
    """

    method: str = "random"
    budget: int = 32
    space: dict[str, str] = field(default_factory=dict)
    spaces: dict[str, Any] = field(default_factory=dict)
    metric: str | None = None
    prune: str = "none"
    batch: int = 8
    refit: bool = False
    audit: bool = False
    seed: int = 0
    searches: int = 1

    def __post_init__(self) -> None:
        if self.searches < 1:
            raise InputError(f"tune.searches={self.searches}: must be at least 1")
        for key, valid in (("method", METHODS), ("prune", PRUNE)):
            if getattr(self, key) not in valid:
                raise InputError(f"tune.{key}={getattr(self, key)}: choose {', '.join(valid)}")
        if self.budget < 2:
            raise InputError(f"tune.budget={self.budget}: must be at least 2; trial 0 is the default")
        if self.batch < 1:
            raise InputError(f"tune.batch={self.batch}: must be at least 1")
        if self.seed < 0:
            raise InputError(f"tune.seed={self.seed}: must be at least 0")
        for encoder, space in self.spaces.items():
            texts = isinstance(space, Mapping) and all(isinstance(text, str) for text in space.values())
            if not texts:
                raise InputError(
                    f"tune.spaces.{encoder}: must be a mapping of keys to distributions, such as {EXAMPLE}; a file of "
                    f"tune/space is chosen with tune/space@tune.spaces.{encoder}=NAME"
                )

    def of_trials(self) -> Mapping[str, object]:
        """Return the settings that change the trials of a search, JSON-ready, besides space and metric of its arm."""
        settings = {"method": self.method, "budget": self.budget, "prune": self.prune, "seed": self.seed}
        return settings | ({"batch": self.batch} if self.method == "tpe" else {})

    @property
    def is_on(self) -> bool:
        """Whether anything is searched."""
        return self.method != "none"

    def space_of(self, encoder: str) -> Mapping[str, str]:
        """Return the space of arms with this choice of encoder: ``space``, else that of the encoder or ``default``."""
        space: Mapping[str, str] = self.space or self.spaces.get(encoder) or self.spaces.get(DEFAULT, {})
        return space

    def key_of(self, encoder: str) -> str:
        """Return the key of the space of arms with this choice of encoder."""
        return "tune.space" if self.space else f"tune.spaces.{encoder if self.spaces.get(encoder) else DEFAULT}"
