"""How an arm is trained: the schema of ``conf/training``."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from seedbed.data.corpus import SPLITS
from seedbed.errors import InputError

OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "exponential", "sqrt2", "inverse_time", "warmup")
PRECISIONS = ("float32", "bfloat16")
_CHOICES = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "precision": PRECISIONS,
    "monitor": ("loss", "score"),
    "keep": ("best", "last"),
    "clip_by": ("replicate", "weight"),
    "batches": ("by_length", "shuffled"),
}


@dataclass(frozen=True)
class Training:
    """Optimiser, schedule, batches and stopping, the same for every replicate of a group.

    ``schedule``: the rate is constant; times ``decay`` an epoch (``exponential``); divided by the root of two an
    epoch (``sqrt2``); divided by ``1 + decay * step`` (``inverse_time``); or rises for ``warmup_steps`` and falls
    in a line to zero (``warmup``). ``clip_norm`` bounds the gradient of a replicate, all weights together or
    (``clip_by: weight``) each by itself. ``batches: by_length`` puts examples of like length together, in a random
    order of each replicate's own. Training stops ``patience`` epochs after the best ``monitor`` on validation;
    ``keep: best`` takes the weights of that epoch.
    """

    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    decay: float = 0.0
    warmup_steps: int = 0
    momentum: float = 0.0
    weight_decay: float = 0.0
    batch_size: int = 16
    batches: str = "by_length"
    epochs: int = 30
    patience: int | None = 3
    monitor: str = "loss"
    keep: str = "best"
    clip_norm: float | None = None
    clip_by: str = "replicate"
    precision: str = "float32"
    deterministic: bool = False
    score_each_epoch: list[str] = field(default_factory=lambda: ["validation"])
    score_at_end: list[str] = field(default_factory=lambda: ["validation", "test"])
    group_size: int | None = None

    PLACES: ClassVar[tuple[str, ...]] = ("group_size", "deterministic")
    """How training is carried out, not what is trained."""

    def __post_init__(self):
        for key, valid in _CHOICES.items():
            if getattr(self, key) not in valid:
                raise InputError(f"training.{key}={getattr(self, key)}: choose {', '.join(valid)}")
        for key in ("batch_size", "epochs", "patience", "group_size"):
            value: Any = getattr(self, key)
            if value is not None and value < 1:
                raise InputError(f"training.{key}={value}: must be at least 1")
        for key in ("learning_rate", "clip_norm"):
            value = getattr(self, key)
            if value is not None and value <= 0:
                raise InputError(f"training.{key}={value}: must be above 0")
        if self.schedule == "exponential" and not 0 < self.decay <= 1:
            raise InputError(
                f"training.decay={self.decay}: what the rate is multiplied with after an epoch, such as 0.9"
            )
        for key in ("score_each_epoch", "score_at_end"):
            for split in getattr(self, key):
                if split not in SPLITS:
                    raise InputError(f"training.{key}: unknown split {split}; choose of {', '.join(SPLITS)}")
