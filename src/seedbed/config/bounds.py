"""The largest number that each key of a config takes, so that memory, time or the store do not run out later."""

import dataclasses
import math
from collections.abc import Mapping

from seedbed.class_names import is_builtin
from seedbed.config.provenance import Where
from seedbed.errors import InputError

LARGEST = 10**12
"""Of every whole number, and of seeds: a database and a float64 hold it with the number of a replicate."""
LARGEST_FLOAT = 3.4e38
"""Of every other number: single precision holds no more."""

_WIDTH = 65_536
_EXAMPLES = 10**9

MOST: Mapping[str, int] = {
    # widths of vectors and layers, in numbers
    **dict.fromkeys(("dim", "units", "filters", "hidden"), _WIDTH),
    **dict.fromkeys(("widths", "affixes", "max_characters"), 1_000),
    # examples, words and tokens of them
    **dict.fromkeys(("sizes", "validation", "test", "watch_examples", "limit", "vocabulary", "min_count",
                     "max_tokens"), _EXAMPLES),
    **dict.fromkeys(("max_length", "overlap", "padded_to", "window", "k"), 10**6),
    # columns of a table
    **dict.fromkeys(("token_column", "tag_column"), 10**6),
    # what trains together, and how long
    **dict.fromkeys(("batch_size", "epochs", "patience", "min_steps", "candidates", "accumulate", "plateau_patience",
                     "schedule_epochs"), 10**6),
    **dict.fromkeys(("ways", "queries"), 10**6),
    **dict.fromkeys(("group_size", "streams", "unroll"), 10**4),
    "max_iterations": 10**7,
    # trials of a search
    "budget": 10**5,
    **dict.fromkeys(("batch", "searches"), 10**4),
    # gigabytes
    **dict.fromkeys(("max_file_gb", "cache_gb", "table_gb"), 10**6),
    "checkpoint_minutes": 10**6,
}  # fmt: skip
"""Of the fields with these names, in any class of seedbed; plugins have the largest numbers alone."""


def refuse_large_numbers(stage: object, key: str, where: Where) -> None:
    """Raise InputError for a field of an object that is not built from a config, as `refuse_large_number`."""
    for field in dataclasses.fields(stage) if dataclasses.is_dataclass(stage) else ():
        refuse_large_number(type(stage), field.name, getattr(stage, field.name), f"{key}.{field.name}", where)


def refuse_large_number(cls: type, field: str, value: object, key: str, where: Where) -> None:
    """Raise InputError for a number, also in a list or mapping, that is larger than the field of the class takes.

    ``key``: of the field; ``where`` returns its file, for the message. A negative number is bounded by its size.
    """
    if dataclasses.is_dataclass(value):
        refuse_large_numbers(value, key, where)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            refuse_large_number(cls, field, item, f"{key}.{name}", where)
    elif isinstance(value, list | tuple):
        for item in value:
            refuse_large_number(cls, field, item, key, where)
    elif isinstance(value, int | float):
        most = LARGEST_FLOAT if isinstance(value, float) else LARGEST
        most = MOST.get(field, most) if is_builtin(cls) else most
        if not math.isfinite(value):
            raise InputError(f"{key}={value} ({where(key)}): must be a finite number")
        if abs(value) > most:
            shown = f"{most:,}" if isinstance(most, int) else f"{most:g}"
            bound = f"at most {shown}" if value > 0 else f"at least -{shown}"
            raise InputError(f"{key}={value} ({where(key)}): must be {bound}")
