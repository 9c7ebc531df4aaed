"""Read ``predictions.jsonl``: one JSON object per line, as written by `seedbed.tracking.records.prediction_lines`.

Cells of a study predict the same for most test examples, except for the probabilities. These are therefore cut off, and
equal lines are parsed once.
"""

import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress

from seedbed.cells import Prediction
from seedbed.errors import InputError, one_line
from seedbed.label_sets import LabelSet, Target, from_json
from seedbed.tracking.run_artifacts import Json

MOST_KNOWN = 100_000
"""Lines that are cached."""
# Within a JSON text these quotes would have backslashes. Lines of another form are left to the parser.
_PROBABILITIES = re.compile(rb', "probabilities": \[[-+.0-9eE, ]*\]\}$', re.MULTILINE)


class PredictionLines:
    """Reads the files of many cells; equal predictions of several cells are one object.

    InputError, which begins with ``where``, for a damaged file.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Prediction] = {}

    def predictions(self, content: bytes, where: str) -> tuple[Prediction, ...]:
        """Return a cell's predictions for the test examples, without probabilities."""
        known, lines = self._known, _lines(_PROBABILITIES.sub(b"}", content))
        with suppress(KeyError):
            return tuple(map(known.__getitem__, lines))
        new = [line for line in dict.fromkeys(lines) if line not in known]
        try:
            # All at once: starting the decoder takes longer than reading a line.
            parsed = dict(zip(new, map(_prediction, json.loads(b"[" + b",".join(new) + b"]")), strict=True))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise _damaged(where, error) from error
        predictions = tuple([parsed[line] if line in parsed else known[line] for line in lines])
        if len(known) < MOST_KNOWN:
            known |= parsed
        return predictions

    def probabilities(self, content: bytes, indices: Sequence[int], where: str) -> list[tuple[float, ...] | None]:
        """Return the class probabilities of the predictions at these indices; None where there are none."""
        lines = _lines(content)
        try:
            stored = (json.loads(lines[index]).get("probabilities") for index in indices)
            return [None if values is None else _numbers(values) for values in stored]
        except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
            raise _damaged(where, error) from error


def _lines(content: bytes) -> list[bytes]:
    lines = content.splitlines()
    return lines if all(lines) else list(filter(None, lines))


def _damaged(where: str, error: Exception) -> InputError:
    return InputError(f"{where}: the file is damaged: {one_line(error)}")


def _prediction(line: Json) -> Prediction:
    if line.get("probabilities") is not None:
        _numbers(line["probabilities"])
    return Prediction(sys.intern(line["id"]), _labels(line["gold"]), _labels(line["predicted"]))


def _labels(value: Json) -> Target:
    target = from_json(value)
    if isinstance(target, LabelSet):
        return LabelSet(tuple(map(sys.intern, target.names)))
    return sys.intern(target) if isinstance(target, str) else tuple(map(sys.intern, target))


def _numbers(values: Json) -> tuple[float, ...]:
    sum(values, 0.0)  # raises where one is not a number, and not where the sum is not finite, as fsum does
    return tuple(values)
