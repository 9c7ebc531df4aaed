"""Where the user keeps data sets, and where the cache is."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """``$SEEDBED_CACHE``, else the user's cache folder of this system; it need not exist yet."""
    given = os.environ.get("SEEDBED_CACHE", "")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("seedbed"))


def data_dir() -> Path | None:
    """``$SEEDBED_DATA``, the folder of data sets that the user keeps; None where it is not set."""
    given = os.environ.get("SEEDBED_DATA", "")
    return Path(given).expanduser() if given else None
