"""The settings of a training."""

from dataclasses import dataclass

from seedbed.embeddings.bilm.precision import PRECISIONS
from seedbed.errors import InputError
from seedbed.pretraining.streams import STATES

OPTIMIZERS = ("adagrad", "adam")

RATES = {"adagrad": 0.2, "adam": 0.002}
"""Default learning rates; that of Adagrad is bilm-tf's."""


@dataclass(frozen=True)
class Training:
    """How a biLM is trained; most defaults are bilm-tf's.

    ``streams``: parallel texts; ``unroll``: steps of truncated back-propagation; ``candidates``: of sampled softmax;
    ``clip_norm``: of all gradients together, 0: none; ``warmup``: steps in which the rate rises; with ``decay=linear``
    it then falls to 0 at the end of ``epochs``. ``evaluate_every``: predicted words between two evaluations on held-out
    text, 0: an epoch; ``patience``: evaluations without improvement after which training ends, 0: never.
    """

    epochs: int = 10
    streams: int = 128
    unroll: int = 20
    optimizer: str = "adagrad"
    learning_rate: float = 0.0
    warmup: int = 0
    decay: str = "none"
    clip_norm: float = 10.0
    dropout: float = 0.1
    candidates: int = 2048
    state: str = "document"
    precision: str = "auto"
    evaluate_every: int = 0
    patience: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        for key, choices in (
            ("optimizer", OPTIMIZERS), ("state", STATES), ("precision", PRECISIONS), ("decay", ("none", "linear")),
        ):  # fmt: skip
            if getattr(self, key) not in choices:
                raise InputError(f"{key}={getattr(self, key)}: choose {', '.join(choices)}")
        for key, least in (
            ("epochs", 1), ("streams", 1), ("unroll", 2), ("candidates", 1), ("warmup", 0), ("evaluate_every", 0),
            ("patience", 0), ("seed", 0), ("learning_rate", 0), ("clip_norm", 0),
        ):  # fmt: skip
            if not least <= getattr(self, key) < float("inf"):
                raise InputError(f"{key}={getattr(self, key)}: must be at least {least}")
        if not 0 <= self.dropout < 1:
            raise InputError(f"dropout={self.dropout}: must be at least 0 and below 1")

    @property
    def full_rate(self) -> float:
        """``learning_rate``, or the default of the optimizer where it is 0."""
        return self.learning_rate or RATES[self.optimizer]

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 1, of ``steps``."""
        rate = self.full_rate
        if step <= self.warmup:
            return rate * step / self.warmup
        if self.decay == "linear":
            rate *= max(0.0, (steps - step + 1) / max(1, steps - self.warmup))
        return rate
