"""The user's folder of data sets, and the cache folder."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """Return ``$SEEDBED_CACHE``, else the user's cache folder of this system; it need not exist yet."""
    cache = os.environ.get("SEEDBED_CACHE", "")
    if cache:
        return Path(cache).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("seedbed"))


def data_dir() -> Path | None:
    """Return ``$SEEDBED_DATA``, the user's folder of data sets; None where it is not set."""
    folder = os.environ.get("SEEDBED_DATA", "")
    return Path(folder).expanduser() if folder else None
