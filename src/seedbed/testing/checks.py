"""A named check, and what all checks have in common."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

FORWARD, TRAINED = 1e-5, 1e-4
"""How far numbers in float32 may differ: after one pass, and after a training of some epochs."""


class Check(NamedTuple):
    """A named check; calling it raises AssertionError where it fails."""

    name: str
    function: Callable[[], None]

    def __call__(self) -> None:
        """Run the check."""
        try:
            self.function()
        except AssertionError as error:
            raise AssertionError(f"{self.name}: {error}") from error
        except Exception as error:
            error.add_note(f"seedbed.testing: raised in the check {self.name!r}")
            raise

    def __str__(self) -> str:
        return self.name


def run(checks: Iterable[Check]) -> None:
    """Run all checks. Raises AssertionError for the first that fails."""
    for check in checks:
        check()


def require(condition: bool, message: str) -> None:
    """Raise AssertionError unless the condition holds, also under ``python -O``."""
    if not condition:
        raise AssertionError(message)


def require_close(actual: ArrayLike, expected: ArrayLike, message: str, tolerance: float = FORWARD) -> None:
    """Raise AssertionError where arrays differ in shape, or by more than the tolerance."""
    first, second = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    require(first.shape == second.shape, f"{message}: shape {list(first.shape)}, expected {list(second.shape)}")
    difference = float(np.abs(first - second).max(initial=0.0))
    require(difference <= tolerance, f"{message}: numbers differ by up to {difference:.2g}, at most {tolerance:g}")


def require_finite(array: ArrayLike, message: str) -> None:
    """Raise AssertionError where a number is infinite or not a number."""
    require(bool(np.isfinite(np.asarray(array)).all()), f"{message}: has numbers that are not finite")
