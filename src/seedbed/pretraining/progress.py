"""What is seen of a training: how far it is, and its looks at held-out text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Looked:
    """One look at held-out text: after so many steps and predicted words; ``loss``: in training, since the last."""

    step: int
    words: int
    loss: float
    forward: float
    backward: float
    mean: float


@dataclass(frozen=True)
class Report:
    """How far a training is. ``looked`` is there where held-out text was just looked at."""

    step: int
    steps: int
    words: int
    loss: float
    looked: Looked | None = None


@dataclass
class History:
    """What was seen so far; ``seconds``: of training, all sessions together.

    ``looks`` are those of a training that was never stopped, and patience counts them alone. ``kept`` is the look at
    the weights in the model's files, the best of all: also of the one more where a time limit ended a session.
    """

    looks: list[Looked] = field(default_factory=list)
    kept: Looked | None = None
    seconds: float = 0.0

    @property
    def best(self) -> Looked | None:
        """The look with the least perplexity."""
        return min(self.looks, key=lambda look: look.mean, default=None)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "History":
        """From what ``asdict`` made."""
        looks = [Looked(**look) for look in record["looks"]]
        return cls(looks, record["kept"] and Looked(**record["kept"]), record["seconds"])

    @property
    def worse(self) -> int:
        """Looks since the best."""
        return len(self.looks) - 1 - self.looks.index(self.best) if self.looks else 0
