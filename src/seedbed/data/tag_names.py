"""Names of tags that are numbers: from a setting, a file, or the features that Hugging Face ``datasets`` writes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seedbed.errors import InputError
from seedbed.limits import JSON_BYTES
from seedbed.readable import read_json, read_utf8

FEATURE_FILES = ("dataset_info.json", "dataset_infos.json", "features.json")
"""Files in the folder of a data file that may name its numeric tags."""

KEY = "dataset.reader.tag_names"


class TagNames:
    """The name of each tag of a file; ``setting`` is a list, a mapping in either direction, a file, or empty.

    If empty, numbers are named by the features file of ``datasets`` in the same folder, feature ``key``.
    """

    def __init__(self, setting: object, path: Path, key: str = ""):
        self.path, self.key, self.source = path, key, KEY
        self.names = _names(setting, path, key) if setting else None

    def of(self, tags: Sequence[str | int], where: str) -> tuple[str, ...]:
        """Return the names of a sentence's tags; raises InputError, with ``where``, for a tag without a name."""
        if self.names is None:
            if all(isinstance(tag, str) for tag in tags):
                return tuple(map(str, tags))
            self.names = self._names_from_features(where)
        names, named = self.names, set(self.names.values())
        for tag in tags:
            if str(tag) not in names and tag not in named:
                raise InputError(f"{where}: tag {tag} has no name; {self.source} names {', '.join(names)[:200]}")
        return tuple(names.get(str(tag), str(tag)) for tag in tags)

    def _names_from_features(self, where: str) -> dict[str, str]:
        for file in feature_files(self.path):
            if names := _only(class_names(read_json(file), self.key), file, self.key):
                self.source = str(file)
                return _by_number(names, file)
        raise InputError(
            f"{where}: the tags under {self.key!r} are numbers; name them in their order with {KEY}=[O,B-PER,I-PER], "
            f"or put the {FEATURE_FILES[0]} of the data set into the folder of the file"
        )


def feature_files(path: Path) -> list[Path]:
    """Return the files in the folder of a data file that may name its numeric tags."""
    return [path.parent / name for name in FEATURE_FILES if (path.parent / name).is_file()]


def file_of(setting: object, path: Path) -> Path | None:
    """Return the file that ``setting`` names, in the working directory or the data file's folder; else None."""
    if not setting or not isinstance(setting, str):
        return None
    files = [file for file in (Path(setting).expanduser(), path.parent / setting) if file.is_file()]
    if not files:
        raise InputError(f"{KEY}={setting}: there is no such file; or give a list, such as [O,B-PER,I-PER]")
    return files[0]


def class_names(tree: object, key: str) -> list[object]:
    """Return the different lists of class names of this feature, in any layout that ``datasets`` writes."""
    lists: list[object] = []

    def collect(node: object, inside: bool) -> None:
        if isinstance(node, Mapping):
            names = node.get("names")
            if inside and isinstance(names, list | Mapping) and names and names not in lists:
                lists.append(names)
                return
            inside = inside or node.get("name") == key
            for child, value in node.items():
                collect(value, inside or child == key)
        elif isinstance(node, list):
            for value in node:
                collect(value, inside)

    collect(tree, False)
    return lists


def _names(setting: object, path: Path, key: str) -> dict[str, str]:
    file = file_of(setting, path)
    if file is None:
        return _by_number(setting, KEY)
    if file.suffix != ".json":
        return _by_number([line.strip() for line in read_utf8(file, JSON_BYTES).splitlines() if line.strip()], file)
    tree = read_json(file)
    tree = tree.get("id2label", tree) if isinstance(tree, Mapping) else tree
    return _by_number(_only(class_names(tree, key), file, key) or tree, file)


def _only(lists: list[object], file: Path, key: str) -> object:
    if len(lists) > 1:
        raise InputError(f"{file}: several lists of names for {key!r}; give one with {KEY}")
    return lists[0] if lists else None


def _by_number(names: object, where: object) -> dict[str, str]:
    if isinstance(names, list | tuple) and names and all(isinstance(name, str) and name for name in names):
        return {str(number): name for number, name in enumerate(names)}
    if isinstance(names, Mapping) and names:
        if all(type(value) is int for value in names.values()):
            names = {value: name for name, value in names.items()}
        if all(isinstance(name, str) and name for name in names.values()):
            return {str(number): name for number, name in names.items()}
    raise InputError(f"{where}: must be a list of names, or a mapping of numbers to names, such as [O,B-PER,I-PER]")
