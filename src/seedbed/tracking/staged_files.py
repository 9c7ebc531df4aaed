"""Files of runs that are not in the database yet: they take their places together, or nothing is left of them."""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".writing-"
_LIST = "runs.json"
_RUN = re.compile(r"[0-9a-f]{32}")

Known = Callable[[Sequence[str]], set[str] | None]
"""Returns those of these runs that the database has; None where it cannot be read."""


class StagedFiles:
    """Files of some runs, in a folder next to those of other runs, made for the first file. See `staged_files`."""

    def __init__(self, root: Path, runs: Sequence[str], database: Path) -> None:
        self.root, self.runs, self.database = root, runs, database
        self.folder: Path | None = None

    def write(self, run: str, name: str, content: bytes) -> None:
        """Write the artifact ``name`` of a run."""
        if self.folder is None:
            self.root.mkdir(parents=True, exist_ok=True)
            self.folder, self._lock = _locked_folder(self.root)
            (self.folder / _LIST).write_text(json.dumps({"database": str(self.database), "runs": list(self.runs)}))
        path = self.folder / run / "artifacts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def publish(self) -> None:
        """Put the files into ``RUN_ID/artifacts``, just before the runs are committed."""
        for run in self.runs:
            if self.folder is not None and (self.folder / run).is_dir():
                (self.folder / run).rename(self.root / run)

    def unlock(self) -> None:
        """Close the folder, if there is one."""
        if self.folder is not None:
            os.close(self._lock)


@contextmanager
def staged_files(root: Path, runs: Sequence[str], database: Path, known: Known) -> Iterator[StagedFiles]:
    """Return the files of new runs of a database, below ``root``; after an error those that it does not have are gone.

    What a killed process leaves is deleted by `remove_abandoned`. Raises OSError where files cannot be written.
    """
    files = StagedFiles(root, runs, database)
    try:
        yield files
        if files.folder is not None:
            shutil.rmtree(files.folder, ignore_errors=True)
    except BaseException:
        if files.folder is not None:
            _remove(root, files.folder, database, known)
        raise
    finally:
        files.unlock()


def remove_abandoned(root: Path, database: Path, known: Known) -> None:
    """Delete what processes left that were killed while they wrote to this database. Those that live hold a lock."""
    with suppress(OSError):
        for entry in [entry for entry in os.scandir(root) if entry.name.startswith(PREFIX)]:
            with suppress(OSError):
                lock = os.open(entry.path, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(root, Path(entry.path), database, known)
                finally:
                    os.close(lock)


def _locked_folder(root: Path) -> tuple[Path, int]:
    """Return a new folder with its lock, which ends with the process."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        with suppress(FileNotFoundError):  # another process has taken it for abandoned
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # some network file systems cannot lock folders
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, lock
            os.close(lock)


def _remove(root: Path, folder: Path, database: Path, known: Known) -> None:
    """Delete the folder, and the files of its runs that the database does not have.

    Nothing where that is not known, or it belongs to another database.
    """
    try:
        listed = json.loads((folder / _LIST).read_bytes())
        runs = [run for run in listed["runs"] if _RUN.fullmatch(run)]
        if listed["database"] != str(database):
            return
    except FileNotFoundError:  # of a process that was killed before it wrote any file
        runs = []
    except (OSError, ValueError, KeyError, TypeError):
        return
    stored = known(runs)
    if stored is None:
        return
    for run in set(runs) - stored:
        shutil.rmtree(root / run, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
