"""Check that a store and the location of its files can be written, before anything is."""

from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.tracking.artifact_location import ArtifactLocation, find_location, local_path, refuse_unwritable_folder
from seedbed.tracking.database import refuse_unwritable
from seedbed.tracking.remote_artifacts import refuse_unwritable_address, refuse_without_client
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import find_experiment

if TYPE_CHECKING:
    from mlflow import MlflowClient


def usable_location(tracking: Tracking, probe: bool = False) -> ArtifactLocation | None:
    """Return where the files of the experiment are or will be; None where a server decides it.

    InputError where a local store or this location cannot be written. Creates nothing. For a remote location it checks
    that its client is installed, and with ``probe`` that a file can be written.
    """
    root = tracking.artifact_root or ""
    if tracking.database is None:
        if tracking.artifacts:
            refuse_without_client(root)
        return None
    refuse_unwritable(tracking)
    experiment = find_experiment(tracking.database, tracking.experiment)
    location = ArtifactLocation(root, root) if experiment is None else find_location(tracking, experiment)
    if location.problem:
        raise InputError(location.problem)
    _refuse_address(tracking, location.address, probe)
    return location


def refuse_server_location(tracking: Tracking, client: "MlflowClient") -> None:
    """Raise InputError where the location that a server has for the experiment cannot be written."""
    experiment = client.get_experiment_by_name(tracking.experiment)
    address = tracking.artifact_root if experiment is None else experiment.artifact_location
    if address:
        _refuse_address(tracking, address, probe=True)


def _refuse_address(tracking: Tracking, address: str, probe: bool) -> None:
    folder = local_path(address)
    if folder is not None:
        refuse_unwritable_folder(folder)
    elif probe:
        refuse_unwritable_address(address, tracking.address)
    else:
        refuse_without_client(address)
