"""The files of a data set: their names, where they are, and whether they are the right ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seedbed.data import sources
from seedbed.data.hashes import file_sha256
from seedbed.data.unlabelled import UNLABELLED
from seedbed.errors import InputError


class DatasetFiles:
    """Finds the files of a `seedbed.data.dataset.Dataset`, which has these fields."""

    name: str
    path: str
    folder: str
    files: Mapping[str, Any]
    url: str
    unpack: str
    sha256: Mapping[str, str]
    package: str

    def fetch(self) -> dict[str, Path]:
        """Return every labelled file by its name; downloads missing files. Raises InputError."""
        names = [name for _, name in self._named_files()]
        if not names:
            raise InputError("dataset.path: name the file, such as dataset.path=mine.csv; or dataset.files.train=FILE")
        paths = {}
        for name in names:
            paths[name] = sources.locate(path=self._path(name), **self._location(name))
            self._check_hash(name, paths[name])
        return paths

    def status(self, verify: bool = True) -> list[sources.Status]:
        """Return the status of each file, with ``verify`` also whether its hash is right; downloads nothing."""
        statuses = []
        for _, name in self._named_files():
            sha256 = self.sha256.get(name, "")
            statuses.append(
                sources.status(
                    self.folder, [name], package=self.package, path=self._path(name), sha256=sha256, verify=verify
                )
            )
        return statuses

    def _path(self, name: str) -> str:
        if self.path:
            return str(sources.in_folder(Path(self.path).expanduser(), name))
        return "" if self.folder or self.package else str(sources.in_folder(Path(), name))

    def _location(self, name: str) -> dict[str, Any]:  # keyword arguments of several types
        """Return the arguments of `sources.locate` for a file."""
        file = self.url if not self.url or not self.url.endswith("/") else self.url + name
        remote = file.rpartition("/")[2]
        expected = self.sha256.get(remote, "")
        return {
            "folder": self.folder, "names": [name], "url": file, "sha256": expected, "package": self.package,
            "unpack": self.unpack,
        }  # fmt: skip

    def _check_hash(self, name: str, path: Path) -> None:
        """Raise InputError where a downloaded or packaged file has another hash; the user's files are not checked."""
        location = sources.find(self.folder, [name], self.package, self._path(name))
        expected = "" if self.unpack else self.sha256.get(name, "")
        checked_sources = (
            ("package", "cache") if self.folder or self.package or self.url else ("package", "cache", "path")
        )
        if location and location.where in checked_sources and expected and file_sha256(path, unpacked=True) != expected:
            raise InputError(f"{path}: not the file that this config knows (another sha256)")

    def _named_files(self) -> list[tuple[str, str]]:
        """Return split and name of each labelled file; splits with an empty name have none."""
        return [(split, name) for split in self.files if split != UNLABELLED for name in self._names(split)]

    def _names(self, split: str) -> list[str]:
        names = self.files.get(split) or ()
        return [str(name) for name in (names if isinstance(names, list | tuple) else [names]) if name]
