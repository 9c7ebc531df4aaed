"""Names of tags that are numbers: given, in a file, or in the features that Hugging Face ``datasets`` writes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from seedbed.errors import InputError

BESIDE = ("dataset_info.json", "dataset_infos.json", "features.json")
"""Files beside a data file that may name the numbers in it."""

KEY = "dataset.reader.tag_names"


class TagNames:
    """The name of each tag of a file; ``given`` is a list, a mapping either way round, a file, or nothing.

    With nothing, numbers are named by what ``datasets`` wrote beside the file for the feature ``key``.
    """

    def __init__(self, given: object, path: Path, key: str = ""):
        self.path, self.key, self.source = path, key, KEY
        self.names = _names(given, path, key) if given else None

    def of(self, tags: Sequence[str | int], where: str) -> tuple[str, ...]:
        """The names of the tags of a sentence; raises InputError, naming ``where``, for one without."""
        if self.names is None:
            if all(isinstance(tag, str) for tag in tags):
                return tuple(map(str, tags))
            self.names = self._beside(where)
        names, named = self.names, set(self.names.values())
        for tag in tags:
            if str(tag) not in names and tag not in named:
                raise InputError(f"{where}: tag {tag} has no name; {self.source} names {', '.join(names)[:200]}")
        return tuple(names.get(str(tag), str(tag)) for tag in tags)

    def _beside(self, where: str) -> dict[str, str]:
        for file in beside(self.path):
            if found := _only(class_names(_json(file), self.key), file, self.key):
                self.source = str(file)
                return _by_number(found, file)
        raise InputError(
            f"{where}: the tags under {self.key!r} are numbers; name them in their order with {KEY}=[O,B-PER,I-PER], "
            f"or put the {BESIDE[0]} of the set beside the file"
        )


def beside(path: Path) -> list[Path]:
    """The files beside a data file that may name the numbers in it."""
    return [path.parent / name for name in BESIDE if (path.parent / name).is_file()]


def file_of(given: object, path: Path) -> Path | None:
    """The file that ``given`` names, from the working directory or beside the data file; None where it names none."""
    if not given or not isinstance(given, str):
        return None
    found = [file for file in (Path(given).expanduser(), path.parent / given) if file.is_file()]
    if not found:
        raise InputError(f"{KEY}={given}: there is no such file; or give a list, such as [O,B-PER,I-PER]")
    return found[0]


def class_names(tree: object, key: str) -> list[object]:
    """The different lists of class names that ``datasets`` wrote for this feature, in any of its layouts."""
    found: list[object] = []

    def walk(node: object, inside: bool) -> None:
        if isinstance(node, Mapping):
            names = node.get("names")
            if inside and isinstance(names, list | Mapping) and names and names not in found:
                found.append(names)
                return
            inside = inside or node.get("name") == key
            for below, value in node.items():
                walk(value, inside or below == key)
        elif isinstance(node, list):
            for value in node:
                walk(value, inside)

    walk(tree, False)
    return found


def _names(given: object, path: Path, key: str) -> dict[str, str]:
    file = file_of(given, path)
    if file is None:
        return _by_number(given, KEY)
    if file.suffix != ".json":
        return _by_number([line.strip() for line in _text(file).splitlines() if line.strip()], file)
    tree = _json(file)
    tree = tree.get("id2label", tree) if isinstance(tree, Mapping) else tree
    return _by_number(_only(class_names(tree, key), file, key) or tree, file)


def _only(found: list[object], file: Path, key: str) -> object:
    if len(found) > 1:
        raise InputError(f"{file}: several lists of names for {key!r}; give one with {KEY}")
    return found[0] if found else None


def _by_number(names: object, where: object) -> dict[str, str]:
    if isinstance(names, list | tuple) and names and all(isinstance(name, str) and name for name in names):
        return {str(number): name for number, name in enumerate(names)}
    if isinstance(names, Mapping) and names:
        if all(type(value) is int for value in names.values()):
            names = {value: name for name, value in names.items()}
        if all(isinstance(name, str) and name for name in names.values()):
            return {str(number): name for number, name in names.items()}
    raise InputError(f"{where}: must be a list of names, or a mapping of numbers to names, such as [O,B-PER,I-PER]")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{KEY}: {file}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _json(file: Path) -> object:
    try:
        return json.loads(_text(file))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON: {error}") from error
