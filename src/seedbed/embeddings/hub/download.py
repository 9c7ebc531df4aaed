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
from seedbed.environment import variables_set
from seedbed.errors import InputError

TIMEOUT_S = 30
CACHE, PROGRESS = "TFHUB_CACHE_DIR", "TFHUB_DOWNLOAD_PROGRESS"
log = logging.getLogger(__name__)


def cached(handle: str) -> Path:
    """Return TensorFlow Hub's cache folder of a handle, which may be missing."""
    cache_env = os.environ.get(CACHE, "")
    home = Path(cache_env).expanduser() if cache_env else cache_dir() / "hub"
    return home / hashlib.sha1(handle.encode()).hexdigest()


def fetched(handle: str, folder: str) -> Path:
    """Download a module; raises InputError with the reason and a hint."""
    hub, target = load_library(), cached(handle)
    if (lock := target.with_name(f"{target.name}.lock")).exists():
        log.warning("waiting for the download of another process; if there is none, remove %s", lock)
    try:
        with _bounded(target.parent):
            return Path(hub.resolve(handle))
    except Exception as error:  # urllib, tarfile and TensorFlow raise different errors
        raise InputError(f"{handle}: cannot be fetched: {_reason(error, handle)}; {_hint(handle, folder)}") from error


@contextlib.contextmanager
def _bounded(home: Path) -> Iterator[None]:
    """Set a timeout, a persistent cache, and progress on stderr if it is a terminal."""
    variables = {CACHE: str(home), PROGRESS: "1" if sys.stderr.isatty() else ""}
    timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT_S)
    try:
        with variables_set(variables), contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        socket.setdefaulttimeout(timeout)


def _reason(error: Exception, handle: str) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror | ConnectionError | TimeoutError):
        return f"no connection to {urlsplit(handle).hostname} ({getattr(reason, 'strerror', None) or reason})"
    code = getattr(error, "code", None)
    text = f"HTTP {code} {reason}" if isinstance(code, int) else str(reason)
    return " ".join(text.split())[:200]


def _hint(handle: str, folder: str) -> str:
    """Return how to install the module by hand, as the end of a sentence."""
    parts = urlsplit(handle)
    name = parts.path.strip("/").split("/")
    home = handle
    if parts.hostname == "tfhub.dev" and len(name) >= 2:
        home = f"https://www.kaggle.com/models/{name[0]}/{name[1]} (TensorFlow 1)"
    hints = ["give embedding.handle=ARCHIVE"]
    if folder:
        hints.append(f"put the archive into {(data_dir() or cache_dir()) / folder}/")
    if os.environ.get(CACHE):
        hints.append(f"unpack the archive into {cached(handle)}/")
    return f"download its archive in a browser from {home} and {', or '.join(hints)}"
