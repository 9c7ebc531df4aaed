"""Download files into the user's cache, with a progress bar and a checked hash."""

import contextlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seedbed.data.hashes import file_sha256
from seedbed.errors import InputError, one_line
from seedbed.files import replace_file
from seedbed.readable import read_json

if TYPE_CHECKING:
    from rich.progress import Progress

CHECKSUMS = "checksums.json"
"""A file in each folder of the cache: sha256 by file name, as downloaded."""


def download(url: str, target: Path, sha256: str = "") -> Path:
    """Download ``url`` to ``target``, check it against ``sha256`` if given, and record its hash in the same folder.

    Raises OSError or ValueError (another hash); never leaves a partial file.
    """
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    target.parent.mkdir(parents=True, exist_ok=True)
    known = f"sha256:{sha256}" if sha256 else None
    pooch.retrieve(url, known, fname=target.name, path=target.parent, downloader=_fetch)
    record(target)
    return target


def record(path: Path) -> None:
    """Record the current hash of a file of the cache."""
    notes = recorded(path.parent) | {path.name: file_sha256(path)}
    replace_file(path.parent / CHECKSUMS, json.dumps(notes, indent=1, sort_keys=True).encode())


def forget(path: Path) -> None:
    """Remove a file of the cache, its hash, and its folder where nothing is left in it."""
    notes = {name: digest for name, digest in recorded(path.parent).items() if name != path.name}
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        if notes:
            replace_file(path.parent / CHECKSUMS, json.dumps(notes, indent=1, sort_keys=True).encode())
        else:
            (path.parent / CHECKSUMS).unlink(missing_ok=True)
            path.parent.rmdir()


def recorded(folder: Path) -> dict[str, str]:
    """Return the recorded hashes of a folder of the cache."""
    try:
        notes = read_json(folder / CHECKSUMS)
    except InputError:
        return {}
    return notes if isinstance(notes, dict) else {}


def check_recorded(path: Path) -> None:
    """Raise InputError where a file of the cache has changed since it was downloaded."""
    expected = recorded(path.parent).get(path.name)
    if expected and file_sha256(path) != expected:
        raise InputError(f"{path}: not what was downloaded (another sha256): remove it, and it is fetched again")


def reason(error: Exception, url: str) -> str:
    """Return why a download failed."""
    import requests

    if isinstance(error, requests.ConnectionError):
        return f"no connection to {urlsplit(url).hostname}"
    return one_line(error)[:200]


def _fetch(url: str, target: str, _: object = None) -> None:
    """Download ``url`` to a file, with the signature of a pooch downloader."""
    import requests

    with (
        requests.Session() as session,
        session.get(url, stream=True, timeout=30) as answer,
        Path(target).open("wb") as out,
    ):
        answer.raise_for_status()
        total = int(answer.headers.get("content-length", 0)) or None
        with _bar() as bar:
            task = bar.add_task(urlsplit(url).path.rpartition("/")[2], total=total)
            for chunk in answer.iter_content(1 << 18):
                out.write(chunk)
                bar.update(task, advance=len(chunk))


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True))
