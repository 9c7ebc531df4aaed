"""Distributions of a search space, written as text: ``log(1e-4, 0.1)``, ``uniform(0, 0.6)``, ``int(1, 9)``, ..."""

import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from seedbed.errors import InputError, one_line

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

KINDS = ("log", "uniform", "int", "choice")
EXAMPLES = "log(1e-4, 1e-1), uniform(0, 0.6), int(1, 9), int(16, 256, log) or choice(a, b)"


@dataclass(frozen=True)
class Distribution:
    """The values of one key: ``log`` and ``uniform`` of floats, ``int`` with both ends, or ``choice`` of any values.

    ``arguments``: low and high, or the choices. ``log``: whether the logarithm is uniform.
    """

    text: str
    kind: str
    arguments: tuple[Any, ...]
    log: bool

    @cached_property
    def optuna(self) -> "BaseDistribution":
        """The same distribution of Optuna; choices are their indices."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.kind == "choice":
            return CategoricalDistribution(list(range(len(self.arguments))))
        cls: Any = IntDistribution if self.kind == "int" else FloatDistribution
        distribution: BaseDistribution = cls(*self.arguments, log=self.log)
        return distribution

    @property
    def size(self) -> float:
        """The number of values; infinity for a range of floats."""
        if self.kind == "choice":
            return len(self.arguments)
        return self.arguments[1] - self.arguments[0] + 1 if self.kind == "int" else math.inf

    @property
    def all_proposals(self) -> range:
        """All proposals of a distribution of finite `size`."""
        low, high = (0, len(self.arguments) - 1) if self.kind == "choice" else self.arguments
        return range(low, high + 1)

    def value(self, proposed: Any) -> Any:
        """Return the value that Optuna's proposal stands for."""
        return self.arguments[proposed] if self.kind == "choice" else proposed

    def proposal(self, value: Any) -> Any:
        """Return Optuna's proposal for a value; None where the value is not in the distribution."""
        if self.kind == "choice":
            return next((n for n, own in enumerate(self.arguments) if own == value), None)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_inside = is_number and self.arguments[0] <= value <= self.arguments[1]
        return value if is_inside and (self.kind != "int" or value == int(value)) else None

    def levels(self, number: int) -> list[Any]:
        """Return the proposals of a grid: all choices, or at most ``number`` values at equal distances."""
        if self.kind == "choice":
            return list(range(len(self.arguments)))
        low, high = self.arguments
        parts = [n / (number - 1) for n in range(number)] if number > 1 else [0.5]
        values = [low ** (1 - part) * high**part if self.log else low + (high - low) * part for part in parts]
        if self.kind == "int":
            return sorted({min(max(round(value), low), high) for value in values})
        return [min(max(value, low), high) for value in values]  # powers may round beyond an end


def parse_space(space: Mapping[str, str]) -> dict[str, Distribution]:
    """Return the distribution of each key. Raises InputError that names key and text."""
    return {key: parse_distribution(key, str(text)) for key, text in space.items()}


def parse_distribution(key: str, text: str) -> Distribution:
    """Return the distribution that a text describes. Raises InputError."""
    where = f"tune.space: {key}: {text}"
    match = re.fullmatch(r"\s*(\w+)\s*\((.*)\)\s*", text, re.DOTALL)
    if not match or match[1] not in KINDS:
        raise InputError(f"{where}: not a distribution; write {EXAMPLES}")
    kind, values = match[1], _arguments(match[2], where)
    if kind == "choice":
        return _choice(text, values, where)
    log = kind == "log"
    if kind == "int" and len(values) == 3 and values[2] == "log":
        log, values = True, values[:2]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if len(values) != 2 or not numbers or not all(map(_is_finite, values)):
        raise InputError(f"{where}: give two finite numbers, low and high, such as {kind}(1, 9)")
    low, high = values
    if kind == "int" and not (low == int(low) and high == int(high)):
        raise InputError(f"{where}: give two whole numbers")
    if low >= high:
        raise InputError(f"{where}: {low} is not below {high}")
    if log and low <= 0:
        raise InputError(f"{where}: a range on a logarithmic scale starts above 0")
    cast: Callable[[Any], Any] = int if kind == "int" else float
    return Distribution(text, kind, (cast(low), cast(high)), log)


def _choice(text: str, values: Sequence[Any], where: str) -> Distribution:
    if len(values) < 2 or any(value in values[:n] for n, value in enumerate(values)):
        raise InputError(f"{where}: give at least two different values, such as choice(16, 32)")
    return Distribution(text, "choice", tuple(values), False)


def _arguments(text: str, where: str) -> list[Any]:
    """Return the values between the brackets: those of a YAML list, with numbers such as 1e-4 as numbers."""
    import yaml

    try:
        values = yaml.safe_load(f"[{text}]")
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        raise InputError(f"{where}: cannot be read: {one_line(error)}") from error
    return [_number(value) for value in values]


def _is_finite(value: float) -> bool:
    return -sys.float_info.max <= value <= sys.float_info.max  # also of whole numbers that no float can hold


def _number(value: Any) -> Any:
    """Return the number that a text is; YAML reads 1e-4, which has no dot, as a text."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", value):
        return float(value)
    return value
