"""Download a module through TensorFlow Hub's own cache."""

import contextlib
import hashlib
import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from seedbed.data.folders import cache_dir, data_dir
from seedbed.embeddings.hub.hub_import import load_library
from seedbed.errors import InputError

TIMEOUT_S = 30
CACHE, PROGRESS = "TFHUB_CACHE_DIR", "TFHUB_DOWNLOAD_PROGRESS"
log = logging.getLogger(__name__)


def cached(handle: str) -> Path:
    """Where TensorFlow Hub keeps this handle, in ``$TFHUB_CACHE_DIR`` or the user's cache; it need not be there."""
    given = os.environ.get(CACHE, "")
    home = Path(given).expanduser() if given else cache_dir() / "hub"
    return home / hashlib.sha1(handle.encode()).hexdigest()


def fetched(handle: str, folder: str) -> Path:
    """Download a module; raises InputError saying why that fails and what to put where."""
    hub, place = load_library(), cached(handle)
    if (lock := place.with_name(f"{place.name}.lock")).exists():
        log.warning("waiting for the download of another process; if there is none, remove %s", lock)
    try:
        with _bounded(place.parent):
            return Path(hub.resolve(handle))
    except Exception as error:  # urllib, tarfile and TensorFlow, each with errors of its own
        raise InputError(f"{handle}: cannot be fetched: {_reason(error, handle)}; {_hint(handle, folder)}") from error


@contextlib.contextmanager
def _bounded(home: Path) -> Iterator[None]:
    """What the library lacks: a timeout, a cache that outlives a restart, progress on stderr where someone looks."""
    wanted = {CACHE: str(home), PROGRESS: "1" if sys.stderr.isatty() else ""}
    before, timeout = {name: os.environ.get(name) for name in wanted}, socket.getdefaulttimeout()
    os.environ.update(wanted)
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        socket.setdefaulttimeout(timeout)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _reason(error: Exception, handle: str) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror | ConnectionError | TimeoutError):
        return f"no connection to {urlsplit(handle).hostname} ({getattr(reason, 'strerror', None) or reason})"
    code = getattr(error, "code", None)
    text = f"HTTP {code} {reason}" if isinstance(code, int) else str(reason)
    return " ".join(text.split())[:200]


def _hint(handle: str, folder: str) -> str:
    """What to put where, as the end of a sentence."""
    parts = urlsplit(handle)
    name = parts.path.strip("/").split("/")
    home = handle
    if parts.hostname == "tfhub.dev" and len(name) >= 2:
        home = f"https://www.kaggle.com/models/{name[0]}/{name[1]} (TensorFlow 1)"
    ways = ["give embedding.handle=ARCHIVE"]
    if folder:
        ways.append(f"put the archive into {(data_dir() or cache_dir()) / folder}/")
    if os.environ.get(CACHE):
        ways.append(f"unpack the archive into {cached(handle)}/")
    return f"download its archive in a browser from {home} and {', or '.join(ways)}"
