"""Learning rates as functions of the steps and epochs of a replicate."""

import math

from seedbed.training.settings import Training


def rate(settings: Training, step: int, epoch: int, total_steps: int, reductions: int = 0) -> float:
    """Return the learning rate of a step; steps and epochs count from 0, ``total_steps`` is for all ``epochs``, or
    ``schedule_epochs``.

    ``reductions``: how often ``schedule: plateau`` has reduced it.
    """
    base, decay = settings.learning_rate, settings.decay
    match settings.schedule:
        case "exponential":
            base *= decay**epoch
        case "plateau":
            base *= decay**reductions
        case "sqrt2":
            base /= math.sqrt(2.0) ** epoch
        case "inverse_time":
            base /= 1.0 + decay * step
        case "warmup":
            base *= _warmup(step, settings.warmup_steps, total_steps)
    return base


def _warmup(step: int, rising: int, total_steps: int) -> float:
    """Return the share of the rate at a step: up in a line, and down in a line to 0."""
    if step < rising:
        return (step + 1) / rising
    return max(total_steps - step, 0) / max(total_steps - rising, 1)
