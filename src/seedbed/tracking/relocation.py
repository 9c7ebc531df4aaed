"""Write the new location of the files of a moved store into its database."""

import json
import logging
import os
from pathlib import Path

from seedbed.tracking.artifact_location import ArtifactLocation
from seedbed.tracking.database import database_errors, folder_lock
from seedbed.tracking.remote_artifacts import without_password
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_schema import transaction

_COLUMNS = (
    ("experiments", "artifact_location", "experiment_id"), ("runs", "artifact_uri", "run_uuid"),
    ("logged_models", "artifact_location", "source_run_id"),
)  # fmt: skip
"""Tables with addresses of files: new runs start from the first; MLflow reads the others."""

log = logging.getLogger("seedbed")


def record_location(tracking: Tracking, location: ArtifactLocation) -> None:
    """Write a location that is not the recorded one into the database of a sqlite store, and log why."""
    address = without_password(location.address)
    if location.moved and tracking.database is not None:
        update_addresses(tracking.database, location)
        log.warning(
            "%s: the files of experiment %s are taken from %s, not from %s: %s", tracking.shown_address,
            tracking.experiment, address, without_password(location.recorded), location.reason,
        )  # fmt: skip
    elif location.reason:
        log.warning("%s: those of %s go to %s", location.reason, tracking.experiment, address)


def update_addresses(database: Path, location: ArtifactLocation) -> None:
    """Replace the recorded address by the one that is used, in all experiments, in one transaction.

    Runs whose files are only at the recorded address keep it. InputError where the database cannot be written.
    """
    unchanged = json.dumps(sorted(_runs_not_moved(location)))
    with (
        database_errors(database),
        folder_lock(database.parent),
        transaction(database) as connection,
    ):
        present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, column, key in _COLUMNS:
            if table not in present:  # of MLflow 2
                continue
            connection.execute(
                f"UPDATE {table} SET {column} = :new || substr({column}, length(:old) + 1) "
                f"WHERE ({column} = :old OR substr({column}, 1, length(:old) + 1) = :old || '/') "
                f"AND coalesce({key}, '') NOT IN (SELECT value FROM json_each(:unchanged))",
                {"old": location.recorded, "new": location.address, "unchanged": unchanged},
            )


def _runs_not_moved(location: ArtifactLocation) -> set[str]:
    """Return the runs whose files are at the recorded address, and not at the one that is used."""
    old = location.recorded_folder
    if old is None or not old.is_dir():
        return set()
    new = location.folder
    return set(os.listdir(old)) - set(os.listdir(new) if new is not None and new.is_dir() else ())
