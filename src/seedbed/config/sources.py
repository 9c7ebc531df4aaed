"""Where a key of a composed config was set: on the command line, in an experiment's file, or in a group's."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seedbed.config.folders import shown
from seedbed.config.freeing import FREE, key_of, steps
from seedbed.config.own_source import SCHEME
from seedbed.config.schema import GROUPS
from seedbed.config.yaml_files import Document, read

Where = Callable[[str], str]

GLOBAL = ("sweeps", "experiment", "pretraining")
"""Groups whose files set keys of the whole config; the later one in a config's defaults comes first."""


class Sources:
    """Tells of a key, such as ``encoder.units``, where its value comes from."""

    def __init__(self, config: Any, overrides: Sequence[str]):
        self._config, self._keys = config, [key_of(override) for override in overrides]
        self._read: dict[Path, Document] = {}

    def __call__(self, key: str) -> str:
        """The command line, or the file."""
        if self.typed(key):
            return "command line"
        file, _ = self._file_of(key)
        return shown(file) if file else f"conf/{self._config.hydra.job.config_name}.yaml"

    def place(self, key: str) -> str:
        """The same with the line, where a file has one."""
        if self.typed(key):
            return "command line"
        _, line = self._file_of(key)
        return f"{self(key)}:{line}" if line else self(key)

    def file(self, group: str) -> str:
        """The file of a group's choice, for messages."""
        file = self._file(group)
        return shown(file) if file else f"conf/{group}"

    def typed(self, key: str) -> bool:
        """Whether it was set on the command line: by itself, with all of its mapping, or in a part of it."""
        parts = key in FREE and "." in key
        return any(
            key == own or (own in FREE and key.startswith(f"{own}.")) or (parts and own.startswith(f"{key}."))
            for own in self._keys
        )

    def given(self, key: str) -> bool:
        """Whether the user set it: on the command line, or in the file of a whole study."""
        return self.typed(key) or any(self._line(file, steps(key)) for file in self._global())

    def _file_of(self, key: str) -> tuple[Path | None, int | None]:
        for file in self._global():
            if line := self._line(file, steps(key)):
                return file, line
        group, *below = steps(key)
        file = self._file(group) if group in GROUPS else None
        return file, self._line(file, below) if file else None

    def _global(self) -> Iterator[Path]:
        yield from filter(None, map(self._file, GLOBAL))

    def _line(self, file: Path, path: Sequence[str]) -> int | None:
        if file not in self._read:
            self._read[file] = read(file)
        return self._read[file].line(path) or self._read[file].line([".".join(path)])  # or a key with dots

    def _file(self, group: str) -> Path | None:
        """The file of a group's choice: the first of that name in Hydra's search path."""
        choice = self._config.hydra.runtime.choices.get(group)
        if choice is None:
            return None
        name = f"{str(choice).removesuffix('.yaml')}.yaml"
        return next((file for folder in self._folders() if (file := folder / group / name).is_file()), None)

    def _folders(self) -> Iterator[Path]:
        from omegaconf import OmegaConf

        # As it is: the name of a folder may look like a reference.
        for source in OmegaConf.to_container(self._config.hydra.runtime.config_sources, resolve=False):
            if source["schema"] in ("file", SCHEME):
                yield Path(source["path"])


def sources(config: Any, overrides: Sequence[str]) -> Sources:
    """A function that tells of a key where its value comes from."""
    return Sources(config, overrides)
