"""How far a training is, and its evaluations on held-out text."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Record = Mapping[str, Any]
"""A JSON object."""


@dataclass(frozen=True)
class HeldOutEvaluation:
    """An evaluation on held-out text after ``step`` steps and ``words`` predicted words.

    ``loss``: mean training loss since the previous evaluation; ``forward``, ``backward``, ``mean``: perplexities.
    """

    step: int
    words: int
    loss: float
    forward: float
    backward: float
    mean: float


@dataclass(frozen=True)
class ProgressReport:
    """How far a training is; ``evaluation``: one that has just been made."""

    step: int
    steps: int
    words: int
    loss: float
    evaluation: HeldOutEvaluation | None = None


@dataclass
class History:
    """The evaluations of a training over all its sessions; ``seconds``: time spent in training.

    ``evaluations`` are those of a training that was never stopped, and only these count for patience. ``saved`` is the
    evaluation of the weights in the model's files, the best of all; it may be the additional one at a time limit.
    """

    evaluations: list[HeldOutEvaluation] = field(default_factory=list)
    saved: HeldOutEvaluation | None = None
    seconds: float = 0.0

    @property
    def best(self) -> HeldOutEvaluation | None:
        """The evaluation with the lowest perplexity."""
        return min(self.evaluations, key=lambda evaluation: evaluation.mean, default=None)

    @property
    def since_best(self) -> int:
        """The number of evaluations since the best one."""
        return len(self.evaluations) - 1 - self.evaluations.index(self.best) if self.best else 0

    def to_record(self) -> Record:
        """Return the history as JSON, as checkpoints have it."""
        saved = asdict(self.saved) if self.saved else None
        return {"looks": [asdict(each) for each in self.evaluations], "kept": saved, "seconds": self.seconds}

    @classmethod
    def from_record(cls, record: Record) -> "History":
        """Return the history that ``to_record`` wrote."""
        evaluations = [HeldOutEvaluation(**values) for values in record["looks"]]
        saved = HeldOutEvaluation(**record["kept"]) if record["kept"] else None
        return cls(evaluations, saved, record["seconds"])
