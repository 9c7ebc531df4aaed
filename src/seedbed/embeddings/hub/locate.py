"""Locate a module: a folder, an archive, or the URL that TensorFlow Hub calls a handle."""

from pathlib import Path

from seedbed.data.folders import cache_dir, data_dir
from seedbed.embeddings.hub.archive import is_archive, unpacked
from seedbed.embeddings.hub.download import cached, fetched
from seedbed.embeddings.hub.saved_model import saved_model_in
from seedbed.errors import InputError
from seedbed.readable import exists, regular


def resolve(handle: str, folder: str = "") -> Path:
    """Return the folder of a module; raises InputError with a hint where to put it.

    ``handle``: a folder, an archive (``.tar.gz``, ``.tgz``, ``.zip``), or an URL. For an URL, the
    first of these that exists: TensorFlow Hub's cache, the folder or an archive at ``$SEEDBED_DATA/FOLDER``, the same
    in the user's cache, and the download.
    """
    if not handle.startswith(("https://", "http://")):
        return _resolve_path(Path(handle).expanduser())
    cache = cached(handle)
    if cache.is_dir() and any(cache.iterdir()):
        return cache
    for root in (data_dir(), cache_dir()) if folder else ():
        module = None if root is None else _module_in(root / folder)
        if module is not None:
            return module
    return fetched(handle, folder)


def find_local_copy(handle: str, folder: str) -> Path | None:
    """Return the local path of an URL's module, packed or not, or None; downloads and unpacks nothing."""
    cache = cached(handle)
    if cache.is_dir() and any(cache.iterdir()):
        return cache
    for root in (data_dir(), cache_dir()):
        local = None if root is None else root / folder
        if (
            local
            and local.is_dir()
            and (saved_model_in(local) or any(is_archive(file.name) for file in local.iterdir()))
        ):
            return local
    return None


def _resolve_path(path: Path) -> Path:
    if not exists(path):
        raise InputError(f"{path}: there is no such folder or archive")
    if path.is_dir():
        module = _module_in(path)
        if module is None:
            raise InputError(f"{path}: no saved_model.pb in it, so it is not a TensorFlow Hub module")
        return module
    if not is_archive(path.name):
        raise InputError(f"{path}: not a folder nor an archive (.tar.gz, .tgz, .zip)")
    regular(path)
    return unpacked(path)


def _module_in(folder: Path) -> Path | None:
    """Return the module of a folder: unpacked, or from the one archive in it."""
    if not folder.is_dir():
        return None
    module = saved_model_in(folder)
    if module is not None:
        return module
    archives = [file for file in sorted(folder.iterdir()) if is_archive(file.name)]
    if len(archives) > 1:
        raise InputError(
            f"{folder}: has several archives, one is expected: {', '.join(file.name for file in archives)}"
        )
    return unpacked(archives[0]) if archives else None
