"""Where the files of an experiment lie: where the database says, or beside it where both were moved or copied."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from seedbed.errors import InputError
from seedbed.tracking.clients import refuse_without_client, shown
from seedbed.tracking.local import Experiment
from seedbed.tracking.settings import Tracking

_ABOVE, _PARTS = 3, 4
"""How far around the database the files are looked for: folders up, and names down."""


@dataclass(frozen=True)
class Place:
    """Where an experiment keeps its files.

    ``recorded``: the address in the database; ``address``: the one that is used, where it is another, ``why``.
    ``lost``: a line on files that are nowhere to be found; empty where they are there.
    """

    recorded: str
    address: str
    why: str = ""
    lost: str = ""

    @property
    def moved(self) -> bool:
        """Whether the database names another place than the one that is used."""
        return self.address != self.recorded

    @cached_property
    def folder(self) -> Path | None:
        """The folder on this machine; None where it is somewhere else."""
        return local_path(self.address)

    @property
    def recorded_folder(self) -> Path | None:
        """The folder that the database names, if it names one of this machine."""
        return local_path(self.recorded)

    def of_run(self, recorded: str, own: bool) -> str:
        """The address of the files of one run, which the database keeps at ``recorded``.

        They may lie at an earlier place, where a store was moved while it was in use. ``own``: a run of this
        experiment, whose files go to this place if they are at neither.
        """
        path = local_path(recorded)
        if self.folder is None or path is None or path.name != "artifacts":
            return recorded
        here = self.folder / path.parent.name
        if here == path.parent or not (here.is_dir() or (own and not path.parent.is_dir())):
            return recorded
        return (here / "artifacts").as_uri()


def place_of(tracking: Tracking, experiment: Experiment) -> Place:
    """Where the files of an experiment of a sqlite store lie now. Asks no server."""
    there = Place(experiment.location, experiment.location)
    old = there.recorded_folder
    chosen = tracking.artifact_root if tracking.artifacts else ""
    if chosen == there.recorded or (not chosen and old and _is_beside(tracking.database, old)):
        return there
    unused = not experiment.finished()
    settings = replace(there, address=tracking.artifact_root, why="nothing was finished in it")
    if unused and chosen:
        found = settings
    elif old is None or not old.is_absolute():
        found = settings if unused and _lacks_client(there.recorded) else there
    elif near := _nearest(tracking.database, old, experiment.runs):
        found = there if near == old else replace(there, address=near.as_uri(), why="it was moved or copied")
    elif unused:
        found = settings
    elif old.is_dir():
        found = there
    elif chosen:
        found = replace(there, address=chosen, why="tracking.artifacts says so")
    else:
        found = replace(there, lost=_lost(tracking, old))
    return _noted(found, chosen)


def local_path(uri: str) -> Path | None:
    """The folder that an address of artifacts names, None where that is not on this machine."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if not parts.scheme else None


def refuse_unwritable_folder(folder: Path) -> None:
    """InputError where files cannot be written into a folder, or it cannot be made; leaves nothing."""
    there = next(above for above in (folder, *folder.parents) if above.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".seedbed", dir=there):  # rights alone do not tell, of root least
            pass
    except OSError as error:
        raise InputError(f"tracking store: artifacts {folder}: {there}: {error.strerror or error}") from error


def _is_beside(database: Path, old: Path) -> bool:
    return old.parent in (database.parent, database.resolve().parent)


def _nearest(database: Path, old: Path, runs: Callable[[], set[str]]) -> Path | None:
    """The folder nearest to the database that holds files of these runs; ``old`` itself if that is as near."""
    for folder in _candidates(database, old):
        if not folder.is_dir():
            continue
        if old.is_dir() and folder.samefile(old):
            return old
        if not runs().isdisjoint(os.listdir(folder)):
            return folder
    return None


def _candidates(database: Path, old: Path) -> Iterator[Path]:
    """Folders that lie to the database as ``old`` may have done: ``mlartifacts``, ``files/of/runs``, ``../files``."""
    for home in dict.fromkeys([database.parent, database.resolve().parent]):
        for above in (home, *home.parents)[:_ABOVE]:
            for parts in range(1, min(_PARTS, len(old.parts) - 1) + 1):
                yield above.joinpath(*old.parts[-parts:])


def _lacks_client(address: str) -> bool:
    try:
        refuse_without_client(address)
    except InputError:
        return True
    return False


def _noted(place: Place, chosen: str) -> Place:
    """With a word on a setting that comes too late."""
    if not chosen or chosen.rstrip("/") == place.address.rstrip("/"):
        return place
    return replace(place, why=f"tracking.artifacts={shown(chosen)} is for a new experiment")


def _lost(tracking: Tracking, old: Path) -> str:
    beside = tracking.database.parent / old.name
    return (
        f"tracking store {tracking.shown_address}: the files of its runs are not in {old}, where the database says, "
        f"nor beside the database; put them into {beside}, or give tracking.artifacts=FOLDER"
    )
