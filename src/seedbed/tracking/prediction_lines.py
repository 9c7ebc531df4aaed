"""``predictions.jsonl``, read: a JSON object a line, as `seedbed.tracking.records.prediction_lines` writes it.

Cells of a study say the same of most test examples, but for the probabilities. So these are cut off, and of equal lines
one is parsed.
"""

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from seedbed.errors import InputError, one_line
from seedbed.results import Prediction

MOST_KNOWN = 100_000
"""Lines that are remembered."""
# Inside a text of JSON these quotes would have backslashes. What looks different is left to the parser.
_PROBABILITIES = re.compile(rb', "probabilities": \[[-+.0-9eE, ]*\]\}$', re.MULTILINE)


class PredictionLines:
    """Reads the files of many cells; equal predictions of several cells are one object.

    InputError, which begins with ``where``, on a file that is damaged.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Prediction] = {}

    def predictions(self, content: bytes, where: str) -> tuple[Prediction, ...]:
        """What a cell said of its test examples, without probabilities."""
        known, lines = self._known, _lines(_PROBABILITIES.sub(b"}", content))
        with suppress(KeyError):
            return tuple(map(known.__getitem__, lines))
        new = [line for line in dict.fromkeys(lines) if line not in known]
        try:
            # All at once: the decoder takes longer to start than to read a line.
            read = dict(zip(new, map(_prediction, json.loads(b"[" + b",".join(new) + b"]")), strict=True))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise _damaged(where, error) from error
        found = tuple([read[line] if line in read else known[line] for line in lines])
        if len(known) < MOST_KNOWN:
            known |= read
        return found

    def probabilities(self, content: bytes, places: Sequence[int], where: str) -> list[tuple[float, ...] | None]:
        """Those of the classes, of the predictions at these places; None where there are none."""
        lines = _lines(content)
        try:
            read = (json.loads(lines[place]).get("probabilities") for place in places)
            return [None if values is None else _numbers(values) for values in read]
        except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            raise _damaged(where, error) from error


def _lines(content: bytes) -> list[bytes]:
    lines = content.splitlines()
    return lines if all(lines) else list(filter(None, lines))


def _damaged(where: str, error: Exception) -> InputError:
    return InputError(f"{where}: not as it was written: {one_line(error)}")


def _prediction(line: Mapping[str, Any]) -> Prediction:
    if line.get("probabilities") is not None:
        _numbers(line["probabilities"])
    return Prediction(sys.intern(line["id"]), _labels(line["gold"]), _labels(line["predicted"]))


def _labels(value: Any) -> str | tuple[str, ...]:
    return sys.intern(value) if isinstance(value, str) else tuple(map(sys.intern, value))


def _numbers(values: Any) -> tuple[float, ...]:
    math.fsum(values)  # raises where one is no number
    return tuple(values)
