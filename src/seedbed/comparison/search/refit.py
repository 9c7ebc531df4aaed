"""A refit: the chosen settings, trained again on training and validation examples together."""

import dataclasses
from collections.abc import Mapping

from seedbed.config.schema import Arm
from seedbed.data.draws import Draw
from seedbed.errors import InputError


def joined(draw: Draw) -> Draw:
    """Return the draw with training and validation examples as one."""
    return dataclasses.replace(draw, train=(*draw.train, *draw.validation), validation=())


def refuse_plateau(arm: Arm, schedule: str, key: str, instead: str) -> None:
    """Raise InputError for a schedule of an arm that cannot be trained without validation examples: plateau reads them.

    ``key``: the setting that asks for a refit; ``instead``: what to type.
    """
    if schedule == "plateau" and not hasattr(arm.encoder, "training_fields"):
        raise InputError(
            f"{key}=true: arm {arm.name}: training.schedule=plateau reads the validation examples, and a refit trains "
            f"on them; {instead}"
        )


def without_validation(arm: Arm, best_epoch: int, scores: Mapping[str, float]) -> Arm:
    """Return the arm as it is trained again: for as many epochs as were best, or with the value that was chosen.

    A schedule that falls to 0 by the last epoch still does by that of the arm, so that an epoch has the rates that it
    had; with more examples it has more steps, and those of the warmup are a smaller part of it.
    ``scores``: has the chosen value under the name of the encoder's parameter, if it has one.
    """
    encoder = arm.encoder
    if hasattr(encoder, "training_fields"):
        if encoder.parameter not in scores:
            return arm
        kind = type(encoder.candidates()[0])
        chosen = {encoder.parameter.rpartition("/")[2]: [kind(scores[encoder.parameter])]}
        return dataclasses.replace(arm, encoder=dataclasses.replace(encoder, **chosen))
    training = arm.training
    falls_by = training.epochs_of_schedule if training.schedule == "warmup" else None
    training = dataclasses.replace(
        training, schedule_epochs=falls_by, epochs=max(best_epoch, 1), patience=None, keep="last", score_each_epoch=[],
        score_at_end=[split for split in training.score_at_end if split != "validation"],
    )  # fmt: skip
    return dataclasses.replace(arm, training=training)
