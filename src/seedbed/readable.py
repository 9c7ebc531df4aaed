"""Check that a path is a regular file before it is opened: reading a pipe or device may never end."""

import os
import stat
from pathlib import Path

from seedbed.errors import InputError

OTHERS = {
    stat.S_IFDIR: "a folder, not a file",
    stat.S_IFIFO: "a pipe, which need not end; write it into a file first",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}


def regular(path: Path, what: str = "there is no such file") -> os.stat_result:
    """The state of a regular file, unopened; raises InputError for anything else (``what``: where there is nothing)."""
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{path}: {what}") from error
    except (OSError, ValueError) as error:  # such as a name that is too long, a folder closed to us, a loop of links
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(state.st_mode):
        raise InputError(f"{path}: cannot be read: it is {OTHERS.get(stat.S_IFMT(state.st_mode), 'no file')}")
    return state


def exists(path: Path) -> bool:
    """Whether there is anything of this name; False too for a name that no file can have."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True
