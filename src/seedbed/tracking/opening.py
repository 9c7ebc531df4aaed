"""Open the store: created completely or not at all, quick to report that it does not answer, otherwise silent."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from seedbed.errors import InputError
from seedbed.tracking.artifact_location import ArtifactLocation, find_location
from seedbed.tracking.database import database_errors, prepare_database
from seedbed.tracking.failures import store_errors
from seedbed.tracking.mlflow_env import mlflow_environment, single_attempt
from seedbed.tracking.mlflow_import import import_mlflow, preload
from seedbed.tracking.new_database import create_experiment, tables
from seedbed.tracking.reasons import store_failure
from seedbed.tracking.relocation import record_location
from seedbed.tracking.retrying import RepeatingClient, repeated
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import find_experiment
from seedbed.tracking.sqlite_schema import is_writable_schema, run_query
from seedbed.tracking.store import Store
from seedbed.tracking.store_checks import refuse_server_location, usable_location

if TYPE_CHECKING:
    from mlflow import MlflowClient

OPENING_PATIENCE = 5.0
"""Seconds that a store is asked again when it is opened: its address may be wrong, and nothing is lost yet."""
EXPERIMENT_TAGS = {"mlflow.experimentKind": "custom_model_development"}
"""With this tag MLflow's UI opens with the views for training, not for language-model applications."""


def preload_for(tracking: Tracking) -> None:
    """Import MLflow in the background where the store cannot be opened without it.

    It is no sqlite file, or has another layout than the known one.
    """
    if not _is_known(tracking):
        preload()


def _is_known(tracking: Tracking) -> bool:
    """Return whether the store is a sqlite file with known tables, or a new one that can be made with them."""
    if is_new(tracking):
        return tables() is not None
    return tracking.database is not None and bool(run_query(tracking.database, is_writable_schema))


def is_new(tracking: Tracking) -> bool:
    """Return whether the store is a local file that does not exist yet, so that MLflow need not be asked."""
    return tracking.database is not None and not tracking.database.exists()


def open_store(tracking: Tracking) -> Store:
    """Return the store of ``tracking``, created where it is a sqlite file that does not exist.

    Safe to call from several processes at once. InputError, one line, where the store or the location of its files
    cannot be written or does not answer: then nothing was created.
    """
    location = usable_location(tracking, probe=True)
    if store := _known_store(tracking, location):
        store.remove_abandoned()
        return store
    import_mlflow()
    from mlflow import MlflowClient

    if tracking.database is not None:
        prepare_database(tracking.database, tracking.artifact_root or "")
        if location is not None:
            record_location(tracking, location)
    elif not tracking.address.startswith(("http", "databricks")):
        _connect_first(tracking)
    with store_errors(tracking), single_attempt():
        plain = MlflowClient(tracking.address)
        client: Any = plain if tracking.database else RepeatingClient(plain, tracking.address, OPENING_PATIENCE)
        if location is None:
            refuse_server_location(tracking, client)
        experiment_id = _experiment_id(client, tracking)
        recorded = location and _recorded_location(tracking, client, experiment_id, location)
        used: Any = plain if tracking.database else RepeatingClient(plain, tracking.address, tracking.patience)
        store = Store(tracking, used, experiment_id, recorded)
    store.remove_abandoned()
    return store


def _known_store(tracking: Tracking, location: ArtifactLocation | None) -> Store | None:
    """Return the store of a sqlite file with known tables, created where there is none, without importing MLflow.

    None where the tables are not known, or the experiment was deleted.
    """
    database = tracking.database
    if database is None or location is None or not _is_known(tracking):
        return None
    prepare_database(database, tracking.artifact_root or "")
    if find_experiment(database, tracking.experiment) is None:
        with database_errors(database):
            create_experiment(database, tracking.experiment, tracking.artifact_root or "", EXPERIMENT_TAGS)
    record_location(tracking, location)
    experiment = find_experiment(database, tracking.experiment)
    if experiment is None:
        return None
    if experiment.address != location.address:  # another process created it first
        location = ArtifactLocation(experiment.address, experiment.address)
    client: Any = _LateClient(tracking)
    return Store(tracking, client, experiment.id, location)


def read_store(tracking: Tracking) -> Store:
    """Return the same store without importing MLflow (1 to 2 s) until it is needed.

    Works for a sqlite file that has the experiment: what is only read is read from the file itself.
    """
    experiment = None if tracking.database is None else find_experiment(tracking.database, tracking.experiment)
    if experiment is None:
        return open_store(tracking)
    location = find_location(tracking, experiment)
    with suppress(InputError):  # of a store that cannot be written: then it is read as it is
        record_location(tracking, location)
    client: Any = _LateClient(tracking)  # not a subclass, which would import MLflow
    return Store(tracking, client, experiment.id, location)


def _recorded_location(
    tracking: Tracking, client: "MlflowClient", experiment_id: str, location: ArtifactLocation
) -> ArtifactLocation:
    """Return the location that the database has now: another process may have created the experiment first.

    Or the file does not have the tables of MLflow 3, and only MLflow knew that there is an experiment.
    """
    experiment = find_experiment(tracking.database, tracking.experiment) if tracking.database else None
    address = experiment.address if experiment else str(client.get_experiment(experiment_id).artifact_location)
    return location if address == location.address else ArtifactLocation(address, address)


class _LateClient:
    """Stands for an ``MlflowClient``, which is created when it is first used."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking
        self._client: MlflowClient | None = None

    def __getattr__(self, name: str) -> object:
        if self._client is None:
            import_mlflow()
            from mlflow import MlflowClient

            self._client = MlflowClient(self._tracking.address)
        return getattr(self._client, name)


def _connect_first(tracking: Tracking) -> None:
    """Connect to the database first: MLflow would try ten times over minutes."""
    import sqlalchemy

    try:
        with mlflow_environment():
            engine = sqlalchemy.create_engine(tracking.address)
            repeated(lambda: engine.connect().close(), OPENING_PATIENCE)
            engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError, ValueError) as error:
        raise store_failure(f"tracking store {tracking.shown_address}", error, tracking.addresses) from error


def _experiment_id(client: "MlflowClient", tracking: Tracking) -> str:
    """Return the id of the experiment, created where there is none of its name."""
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(tracking.experiment)
    if experiment is None:
        try:
            return str(client.create_experiment(tracking.experiment, tracking.artifact_root, dict(EXPERIMENT_TAGS)))
        except MlflowException:  # another process was faster
            experiment = client.get_experiment_by_name(tracking.experiment)
            if experiment is None:
                raise
    if not experiment.experiment_id:
        raise InputError(f"tracking store {tracking.shown_address}: its answer is empty: no MLflow server, or a proxy")
    if experiment.lifecycle_stage != "active":
        raise InputError(
            f"tracking.experiment={tracking.experiment}: was deleted in {tracking.shown_address}; restore it"
        )
    return str(experiment.experiment_id)
