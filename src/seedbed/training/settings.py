"""How an arm is trained: the schema of ``conf/training``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from seedbed.data.corpus import SPLITS
from seedbed.errors import InputError

OPTIMIZERS = ("adam", "adamw", "sgd")
SCHEDULES = ("constant", "exponential", "sqrt2", "inverse_time", "warmup", "plateau")
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
    """Optimizer, schedule, batches and stopping, the same for every replicate of a group.

    ``schedule``: the learning rate is constant; multiplied by ``decay`` each epoch (``exponential``); divided by the
    square root of 2 each epoch (``sqrt2``); divided by ``1 + decay * step`` (``inverse_time``); rises linearly for
    ``warmup_steps`` and falls linearly to zero at the end of ``schedule_epochs`` epochs, by default of all
    (``warmup``); or is multiplied by ``decay`` whenever ``monitor`` has not
    improved for ``plateau_patience`` epochs since it last did or was reduced (``plateau``). ``clip_norm`` limits the
    norm of the gradient of a replicate, over all weights or (``clip_by: weight``) for each weight; ``clip_value`` the
    size of each of its numbers. ``batches: by_length`` puts examples of
    similar length in a batch, with random noise of each replicate; the order of short and long batches is fixed for an
    epoch. Training stops ``patience`` epochs after the best ``monitor`` on validation, where epochs count once
    ``min_steps`` steps are done; ``keep: best`` keeps the weights of the best epoch, whenever it was. A training that
    takes longer than ``checkpoint_minutes`` writes its state as often, and the same command goes on with it after the
    process was killed.

    ``max_tokens``: most tokens of a batch with padding; a longer example is alone in one.
    ``accumulate``: a step takes the mean gradient of so many batches, as in Keras; those left at the end of an epoch
    wait for the next one. ``word_dropout``: share of the tokens of a training example whose vectors are zero.
    ``ema_decay``: what is evaluated and kept are moving averages of the weights over steps from
    1, ``average += (1 - d) * (weight - average)``, where ``d = min(ema_decay, (1 + step) / (10 + step))`` as in
    TensorFlow's ``ExponentialMovingAverage``. ``sparse_updates``: of tables of words that are trained, a step changes
    the rows of its batch alone and costs no more, however many words there are; the moments of other rows wait too, as
    in lazy Adam.
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
    min_steps: int = 0
    checkpoint_minutes: float | None = 10.0
    plateau_patience: int = 2
    clip_value: float | None = None
    max_tokens: int | None = None
    accumulate: int = 1
    word_dropout: float = 0.0
    ema_decay: float | None = None
    sparse_updates: bool = False
    schedule_epochs: int | None = None

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = ("group_size", "deterministic", "checkpoint_minutes")
    """Fields that do not change what is trained."""
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = (
        "learning_rate", "schedule", "decay", "warmup_steps", "momentum", "weight_decay", "clip_norm", "epochs",
        "patience", "monitor", "keep", "min_steps", "plateau_patience", "clip_value", "word_dropout", "ema_decay",
        "schedule_epochs",
    )  # fmt: skip
    """Fields in which the members of a group may differ: see `seedbed.model.elementwise`."""
    LATER_FIELDS: ClassVar[Mapping[str, object]] = {
        "min_steps": 0, "plateau_patience": 2, "clip_value": None, "max_tokens": None, "accumulate": 1,
        "word_dropout": 0.0, "ema_decay": None, "sparse_updates": False,
        "schedule_epochs": None,
    }  # fmt: skip
    """Fields that older cells do not have: fingerprints leave them out at these values."""

    @property
    def epochs_of_schedule(self) -> int:
        """Epochs over which ``schedule: warmup`` falls to 0."""
        return self.schedule_epochs or self.epochs

    def __post_init__(self) -> None:
        for key, valid in _CHOICES.items():
            if getattr(self, key) not in valid:
                raise InputError(f"training.{key}={getattr(self, key)}: choose {', '.join(valid)}")
        for key in (
            "batch_size", "epochs", "patience", "group_size", "plateau_patience", "max_tokens", "accumulate",
            "schedule_epochs",
        ):  # fmt: skip
            value: int | None = getattr(self, key)
            if value is not None and value < 1:
                raise InputError(f"training.{key}={value}: must be at least 1")
        for key in ("decay", "warmup_steps", "momentum", "weight_decay", "min_steps"):
            if getattr(self, key) < 0:
                raise InputError(f"training.{key}={getattr(self, key)}: must be at least 0")
        for key in ("learning_rate", "clip_norm", "clip_value", "checkpoint_minutes"):
            number: float | None = getattr(self, key)
            if number is not None and number <= 0:
                raise InputError(f"training.{key}={number}: must be above 0")
        self._check_together()
        for key in ("score_each_epoch", "score_at_end"):
            for split in getattr(self, key):
                if split not in SPLITS:
                    raise InputError(f"training.{key}: unknown split {split}; choose of {', '.join(SPLITS)}")

    def _check_together(self) -> None:
        """Raise InputError for combinations without a meaning."""
        self._check_schedule()
        if not 0.0 <= self.word_dropout < 1.0:
            raise InputError(f"training.word_dropout={self.word_dropout}: a dropout rate is at least 0 and below 1")
        if self.ema_decay is not None and not 0.0 < self.ema_decay < 1.0:
            raise InputError(f"training.ema_decay={self.ema_decay}: must be between 0 and 1, such as 0.999, or null")
        if self.clip_norm is not None and self.clip_value is not None:
            raise InputError(
                f"training.clip_value={self.clip_value}: training.clip_norm={self.clip_norm} limits the same numbers; "
                "set one to null"
            )
        if self.sparse_updates and (self.accumulate > 1 or self.ema_decay is not None or self.optimizer == "adamw"):
            key = "optimizer" if self.optimizer == "adamw" else "accumulate" if self.accumulate > 1 else "ema_decay"
            raise InputError(
                f"training.sparse_updates=true: training.{key}={getattr(self, key)} changes all rows of a table in a "
                "step; use one of the two"
            )
        self._check_unread("weight_decay", self.optimizer == "adamw", "training.optimizer=adamw")
        self._check_unread("momentum", self.optimizer == "sgd", "training.optimizer=sgd")
        if (self.patience is not None or self.keep == "best") and "validation" not in self.score_each_epoch:
            raise InputError(
                "training.score_each_epoch: without validation no epoch is the best; add it, or set "
                "training.patience=null and training.keep=last"
            )

    def _check_schedule(self) -> None:
        """Raise InputError for a schedule without what it needs."""
        if self.schedule == "exponential" and not 0 < self.decay <= 1:
            raise InputError(f"training.decay={self.decay}: must be a factor above 0 and at most 1, such as 0.9")
        if self.schedule == "warmup" and not self.warmup_steps:
            raise InputError("training.warmup_steps=0: training.schedule=warmup needs steps to warm up in")
        if self.schedule == "inverse_time" and not self.decay:
            raise InputError("training.decay=0.0: training.schedule=inverse_time needs a decay above 0")
        if self.schedule == "plateau" and not 0 < self.decay < 1:
            raise InputError(f"training.decay={self.decay}: training.schedule=plateau needs a factor such as 0.5")
        if self.schedule == "plateau" and "validation" not in self.score_each_epoch:
            raise InputError("training.schedule=plateau: needs validation among training.score_each_epoch")
        if self.schedule == "warmup" and self.max_tokens is not None:
            raise InputError(
                f"training.max_tokens={self.max_tokens}: training.schedule=warmup needs the number of steps, which "
                "differs by epoch then; use another schedule"
            )

    def _check_unread(self, key: str, read: bool, by: str) -> None:
        if getattr(self, key) and not read:
            raise InputError(f"training.{key}={getattr(self, key)}: only {by} reads it")
