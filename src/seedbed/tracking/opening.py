"""Open the store: created once and whole, quick to say that it does not answer, silent otherwise."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from seedbed.errors import InputError, one_line
from seedbed.tracking.database import prepare_database
from seedbed.tracking.local import experiment
from seedbed.tracking.moving import told
from seedbed.tracking.places import Place, place_of
from seedbed.tracking.settings import Tracking
from seedbed.tracking.usable import refuse_place_of_server, usable_place

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

# What MLflow reads from its environment; what the user has set is left alone.
_DEFAULTS = {
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",  # it logs tracebacks of errors that it also raises
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",  # a bench does not phone home
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "5",  # about half a minute for a server that restarts
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "GIT_PYTHON_REFRESH": "quiet",
}
_IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}


_FOREIGN = {"mlflow", "sqlalchemy", "requests"}
"""Whose exceptions say that the store fails. By name: what is not imported has not raised anything."""
_preloading: list[threading.Thread] = []


def preload() -> threading.Thread:
    """Import MLflow (1 to 2 s) in the background, while something else is done; ``open_store`` waits for it."""
    if not _preloading:
        _preloading.append(threading.Thread(target=_load_mlflow, name="import mlflow", daemon=True))
        _preloading[0].start()
    return _preloading[0]


def is_new(tracking: Tracking) -> bool:
    """Whether the store is a local file that does not exist yet: nothing is finished, and no need to ask MLflow."""
    return tracking.database is not None and not tracking.database.exists()


def open_store(tracking: Tracking) -> "Store":
    """The store of ``tracking``, created where it is a sqlite file that does not exist.

    Safe to call from several processes at once. InputError, one line, where it cannot be written or does not answer,
    or the place of its files cannot: then nothing was made.
    """
    _import_mlflow()
    from mlflow import MlflowClient

    from seedbed.tracking.store import Store

    place = usable_place(tracking, ask=True)
    if tracking.database is not None:
        prepare_database(tracking.database, tracking.artifact_root)
        told(tracking, place)
    elif not tracking.address.startswith(("http", "databricks")):
        _connect_once(tracking)
    with answering(tracking), impatient():
        client = MlflowClient(tracking.address)
        if place is None:
            refuse_place_of_server(tracking, client)
        own = _experiment_id(client, tracking)
        return Store(tracking, client, own, place and _as_recorded(tracking, client, own, place))


def read_store(tracking: Tracking) -> "Store":
    """The store of ``tracking`` as ``open_store`` gives it, without importing MLflow (1 to 2 s) before it is needed.

    That is where a sqlite file has the experiment: what is only read is read from the file itself.
    """
    from seedbed.tracking.store import Store

    found = None if tracking.database is None else experiment(tracking.database, tracking.experiment)
    if found is None:
        return open_store(tracking)
    place = place_of(tracking, found)
    with suppress(InputError):  # of a store that cannot be written: then it is read as it is
        told(tracking, place)
    return Store(tracking, _LateClient(tracking), found.id, place)


def _as_recorded(tracking: Tracking, client: Any, own: str, place: Place) -> Place:
    """The place as the database has it now: another process may have been first to make the experiment.

    Or the file is not laid out as MLflow 3 does it, and only MLflow knew that there is one.
    """
    found = experiment(tracking.database, tracking.experiment)
    location = found.location if found else client.get_experiment(own).artifact_location
    return place if location == place.address else Place(location, location)


class _LateClient:
    """An ``MlflowClient`` that is made when something is asked of it."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            _import_mlflow()
            from mlflow import MlflowClient

            self._made = MlflowClient(self._tracking.address)
        return getattr(self._made, name)


@contextmanager
def answering(tracking: Tracking) -> Iterator[None]:
    """Whatever MLflow, the database, the disk or the network raises becomes one line that names the store."""
    try:
        yield
    except Exception as error:
        if not (isinstance(error, OSError) or _is_of_the_store(error)):
            raise
        reason = one_line(error)
        if "Max retries exceeded" in reason:
            reason = "does not answer"
        cut = reason if len(reason) < 300 else reason[:300] + " ..."
        raise InputError(f"tracking store {tracking.shown_address}: {cut}") from error


def _is_of_the_store(error: Exception) -> bool:
    return bool(_FOREIGN & {cls.__module__.partition(".")[0] for cls in type(error).__mro__})


def _import_mlflow() -> None:
    """Two threads that import MLflow at once meet half-made modules: wait for the one in the background."""
    for thread in _preloading:
        thread.join()
    _load_mlflow()


def _load_mlflow() -> None:
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    import mlflow
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401


def _connect_once(tracking: Tracking) -> None:
    """MLflow tries ten times over minutes to reach a database; once is enough to see that it is not there."""
    import sqlalchemy

    try:
        engine = sqlalchemy.create_engine(tracking.address)
        engine.connect().close()
        engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError) as error:
        reason = one_line(error)
        raise InputError(f"tracking store {tracking.shown_address}: {reason}") from error


def _experiment_id(client, tracking: Tracking) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(tracking.experiment)
    if found is None:
        try:
            # The tag makes MLflow's UI open with what belongs to training, not to language-model applications.
            tags = {"mlflow.experimentKind": "custom_model_development"}
            return client.create_experiment(tracking.experiment, tracking.artifact_root, tags)
        except MlflowException:  # another process was faster
            found = client.get_experiment_by_name(tracking.experiment)
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        raise InputError(
            f"tracking.experiment={tracking.experiment}: was deleted in {tracking.shown_address}; restore it"
        )
    return found.experiment_id


@contextmanager
def impatient() -> Iterator[None]:
    """A server is asked once here, and waited for ten seconds."""
    before = {name: os.environ.get(name) for name in _IMPATIENT}
    os.environ.update(_IMPATIENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
