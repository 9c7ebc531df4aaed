"""A format that seedbed does not have."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from seedbed.data.raw_example import RawExample
from seedbed.errors import InputError


@dataclass(frozen=True)
class Pipes:
    """``label|text``, one a line."""

    separator: str = "|"
    task: ClassVar[str] = "classification"

    def read(self, path: Path) -> Iterator[RawExample]:
        """Yield the texts of a file. Raises InputError."""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            label, separator, text = line.partition(self.separator)
            if not separator:
                raise InputError(f"{path}:{number}: no {self.separator} in {line!r}")
            yield RawExample(text, label, number)
