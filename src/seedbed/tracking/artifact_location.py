"""Where the files of an experiment are: at the recorded address, or near a database that was moved with them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError
from seedbed.tracking.remote_artifacts import refuse_without_client, without_password
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import Experiment

_ABOVE, _PARTS = 3, 4
"""How far around the database the files are searched for: folders up, and names down."""


@dataclass(frozen=True)
class ArtifactLocation:
    """Where an experiment keeps its files.

    ``recorded``: the address in the database; ``address``: the one that is used; ``reason``: why they differ.
    ``problem``: a message about files that cannot be found; empty otherwise.
    """

    recorded: str
    address: str
    reason: str = ""
    problem: str = ""

    @property
    def moved(self) -> bool:
        """Whether the recorded address is not the one that is used."""
        return self.address != self.recorded

    @cached_property
    def folder(self) -> Path | None:
        """The folder on this machine; None for a remote address."""
        return local_path(self.address)

    @property
    def recorded_folder(self) -> Path | None:
        """The recorded folder, if it is one of this machine."""
        return local_path(self.recorded)

    def run_address(self, recorded: str, in_experiment: bool) -> str:
        """Return the address of the files of one run, whose recorded address is ``recorded``.

        They may be at an earlier location, where a store was moved while it was in use. ``in_experiment``: a run of
        this experiment, whose files go to this location if they are at neither.
        """
        path = local_path(recorded)
        if self.folder is None or path is None or path.name != "artifacts":
            return recorded
        folder = self.folder / path.parent.name
        if folder == path.parent or not (folder.is_dir() or (in_experiment and not path.parent.is_dir())):
            return recorded
        return (folder / "artifacts").as_uri()


def find_location(tracking: Tracking, experiment: Experiment) -> ArtifactLocation:
    """Return where the files of an experiment of a sqlite store are now. Asks no server."""
    database, root = experiment.database, tracking.artifact_root or ""
    recorded = ArtifactLocation(experiment.address, experiment.address)
    old = recorded.recorded_folder
    chosen = root if tracking.artifacts else ""
    if chosen == recorded.recorded or (not chosen and old and _is_next_to(database, old)):
        return recorded
    is_unused = not experiment.has_finished_runs()
    configured = replace(recorded, address=root, reason="nothing was finished in it")
    if is_unused and chosen:
        location = configured
    elif old is None or not old.is_absolute():
        location = configured if is_unused and _lacks_client(recorded.recorded) else recorded
    elif near := _nearest_folder(database, old, experiment.run_ids):
        moved = replace(recorded, address=near.as_uri(), reason="it was moved or copied")
        location = recorded if near == old else moved
    elif is_unused:
        location = configured
    elif old.is_dir():
        location = recorded
    elif chosen:
        location = replace(recorded, address=chosen, reason="set by tracking.artifacts")
    else:
        location = replace(recorded, problem=_not_found(tracking, database, old))
    return _with_setting_note(location, chosen)


def local_path(uri: str) -> Path | None:
    """Return the folder of an artifact address; None where it is not on this machine."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if not parts.scheme else None


def refuse_unwritable_folder(folder: Path) -> None:
    """Raise InputError where a folder cannot be created or written. Leaves nothing behind."""
    existing = next(above for above in (folder, *folder.parents) if above.exists())
    try:
        with tempfile.TemporaryDirectory(
            prefix=".seedbed", dir=existing
        ):  # permissions are not enough, least of all for root
            pass
    except OSError as error:
        raise InputError(f"tracking store: artifacts {folder}: {existing}: {error.strerror or error}") from error


def _is_next_to(database: Path, old: Path) -> bool:
    return old.parent in (database.parent, database.resolve().parent)


def _nearest_folder(database: Path, old: Path, run_ids: Callable[[], set[str]]) -> Path | None:
    """Return the folder nearest to the database with files of these runs; ``old`` itself if it is as near."""
    for folder in _candidates(database, old):
        if not folder.is_dir():
            continue
        if old.is_dir() and folder.samefile(old):
            return old
        if not run_ids().isdisjoint(os.listdir(folder)):
            return folder
    return None


def _candidates(database: Path, old: Path) -> Iterator[Path]:
    """Yield folders near the database where ``old`` may be now: ``mlartifacts``, ``files/of/runs``, ``../files``."""
    for folder in dict.fromkeys([database.parent, database.resolve().parent]):
        for above in (folder, *folder.parents)[:_ABOVE]:
            for parts in range(1, min(_PARTS, len(old.parts) - 1) + 1):
                yield above.joinpath(*old.parts[-parts:])


def _lacks_client(address: str) -> bool:
    try:
        refuse_without_client(address)
    except InputError:
        return True
    return False


def _with_setting_note(location: ArtifactLocation, chosen: str) -> ArtifactLocation:
    """Return the location with a note on a setting that has no effect on an existing experiment."""
    if not chosen or chosen.rstrip("/") == location.address.rstrip("/"):
        return location
    return replace(location, reason=f"tracking.artifacts={without_password(chosen)} is for a new experiment")


def _not_found(tracking: Tracking, database: Path, old: Path) -> str:
    return (
        f"tracking store {tracking.shown_address}: the files of its runs are not in {old}, where the database says, "
        f"nor beside the database; put them into {database.parent / old.name}, or give tracking.artifacts=FOLDER"
    )
