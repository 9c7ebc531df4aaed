"""Learning rates as functions of the steps and epochs of a replicate."""

import math

from seedbed.training.settings import Training


def rate(settings: Training, step: int, epoch: int, total_steps: int) -> float:
    """Return the learning rate of a step; steps and epochs count from 0, ``total_steps`` is for all ``epochs``."""
    base = settings.learning_rate
    match settings.schedule:
        case "exponential":
            return base * settings.decay**epoch
        case "sqrt2":
            return base / math.sqrt(2.0) ** epoch
        case "inverse_time":
            return base / (1.0 + settings.decay * step)
        case "warmup":
            if step < settings.warmup_steps:
                return base * (step + 1) / settings.warmup_steps
            falling = max(total_steps - settings.warmup_steps, 1)
            return base * max(total_steps - step, 0) / falling
    return base
