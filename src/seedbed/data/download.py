"""Fetching a file from its public home into the user's cache, with a progress bar and a checked hash."""

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from seedbed.data.hashes import file_sha256
from seedbed.errors import InputError, one_line
from seedbed.files import replace_file

CHECKSUMS = "checksums.json"
"""In each folder of the cache: name of a file to the sha256 that it had when it was downloaded."""


def download(url: str, target: Path, sha256: str = "") -> Path:
    """Fetch ``url`` as ``target``, checked against ``sha256`` where it is known; the hash is recorded beside it.

    Raises OSError or ValueError (another hash) with nothing half-written.
    """
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    target.parent.mkdir(parents=True, exist_ok=True)
    known = f"sha256:{sha256}" if sha256 else None
    pooch.retrieve(url, known, fname=target.name, path=target.parent, downloader=_fetch)
    record(target)
    return target


def record(path: Path) -> None:
    """Write down the hash that a file of the cache has now."""
    notes = recorded(path.parent) | {path.name: file_sha256(path)}
    replace_file(path.parent / CHECKSUMS, json.dumps(notes, indent=1, sort_keys=True).encode())


def recorded(folder: Path) -> dict[str, str]:
    """The hashes written down in a folder of the cache."""
    try:
        notes = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def check_recorded(path: Path) -> None:
    """Raises InputError where a file of the cache is no longer what was downloaded."""
    expected = recorded(path.parent).get(path.name)
    if expected and file_sha256(path) != expected:
        raise InputError(f"{path}: not what was downloaded (another sha256): remove it, and it is fetched again")


def reason(error: Exception, url: str) -> str:
    """Why a download failed, in a few words."""
    import requests

    if isinstance(error, requests.ConnectionError):
        return f"no connection to {urlsplit(url).hostname}"
    return one_line(error)[:200]


def _fetch(url: str, target: str, _: object = None) -> None:
    """Write what ``url`` has to a file, in the way that pooch calls a downloader."""
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


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=Console(stderr=True))
