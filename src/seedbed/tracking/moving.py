"""A store that was moved: its database is told where the files of its runs lie now."""

import json
import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from seedbed.tracking.clients import shown
from seedbed.tracking.database import folder_lock, writing
from seedbed.tracking.places import Place
from seedbed.tracking.settings import Tracking

_COLUMNS = (("experiments", "artifact_location", "experiment_id"), ("runs", "artifact_uri", "run_uuid"))
"""Tables with addresses of files: MLflow's UI shows what the second names, and new runs begin with the first."""


log = logging.getLogger("seedbed")


def told(tracking: Tracking, place: Place) -> None:
    """Tell the database of a place that is not the one it has, with a word on why."""
    if place.moved:
        tell_database(tracking.database, place)
        log.warning(
            "%s: the files of experiment %s are taken from %s, not from %s: %s", tracking.shown_address,
            tracking.experiment, shown(place.address), shown(place.recorded), place.why,
        )  # fmt: skip
    elif place.why:
        log.warning("%s: those of %s go to %s", place.why, tracking.experiment, shown(place.address))


def tell_database(database: Path, place: Place) -> None:
    """Write the place that is used into the database, for all experiments that were at the recorded one.

    All of it or nothing. Runs whose files lie at the recorded place alone keep it. InputError where it cannot be
    written.
    """
    kept = json.dumps(sorted(_only_there(place)))
    with writing(database), folder_lock(database.parent), closing(sqlite3.connect(database, timeout=20)) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        for table, column, key in _COLUMNS:
            connection.execute(
                f"UPDATE {table} SET {column} = :new || substr({column}, length(:old) + 1) "
                f"WHERE ({column} = :old OR substr({column}, 1, length(:old) + 1) = :old || '/') "
                f"AND {key} NOT IN (SELECT value FROM json_each(:kept))",
                {"old": place.recorded, "new": place.address, "kept": kept},
            )
        connection.execute("COMMIT")


def _only_there(place: Place) -> set[str]:
    """The runs whose files are at the recorded place, and not at the one that is used."""
    old = place.recorded_folder
    if old is None or not old.is_dir():
        return set()
    here = place.folder
    return set(os.listdir(old)) - set(os.listdir(here) if here is not None and here.is_dir() else ())
