"""Classes from outside seedbed: of installed plugins, and of modules that the command line allows by name.

A config file alone imports nothing: a ``_target_`` is compared with names before any module is imported.
"""

import dataclasses
import importlib
import re
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from seedbed.config.override_syntax import OPEN_MAPPINGS, parse_mapping_override
from seedbed.config.schema import GROUPS
from seedbed.errors import InputError, one_line

ENTRY_POINTS = "seedbed.plugins"
"""The entry point group of packages with plugins; each value is a module or a class."""

KEY = "plugins"

OF_HYDRA = ("hydra._internal.core_plugins.", "hydra_plugins.")
"""Packages whose classes Hydra's settings may name: launchers and sweepers.

Not all of Hydra: `hydra.utils` has functions that import whatever they are given.
"""

OF_LOGGING = tuple(
    f"logging.{name}" for name in ("StreamHandler", "FileHandler", "NullHandler", "Formatter", "handlers.")
)
"""Classes that the settings of logs may name."""

_FOREIGN_KEYS = ("_target_", "()", "class")

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "dataset.reader": ("task", "read"),
    "embedding": ("features", "content"),
    "encoder": ("tags", "weights", "masks", "width", "encode"),
    "task": ("kind", "per_token", "scores", "class_weights", "padded_to", "weights", "masks", "logits"),
}
"""By the key of a config that a plugin's class can be chosen for, the attributes and methods that it must have."""


@dataclass(frozen=True)
class AllowedModule:
    """A module that may be imported, with the folder that it is in; ``file``: where it was named by its path."""

    name: str
    folder: Path | None = None
    file: Path | None = None


def allowed_modules(overrides: Iterable[str]) -> tuple[AllowedModule, ...]:
    """Return the modules of ``plugins=[...]`` among the overrides of a command line. Raises InputError."""
    names: Sequence[str] = ()
    for override in overrides:
        mapping = parse_mapping_override(override) if KEY in override else None
        if mapping and mapping.path == KEY and mapping.name is None and mapping.value is not None:
            if "${" in mapping.value:
                raise InputError(f"command line: {override}: name the modules themselves, without ${{...}}")
            parsed = OPEN_MAPPINGS[KEY](mapping.value)
            names = [str(name) for name in parsed] if isinstance(parsed, list) else []
    return tuple(map(_allowed_module, names))


def refuse_plugins(overrides: Iterable[str], location: str) -> None:
    """Raise InputError where overrides that a config file holds allow a module."""
    for override in overrides:
        if re.match(rf"[+~]*{KEY}\b", str(override)):
            raise InputError(f"{location}: {override}: {no_imports_by_file(override.partition('=')[2])}")


def refuse_foreign_hydra(hydra: object, location: str, path: str = "hydra") -> None:
    """Raise InputError where a node of Hydra's own settings, as dicts, names code that is not Hydra's to import."""
    for key, value in hydra.items() if isinstance(hydra, dict) else enumerate(hydra) if isinstance(hydra, list) else ():
        allowed = OF_HYDRA if key == "_target_" else OF_LOGGING
        if key in _FOREIGN_KEYS and not str(value).startswith(allowed):
            raise InputError(f"{path}.{key}={value} ({location}): must name code of Hydra or of one of its plugins")
        refuse_foreign_hydra(value, location, f"{path}.{key}")


def no_imports_by_file(value: str) -> str:
    """Return the message about ``plugins`` in a config file, with what to type."""
    return f"a config file cannot allow an import; if you trust it, type {KEY}={value} on the command line"


def plugin_class(target: str, path: str, file: str, allowed: Sequence[AllowedModule]) -> type:
    """Return the class that a ``_target_`` outside seedbed names, imported now.

    ``path``: the key of the node; ``file``: where it is set. Raises InputError.
    """
    label = f"{path}._target_={target} ({file})"
    module, _, name = target.rpartition(".")
    if not module or not all(part.isidentifier() for part in target.split(".")):
        raise InputError(f"{label}: must name a class, such as seedbed.model.encoders.CNN or my_module.MyEncoder")
    required = _required_attributes(path, label)
    sources = (source for source in allowed if _is_within(module, source.name))
    source = next(sources, None) or _installed_module(target, module)
    if source is None:
        raise InputError(
            f"{label}: not a class of seedbed, nor of an installed plugin; if you trust the module {module}, allow it "
            f"on the command line with {KEY}=[{module}]"
        )
    cls: type | None = getattr(_import_module(module, source, label), name, None)
    if cls is None:
        raise InputError(f"{label}: the module {module} ({sys.modules[module].__file__}) has no class {name}")
    _check_class(cls, required, label)
    return cls


def installed_plugins() -> list[EntryPoint]:
    """Return the entry points of all installed plugins, sorted by name; imports none of them."""
    return sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)


def _allowed_module(name: str) -> AllowedModule:
    """Return the module of a name or path; imports nothing. Raises InputError where it does not exist."""
    if name.endswith(".py") or "/" in name or "\\" in name:
        file = Path(name).expanduser().resolve()
        if not file.is_file() or file.suffix != ".py":
            raise InputError(f"{KEY}=[{name}]: no such file; give a module's name or the path of a .py file")
        if not file.stem.isidentifier():
            raise InputError(f"{KEY}=[{name}]: {file.stem!r} cannot be imported: rename the file to letters, digits, _")
        return AllowedModule(file.stem, file.parent, file)
    if not all(part.isidentifier() for part in name.split(".")):
        raise InputError(f"{KEY}=[{name}]: must be the name of a module or the path of a .py file")
    top, folder = name.partition(".")[0], Path.cwd()
    if (folder / f"{top}.py").is_file() or (folder / top).is_dir():
        return AllowedModule(name, folder)
    from importlib.machinery import PathFinder

    if top not in sys.modules and top not in sys.builtin_module_names and PathFinder.find_spec(top) is None:
        raise InputError(f"{KEY}=[{name}]: no module {top} in {folder} or among the installed packages")
    return AllowedModule(name)


def _is_within(module: str, parent: str) -> bool:
    return f"{module}.".startswith(f"{parent}.")


def _installed_module(target: str, module: str) -> AllowedModule | None:
    """Return the module of the entry point that covers a class; None without one."""
    for point in installed_plugins():
        registered, _, attribute = point.value.partition(":")
        registered, attribute = registered.strip(), attribute.partition("[")[0].strip()
        if f"{registered}.{attribute}" == target if attribute else _is_within(module, registered):
            return AllowedModule(module)
    return None


def _import_module(module: str, source: AllowedModule, label: str) -> object:
    """Return the imported module; its folder is appended to ``sys.path``, so that its files hide no library."""
    if source.folder and not {str(source.folder), "" if source.folder == Path.cwd() else None} & set(sys.path):
        sys.path.append(str(source.folder))
        importlib.invalidate_caches()
    try:
        imported = importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{label}: cannot import {module}: {_import_error_text(error)}") from error
    if source.file and module == source.name and Path(str(imported.__file__)).resolve() != source.file:
        raise InputError(
            f"{label}: the name {module} belongs to {imported.__file__ or 'a module of Python'}: "
            f"rename {source.file.name}"
        )
    return imported


def _import_error_text(error: BaseException) -> str:
    """Return what an import raised, and the line of the plugin's file that raised it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    frames = [frame for frame in frames if Path(frame.filename).parent.name != "importlib"]
    location = (
        f" ({frames[-1].filename}:{frames[-1].lineno})" if frames[1:] and not isinstance(error, SyntaxError) else ""
    )
    return f"{type(error).__name__}: {one_line(error)}{location}"


def _required_attributes(path: str, label: str) -> tuple[str, ...]:
    """Return the attributes that a class at a key must have. Raises InputError where no plugin can be chosen."""
    if re.fullmatch(r"embedding(\.parts\.[^.]+)*", path):
        return REQUIRED["embedding"]
    if path in GROUPS and path not in REQUIRED:
        raise InputError(f"{label}: must name a class of seedbed.*; a plugin can be the class of {', '.join(REQUIRED)}")
    return REQUIRED.get(path, ())


def _check_class(cls: object, required: Sequence[str], label: str) -> None:
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        raise InputError(f"{label}: must name a dataclass: put @dataclass(frozen=True) above the class")
    if not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise InputError(f"{label}: must be frozen: write @dataclass(frozen=True)")
    names = {field.name for field in dataclasses.fields(cls)}
    missing = [name for name in required if name not in names and not hasattr(cls, name)]
    if missing:
        raise InputError(f"{label}: has no {', '.join(missing)}; it needs {', '.join(required)}")
