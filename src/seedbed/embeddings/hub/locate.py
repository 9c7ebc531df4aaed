"""Locate a module: a folder, an archive, or the URL that TensorFlow Hub calls a handle."""

from pathlib import Path

from seedbed.data.folders import cache_dir, data_dir
from seedbed.embeddings.hub.archive import is_archive, unpacked
from seedbed.embeddings.hub.download import cached, fetched
from seedbed.embeddings.hub.saved_model import saved_model_in
from seedbed.errors import InputError
from seedbed.readable import exists, regular


def resolve(handle: str, folder: str = "") -> Path:
    """The folder of a module; raises InputError saying what to put where.

    ``handle``: a folder, an archive (``.tar.gz``, ``.tgz``, ``.zip``), or an URL. Of an URL it is the first of these
    that there is: what TensorFlow Hub has cached of it, the folder or an archive at ``$SEEDBED_DATA/FOLDER`` and then
    in the user's cache, and the download.
    """
    if not handle.startswith(("https://", "http://")):
        return _local(Path(handle).expanduser())
    place = cached(handle)
    if place.is_dir() and any(place.iterdir()):
        return place
    for root in (data_dir(), cache_dir()) if folder else ():
        found = None if root is None else _kept(root / folder)
        if found is not None:
            return found
    return fetched(handle, folder)


def kept(handle: str, folder: str) -> Path | None:
    """Where the module of an URL lies, unpacked or not, as ``resolve`` looks for it; fetches and unpacks nothing."""
    place = cached(handle)
    if place.is_dir() and any(place.iterdir()):
        return place
    for root in (data_dir(), cache_dir()):
        own = None if root is None else root / folder
        if own and own.is_dir() and (saved_model_in(own) or any(is_archive(file.name) for file in own.iterdir())):
            return own
    return None


def _local(path: Path) -> Path:
    if not exists(path):
        raise InputError(f"{path}: there is no such folder or archive")
    if path.is_dir():
        found = _kept(path)
        if found is None:
            raise InputError(f"{path}: no saved_model.pb in it, so it is not a TensorFlow Hub module")
        return found
    if not is_archive(path.name):
        raise InputError(f"{path}: not a folder nor an archive (.tar.gz, .tgz, .zip)")
    regular(path)
    return unpacked(path)


def _kept(folder: Path) -> Path | None:
    """The module of a folder: unpacked, or the one archive in it."""
    if not folder.is_dir():
        return None
    found = saved_model_in(folder)
    if found is not None:
        return found
    archives = [file for file in sorted(folder.iterdir()) if is_archive(file.name)]
    if len(archives) > 1:
        raise InputError(
            f"{folder}: has several archives, one is expected: {', '.join(file.name for file in archives)}"
        )
    return unpacked(archives[0]) if archives else None
