"""Whether a store and the place of its files can be written, before anything is."""

from typing import Any

from seedbed.errors import InputError
from seedbed.tracking.clients import refuse_unwritable_place, refuse_without_client
from seedbed.tracking.database import refuse_unwritable
from seedbed.tracking.local import experiment
from seedbed.tracking.places import Place, local_path, place_of, refuse_unwritable_folder
from seedbed.tracking.settings import Tracking


def usable_place(tracking: Tracking, ask: bool = False) -> Place | None:
    """Where the files of the experiment lie, or will; None where that is for a server to say.

    InputError where a local store, or this place, cannot be written. Makes nothing; of places that are not on this
    machine it looks whether what they need is installed, and with ``ask`` whether they take a file.
    """
    if tracking.database is None:
        if tracking.artifacts:
            refuse_without_client(tracking.artifact_root)
        return None
    refuse_unwritable(tracking)
    found = experiment(tracking.database, tracking.experiment)
    new = Place(tracking.artifact_root, tracking.artifact_root)
    place = new if found is None else place_of(tracking, found)
    if place.lost:
        raise InputError(place.lost)
    _refuse(tracking, place.address, ask)
    return place


def refuse_place_of_server(tracking: Tracking, client: Any) -> None:
    """As above where a server, asked through ``client``, says where an experiment keeps its files."""
    found = client.get_experiment_by_name(tracking.experiment)
    address = tracking.artifact_root if found is None else found.artifact_location
    if address:
        _refuse(tracking, address, ask=True)


def _refuse(tracking: Tracking, address: str, ask: bool) -> None:
    folder = local_path(address)
    if folder is not None:
        refuse_unwritable_folder(folder)
    elif ask:
        refuse_unwritable_place(address, tracking.address)
    else:
        refuse_without_client(address)
