"""Names of classes for digests: the same settings of the same code have the same name."""

import dataclasses
import hashlib
import importlib
import inspect
import sys
from functools import cache
from pathlib import Path

PACKAGE = "seedbed."


def is_builtin(cls: type) -> bool:
    """Whether a class is one of seedbed."""
    return f"{cls.__module__}.".startswith(PACKAGE)


def builtin_class(name: str) -> type | None:
    """Return the dataclass of seedbed with this dotted name, importing its module; None where there is none."""
    module, _, attribute = name.rpartition(".")
    parts = name.split(".")
    if not name.startswith(PACKAGE) or "__main__" in parts or not all(part.isidentifier() for part in parts):
        return None
    try:
        cls = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError):
        return None
    return cls if isinstance(cls, type) and dataclasses.is_dataclass(cls) and is_builtin(cls) else None


@cache
def class_name(cls: type) -> str:
    """Return the name of a class for fingerprints and for keys of caches.

    A class of seedbed has its plain name: ``CNN``. A class from outside has its top-level module in front, and a
    version: ``my_module.CNN@2`` for a class attribute ``version = 2``, else ``my_module.CNN@`` and a digest of its
    source, so that a result of older code is not taken for one of the code as it is now.
    """
    if is_builtin(cls):
        return cls.__name__
    name = f"{cls.__module__.partition('.')[0]}.{cls.__qualname__}"
    is_field = dataclasses.is_dataclass(cls) and "version" in {field.name for field in dataclasses.fields(cls)}
    version = None if is_field else getattr(cls, "version", None)
    suffix = source_digest(cls)[:12] if version is None else str(version)
    return f"{name}@{suffix}" if suffix else name


def source_digest(cls: type) -> str:
    """Return the sha256 of the source behind a class: all modules of its package, or its one file.

    A class of a notebook has the source of its own cell; where there is no source at all, the digest is empty.
    """
    sha = hashlib.sha256()
    for file in _source_files(cls.__module__):
        sha.update(file.name.encode() + b"\0" + file.read_bytes())
    if sha.digest() != hashlib.sha256().digest():
        return sha.hexdigest()
    try:
        return hashlib.sha256(inspect.getsource(cls).encode()).hexdigest()
    except (OSError, TypeError):
        return ""


def _source_files(module: str) -> list[Path]:
    top = sys.modules.get(module.partition(".")[0])
    file = Path(getattr(top, "__file__", None) or "")
    if file.suffix != ".py":
        file = Path(getattr(sys.modules.get(module), "__file__", None) or "")  # in a namespace package
    if file.suffix != ".py" or not file.is_file():
        return []
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
