"""Where a key of a composed config was set: on the command line, in an experiment's file, or in a group's."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.config.conf_files import shown
from seedbed.config.config_source import SCHEME
from seedbed.config.override_syntax import key_path, open_mapping, override_key
from seedbed.config.plugins import AllowedModule, allowed_modules
from seedbed.config.schema import GROUPS
from seedbed.config.yaml_files import Document, read_yaml

if TYPE_CHECKING:
    from omegaconf import DictConfig

Where = Callable[[str], str]
"""Returns the file of a key, or ``command line``, for messages."""

GLOBAL_GROUPS = ("sweeps", "experiment", "pretraining")
"""Groups whose files set keys of the whole config; the later one in a config's defaults comes first."""


class Provenance:
    """Where the keys of a composed config, such as ``encoder.units``, were set."""

    def __init__(self, config: "DictConfig", overrides: Sequence[str]) -> None:
        self._config, self._keys = config, [override_key(override) for override in overrides]
        self._overrides = overrides
        self._documents: dict[Path, Document] = {}

    def __call__(self, key: str) -> str:
        """Return ``command line``, or the file that sets the key."""
        if self.is_on_command_line(key):
            return "command line"
        file, _ = self._file_and_line(key)
        return shown(file) if file else f"conf/{self._config.hydra.job.config_name}.yaml"

    @cached_property
    def plugins(self) -> tuple[AllowedModule, ...]:
        """The modules that the command line allows; `study_keys` and `sweep` refuse those named by a file."""
        return allowed_modules(self._overrides)

    def line(self, key: str) -> str:
        """Return the same as ``FILE:LINE``, where a file sets the key."""
        if self.is_on_command_line(key):
            return "command line"
        _, line = self._file_and_line(key)
        return f"{self(key)}:{line}" if line else self(key)

    def file(self, group: str) -> str:
        """Return the file of a group's choice, for messages."""
        file = self._choice_file(group)
        return shown(file) if file else f"conf/{group}"

    def choices(self, group: str) -> tuple[str, ...]:
        """Return the names of all choices of a group, those of the user's folders too."""
        return tuple(sorted({file.stem for folder in self._folders() for file in (folder / group).glob("*.yaml")}))

    def is_on_command_line(self, key: str) -> bool:
        """Return whether the command line sets the key itself, the mapping that contains it, or a part of it."""
        has_parts = open_mapping(key) == key and "." in key
        return any(
            key == set_key
            or (open_mapping(set_key) == set_key and key.startswith(f"{set_key}."))
            or (has_parts and set_key.startswith(f"{key}."))
            for set_key in self._keys
        )

    def is_set_by_user(self, key: str) -> bool:
        """Return whether the key is set on the command line, or in the file of a whole study."""
        return self.is_on_command_line(key) or any(self._line(file, key_path(key)) for file in self._global_files())

    def _file_and_line(self, key: str) -> tuple[Path | None, int | None]:
        for file in self._global_files():
            if line := self._line(file, key_path(key)):
                return file, line
        group, *below = key_path(key)
        group_file = self._choice_file(group) if group in GROUPS else None
        return group_file, self._line(group_file, below) if group_file else None

    def _global_files(self) -> Iterator[Path]:
        yield from filter(None, map(self._choice_file, GLOBAL_GROUPS))

    def _line(self, file: Path, path: Sequence[str]) -> int | None:
        if file not in self._documents:
            self._documents[file] = read_yaml(file)
        document = self._documents[file]
        return document.line(path) or document.line([".".join(path)])  # or a key with dots

    def _choice_file(self, group: str) -> Path | None:
        """Return the file of a group's choice: the first of that name in Hydra's search path."""
        choice = self._config.hydra.runtime.choices.get(group)
        if choice is None:
            return None
        name = f"{str(choice).removesuffix('.yaml')}.yaml"
        return next((file for folder in self._folders() if (file := folder / group / name).is_file()), None)

    def _folders(self) -> Iterator[Path]:
        from omegaconf import OmegaConf

        # Unresolved: the name of a folder may look like an interpolation.
        sources = OmegaConf.to_container(self._config.hydra.runtime.config_sources, resolve=False)
        for source in sources if isinstance(sources, list) else ():
            if source["schema"] in ("file", SCHEME):  # hydra.searchpath may name more folders
                yield Path(source["path"])
