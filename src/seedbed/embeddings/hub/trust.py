"""Whether a module may be opened: a SavedModel is a program, which TensorFlow runs with the rights of the user.

A module is opened where the user says so (``embedding.trust=true``); its sha256 is then recorded in the cache folder,
and a module with a recorded one is opened without asking. `seedbed export` records those that it writes.
"""

import contextlib
import json
from pathlib import Path

from seedbed.data.folders import cache_dir
from seedbed.embeddings.hub.saved_model import digest
from seedbed.errors import InputError
from seedbed.files import replace_file
from seedbed.readable import read_json

FILE = "trusted_modules.json"
"""In the cache folder: the name of each trusted module, by its digest."""

PROGRAM = "is a program, which runs with your rights when it is opened; if you trust it, set embedding.trust=true"


def require_trust(module: Path, name: str, trust: bool) -> None:
    """Raise InputError for a module that is neither trusted now nor recorded as trusted; record one that is."""
    sha256 = digest(module)
    if sha256 in recorded():
        return
    if not trust:
        raise InputError(f"{name}: a SavedModel {PROGRAM} (sha256 {sha256} is then recorded)")
    record(sha256, name)


def require_trust_to_download(handle: str, trust: bool) -> None:
    """Raise InputError before an untrusted module is downloaded."""
    if not trust:
        raise InputError(f"{handle}: a TensorFlow Hub module {PROGRAM}")


def recorded() -> dict[str, str]:
    """Return the trusted modules by digest; none where the record cannot be read."""
    try:
        known = read_json(cache_dir() / FILE)
    except InputError:
        return {}
    return {str(sha256): str(name) for sha256, name in known.items()} if isinstance(known, dict) else {}


def record(sha256: str, name: str) -> None:
    """Record a module as trusted; where the cache cannot be written, it is asked for again."""
    with contextlib.suppress(OSError):
        text = json.dumps(recorded() | {sha256: name}, indent=1, sort_keys=True)
        replace_file(cache_dir() / FILE, text.encode("utf-8", "surrogatepass"))
