"""A reader, with files that it reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@cache
def valid_content(make: Callable[[], Mapping[str, bytes]]) -> Mapping[str, bytes]:
    """The content of each file, made once."""
    return make()


@dataclass(frozen=True)
class Reader:
    """A reader: the name of the file that is damaged, the content of all files, and the call that reads a folder."""

    name: str
    file: str
    make: Callable[[], Mapping[str, bytes]]
    read: Callable[[Path], object]

    @property
    def valid(self) -> Mapping[str, bytes]:
        """The content of each file."""
        return valid_content(self.make)

    def write(self, folder: Path) -> Path:
        """Write the valid files; return the path of the one that is damaged."""
        for name, content in self.valid.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / self.file


def one(file: str, make: Callable[[], bytes], **others: Callable[[], bytes]) -> Callable[[], Mapping[str, bytes]]:
    return lambda: {file: make(), **{name.replace("__", "."): content() for name, content in others.items()}}
